//! The file format: every key, its type and its default.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::scenario::schema::axis::Axis;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::pattern;
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::SchemaType;
use crate::scenario::text::units::{Count, Length, Moment, Number, Rate};

/// Pools.
pub(crate) mod pool;

/// Profiles and demand classes.
pub(crate) mod demand;

/// Outages.
pub(crate) mod outage;

/// Alerts, playbooks, standbys and dependencies.
pub(crate) mod people;

/// An axis: a path and the values to put there.
pub(crate) mod axis;

/// Names of earlier versions that are still read.
pub(crate) mod renamed;

/// Distributions of durations.
pub(crate) mod law;

/// Prior distributions.
pub(crate) mod prior;

/// Facts, sources and assumptions.
pub(crate) mod facts;

pub(crate) use crate::scenario::schema::demand::*;
pub(crate) use crate::scenario::schema::facts::*;
pub(crate) use crate::scenario::schema::outage::*;
pub(crate) use crate::scenario::schema::people::*;
pub(crate) use crate::scenario::schema::pool::*;
pub(crate) use crate::scenario::schema::prior::*;

/// Named things.
pub(crate) type Named<T> = BTreeMap<String, T>;

record! {
    /// A scenario file.
    File {
        /// The version of the format: 1.
        #[expect(dead_code, reason = "read to be checked; there is one version so far")]
        schema: SchemaVersion,
        /// Name of the incident or the study.
        name: String,
        /// The question that the scenario answers.
        question: Option<String>,
        /// When the scenario starts and how long it lasts.
        clock: Clock,
        /// Regions by name.
        regions: Named<Region>,
        /// Multipliers of rates by day (`mon-fri`, `sat`, `daily`) and clock time, in local time.
        profiles: Named<Named<DayKnots>> = "{}",
        /// Pools by `region/image`.
        pools: Named<Pool>,
        /// Demand classes: sources of requests.
        demand: Named<Class> = "{}",
        /// What a failed lease and waiting cost.
        costs: Costs = "{}",
        /// Outages: what fails, where and when.
        outages: Named<Outage> = "{}",
        /// Services that provisioning calls.
        dependencies: Named<Dependency> = "{}",
        /// Alerts: conditions that page people.
        alerts: Named<Alert> = "{}",
        /// Steps that people take.
        playbook: Named<Step> = "{}",
        /// Periods in which people take longer.
        staffing: Named<Staffing> = "{}",
        /// Published facts that `check` compares with the simulation.
        observed: Named<Fact> = "{}",
        /// Other published events of the incident; shown in timelines.
        history: Vec<Moments> = "[]",
        /// Where published values come from.
        sources: Vec<Source> = "[]",
        /// Values without a published source, each with its reason.
        assumptions: Vec<Assumption> = "[]",
        /// Named sets of changed values, for `--variant` and `compare`.
        variants: Named<Patch> = "{}",
        /// What `drawdown sweep` varies by default.
        sweep: Option<Sweep>,
    }
}

record! {
    /// Axes of a sweep, and how they are combined.
    Sweep {
        /// Values by their paths: a list, or `from`, `to` and `step`.
        vary: Vec<Axis>,
        /// Constraints that every cell must meet: two paths or values with `<`, `<=`, `=`, `>=` or `>` between them.
        constraints as "where": Vec<String> = "[]",
        /// How values are combined.
        design: DesignName = "grid",
        /// Number of cells of a design other than `grid`.
        points: Option<Count>,
    }
}

choice! {
    /// How values are combined.
    DesignName {
        /// Every value of each axis with every value of the others.
        "grid" => Grid,
        /// A Latin hypercube.
        "latin_hypercube" => LatinHypercube,
        /// A scrambled Sobol sequence.
        "sobol" => Sobol,
    }
}

/// The version of the file format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SchemaVersion;

impl Read for SchemaVersion {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Number(1.0) => Some(Self),
            _ => reader.expected(
                node,
                "`schema: 1`, the only version so far",
                "write `schema: 1`",
            ),
        }
    }

    fn placeholder() -> Self {
        Self
    }

    fn schema_type() -> SchemaType {
        SchemaType::Whole(1, 1)
    }
}

/// Values by path, which replace those of the file.
#[derive(Clone, Debug)]
pub(crate) struct Patch;

impl Read for Patch {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        for entry in reader.entries(node)? {
            if entry.key.split('.').any(str::is_empty) {
                let problem = reader.problem(&entry.value, format!("the path `{}`", entry.key));
                problem.limit = Some("keys joined by dots, none of them empty".to_owned());
                problem.help = Some("write a path such as `clock.horizon`".to_owned());
                problem.spot = Some(entry.spot);
            }
        }
        Some(Self)
    }

    fn placeholder() -> Self {
        Self
    }

    fn schema_type() -> SchemaType {
        SchemaType::Keyed(pattern::path(), Box::new(SchemaType::Anything))
    }
}

record! {
    /// When the scenario starts and how long it lasts.
    Clock {
        /// Start of the measured time, with its zone.
        start: Timestamp,
        /// How long it lasts, from the start.
        horizon: Length,
        /// Time simulated before the start, and not measured.
        warm_up: Length,
    }
}

record! {
    /// What a failed lease and waiting cost, in the same currency as the costs of pools.
    Costs {
        /// Currency in which costs are shown, such as `EUR`.
        currency: Option<String>,
        /// Cost of a fresh request that is rejected or gives up.
        failed_lease: Option<Number>,
        /// Cost of a minute that one request waits.
        waiting_minute: Option<Number>,
    }
}

record! {
    /// A region and its limits.
    Region {
        /// Time zone of profiles and schedules (IANA name; the zones are bundled).
        timezone: String = "UTC",
        /// Most workers in the region.
        quota: Option<Quota>,
        /// Rate limit of creations; an attempt takes one token for each of its calls.
        creates: Option<TokenBucket>,
        /// Rate limit of deletions.
        deletes: Option<TokenBucket>,
        /// Rate limit of creations and deletions together, instead of `creates` and `deletes`.
        operations: Option<TokenBucket>,
    }
}

record! {
    /// The most workers of a region.
    Quota {
        /// Most workers at once.
        workers: Count,
        /// States of workers that count towards it.
        counts: Vec<WorkerState>,
        /// Other numbers of workers from certain instants on.
        changes: Vec<QuotaChange> = "[]",
    }
}

record! {
    /// Another quota from an instant on.
    QuotaChange {
        /// Instant from which it is in force.
        from: Moment,
        /// Most workers at once.
        workers: Count,
    }
}

choice! {
    /// A state of workers.
    WorkerState {
        /// Ordered, not yet complete.
        "pending" => Pending,
        /// Ready to be leased.
        "ready" => Ready,
        /// Held by a tenant or a request.
        "leased" => Leased,
        /// Being deleted.
        "deleting" => Deleting,
    }
}

record! {
    /// A token bucket.
    TokenBucket {
        /// Calls that can be made at once.
        burst: Count,
        /// Refill rate.
        refill: Rate,
        /// An operation that finds too few tokens is refused after this time, and retried as a failed one is;
        /// without it, the operation waits for the tokens.
        refuses: Option<AnyLaw>,
        /// Other limits from certain instants on.
        changes: Vec<BucketChange> = "[]",
    }
}

record! {
    /// Another rate limit from an instant on.
    BucketChange {
        /// Instant from which it is in force.
        from: Moment,
        /// Calls that can be made at once.
        burst: Count,
        /// Refill rate.
        refill: Rate,
    }
}
