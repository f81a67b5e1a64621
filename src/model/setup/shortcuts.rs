//! Shortcuts of the engine: events and checks of a pool that are skipped because they have no effect.
//! They are derived from the setup and change no result; `Setup::without_shortcuts` proves it.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::id::{PoolId, WindowId};
use crate::model::setup::Setup;
use crate::model::setup::pool::{Counts, FailedMachine, PoolSetup, Release};
use crate::model::setup::region::RegionSetup;

/// What can happen to a pool, so that the rest can be skipped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shortcuts {
    /// Whether an alert, or a condition of a step, depends on it.
    pub watched: bool,
    /// Whether an alert depends on how its requests are served.
    pub requests_watched: bool,
    /// Whether `max_total` or a quota limits what may be ordered.
    pub limited: bool,
    /// Whether a circuit breaker or the provider's limits can delay an attempt.
    pub gated: bool,
    /// Whether the ends of attempts can be computed in advance: no outage acts at their start, the windows
    /// are known, and no alert observes them.
    pub predictable: bool,
    /// The windows that can act on an attempt when it completes, where they are known in advance.
    pub predicted: Vec<WindowId>,
    /// Whether only a playbook, a schedule or a review changes its order-up-to level.
    pub plain: bool,
    /// Whether a deletion can fail or be delayed, so that it needs an event.
    pub deletions_matter: bool,
    /// Whether the end of a lease or of a deletion can trigger an order or a deletion.
    pub ends_matter: bool,
    /// Whether the end of a lease changes nothing but its own record, so that it needs no event.
    pub silent_ends: bool,
}

impl Setup {
    /// Derives the shortcuts of every pool.
    pub(crate) fn derive_shortcuts(&mut self) {
        let found = self.pools.keys().map(|pool| self.shortcuts_of(pool));
        let found: Vec<Shortcuts> = found.collect();
        for (pool, shortcuts) in self.pools.iter_mut().zip(found) {
            pool.shortcuts = shortcuts;
        }
    }

    /// The same world without shortcuts: the same results, but slower. For tests.
    pub(crate) fn without_shortcuts(&self) -> Self {
        let mut plain = self.clone();
        for pool in &mut plain.pools {
            pool.shortcuts = Shortcuts {
                watched: true,
                requests_watched: true,
                limited: true,
                gated: true,
                predictable: false,
                predicted: Vec::new(),
                plain: false,
                // Where only on-hand stock counts, each review orders again, so none can be skipped.
                deletions_matter: pool.counts != Counts::Ready || pool.shortcuts.deletions_matter,
                ends_matter: pool.counts != Counts::Ready || pool.shortcuts.ends_matter,
                silent_ends: false,
            };
        }
        plain
    }

    fn shortcuts_of(&self, place: PoolId) -> Shortcuts {
        let pool = &self.pools[place];
        let region = &self.regions[pool.region];
        let watched = self.observes(place);
        let follows = pool.target.following(0, 0).is_some();
        let limited = region.quota.is_some() || pool.max_total < u32::MAX;
        let meets = self
            .windows
            .iter_enumerated()
            .filter(|(_, window)| window.pools.contains(&place));
        let creates = meets.clone().filter(|(_, window)| window.operations.create);
        let deletes = meets.clone().any(|(_, window)| window.operations.delete);
        let of_workers = meets.clone().any(|(_, window)| window.depends_on_workers());
        let predictable = creates
            .clone()
            .all(|(_, window)| window.acts_at_completion_only());
        let deletions_matter = region.deletes.is_some() || deletes;
        let ends_matter =
            pool.counts == Counts::Total || follows || pool.surplus_idle.is_finite() || limited;
        let vanishes = matches!(pool.release, Release::Delete)
            && matches!(pool.deletion, Distribution::Fixed(SimDuration::ZERO))
            && !deletions_matter;
        Shortcuts {
            watched,
            requests_watched: self.observes_requests(place),
            limited,
            gated: pool.breaker.is_some() || region.creates.is_some(),
            predictable: predictable && !watched && is_straight(pool, region),
            predicted: creates.map(|(id, _)| id).collect(),
            plain: !follows && pool.standby.is_none() && !(pool.waiting_orders || pool.yields),
            deletions_matter,
            ends_matter,
            silent_ends: vanishes && !ends_matter && !of_workers,
        }
    }

    /// Whether an alert or a condition of a step depends on a pool.
    fn observes(&self, place: PoolId) -> bool {
        let believes = self.playbook.iter().any(|step| step.only_if.is_some());
        let mut alerts = self.alerts.iter();
        believes || alerts.any(|it| it.signal.is_of_all_pools() || it.pools.contains(&place))
    }

    /// Whether an alert depends on how requests of a pool are served.
    fn observes_requests(&self, place: PoolId) -> bool {
        let mut alerts = self.alerts.iter();
        alerts.any(|it| it.signal.is_of_requests() && it.pools.contains(&place))
    }
}

/// Whether a failed attempt only backs off and retries.
fn is_straight(pool: &PoolSetup, region: &RegionSetup) -> bool {
    !pool.cancel_on_timeout
        && pool.standby.is_none()
        && pool.through.is_none()
        && pool.extension.is_none()
        && pool.breaker.is_none()
        && pool.remains == FailedMachine::Nothing
        && region.creates.is_none()
}
