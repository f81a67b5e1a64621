//! A pool that nothing arrives in: as many requests as there are workers empty it, and the next one fails. On the scale of
//! expected requests, the time of the first is a gamma variable, the time between both is exponential, and further ones are
//! a Poisson count.

use std::sync::Arc;

use crate::experiment::drained::{full_outage, is_never_provisioned};
use crate::experiment::shortcut_path::SamplePath;
use crate::kernel::distribution::{Gamma, unit_exponential};
use crate::kernel::intensity::Intensity;
use crate::kernel::poisson;
use crate::kernel::random::Generator;
use crate::kernel::time::SimTime;
use crate::model::id::{ClassId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::demand::Source;

/// The jump to the instant at which the pool is empty.
#[derive(Clone, Debug)]
pub(super) struct Jump {
    initial: u32,
    /// Its law, where there is any worker.
    law: Option<Arc<Gamma>>,
    rate: Intensity,
    /// The end of the scenario (µs), and requests expected until then.
    end: f64,
    expected: f64,
    /// The distribution function of the number of requests, where they are fewer than the workers.
    fewer: Vec<f64>,
    in_outage: bool,
}

/// The most workers whose law is tabulated.
const WORKERS_MAX: u32 = 100_000;

/// The jump of a pool on which some classes draw, or why there is none.
pub(super) fn fits(setup: &Setup, pool: PoolId, classes: &[ClassId]) -> Result<Jump, &'static str> {
    if !is_never_provisioned(setup, pool) {
        return Err("has attempts that can succeed");
    }
    if setup.start != SimTime::ZERO {
        return Err("has a warm-up");
    }
    let initial = setup.pools[pool].initial;
    if WORKERS_MAX < initial {
        return Err("has too many workers");
    }
    let none = Intensity::flat(0.0);
    let rates = classes
        .iter()
        .map(|class| match &setup.classes[*class].source {
            Source::Requests { rate, .. } => rate,
            _ => &none,
        });
    let rate = rates.fold(none.clone(), |sum, rate| sum.plus(rate));
    let end = setup.horizon.micros() as f64;
    let expected = rate.reached(end);
    if expected <= 0.0 {
        return Err("has no requests");
    }
    Ok(Jump {
        initial,
        law: (0 < initial).then(|| Gamma::shared(f64::from(initial), 1.0, 0.0)),
        rate,
        end,
        expected,
        fewer: poisson::below(initial, expected),
        in_outage: full_outage(setup, pool).is_some(),
    })
}

impl Jump {
    /// One path: to its end, or to the first failed request.
    #[inline]
    pub fn path(&self, generator: &mut Generator, to_the_end: bool) -> SamplePath {
        let law = self.law.as_ref();
        let empties = law.map_or(0.0, |law| law.value(generator.unit()));
        let fails = empties + unit_exponential(generator.unit());
        let mut path = SamplePath::new(self.initial);
        if empties < self.expected && 0 < self.initial {
            path.empty_at = self.instant(empties);
        }
        if fails < self.expected {
            path.first_failure = self.instant(fails);
            path.last_failure = path.first_failure;
            if self.in_outage {
                path.first_in_outage = path.first_failure;
            }
        }
        if to_the_end {
            self.finish(&mut path, (empties, fails), generator);
        }
        path
    }

    fn finish(
        &self,
        path: &mut SamplePath,
        (empties, fails): (f64, f64),
        generator: &mut Generator,
    ) {
        path.expected = (self.expected - empties).max(0.0);
        let initial = u64::from(self.initial);
        if fails < self.expected {
            let left = self.expected - fails;
            let further = poisson::draw(generator, left);
            if 0 < further {
                // The greatest of so many uniform variables.
                let last = libm::pow(generator.unit(), 1.0 / further as f64);
                path.last_failure = self.instant(fails + left * last);
            }
            path.failed = 1 + further;
            path.requests = initial + path.failed;
            path.failed_in_outage = if self.in_outage { path.failed } else { 0 };
        } else if empties < self.expected {
            path.requests = initial;
        } else {
            // When it would have been empty is not observed, so that only that it would be later counts.
            let unit = generator.unit();
            path.requests = self.fewer.partition_point(|reached| *reached < unit) as u64;
        }
        path.empty = (self.end - path.empty_at).max(0.0);
        path.lowest = initial.saturating_sub(path.requests) as u32;
        path.ready_end = path.lowest;
    }

    /// When so many requests are expected (µs).
    fn instant(&self, requests: f64) -> f64 {
        self.rate.instant(requests).unwrap_or(f64::INFINITY)
    }
}
