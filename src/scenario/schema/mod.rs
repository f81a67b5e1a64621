//! The file as written: every key there is, its type and its default.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::scenario::schema::axis::Axis;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::pattern;
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::Form;
use crate::scenario::text::units::{Count, Length, Rate};

/// Pools.
pub(crate) mod pool;

/// Profiles and demand classes.
pub(crate) mod demand;

/// Outages.
pub(crate) mod outage;

/// Alerts, playbooks, standbys and dependencies.
pub(crate) mod people;

/// A path and the values that are put there.
pub(crate) mod axis;

/// Laws of durations.
pub(crate) mod law;

/// What was published, and what was not.
pub(crate) mod facts;

pub(crate) use crate::scenario::schema::demand::*;
pub(crate) use crate::scenario::schema::facts::*;
pub(crate) use crate::scenario::schema::outage::*;
pub(crate) use crate::scenario::schema::people::*;
pub(crate) use crate::scenario::schema::pool::*;

/// Named things.
pub(crate) type Named<T> = BTreeMap<String, T>;

record! {
    /// A scenario file.
    File {
        /// The version of the format: 1.
        #[expect(dead_code, reason = "read to be checked; there is one version so far")]
        schema: SchemaVersion,
        /// The incident, or whatever the file is about.
        name: String,
        /// What the scenario is to answer.
        question: Option<String>,
        /// When it begins and how long it lasts.
        clock: Clock,
        /// Regions by name.
        regions: Named<Region>,
        /// Multipliers of rates by day (`mon-fri`, `sat`, `daily`) and clock time, in local time.
        profiles: Named<Named<DayKnots>> = "{}",
        /// Pools by `region/image`.
        pools: Named<Pool>,
        /// Who asks for workers.
        demand: Named<Class> = "{}",
        /// What fails, where and when.
        outages: Named<Outage> = "{}",
        /// Services that provisioning calls.
        dependencies: Named<Dependency> = "{}",
        /// What is noticed.
        alerts: Named<Alert> = "{}",
        /// What people do.
        playbook: Named<Step> = "{}",
        /// Times in which people take longer.
        staffing: Named<Staffing> = "{}",
        /// Published facts that the simulation is held to.
        observed: Named<Fact> = "{}",
        /// What else was published.
        history: Vec<Moments> = "[]",
        /// Where published values come from.
        sources: Vec<Source> = "[]",
        /// Values that nobody published.
        assumptions: Vec<Assumption> = "[]",
        /// Changed values by their paths, a set for each name.
        variants: Named<Patch> = "{}",
        /// What `sweep` varies.
        sweep: Option<Sweep>,
    }
}

record! {
    /// Values to put in place of the file's, and which of them go together.
    Sweep {
        /// Values by their paths.
        vary: Vec<Axis>,
        /// What every cell must meet: two paths or values with `<`, `<=`, `=`, `>=` or `>` between them.
        constraints as "where": Vec<String> = "[]",
        design: DesignName = "grid",
        /// Cells of a design that is no grid.
        points: Option<Count>,
    }
}

choice! {
    /// Which values go together.
    DesignName {
        "grid" => Grid,
        "latin_hypercube" => LatinHypercube,
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

    fn stand_in() -> Self {
        Self
    }

    fn form() -> Form {
        Form::Whole(1, 1)
    }
}

/// Values by their paths, which a variant puts in place of the file's.
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

    fn stand_in() -> Self {
        Self
    }

    fn form() -> Form {
        Form::Keyed(pattern::path(), Box::new(Form::Anything))
    }
}

record! {
    /// When the scenario begins and how long it lasts.
    Clock {
        start: Timestamp,
        /// How long it lasts, from the start.
        horizon: Length,
        /// Simulated before the start, and not measured.
        warm_up: Length,
    }
}

record! {
    /// A region and its limits.
    Region {
        /// For profiles and schedules; zones are bundled.
        timezone: String = "UTC",
        /// The most workers.
        quota: Option<Quota>,
        /// How often workers may be created.
        creates: Option<TokenBucket>,
        /// How often workers may be deleted.
        deletes: Option<TokenBucket>,
    }
}

record! {
    /// The most workers of a region.
    Quota {
        workers: Count,
        /// Workers in which states count.
        counts: Vec<WorkerState>,
    }
}

choice! {
    /// A state of workers.
    WorkerState {
        "pending" => Pending,
        "ready" => Ready,
        "leased" => Leased,
        "deleting" => Deleting,
    }
}

record! {
    /// So many calls at once, and then one after another at a rate.
    TokenBucket {
        burst: Count,
        refill: Rate,
    }
}
