//! Profiles and demand classes as a file states them.

use crate::scenario::law::AnyLaw;
use crate::scenario::node::Node;
use crate::scenario::read::{Read, Reader, choice, record};
use crate::scenario::units::{ClockTime, Count, Number, Rate, clock_time};

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
