//! Profiles and demand classes as a file states them.

use crate::scenario::form::{Form, known};
use crate::scenario::law::AnyLaw;
use crate::scenario::node::Node;
use crate::scenario::pattern;
use crate::scenario::read::{Read, Reader, choice, record};
use crate::scenario::schema::Named;
use crate::scenario::units::{
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
    Class {
        pool: String,
        essential: bool,
        priority: Count = "0",
        reserve: Count = "0",
        retry: Option<Comeback>,
        surges: Named<Surge> = "{}",
        source: DemandSource,
    }
}

record! {
    /// Whether and when a failed request is made again.
    Comeback {
        probability: Share,
        delay: AnyLaw,
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
    DemandSource {
        "tenants" => Tenants(Tenants),
        "requests" => Requests(Requests),
        "even" => Even(Even),
        "trace" => Trace(Trace),
    }
}

record! {
    Trace {
        csv: String,
    }
}

record! {
    Even {
        rate: Rate,
        profile: Option<String>,
        hold: AnyLaw,
    }
}

record! {
    Tenants {
        count: Count,
        jobs: Rate,
        profile: Option<String>,
        duration: AnyLaw,
        shares: Shares = "equal",
    }
}

choice! {
    Shares {
        "equal" => Equal,
        "gamma" => Gamma(Number),
        "zipf" => Zipf(Number),
    }
}

record! {
    Requests {
        rate: Rate,
        profile: Option<String>,
        hold: AnyLaw,
        bursts: Option<Bursts>,
        batch: Batch = "single",
    }
}

record! {
    /// Bursts in which the rate is so many times that of the calm between them.
    Bursts {
        factor: Number,
        every: Length,
        last: Length,
    }
}

choice! {
    Batch {
        "single" => Single,
        "fixed" => Fixed(Count),
        "geometric" => Geometric(Number),
    }
}
