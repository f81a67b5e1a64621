//! Replenishment: how many workers a pool orders and how many it deletes, by target, cap and quota.

use crate::kernel::normal::normal_quantile;
use crate::kernel::time::SimDuration;
use crate::model::id::{PoolId, RegionId, WorkerId};
use crate::model::record::events::Recorder;
use crate::model::record::ledger::PoolLedger;
use crate::model::setup::pool::{Counts, PoolSetup};
use crate::model::setup::region::Quota;
use crate::model::setup::target::Target;
use crate::model::world::World;
use crate::model::world::event::Event;

impl<R: Recorder> World<'_, R> {
    /// Makes a pool's initial workers ready, at the beginning.
    pub(crate) fn stock(&mut self, pool: PoolId) {
        let of = &self.setup.pools[pool];
        for _ in 0..of.initial {
            let id = self.workers.order(pool);
            self.put_ready(id, of);
        }
    }

    /// Orders up to the target, under continuous review.
    #[inline]
    pub(crate) fn replenish(&mut self, pool: PoolId) {
        if self.review_now(pool) {
            self.freed(pool);
        }
    }

    /// A worker has changed its state, or is deleted: its pool may order again, and where
    /// that frees a place in a quota, so may those that share it. Reviewed in rounds, not each by the
    /// one before, for a review may free more places.
    #[inline]
    pub(crate) fn freed(&mut self, pool: PoolId) {
        let setup = self.setup;
        let of = &setup.pools[pool];
        if !of.shortcuts.limited {
            while of.review == SimDuration::ZERO && self.review(pool, of) {}
            return;
        }
        let region = &setup.regions[of.region];
        if region.quota.is_none() {
            while self.review_now(pool) {}
            return;
        }
        loop {
            let mut again = false;
            for pool in &region.pools {
                again |= self.review_now(*pool);
            }
            if !again {
                return;
            }
        }
    }

    /// Reviews a pool under continuous review; returns whether workers were deleted.
    #[inline]
    fn review_now(&mut self, pool: PoolId) -> bool {
        let of = &self.setup.pools[pool];
        of.review == SimDuration::ZERO && self.review(pool, of)
    }

    /// A periodic review, and the next one.
    pub(crate) fn review_due(&mut self, pool: PoolId) {
        let of = &self.setup.pools[pool];
        let state = &mut self.pools[pool];
        let nth = state.reviews;
        // Counted while a playbook sets the target too, so that no later draw shifts.
        state.reviews += 1;
        if let Target::Forecast { error, .. } = &of.target
            && !state.overridden
        {
            // Log-normal with mean 1.
            let off = state.forecast_error.factor_at(nth, |unit| {
                libm::exp(error * normal_quantile(unit) - 0.5 * error * error)
            });
            state.level = of.target.forecast(self.now, off);
        }
        if self.review(pool, of) {
            self.freed(pool);
        }
        self.queue
            .schedule(self.now + of.review, Event::ReviewDue(pool));
    }

    /// A scheduled target takes effect, unless a playbook has overridden it.
    pub(crate) fn change_target(&mut self, pool: PoolId) {
        let Target::Schedule { changes, .. } = &self.setup.pools[pool].target else {
            return;
        };
        let state = &mut self.pools[pool];
        let past = changes.partition_point(|(at, _)| *at <= self.now);
        if !state.overridden && 0 < past {
            state.level = changes[past - 1].1;
        }
        if let Some((at, _)) = changes.get(past) {
            self.queue.schedule(*at, Event::TargetChanges(pool));
        }
        self.replenish(pool);
    }

    /// The target in force (workers).
    #[inline]
    pub(crate) fn base_stock(&self, pool: PoolId) -> u32 {
        let (of, state) = (&self.setup.pools[pool], &self.pools[pool]);
        if state.overridden {
            return state.level;
        }
        if self.is_dismantled(pool) {
            return 0;
        }
        let levels = &self.ledger.pools[pool];
        of.target
            .following(levels.leased.value, levels.waiting.value)
            .unwrap_or(state.level)
    }

    /// Records how far each pool has recovered from an outage. A target may move, so that
    /// it is not only new workers that bring a pool nearer to it.
    pub(crate) fn note_recoveries(&mut self) {
        self.recovering = false;
        for pool in self.setup.pools.keys() {
            let ledger = &self.ledger.pools[pool];
            if !ledger.recovering {
                continue;
            }
            // While requests wait, nothing counts as recovered.
            if ledger.waiting.value == 0 {
                let aim = self.ready_target(pool);
                self.ledger.pools[pool].note_recovery(aim, self.now);
            }
            self.recovering |= self.ledger.pools[pool].recovering;
        }
    }

    /// The number of ready workers that the target in force implies, with no orders under way.
    pub(crate) fn ready_target(&self, pool: PoolId) -> u32 {
        let levels = &self.ledger.pools[pool];
        match self.setup.pools[pool].counts {
            Counts::Ready | Counts::ReadyAndPending => self.base_stock(pool),
            Counts::Total => {
                let others = levels.leased.value + levels.deleting.value;
                self.base_stock(pool).saturating_sub(others)
            }
        }
    }

    /// The inventory position: what counts towards the target (workers).
    fn inventory_position(&self, pool: PoolId) -> u32 {
        let counts = self.setup.pools[pool].counts;
        position(counts, &self.ledger.pools[pool], self.pools[pool].abandoned)
    }

    /// Workers wanted: the target, and one for each waiting request that orders its own.
    #[inline]
    fn base_stock_and_backorders(&self, pool: PoolId) -> u32 {
        self.base_stock(pool) + self.backordered(pool)
    }

    #[inline]
    fn backordered(&self, pool: PoolId) -> u32 {
        if self.setup.pools[pool].waiting_orders {
            self.pools[pool].backorders
        } else {
            0
        }
    }

    /// Order-up-to level: base stock and backorders, or only backorders while the pool gives priority to
    /// requests that wait.
    fn order_up_to(&self, pool: PoolId) -> u32 {
        let of = &self.setup.pools[pool];
        if of.yields && self.waits_in(of.region) {
            self.backordered(pool)
        } else {
            self.base_stock_and_backorders(pool)
        }
    }

    /// Orders what is missing and deletes the surplus; returns whether workers were deleted.
    #[inline]
    fn review(&mut self, pool: PoolId, of: &PoolSetup) -> bool {
        let (state, levels) = (&self.pools[pool], &self.ledger.pools[pool]);
        let up_to = match of.shortcuts.plain {
            true => state.level,
            false => self.order_up_to(pool),
        };
        let missing = up_to.saturating_sub(position(of.counts, levels, state.abandoned));
        if missing == 0 && !of.surplus_idle.is_finite() {
            return false;
        }
        let stopped = self.now < state.orders_from;
        let mut room = of.in_flight_max.saturating_sub(levels.pending.value);
        if of.shortcuts.limited {
            room = room.min(self.headroom(pool));
        }
        if stopped {
            room = 0;
        }
        let orders = match of.slots {
            1 => missing.min(room),
            slots => missing.div_ceil(slots).min(room / slots),
        };
        for _ in 0..orders {
            self.order(pool, of, false);
        }
        of.surplus_idle.is_finite() && self.trim(pool)
    }

    /// Ready workers may be above the target for too long.
    pub(crate) fn end_surplus(&mut self, pool: PoolId) {
        if self.trim(pool) {
            self.freed(pool);
        }
    }

    /// Deletes ready workers above the target that have been idle for too long, those first that have
    /// idle longest; returns whether there were any. Orders under way may fail, so they make no
    /// ready worker surplus; nor do workers that are being deleted.
    fn trim(&mut self, pool: PoolId) -> bool {
        let idle = self.setup.pools[pool].surplus_idle;
        let before = self.ledger.pools[pool].ready.value;
        while idle.is_finite() && self.base_stock_and_backorders(pool) < self.on_hand(pool) {
            let Some(id) = self.idlest(pool) else {
                break;
            };
            if self.now < self.workers.get(id).ready_since + idle {
                break;
            }
            self.take_ready(id);
            self.ledger.pools[pool].trimmed += 1;
            self.delete(id);
        }
        let trimmed = self.ledger.pools[pool].ready.value < before;
        if trimmed && SimDuration::ZERO < self.setup.pools[pool].surplus_pause {
            self.stop_orders(pool, self.setup.pools[pool].surplus_pause);
        }
        trimmed
    }

    /// The worker that has been ready for longest, running or stopped.
    fn idlest(&mut self, pool: PoolId) -> Option<WorkerId> {
        let state = &self.pools[pool];
        let fronts = [state.ready.front().copied(), state.stopped.front().copied()];
        let fronts = fronts.into_iter().flatten();
        fronts.min_by_key(|id| self.workers.get(*id).ready_since)
    }

    /// What counts towards the target and will not go away by itself (workers).
    fn on_hand(&self, pool: PoolId) -> u32 {
        let levels = &self.ledger.pools[pool];
        match self.setup.pools[pool].counts {
            Counts::Ready | Counts::ReadyAndPending => levels.ready.value,
            Counts::Total => levels.ready.value + levels.leased.value,
        }
    }

    /// How many workers more the pool's own limit and its region's quota admit.
    pub(crate) fn headroom(&self, pool: PoolId) -> u32 {
        let of = &self.setup.pools[pool];
        let own = of.max_total.saturating_sub(total(&self.ledger.pools[pool]));
        match &self.setup.regions[of.region].quota {
            Some(quota) => {
                // Orders take up room whether the quota counts them or not: otherwise each review would order again.
                let orders = u32::from(!quota.pending) * self.ordered(of.region);
                let used = self.used(of.region, quota) + orders;
                own.min(quota.at(self.now).saturating_sub(used))
            }
            None => own,
        }
    }

    /// Whether a pool has more workers than its own limit or its region's quota admits.
    pub(crate) fn is_over_limit(&self, pool: PoolId) -> bool {
        let of = &self.setup.pools[pool];
        let quota = self.setup.regions[of.region].quota.as_ref();
        of.max_total < total(&self.ledger.pools[pool])
            || quota.is_some_and(|quota| quota.at(self.now) < self.used(of.region, quota))
    }

    /// Schedules the changes of every quota.
    pub(crate) fn schedule_quotas(&mut self) {
        for (region, of) in self.setup.regions.iter_enumerated() {
            for (at, _) in of.quota.iter().flat_map(|quota| &quota.changes) {
                self.queue.schedule(*at, Event::QuotaChanges(region));
            }
        }
    }

    /// A region's quota changes: its pools may order more. No worker is deleted for a lower one.
    pub(crate) fn change_quota(&mut self, region: RegionId) {
        if let Some(pool) = self.setup.regions[region].pools.first() {
            self.freed(*pool);
        }
    }

    /// Workers of a region that count against its quota.
    fn used(&self, region: RegionId, quota: &Quota) -> u32 {
        let pools = self.setup.regions[region].pools.iter();
        pools
            .map(|pool| &self.ledger.pools[*pool])
            .map(|levels| {
                u32::from(quota.pending) * levels.pending.value
                    + u32::from(quota.ready) * levels.ready.value
                    + u32::from(quota.leased) * levels.leased.value
                    + u32::from(quota.deleting) * levels.deleting.value
            })
            .sum()
    }

    /// Orders under way in a region (workers).
    fn ordered(&self, region: RegionId) -> u32 {
        let pools = self.setup.regions[region].pools.iter();
        pools
            .map(|pool| self.ledger.pools[*pool].pending.value)
            .sum()
    }

    /// Whether requests wait anywhere in a region.
    fn waits_in(&self, region: RegionId) -> bool {
        let pools = &self.setup.regions[region].pools;
        pools
            .iter()
            .any(|pool| 0 < self.ledger.pools[*pool].waiting.value)
    }

    /// A queue has become empty: pools that gave it priority may order again.
    pub(crate) fn resume_stocking(&mut self, pool: PoolId) {
        let setup = self.setup;
        let region = setup.pools[pool].region;
        for pool in &setup.regions[region].pools {
            if setup.pools[*pool].yields {
                self.replenish(*pool);
            }
        }
    }

    /// A request that gives up cancels the newest order, if there is a surplus one.
    pub(crate) fn cancel_order(&mut self, pool: PoolId) {
        if self.inventory_position(pool) <= self.base_stock_and_backorders(pool) {
            return;
        }
        let newest = self
            .workers
            .alive()
            .filter(|(_, worker)| worker.pool == pool && worker.state.is_ordered())
            .max_by_key(|(_, worker)| worker.order);
        if let Some((id, _)) = newest {
            self.drop_order(id);
        }
    }
}

/// Workers that count towards a target, but for those whose requests gave up.
#[inline]
fn position(counts: Counts, levels: &PoolLedger, abandoned: u32) -> u32 {
    let counted = match counts {
        Counts::Ready => levels.ready.value,
        Counts::ReadyAndPending => levels.ready.value + levels.pending.value,
        Counts::Total => total(levels),
    };
    counted.saturating_sub(abandoned)
}

/// Workers of every state.
fn total(levels: &PoolLedger) -> u32 {
    levels.ready.value + levels.pending.value + levels.leased.value + levels.deleting.value
}
