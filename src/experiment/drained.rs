//! Pools that nothing but requests and provisioning changes, for methods that need no event for each of them.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::demand::{Batch, ClassSetup, Source};
use crate::model::setup::outage::{Judged, Manner, When, Window};
use crate::model::setup::pool::{OnEmpty, Release};
use crate::model::setup::target::Target;

/// The classes that request of a pool, if its requests are Poisson streams and nothing but them and provisioning
/// changes its level; otherwise why not.
pub(super) fn poisson_classes(setup: &Setup, pool: PoolId) -> Result<Vec<ClassId>, &'static str> {
    is_drained_only(setup, pool)?;
    let classes = setup.classes.iter_enumerated();
    let classes: Vec<(ClassId, &ClassSetup)> = classes.filter(|(_, it)| it.pool == pool).collect();
    match classes.iter().all(|(_, class)| is_poisson(class)) {
        _ if classes.is_empty() => Err("has no requests"),
        false => {
            Err("has requests that are not a Poisson stream of single requests without retries")
        }
        true => Ok(classes.into_iter().map(|(id, _)| id).collect()),
    }
}

/// Whether nothing but requests changes the level of a pool in a full outage, and nothing but chance changes requests.
fn is_drained_only(setup: &Setup, pool: PoolId) -> Result<(), &'static str> {
    let of = &setup.pools[pool];
    let returns = !matches!(of.release, Release::Delete);
    let ages = of.ready_max_age.is_finite() || of.ready_max_idle.is_finite();
    let cold = matches!(of.on_empty, OnEmpty::Cold { .. });
    let linked = of.standby.is_some() || !of.standbys.is_empty() || of.move_after.is_some();
    let forecast = matches!(of.target, Target::Forecast { .. });
    match () {
        () if returns => Err("gets workers back"),
        () if ages => Err("has workers that expire"),
        () if of.surplus_idle.is_finite() => Err("deletes surplus workers"),
        () if cold => Err("starts cold"),
        () if linked => Err("shares requests with another pool"),
        () if forecast => Err("follows a forecast of its demand"),
        () if !setup.playbook.is_empty() => Err("is in a scenario with a playbook"),
        () => Ok(()),
    }
}

/// Whether the number of a class's requests in any window is a Poisson count, whatever happens to them.
fn is_poisson(class: &ClassSetup) -> bool {
    let single = |source: &Source| match source {
        Source::Requests { bursts, batch, .. } => bursts.is_none() && *batch == Batch::One,
        _ => false,
    };
    single(&class.source) && class.retry.is_none() && !class.repeats_lost_jobs
}

/// The one outage that affects a pool, if it is in force at the same time in every replication, with its full severity
/// throughout, and affects neither workers nor connections; an error if there are others. None if there is no outage.
pub(super) fn one_outage(
    setup: &Setup,
    pool: PoolId,
) -> Result<Option<(&Window, SimTime, SimTime)>, &'static str> {
    let windows = setup.windows.iter();
    let mut own = windows.filter(|window| window.pools.contains(&pool));
    let Some(window) = own.next() else {
        return Ok(None);
    };
    if own.next().is_some() {
        return Err("has several outages");
    }
    let takes = window.takes.ready + window.takes.leased;
    let (from, until) = certain(&window.when).ok_or("has outages at random times")?;
    match () {
        () if !window.shape.is_flat() => Err("has an outage of changing severity"),
        () if takes != 0.0 => Err("loses workers to an outage"),
        () if window.operations.connect => Err("has an outage of connections"),
        () => Ok(Some((window, from, until))),
    }
}

/// When an outage begins and ends, if that is certain.
fn certain(when: &When) -> Option<(SimTime, SimTime)> {
    let When::Dated {
        from,
        until,
        onset,
        lasting,
        recovery,
    } = when
    else {
        return None;
    };
    let length = |law: &Distribution| match law {
        Distribution::Fixed(length) => Some(*length),
        _ => None,
    };
    let from = *from + length(onset)?;
    let until = match lasting {
        Some(law) => from + length(law)?,
        None => *until,
    };
    let until = until + length(recovery)?;
    (from < until).then_some((from, until))
}

/// The only outage of a pool, if all attempts that begin and end in it fail.
pub(super) fn full_outage(setup: &Setup, pool: PoolId) -> Option<(SimTime, SimTime)> {
    let (window, from, until) = one_outage(setup, pool).ok().flatten()?;
    // Slow attempts succeed, later.
    let slow = |judged: &Judged| {
        let manner = |manner: &Manner| matches!(manner, Manner::Slow(_));
        matches!(judged, Judged::Start { manner: it, .. } if manner(it))
    };
    let full = 1.0 <= window.failure && window.operations.create && !slow(&window.judged);
    full.then_some((from, until))
}

/// Whether no worker is provisioned in the whole scenario: all attempts fail, or take longer.
pub(super) fn is_never_provisioned(setup: &Setup, pool: PoolId) -> bool {
    let takes = &setup.pools[pool].latency;
    let late = match takes {
        Distribution::Fixed(length) => *length,
        Distribution::Exponential { shift, .. } => SimDuration::from_micros_f64(*shift),
        Distribution::Uniform { low, .. } | Distribution::Triangular { low, .. } => {
            SimDuration::from_micros_f64(*low)
        }
        _ => SimDuration::ZERO,
    };
    let outage = full_outage(setup, pool);
    let down = outage.is_some_and(|(from, until)| from == SimTime::ZERO && setup.horizon <= until);
    let calm = setup.windows.iter().all(|it| !it.pools.contains(&pool));
    down || calm && setup.horizon <= SimTime::ZERO + late
}
