//! Facts, history, sources and assumptions as a file states them.

use crate::scenario::schema::prior::Prior;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::SchemaType;
use crate::scenario::text::units::{Count, Length, Moment, Share, percentage};

record! {
    /// What was published of an incident.
    Fact {
        /// Kind of fact.
        what: What,
        /// Pool concerned.
        pool: Option<String>,
        /// Demand class whose requests are counted; every class by default.
        class: Option<String>,
        /// Alert concerned.
        alert: Option<String>,
        /// Step concerned.
        step: Option<String>,
        /// Dependency concerned.
        dependency: Option<String>,
        /// Origin of `value`, or beginning of a window.
        since: Option<Since>,
        /// Beginning of a window, as an instant; the start of the scenario by default.
        from: Option<Moment>,
        /// Published duration, count or share.
        value: Option<FactValue>,
        /// Published lower bound, instead of `value`.
        at_least: Option<FactValue>,
        /// Published upper bound, instead of `value`.
        at_most: Option<FactValue>,
        /// Wait above which `delayed_or_failed_share` counts a request; `0s` by default.
        longer_than: Option<Length>,
        /// Published instant.
        at: Option<Moment>,
        /// Latest instant.
        by: Option<Moment>,
        /// Instant up to which nothing happens, or end of a window.
        until: Option<Moment>,
        /// Share: of replications, or of the level that `restored` asks for.
        share: Option<Share>,
        /// Level that `restored` is a share of; the target in force by default.
        of: Option<Of>,
        /// Accepted distance of the expected-value replay, and of the central 90% of the ensemble, in the unit of the figure; by default `1m`, `1` or `1%`, and `0` for `tenants_unserved`.
        tolerance: Option<FactValue>,
        /// Accepted distance of the median, as a share of the figure.
        median_within: Option<Share>,
        /// Where it was published.
        source: String,
        /// Whether it was used to shape the scenario, or is evidence.
        role as "use": Role,
    }
}

choice! {
    /// Published facts.
    What {
        /// First attempt that failed in an outage.
        "first_failed_provisioning" => FirstFailedProvisioning,
        /// First instant without a ready worker.
        "pool_empty" => PoolEmpty,
        /// First request that found no ready worker.
        "first_unserved_request" => FirstUnservedRequest,
        /// First request that failed.
        "first_lease_failure" => FirstLeaseFailure,
        /// Last request that failed.
        "last_lease_failure" => LastLeaseFailure,
        /// No request fails (`until`), in a `share` of replications.
        "no_lease_failure" => NoLeaseFailure,
        /// The pool does not become empty (`until`), in a `share` of replications.
        "no_depletion" => NoDepletion,
        /// The ready level is back at a `share` of a level: `by` or `at` an instant, or a `value` after `since`.
        "restored" => Restored,
        /// Number of tenants that found no ready worker (`since`, `until`).
        "tenants_unserved" => TenantsUnserved,
        /// Number of requests that failed within a window.
        "failed_leases" => FailedLeases,
        /// Number of requests that were served after a wait within a window.
        "delayed_leases" => DelayedLeases,
        /// Share of the requests made in a window that waited longer than `longer_than`, or failed.
        "delayed_or_failed_share" => DelayedOrFailedShare,
        /// Mean wait of the requests made in a window, 0 where a worker was ready.
        "wait_mean" => WaitMean,
        /// Longest wait of a request made in a window.
        "wait_max" => WaitMax,
        /// Ready level of a pool `at` an instant.
        "ready_level" => ReadyLevel,
        /// How long a pool had no ready worker within a window.
        "empty_time" => EmptyTime,
        /// A standby is activated.
        "activated" => Activated,
        /// An alert pages.
        "paged" => Paged,
        /// An alert does not page (`until`), in a `share` of replications.
        "no_page" => NoPage,
        /// The incident is detected.
        "detected" => Detected,
        /// The incident is declared.
        "declared" => Declared,
        /// The incident is mitigated.
        "mitigated" => Mitigated,
        /// The incident is resolved.
        "resolved" => Resolved,
        /// A step is taken.
        "step_taken" => StepTaken,
        /// The queue of a dependency is full.
        "congested" => Congested,
        /// A dependency is calm again, for good.
        "calm" => Calm,
    }
}

choice! {
    /// The level that counts as recovered: the target in force, or the mean ready level in the
    /// hour before the first outage that meets the pool.
    Of {
        /// The target in force.
        "target" => Target,
        /// The mean ready level in the hour before the first outage that affects the pool.
        "ordinary" => Ordinary,
    }
}

choice! {
    /// Origin of a duration, which ends at the first occurrence at or after it.
    Since {
        /// Start of the scenario.
        "start" => Start,
        /// Beginning of the first outage that affects the pool.
        "outage_begins" => OutageBegins,
        /// First attempt, in any pool, that failed in an outage.
        "first_failed_provisioning" => FirstFailedProvisioning,
        /// First request that found no ready worker.
        "first_unserved_request" => FirstUnservedRequest,
        /// First request that failed.
        "first_lease_failure" => FirstLeaseFailure,
    }
}

/// A published figure, or its tolerance. The kind of the fact decides which of them it must be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum FactValue {
    Length(Length),
    /// A count, or a share without a percent sign.
    Number(f64),
    Share(Share),
    /// It could not be read, which is a problem of its own.
    Unread,
}

impl Read for FactValue {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Number(share) if (0.0..=1.0).contains(share) => Some(Self::Number(*share)),
            Value::Number(_) => {
                Count::read(node, reader).map(|count| Self::Number(f64::from(count.0)))
            }
            Value::Text(text) if percentage(text).is_some() => {
                Share::read(node, reader).map(Self::Share)
            }
            _ => Length::read(node, reader).map(Self::Length),
        }
    }

    fn placeholder() -> Self {
        Self::Unread
    }

    fn schema_type() -> SchemaType {
        SchemaType::Either(vec![
            Length::schema_type(),
            Count::schema_type(),
            Share::schema_type(),
        ])
    }
}

choice! {
    /// `fit`: may shape the scenario; `hold`: evidence.
    Role {
        /// It was used to shape the scenario, so it is not evidence.
        "fit" => Fit,
        /// It was held out, as evidence.
        "hold" => Hold,
    }
}

record! {
    /// A published entry of the incident's history.
    Moments {
        /// When.
        at: Moment,
        /// What happened.
        what: String,
        /// Where it was published.
        source: String,
    }
}

record! {
    /// Source of the published values below a path.
    Source {
        /// Path of the value or of a part of the file.
        path: String,
        /// Where it was published.
        source: String,
    }
}

record! {
    /// A value without a published source.
    Assumption {
        /// Path of the value or of a part of the file.
        path: String,
        /// How the value was found.
        basis: Basis,
        /// Range in which the true value may lie.
        prior: Option<Prior>,
        /// Reason.
        why: String,
    }
}

choice! {
    /// How an assumed value was found.
    Basis {
        /// Adjusted until a fitted fact was met.
        "calibrated" => Calibrated,
        /// Between limits that were published.
        "bounded" => Bounded,
        /// Chosen for the reason given.
        "reasoned" => Reasoned,
    }
}
