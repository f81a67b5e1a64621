//! The file as written: every key there is, its type and its default.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::scenario::form::Form;
use crate::scenario::node::{Node, Value};
use crate::scenario::pattern;
use crate::scenario::read::{Read, Reader, choice, record};
use crate::scenario::units::{Count, Length, Rate};

/// Pools.
pub(crate) mod pool;

/// Profiles and demand classes.
pub(crate) mod demand;

/// Outages.
pub(crate) mod outage;

/// Alerts, playbooks, standbys and dependencies.
pub(crate) mod people;

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
        #[expect(dead_code, reason = "read to be checked; there is one version so far")]
        schema: SchemaVersion,
        name: String,
        question: Option<String>,
        clock: Clock,
        regions: Named<Region>,
        profiles: Named<Named<DayKnots>> = "{}",
        pools: Named<Pool>,
        demand: Named<Class> = "{}",
        outages: Named<Outage> = "{}",
        dependencies: Named<Dependency> = "{}",
        alerts: Named<Alert> = "{}",
        playbook: Named<Step> = "{}",
        staffing: Named<Staffing> = "{}",
        observed: Named<Fact> = "{}",
        history: Vec<Moments> = "[]",
        sources: Vec<Source> = "[]",
        assumptions: Vec<Assumption> = "[]",
        variants: Named<Patch> = "{}",
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
        reader.entries(node).map(|_| Self)
    }

    fn stand_in() -> Self {
        Self
    }

    fn form() -> Form {
        Form::Keyed(pattern::path(), Box::new(Form::Anything))
    }
}

record! {
    Clock {
        start: Timestamp,
        horizon: Length,
        warm_up: Length,
    }
}

record! {
    Region {
        timezone: String = "UTC",
        quota: Option<Quota>,
        creates: Option<TokenBucket>,
        deletes: Option<TokenBucket>,
    }
}

record! {
    Quota {
        workers: Count,
        counts: Vec<WorkerState>,
    }
}

choice! {
    WorkerState {
        "pending" => Pending,
        "ready" => Ready,
        "leased" => Leased,
        "deleting" => Deleting,
    }
}

record! {
    TokenBucket {
        burst: Count,
        refill: Rate,
    }
}
