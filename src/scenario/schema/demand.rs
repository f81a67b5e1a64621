//! Profiles and demand classes as a file states them.

use crate::scenario::schema::Named;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::Node;
use crate::scenario::text::pattern;
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{Form, known};
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

    fn stand_in() -> Self {
        Self(vec![(ClockTime(jiff::civil::Time::midnight()), 1.0)])
    }

    fn form() -> Form {
        known(
            "DayKnots",
            "Multipliers of a rate by clock time, linear in between.",
            || Form::Keyed(pattern::clock_time(), Box::new(Number::form())),
        )
    }
}

record! {
    /// A class of demand.
    Class {
        /// Where its requests go.
        pool: String,
        /// Whether customers depend on it.
        essential: bool,
        /// Its place in the line of those that wait; lower goes first.
        priority: Count = "0",
        /// Its requests are refused where no more workers than these are ready.
        reserve: Count = "0",
        /// Whether a failed request is made again.
        retry: Option<RequestRetry>,
        /// Times in which demand differs.
        surges: Named<Surge> = "{}",
        source: DemandSource,
    }
}

record! {
    /// Whether and when a failed request is made again.
    RequestRetry {
        probability: Share,
        delay: AnyLaw,
        /// The most tries, the first included.
        tries: Cap,
    }
}

record! {
    /// A factor on demand for a while.
    Surge {
        from: Moment,
        until: Moment,
        factor: Number,
    }
}

choice! {
    /// Where requests come from.
    DemandSource {
        "tenants" => Tenants(Tenants),
        "requests" => Requests(Requests),
        "even" => Even(Even),
        "trace" => Trace(Trace),
    }
}

record! {
    /// Requests one by one, from a file with the columns `at`, `hold` and, if need be, `tenant`.
    Trace {
        /// Beside the scenario.
        csv: String,
    }
}

record! {
    /// Evenly spaced requests, each by somebody new.
    Even {
        rate: Rate,
        profile: Option<String>,
        /// How long a request keeps its worker.
        hold: AnyLaw,
    }
}

record! {
    /// Tenants who keep their worker from job to job.
    Tenants {
        count: Count,
        /// Of each tenant, on average.
        jobs: Rate,
        profile: Option<String>,
        /// Of a job.
        duration: AnyLaw,
        /// How demand differs between tenants.
        shares: Shares = "equal",
    }
}

choice! {
    /// How demand is shared out among tenants.
    Shares {
        "equal" => Equal,
        "gamma" => Gamma(Number),
        "zipf" => Zipf(Number),
    }
}

record! {
    /// A stream of requests, each by somebody new.
    Requests {
        rate: Rate,
        profile: Option<String>,
        /// How long a request keeps its worker.
        hold: AnyLaw,
        bursts: Option<Bursts>,
        /// How many requests come at once.
        batch: Batch = "single",
    }
}

record! {
    /// Bursts in which the rate is so many times that of the calm between them.
    Bursts {
        /// The rate in bursts, in rates of the calm.
        factor: Number,
        /// Mean time between bursts.
        every: Length,
        /// Mean length of a burst.
        last: Length,
    }
}

choice! {
    /// How many requests come at once.
    Batch {
        "single" => Single,
        "fixed" => Fixed(Count),
        "geometric" => Geometric(Number),
    }
}
