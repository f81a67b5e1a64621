//! The file as written: every key there is, its type and its default.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::scenario::law::AnyLaw;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{Read, Reader, choice, record};
use crate::scenario::units::clock_time;
use crate::scenario::units::{Cap, ClockTime, Count, Length, Limit, Moment, Number, Rate, Share};

type Named<T> = BTreeMap<String, T>;

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
        playbook: Named<Step> = "{}",
        observed: Named<Fact> = "{}",
        history: Vec<Moments> = "[]",
        sources: Vec<Source> = "[]",
        assumptions: Vec<Assumption> = "[]",
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
    }
}

/// The knots of one day or several, by clock time.
#[derive(Clone, Debug)]
pub(crate) struct DayKnots(pub Vec<(ClockTime, f64)>);

impl Read for DayKnots {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let mut knots = Vec::new();
        for entry in reader.entries(node)? {
            let value = reader.under::<Number>(&entry.key, &entry.value);
            match clock_time(&entry.key) {
                Some(time) => knots.push((ClockTime(time), value.map_or(0.0, |value| value.0))),
                None => {
                    let problem = reader.problem(node, format!("the clock time `{}`", entry.key));
                    problem.limit = Some("`00:00` to `23:59`".to_owned());
                    problem.help =
                        Some("write hours and minutes in quotes: `\"08:30\": 0.4`".to_owned());
                    problem.spot = Some(entry.spot);
                }
            }
        }
        knots.sort_unstable_by_key(|(time, _)| *time);
        Some(Self(knots))
    }

    fn stand_in() -> Self {
        Self(vec![(ClockTime(jiff::civil::Time::midnight()), 1.0)])
    }
}

record! {
    Pool {
        target: Count,
        initial: Option<Count>,
        provision: Provision,
        replenish: Replenish,
        lease: Lease,
        delete: Delete = "{}",
        worker_hour_cost: Option<Number>,
    }
}

record! {
    Provision {
        latency: AnyLaw,
        timeout: Limit,
        calls: Count = "1",
    }
}

record! {
    Replenish {
        counts: Counts,
        #[expect(dead_code, reason = "read to be checked; there is one way of review so far")]
        review: Review = "continuous",
        in_flight_max: Cap,
        waiting_orders: Option<bool>,
        retry: Retry,
    }
}

choice! {
    Counts {
        "ready" => Ready,
        "ready_and_pending" => ReadyAndPending,
        "total" => Total,
    }
}

choice! {
    Review {
        "continuous" => Continuous,
    }
}

record! {
    Retry {
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
        attempts: Cap = "unlimited",
    }
}

record! {
    Lease {
        idle_timeout: Option<Limit>,
        max_age: Option<Limit>,
        age_clock: Option<AgeClock>,
        on_empty: OnEmpty,
        wait_timeout: Option<Patience>,
    }
}

choice! {
    AgeClock {
        "created" => Created,
        "leased" => Leased,
    }
}

choice! {
    OnEmpty {
        "wait" => Wait,
        "reject" => Reject,
    }
}

/// How long a request waits: a law, or `never` for no timeout.
#[derive(Clone, Debug)]
pub(crate) struct Patience(pub Option<AnyLaw>);

impl Read for Patience {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "never" => Some(Self(None)),
            _ => AnyLaw::read(node, reader).map(|law| Self(Some(law))),
        }
    }

    fn stand_in() -> Self {
        Self(None)
    }
}

record! {
    Delete {
        latency: AnyLaw = "0s",
        retry: DeleteRetry = "{initial: 1m, factor: 2, max: 10m}",
    }
}

record! {
    /// A deletion is tried until it succeeds.
    DeleteRetry {
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
    }
}

record! {
    Class {
        pool: String,
        essential: bool,
        source: DemandSource,
    }
}

choice! {
    DemandSource {
        "tenants" => Tenants(Tenants),
        "requests" => Requests(Requests),
        "even" => Even(Requests),
    }
}

record! {
    Tenants {
        count: Count,
        jobs: Rate,
        profile: Option<String>,
        duration: AnyLaw,
    }
}

record! {
    Requests {
        rate: Rate,
        profile: Option<String>,
        hold: AnyLaw,
    }
}

record! {
    Outage {
        regions: Vec<String>,
        images: Option<Vec<String>>,
        operations: Vec<Operation>,
        from: Moment,
        until: Moment,
        windows: Named<WindowOverride> = "{}",
        shape: Shape = "step",
        failure: Share,
        latency_factor: Number = "1",
        judged: Judged,
    }
}

choice! {
    Operation {
        "create" => Create,
        "delete" => Delete,
    }
}

record! {
    WindowOverride {
        from: Option<Moment>,
        until: Option<Moment>,
    }
}

choice! {
    Shape {
        "step" => Step,
        "ramp" => Ramp(Ramp),
    }
}

record! {
    Ramp {
        rise as "in": Length = "0s",
        fall as "out": Length = "0s",
    }
}

choice! {
    Judged {
        "completion" => Completion,
        "start" => Start(JudgedAtStart),
    }
}

record! {
    JudgedAtStart {
        fails: Manner,
        in_flight: InFlight,
    }
}

choice! {
    Manner {
        "reject" => Reject(Length),
        "late" => Late,
    }
}

choice! {
    InFlight {
        "finish" => Finish,
        "fail_now" => FailNow,
    }
}

record! {
    Step {
        at: Moment,
        action as "do": Action,
    }
}

choice! {
    Action {
        "shed" => Shed(String),
        "restore" => Restore(String),
    }
}

record! {
    /// What was published of an incident.
    Fact {
        what: What,
        pool: Option<String>,
        since: Option<Since>,
        value: Option<FactValue>,
        at: Option<Moment>,
        by: Option<Moment>,
        until: Option<Moment>,
        share: Option<Share>,
        tolerance: Length = "1m",
        median_within: Option<Share>,
        source: String,
        role as "use": Role,
    }
}

choice! {
    What {
        "first_failed_provisioning" => FirstFailedProvisioning,
        "pool_empty" => PoolEmpty,
        "first_unserved_request" => FirstUnservedRequest,
        "first_lease_failure" => FirstLeaseFailure,
        "last_lease_failure" => LastLeaseFailure,
        "no_lease_failure" => NoLeaseFailure,
        "restored" => Restored,
        "tenants_unserved" => TenantsUnserved,
    }
}

choice! {
    Since {
        "start" => Start,
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
}

choice! {
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
        path: String,
        source: String,
    }
}

record! {
    /// A value that nobody published.
    Assumption {
        path: String,
        basis: Basis,
        prior: Option<Prior>,
        why: String,
    }
}

choice! {
    Basis {
        "calibrated" => Calibrated,
        "bounded" => Bounded,
        "reasoned" => Reasoned,
    }
}

choice! {
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
            let magnitude = crate::scenario::units::magnitude;
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
}
