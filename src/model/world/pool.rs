//! The state of a pool, and its random numbers.

use std::collections::VecDeque;

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::{Chance, Coin, Draws, Purpose, Renew, Stream, Sum};
use crate::model::id::{OccurrenceId, WorkerId};
use crate::model::setup::pool::PoolSetup;
use crate::model::world::stage::{Stage, StageKind};
use crate::model::world::standby::StandbyState;

/// The state of a pool. Its levels are kept in the ledger.
#[derive(Clone)]
pub(crate) struct Pool {
    /// Ready workers, the oldest first: the oldest is leased first.
    pub ready: VecDeque<WorkerId>,
    /// Ready workers that are stopped, the oldest first, and starts of such workers so far.
    pub stopped: VecDeque<WorkerId>,
    pub starts: u64,
    /// Workers that are being started, each for a request that waits for it.
    pub starting: u32,
    /// Orders placed since the world began.
    pub orders: u64,
    /// Orders whose requests gave up, and that are in addition to the target.
    pub abandoned: u32,
    /// Workers on order that the provider is not making: their orders back off, are throttled, refused or given
    /// up.
    pub held: u32,
    /// When the pool orders again, if it was stopped.
    pub orders_from: SimTime,
    /// Backorders: waiting requests that need a worker of their own.
    pub backorders: u32,
    /// The target in force, where it does not depend on the load; and whether a playbook has set it.
    pub level: u32,
    pub overridden: bool,
    /// Whether a playbook has suspended the expiry of leases.
    pub expiry_suspended: bool,
    /// The patience of requests, where a playbook has set it.
    pub patience: Option<Distribution>,
    /// State of the standby, when it will be active, how often it has been activated, and its share of
    /// requests.
    pub standby: StandbyState,
    pub active_at: SimTime,
    pub activations: u64,
    pub routed: Sum,
    /// Outages in force that affect the pool.
    pub in_force: Vec<OccurrenceId>,
    /// Latencies of first attempts, in sequence and by position, and of retries.
    pub first_latency: Draws<SimDuration>,
    pub latency: Stream,
    pub retry_latency: Stream,
    pub cold_latency: Stream,
    pub deletion: Draws<SimDuration>,
    pub reimage: Draws<SimDuration>,
    pub jitter: Stream,
    pub fate_at_start: Stream,
    pub refusal: Stream,
    pub fate_at_completion: Stream,
    pub ordinary_fate: Stream,
    pub ordinary_failures: Sum,
    /// Its stages beside the creation of machines, where it has them.
    pub start: Option<Box<Stage>>,
    pub extension: Option<Box<Stage>>,
    pub deletion_fate: Coin,
    pub deletion_jitter: Stream,
    pub reimage_fate: Coin,
    pub fate_on_loss: Coin,
    pub forecast_error: Stream,
    /// Failures of attempts in outages, drawn at the start or at completion.
    pub failed_attempts: Sum,
    pub reviews: u64,
}

impl Pool {
    /// The state at the beginning of a replication, in the memory of an earlier one.
    pub fn begin(setup: &PoolSetup, chance: Chance, memory: Option<&mut Self>) -> Self {
        let stream = |purpose| chance.stream(purpose, setup.stream_key, 0);
        let [mut ready, mut stopped] = memory.map_or_else(Default::default, |pool| {
            [&mut pool.ready, &mut pool.stopped].map(std::mem::take)
        });
        ready.clear();
        ready.reserve(setup.target.at_first().min(1 << 16) as usize);
        stopped.clear();
        Self {
            ready,
            stopped,
            starts: 0,
            starting: 0,
            orders: 0,
            abandoned: 0,
            held: 0,
            orders_from: SimTime::ZERO,
            backorders: 0,
            level: setup.target.at_first(),
            overridden: false,
            expiry_suspended: false,
            patience: None,
            standby: match &setup.standby {
                Some(standby) if !standby.active => StandbyState::Inactive,
                _ => StandbyState::Active,
            },
            active_at: SimTime::NEVER,
            activations: 0,
            routed: Sum::default(),
            in_force: Vec::new(),
            first_latency: stream(Purpose::Latency).draws(),
            latency: stream(Purpose::Latency),
            retry_latency: stream(Purpose::RetryLatency),
            cold_latency: stream(Purpose::ColdLatency),
            deletion: stream(Purpose::Deletion).draws(),
            reimage: stream(Purpose::Reimage).draws(),
            jitter: stream(Purpose::Jitter),
            fate_at_start: stream(Purpose::FateAtStart),
            refusal: stream(Purpose::Refusal),
            fate_at_completion: stream(Purpose::FateAtCompletion),
            ordinary_fate: stream(Purpose::OrdinaryFate),
            ordinary_failures: Sum::default(),
            start: StageKind::Start.begin(setup, chance),
            extension: StageKind::Extension.begin(setup, chance),
            deletion_fate: stream(Purpose::DeletionFate).coin(),
            deletion_jitter: stream(Purpose::DeletionJitter),
            reimage_fate: stream(Purpose::ReimageFate).coin(),
            fate_on_loss: stream(Purpose::FateOnLoss).coin(),
            forecast_error: stream(Purpose::ForecastError),
            failed_attempts: Sum::default(),
            reviews: 0,
        }
    }
}

/// Every field is named, so that new random numbers do not compile until they are renewed.
impl Renew for Pool {
    fn renew(&mut self, replication: u64) {
        let Self {
            ready: _,
            stopped: _,
            starts: _,
            starting: _,
            orders: _,
            abandoned: _,
            held: _,
            orders_from: _,
            backorders: _,
            level: _,
            overridden: _,
            expiry_suspended: _,
            patience: _,
            standby: _,
            active_at: _,
            activations: _,
            routed: _,
            in_force: _,
            first_latency,
            latency,
            retry_latency,
            cold_latency,
            deletion,
            reimage,
            jitter,
            fate_at_start,
            refusal,
            fate_at_completion,
            ordinary_fate,
            ordinary_failures: _,
            start,
            extension,
            deletion_fate,
            deletion_jitter,
            reimage_fate,
            fate_on_loss,
            forecast_error,
            failed_attempts: _,
            reviews: _,
        } = self;
        first_latency.renew(replication);
        latency.renew(replication);
        retry_latency.renew(replication);
        cold_latency.renew(replication);
        deletion.renew(replication);
        reimage.renew(replication);
        jitter.renew(replication);
        fate_at_start.renew(replication);
        refusal.renew(replication);
        fate_at_completion.renew(replication);
        ordinary_fate.renew(replication);
        deletion_fate.renew(replication);
        deletion_jitter.renew(replication);
        reimage_fate.renew(replication);
        fate_on_loss.renew(replication);
        forecast_error.renew(replication);
        let stages = [start, extension].into_iter().flatten();
        stages.for_each(|it| it.renew(replication));
    }
}
