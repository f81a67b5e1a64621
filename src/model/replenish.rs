//! How many workers a pool orders, and how many it has too many: target, cap, quota.

use crate::kernel::distribution::normal_quantile;
use crate::kernel::queue::EventQueue;
use crate::kernel::time::SimTime;
use crate::model::event::Event;
use crate::model::ledger::PoolLedger;
use crate::model::setup::{Counts, PoolId, RegionId};
use crate::model::target::Target;
use crate::model::world::World;

impl World<'_> {
    /// Puts a pool's initial workers on its shelf, when the world begins.
    pub(crate) fn stock(&mut self, pool: PoolId, queue: &mut EventQueue<Event>) {
        for _ in 0..self.setup.pools[pool.0 as usize].initial {
            let id = self.workers.order(pool);
            self.shelve(id, SimTime::ZERO, queue);
        }
    }

    /// Orders what is missing to the target, where any change is a review.
    #[inline]
    pub(crate) fn replenish(&mut self, pool: PoolId, now: SimTime, queue: &mut EventQueue<Event>) {
        if self.setup.pools[pool.0 as usize].review.micros() == 0 {
            self.review(pool, now, queue);
        }
    }

    /// Something of a pool no longer counts: it may order again, and so may those that share its quota.
    pub(crate) fn freed(&mut self, pool: PoolId, now: SimTime, queue: &mut EventQueue<Event>) {
        let setup = self.setup;
        let region = &setup.regions[setup.pools[pool.0 as usize].region.0 as usize];
        if region.quota.is_none() {
            self.replenish(pool, now, queue);
            return;
        }
        for pool in &region.pools {
            self.replenish(*pool, now, queue);
        }
    }

    /// A periodic review, and the next one.
    pub(crate) fn review_due(&mut self, pool: PoolId, now: SimTime, queue: &mut EventQueue<Event>) {
        let of = &self.setup.pools[pool.0 as usize];
        if let Target::Forecast { error, .. } = &of.target
            && !self.pools[pool.0 as usize].steered
        {
            let state = &mut self.pools[pool.0 as usize];
            let unit = state.forecast_error.unit_at(state.reviews);
            let off = match self.setup.even {
                true => 1.0,
                // Log-normal with mean 1.
                false => libm::exp(error * normal_quantile(unit) - 0.5 * error * error),
            };
            state.reviews += 1;
            state.level = of.target.forecast(now, off);
        }
        self.review(pool, now, queue);
        queue.schedule(now + of.review, Event::ReviewDue(pool));
    }

    /// A scheduled target takes effect, unless a playbook has taken over.
    pub(crate) fn turn_target(
        &mut self,
        pool: PoolId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let Target::Schedule { turns, .. } = &self.setup.pools[pool.0 as usize].target else {
            return;
        };
        let state = &mut self.pools[pool.0 as usize];
        let past = turns.partition_point(|(at, _)| *at <= now);
        if !state.steered && 0 < past {
            state.level = turns[past - 1].1;
        }
        if let Some((at, _)) = turns.get(past) {
            queue.schedule(*at, Event::TargetTurns(pool));
        }
        self.replenish(pool, now, queue);
    }

    /// The target in force (workers).
    #[inline]
    pub(crate) fn desired(&self, pool: PoolId) -> u32 {
        let (of, state) = (
            &self.setup.pools[pool.0 as usize],
            &self.pools[pool.0 as usize],
        );
        if state.steered {
            return state.level;
        }
        if self.is_dismantled(pool) {
            return 0;
        }
        let levels = &self.ledger.pools[pool.0 as usize];
        of.target
            .following(levels.leased.value, levels.waiting.value)
            .unwrap_or(state.level)
    }

    /// What counts towards the target (workers).
    #[inline]
    fn counted(&self, pool: PoolId) -> u32 {
        let levels = &self.ledger.pools[pool.0 as usize];
        match self.setup.pools[pool.0 as usize].counts {
            Counts::Ready => levels.ready.value,
            Counts::ReadyAndPending => levels.ready.value + levels.pending.value,
            Counts::Total => total(levels),
        }
    }

    /// Workers wanted: the target, and one for each waiting request that orders its own.
    #[inline]
    fn wanted(&self, pool: PoolId) -> u32 {
        let of = &self.setup.pools[pool.0 as usize];
        let waiting = match of.waiting_orders {
            true => self.pools[pool.0 as usize].wanting,
            false => 0,
        };
        if of.yields && self.waits_in(of.region) {
            return waiting;
        }
        self.desired(pool) + waiting
    }

    #[inline]
    fn review(&mut self, pool: PoolId, now: SimTime, queue: &mut EventQueue<Event>) {
        let of = &self.setup.pools[pool.0 as usize];
        let missing = self.wanted(pool).saturating_sub(self.counted(pool));
        let pending = self.ledger.pools[pool.0 as usize].pending.value;
        let mut room = of.in_flight_max.saturating_sub(pending);
        if of.limited {
            room = room.min(self.headroom(pool));
        }
        let orders = match of.slots {
            1 => missing.min(room),
            slots => missing.div_ceil(slots).min(room / slots),
        };
        for _ in 0..orders {
            self.order(pool, false, now, queue);
        }
        if of.trims {
            self.trim(pool, now, queue);
        }
    }

    /// Deletes ready workers above the target, those first that have been ready longest.
    fn trim(&mut self, pool: PoolId, now: SimTime, queue: &mut EventQueue<Event>) {
        while self.wanted(pool) < self.counted(pool) {
            let Some(id) = self.pools[pool.0 as usize].ready.pop_front() else {
                return;
            };
            let ledger = &mut self.ledger.pools[pool.0 as usize];
            ledger.take_ready(now);
            ledger.trimmed += 1;
            self.delete(id, now, queue);
        }
    }

    /// How many workers more the pool's own limit and its region's quota admit.
    pub(crate) fn headroom(&self, pool: PoolId) -> u32 {
        let of = &self.setup.pools[pool.0 as usize];
        let own = of
            .max_total
            .saturating_sub(total(&self.ledger.pools[pool.0 as usize]));
        let region = &self.setup.regions[of.region.0 as usize];
        let Some(quota) = region.quota else {
            return own;
        };
        let used: u32 = region
            .pools
            .iter()
            .map(|pool| &self.ledger.pools[pool.0 as usize])
            .map(|levels| {
                u32::from(quota.pending) * levels.pending.value
                    + u32::from(quota.ready) * levels.ready.value
                    + u32::from(quota.leased) * levels.leased.value
                    + u32::from(quota.deleting) * levels.deleting.value
            })
            .sum();
        own.min(quota.workers.saturating_sub(used))
    }

    /// Whether requests wait anywhere in a region.
    fn waits_in(&self, region: RegionId) -> bool {
        let pools = &self.setup.regions[region.0 as usize].pools;
        pools
            .iter()
            .any(|pool| 0 < self.ledger.pools[pool.0 as usize].waiting.value)
    }

    /// A line has become empty: pools that yielded to it may order again.
    pub(crate) fn resume_stocking(
        &mut self,
        pool: PoolId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let setup = self.setup;
        let region = setup.pools[pool.0 as usize].region;
        for pool in &setup.regions[region.0 as usize].pools {
            if setup.pools[pool.0 as usize].yields {
                self.replenish(*pool, now, queue);
            }
        }
    }

    /// A request that has given up takes an order with it, the newest, if there is one too many.
    pub(crate) fn cancel_order(
        &mut self,
        pool: PoolId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        if self.counted(pool) <= self.wanted(pool) {
            return;
        }
        let newest = self
            .workers
            .alive()
            .filter(|(_, worker)| worker.pool == pool && worker.state.is_ordered())
            .max_by_key(|(_, worker)| worker.attempt);
        if let Some((id, _)) = newest {
            self.drop_order(id, now, queue);
        }
    }
}

/// Workers of every state.
fn total(levels: &PoolLedger) -> u32 {
    levels.ready.value + levels.pending.value + levels.leased.value + levels.deleting.value
}
