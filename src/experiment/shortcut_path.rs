//! What happens to a pool in one replication of a shortcut, and the measures that can be read from it.

use crate::experiment::measure::Measure;
use crate::kernel::time::SimDuration;

/// What happened to a pool, in the measured time. Times count from its beginning (µs); infinite where nothing happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct SamplePath {
    pub empty_at: f64,
    pub first_failure: f64,
    pub last_failure: f64,
    /// The first failed request that was made in the outage.
    pub first_in_outage: f64,
    pub requests: u64,
    pub failed: u64,
    pub failed_in_outage: u64,
    pub lowest: u32,
    pub ready_end: u32,
    /// Time without a ready worker (µs), and that of all ready workers added up.
    pub empty: f64,
    pub ready: f64,
    /// Failed requests that are expected, given the times without a ready worker.
    pub expected: f64,
}

impl SamplePath {
    /// Nothing has happened, and so many workers are ready.
    pub fn new(ready: u32) -> Self {
        Self {
            empty_at: if ready == 0 { 0.0 } else { f64::INFINITY },
            first_failure: f64::INFINITY,
            last_failure: f64::INFINITY,
            first_in_outage: f64::INFINITY,
            requests: 0,
            failed: 0,
            failed_in_outage: 0,
            lowest: ready,
            ready_end: ready,
            empty: 0.0,
            ready: 0.0,
            expected: 0.0,
        }
    }

    /// A request fails.
    #[inline]
    pub fn fail(&mut self, at: f64, in_outage: bool) {
        self.failed += 1;
        self.first_failure = self.first_failure.min(at);
        self.last_failure = at;
        if in_outage {
            self.failed_in_outage += 1;
            self.first_in_outage = self.first_in_outage.min(at);
        }
    }
}

/// What is the same in every replication.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed {
    /// The measured time (s).
    pub length: f64,
    /// The outage, as far as it lies in it: from its beginning (s), and how long.
    pub outage: Option<(f64, f64)>,
    /// The price of a failed lease.
    pub price: Option<f64>,
}

/// How far a path must be known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Reach {
    /// Up to the first failed request.
    Failure,
    /// To the end.
    End,
    /// To the end, with every level on the way.
    Levels,
}

/// A measure that can be read from a path.
#[derive(Debug)]
pub(super) struct Reader {
    name: &'static str,
    /// Whether demand classes have it too.
    of_classes: bool,
    pub reach: Reach,
    pub read: fn(&SamplePath, &Fixed) -> Option<f64>,
}

/// A time (µs) in seconds, to the microsecond as everywhere.
fn seconds(micros: f64) -> Option<f64> {
    let at = micros.is_finite();
    at.then(|| SimDuration::from_micros_f64(micros).seconds())
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (0 < whole).then(|| part as f64 / whole as f64)
}

const fn of_pools(
    name: &'static str,
    reach: Reach,
    read: fn(&SamplePath, &Fixed) -> Option<f64>,
) -> Reader {
    Reader {
        name,
        of_classes: false,
        reach,
        read,
    }
}

const fn of_all(name: &'static str, read: fn(&SamplePath, &Fixed) -> Option<f64>) -> Reader {
    Reader {
        name,
        of_classes: true,
        reach: Reach::End,
        read,
    }
}

const READERS: &[Reader] = &[
    of_pools("pool_empty_at_s", Reach::Failure, |path, _| {
        seconds(path.empty_at)
    }),
    // A request that finds no worker fails at once.
    of_pools("first_unserved_request_at_s", Reach::Failure, |path, _| {
        seconds(path.first_failure)
    }),
    of_pools("first_lease_failure_at_s", Reach::Failure, |path, _| {
        seconds(path.first_failure)
    }),
    of_pools("last_lease_failure_at_s", Reach::End, |path, _| {
        seconds(path.last_failure)
    }),
    of_pools("time_to_survive_s", Reach::Failure, |path, fixed| {
        let (from, _) = fixed.outage?;
        Some(seconds(path.first_in_outage)? - from)
    }),
    of_pools("outage_s", Reach::Failure, |_, fixed| {
        fixed.outage.map(|(_, length)| length)
    }),
    of_pools("outages", Reach::Failure, |_, fixed| {
        Some(f64::from(u8::from(fixed.outage.is_some())))
    }),
    of_pools("outages_survived", Reach::End, |path, fixed| {
        let survived = fixed.outage.is_some() && path.failed_in_outage == 0;
        Some(f64::from(u8::from(survived)))
    }),
    of_all("requests", |path, _| Some(path.requests as f64)),
    of_all("hits", |path, _| Some((path.requests - path.failed) as f64)),
    of_all("failed_leases", |path, _| Some(path.failed as f64)),
    of_pools("failed_leases_in_outage", Reach::End, |path, _| {
        Some(path.failed_in_outage as f64)
    }),
    of_all("failed_share", |path, _| share(path.failed, path.requests)),
    of_all("hit_rate", |path, _| {
        share(path.requests - path.failed, path.requests)
    }),
    of_all("delayed_leases", |_, _| Some(0.0)),
    of_pools("failure_cost", Reach::End, |path, fixed| {
        fixed.price.map(|price| price * path.failed as f64)
    }),
    of_pools("empty_s", Reach::End, |path, _| seconds(path.empty)),
    of_pools("ready_min", Reach::End, |path, _| {
        Some(f64::from(path.lowest))
    }),
    of_pools("ready_end", Reach::End, |path, _| {
        Some(f64::from(path.ready_end))
    }),
    of_pools("ready_mean", Reach::Levels, |path, fixed| {
        Some(path.ready / 1e6 / fixed.length)
    }),
    of_pools("idle_worker_hours", Reach::Levels, |path, _| {
        Some(path.ready / 1e6 / 3_600.0)
    }),
];

/// How a measure is read of a pool, or of the only class that requests of it.
pub(super) fn reader(measure: &Measure, of_class: bool) -> Option<&'static Reader> {
    let mut readers = READERS.iter();
    readers.find(|it| it.name == measure.name && (it.of_classes || !of_class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_names_every_measure_that_can_be_read() {
        let manual = include_str!("../manual/statistics.md");
        for reader in READERS {
            assert!(Measure::find(reader.name).is_ok(), "{}", reader.name);
            let named = manual.contains(&format!("`{}`", reader.name));
            assert!(named, "{}", reader.name);
        }
    }
}
