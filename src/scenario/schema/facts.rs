//! What was published of an incident, and what was not, as a file states it.

use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{Form, known};
use crate::scenario::text::units::{Count, Length, Moment, Share};

record! {
    /// What was published of an incident.
    Fact {
        what: What,
        pool: Option<String>,
        alert: Option<String>,
        step: Option<String>,
        dependency: Option<String>,
        /// From when `value` counts.
        since: Option<Since>,
        /// A duration, or a count.
        value: Option<FactValue>,
        at: Option<Moment>,
        by: Option<Moment>,
        until: Option<Moment>,
        share: Option<Share>,
        /// What `restored` is a share of: the `target` in force, unless it says `ordinary`.
        of: Option<Of>,
        /// How far the expected-value replay may be off, and how roughly the figure was published: the
        /// central 90 % of the ensemble need only come so near to it.
        tolerance: Length = "1m",
        /// How far the median may be off, as a share.
        median_within: Option<Share>,
        source: String,
        /// Whether it may shape the scenario, or is held out as evidence.
        role as "use": Role,
    }
}

choice! {
    /// What was published.
    What {
        "first_failed_provisioning" => FirstFailedProvisioning,
        "pool_empty" => PoolEmpty,
        "first_unserved_request" => FirstUnservedRequest,
        "first_lease_failure" => FirstLeaseFailure,
        "last_lease_failure" => LastLeaseFailure,
        "no_lease_failure" => NoLeaseFailure,
        "no_depletion" => NoDepletion,
        "restored" => Restored,
        "tenants_unserved" => TenantsUnserved,
        "activated" => Activated,
        "paged" => Paged,
        "no_page" => NoPage,
        "detected" => Detected,
        "declared" => Declared,
        "mitigated" => Mitigated,
        "resolved" => Resolved,
        "step_taken" => StepTaken,
        "congested" => Congested,
        "calm" => Calm,
    }
}

choice! {
    /// The level that a pool is to be back at: the target in force, or what was ready on average in the
    /// hour before the first outage that meets the pool.
    Of {
        "target" => Target,
        "ordinary" => Ordinary,
    }
}

choice! {
    /// From when a duration counts: from then to the first time at or after it.
    Since {
        "start" => Start,
        "outage_begins" => OutageBegins,
        "first_failed_provisioning" => FirstFailedProvisioning,
        "first_unserved_request" => FirstUnservedRequest,
        "first_lease_failure" => FirstLeaseFailure,
    }
}

/// The value of a fact: a duration or a count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FactValue {
    Length(Length),
    Count(Count),
}

impl Read for FactValue {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Number(_) => Count::read(node, reader).map(Self::Count),
            _ => Length::read(node, reader).map(Self::Length),
        }
    }

    fn stand_in() -> Self {
        Self::Count(Count::stand_in())
    }

    fn form() -> Form {
        Form::Either(vec![Length::form(), Count::form()])
    }
}

choice! {
    /// `fit`: may shape the scenario; `hold`: evidence.
    Role {
        "fit" => Fit,
        "hold" => Hold,
    }
}

record! {
    /// Something that was published about the course of the incident.
    Moments {
        at: Moment,
        what: String,
        source: String,
    }
}

record! {
    /// Where the published values below a path come from.
    Source {
        /// Keys joined by dots.
        path: String,
        source: String,
    }
}

record! {
    /// A value that nobody published.
    Assumption {
        /// Keys joined by dots.
        path: String,
        basis: Basis,
        /// Where it might lie.
        prior: Option<Prior>,
        why: String,
    }
}

choice! {
    /// How an assumed value was found.
    Basis {
        "calibrated" => Calibrated,
        "bounded" => Bounded,
        "reasoned" => Reasoned,
    }
}

choice! {
    /// How likely the values between two ends are.
    Prior {
        "uniform" => Uniform(Range),
        "log_uniform" => LogUniform(Range),
    }
}

/// Two values of one kind, the first below the second.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub low: f64,
    pub high: f64,
    pub text: String,
}

impl Read for Range {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Value::List(ends) = &node.value
            && let [low, high] = &ends[..]
        {
            let magnitude = crate::scenario::text::units::magnitude;
            if let (Some(low_size), Some(high_size)) = (magnitude(low), magnitude(high))
                && low_size < high_size
            {
                let text = format!("{} to {}", low.written(), high.written());
                return Some(Self {
                    low: low_size,
                    high: high_size,
                    text,
                });
            }
        }
        reader.expected(
            node,
            "two values of one kind, the lower first",
            "write `[1, 60]` or `[1m, 20m]`",
        )
    }

    fn stand_in() -> Self {
        Self {
            low: 0.0,
            high: f64::INFINITY,
            text: String::new(),
        }
    }

    fn form() -> Form {
        known("Range", "Two values of one kind, the lower first.", || {
            let end = [
                Form::Number(f64::NEG_INFINITY, f64::INFINITY),
                String::form(),
            ];
            Form::Pair(Box::new(Form::Either(end.into())))
        })
    }
}
