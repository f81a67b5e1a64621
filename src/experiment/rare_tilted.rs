//! Tilted importance sampling of failed leases: while nothing arrives in a pool, the rate of its requests is multiplied
//! so that about one more is expected than there are workers, and each replication is weighted by the likelihood ratio
//! of the number of requests (Siegmund, 1976; Asmussen and Glynn, 2007). The engine runs as always, on a setup with the
//! higher rate.

use crate::experiment::drained::{full_outage, poisson_classes};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::rare::has_failed;
use crate::kernel::random::Seed;
use crate::kernel::time::SimTime;
use crate::model::chance::Chance;
use crate::model::id::{ClassId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::demand::{ClassSetup, Source};
use crate::model::world::World;
use crate::scenario::Scenario;

/// A higher rate of requests in a window.
pub(super) struct Tilt {
    pub why: String,
    /// Factor on the rate of the pool's requests.
    pub factor: f64,
    classes: Vec<ClassId>,
    from: SimTime,
    until: SimTime,
    /// Requests expected in the window at the rate of the scenario.
    expected: f64,
}

/// The tilt of a scenario, or why there is none.
pub(super) fn fits(scenario: &Scenario, pools: &[PoolId]) -> Result<Tilt, String> {
    let setup = &scenario.setup;
    let [pool] = pools else {
        return Err("more than one pool is asked about".to_owned());
    };
    let name = &scenario[*pool].name;
    let classes = poisson_classes(setup, *pool).map_err(|why| format!("{name} {why}"))?;
    let (from, until) = full_outage(setup, *pool)
        .and_then(|(from, until)| measured(setup, *pool, (from, until)))
        .ok_or_else(|| format!("no single outage stops all provisioning of {name}"))?;
    let expected = classes
        .iter()
        .map(|class| expected(&setup.classes[*class], from, until));
    let expected: f64 = expected.sum();
    if expected <= 0.0 {
        return Err(format!("nothing is requested of {name} in its outage"));
    }
    let of = &setup.pools[*pool];
    let ready = match from {
        SimTime::ZERO => of.initial,
        from => of.target.level_at(from),
    };
    let factor = ((f64::from(ready) + 1.0) / expected).max(1.0);
    Ok(Tilt {
        why: format!(
            "requests of {name} are a Poisson stream, and nothing arrives while the outage lasts"
        ),
        factor,
        classes,
        from,
        until,
        expected,
    })
}

/// Requests of a class that are expected in a window.
fn expected(class: &ClassSetup, from: SimTime, until: SimTime) -> f64 {
    match &class.source {
        Source::Requests { rate, .. } => {
            rate.reached(until.micros() as f64) - rate.reached(from.micros() as f64)
        }
        _ => 0.0,
    }
}

/// An outage with the time that the first attempt takes after it, as far as it lies in the measured time.
fn measured(
    setup: &Setup,
    pool: PoolId,
    (from, until): (SimTime, SimTime),
) -> Option<(SimTime, SimTime)> {
    let until = match until.is_finite() {
        true => until + setup.pools[pool].latency.mean(),
        false => setup.horizon,
    };
    let until = until.min(setup.horizon);
    (from < until && setup.start < until).then_some((from, until))
}

/// Replications with the higher rate: the weight of each with the event, 0 of each without it.
pub(super) fn weights(
    scenario: &Scenario,
    pools: &[PoolId],
    tilt: &Tilt,
    (trials, seed): (usize, Seed),
    progress: &dyn Progress,
) -> Vec<f64> {
    let mut setup = scenario.setup.clone();
    for class in &tilt.classes {
        if let Source::Requests { rate, .. } = &mut setup.classes[*class].source {
            *rate = rate.surging(tilt.from, tilt.until, tilt.factor);
        }
    }
    let instants = [tilt.from, tilt.until];
    let parts = parallel::map_ranges(trials, |range| {
        let mut world = World::new(&setup);
        let mut weights = Vec::with_capacity(range.len());
        for replication in range {
            if progress.is_cancelled() {
                break;
            }
            // Independent of the plain replications.
            let chance = Chance::of(seed, 1 << 62 | replication as u64);
            let mut made = [0; 2];
            world.run_sampled(chance, &mut (), &instants, |place, world| {
                let classes = tilt.classes.iter();
                made[place] = classes.map(|it| world.classes[*it].made()).sum::<u64>();
            });
            let requests = made[1].saturating_sub(made[0]) as f64;
            let log = (tilt.factor - 1.0) * tilt.expected - requests * libm::log(tilt.factor);
            let failed = has_failed(&world.ledger, pools);
            weights.push(if failed { libm::exp(log) } else { 0.0 });
            progress.completed(1);
        }
        weights
    });
    parts.concat()
}
