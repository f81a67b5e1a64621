//! Profiles and demand classes as a file states them.

use crate::scenario::schema::Named;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::schema::pool::Patience;
use crate::scenario::text::node::Node;
use crate::scenario::text::pattern;
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{SchemaType, known};
use crate::scenario::text::units::{
    Cap, ClockTime, Count, Length, Moment, Number, Rate, Share, clock_time,
};

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

    fn placeholder() -> Self {
        Self(vec![(ClockTime(jiff::civil::Time::midnight()), 1.0)])
    }

    fn schema_type() -> SchemaType {
        known(
            "DayKnots",
            "Multipliers of a rate by clock time, linear in between.",
            || SchemaType::Keyed(pattern::clock_time(), Box::new(Number::schema_type())),
        )
    }
}

record! {
    /// A class of demand.
    Class {
        /// Pool that its requests go to.
        pool: String,
        /// Whether it is essential; others may be shed.
        essential: bool,
        /// Priority in the queue of waiting requests; lower goes first.
        priority: Count = "0",
        /// Its requests are rejected while no more workers than these are ready.
        reserve: Count = "0",
        /// What its requests do if no worker is ready, where that is not what the pool says.
        on_empty: Option<ClassOnEmpty>,
        /// How long its requests wait before they fail, where that is not what the pool says.
        wait_timeout: Option<Patience>,
        /// Most of its requests that wait at once; further ones fail.
        waiting_max: Cap = "unlimited",
        /// Whether and when a failed request is retried.
        retry: Option<RequestRetry>,
        /// What happens to its jobs on workers that an outage takes.
        lost_jobs: LostJobs = "vanish",
        /// Wait that counts as too long, for `waited_longer_share`.
        wait_limit: Option<Length>,
        /// Times at which demand is multiplied.
        surges: Named<Surge> = "{}",
        /// Source of its requests.
        source: DemandSource,
    }
}

choice! {
    /// What the requests of a class do if no worker is ready.
    ClassOnEmpty {
        /// They wait for a worker.
        "wait" => Wait,
        /// They fail at once.
        "reject" => Reject,
    }
}

choice! {
    /// What happens to jobs on workers that an outage takes.
    LostJobs {
        /// They are gone.
        "vanish" => Vanish,
        /// They are requested again at once, from the beginning.
        "again" => Again,
    }
}

record! {
    /// Whether and when a failed request is retried.
    RequestRetry {
        /// Probability that a failed request is retried.
        probability: Share,
        /// Time between tries.
        delay: AnyLaw,
        /// Maximum number of tries, including the first.
        tries: Cap,
    }
}

record! {
    /// A factor on demand for a while.
    Surge {
        /// Beginning.
        from: Moment,
        /// End.
        until: Moment,
        /// Factor on the rate.
        factor: Number,
    }
}

choice! {
    /// Where requests come from.
    DemandSource {
        /// Tenants who keep a worker from job to job.
        "tenants" => Tenants(Tenants),
        /// Independent requests at random times.
        "requests" => Requests(Requests),
        /// Independent requests, evenly spaced.
        "deterministic" => Deterministic(Deterministic),
        /// Requests listed in a CSV file.
        "trace" => Trace(Trace),
    }
}

record! {
    /// Requests listed in a CSV file with the columns `at`, `hold` and, optionally, `tenant`.
    Trace {
        /// CSV file in the scenario's folder, with the columns `at`, `hold` and, where tenants keep their workers, `tenant`.
        csv: String,
    }
}

record! {
    /// Evenly spaced, independent requests.
    Deterministic {
        /// Requests per unit of time; with `bursts`, their mean over time.
        rate: Rate,
        /// Profile that multiplies the rate.
        profile: Option<String>,
        /// How long a request keeps its worker.
        hold: AnyLaw,
    }
}

record! {
    /// Tenants who keep their worker from job to job.
    Tenants {
        /// Number of tenants.
        count: Count,
        /// Jobs of each tenant per unit of time, on average.
        jobs: Rate,
        /// Profile that multiplies the rate.
        profile: Option<String>,
        /// Duration of a job.
        duration: AnyLaw,
        /// How jobs are divided among tenants.
        shares: Shares = "equal",
    }
}

choice! {
    /// How demand is divided among tenants.
    Shares {
        /// Equally.
        "equal" => Equal,
        /// By gamma-distributed weights of this shape.
        "gamma" => Gamma(Number),
        /// By Zipf's law with this exponent.
        "zipf" => Zipf(Number),
    }
}

record! {
    /// Independent requests at random times.
    Requests {
        /// Requests per unit of time; with `bursts`, their mean over time.
        rate: Rate,
        /// Profile that multiplies the rate.
        profile: Option<String>,
        /// How long a request keeps its worker.
        hold: AnyLaw,
        /// Bursts of requests.
        bursts: Option<Bursts>,
        /// Requests that arrive together.
        batch: Batch = "single",
    }
}

record! {
    /// Bursts of requests, in which the rate is multiplied.
    Bursts {
        /// Rate in a burst, as a factor on the rate between bursts.
        factor: Number,
        /// Mean time between bursts.
        every: Length,
        /// Mean length of a burst.
        last: Length,
    }
}

choice! {
    /// Number of requests that arrive together.
    Batch {
        /// One.
        "single" => Single,
        /// This number.
        "fixed" => Fixed(Count),
        /// A geometrically distributed number with this mean.
        "geometric" => Geometric(Number),
    }
}
