//! Stages: steps of the provider's with a latency and an outcome of their own, beside the creation of a machine.

use crate::kernel::time::SimDuration;
use crate::model::chance::{Chance, Purpose, Renew, Stream, Sum};
use crate::model::id::PoolId;
use crate::model::record::events::{FailureCause, Recorder};
use crate::model::setup::outage::Operations;
use crate::model::setup::pool::{PoolSetup, StageSetup};
use crate::model::world::World;
use crate::model::world::occurrence::{any_fails, manner};
use crate::model::world::workers::AttemptOutcome;

/// Which stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StageKind {
    /// The start of a stopped worker.
    Start,
    /// The extension of a machine that has been created.
    Extension,
}

/// The random numbers of a stage of one pool, by the position of the attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    latency: Stream,
    fate_at_start: Stream,
    fate_at_completion: Stream,
    refusal: Stream,
    ordinary_fate: Stream,
    pub jitter: Stream,
    failed: Sum,
    failed_ordinarily: Sum,
}

impl Renew for Stage {
    fn renew(&mut self, replication: u64) {
        let Self {
            latency,
            fate_at_start,
            fate_at_completion,
            refusal,
            ordinary_fate,
            jitter,
            failed: _,
            failed_ordinarily: _,
        } = self;
        let fates = [fate_at_start, fate_at_completion, ordinary_fate];
        let streams = fates.into_iter().chain([latency, refusal, jitter]);
        streams.for_each(|it| it.renew(replication));
    }
}

impl StageKind {
    /// The stage as a pool declares it, if it has one.
    pub fn of(self, pool: &PoolSetup) -> Option<&StageSetup> {
        match self {
            Self::Start => pool.stopped.as_ref().map(|stopped| &stopped.start),
            Self::Extension => pool.extension.as_ref(),
        }
    }

    /// Whether an outage affects it.
    pub fn operation(self) -> fn(&Operations) -> bool {
        match self {
            Self::Start => |operations| operations.start,
            Self::Extension => |operations| operations.extend,
        }
    }

    /// Its random numbers in a replication; none where the pool does not have it.
    pub fn begin(self, pool: &PoolSetup, chance: Chance) -> Option<Box<Stage>> {
        self.of(pool)?;
        let [latency, at_start, at_completion, refusal, ordinary, jitter] = match self {
            Self::Start => [
                Purpose::StartLatency,
                Purpose::StartFate,
                Purpose::StartFateAtCompletion,
                Purpose::StartRefusal,
                Purpose::StartOrdinaryFate,
                Purpose::StartJitter,
            ],
            Self::Extension => [
                Purpose::ExtensionLatency,
                Purpose::ExtensionFate,
                Purpose::ExtensionFateAtCompletion,
                Purpose::ExtensionRefusal,
                Purpose::ExtensionOrdinaryFate,
                Purpose::Jitter,
            ],
        }
        .map(|purpose| chance.stream(purpose, pool.stream_key, 0));
        Some(Box::new(Stage {
            latency,
            fate_at_start: at_start,
            fate_at_completion: at_completion,
            refusal,
            ordinary_fate: ordinary,
            jitter,
            failed: Sum::default(),
            failed_ordinarily: Sum::default(),
        }))
    }
}

impl<R: Recorder> World<'_, R> {
    fn stage(&mut self, pool: PoolId, kind: StageKind) -> Option<&mut Stage> {
        let state = &mut self.pools[pool];
        match kind {
            StageKind::Start => state.start.as_deref_mut(),
            StageKind::Extension => state.extension.as_deref_mut(),
        }
    }

    /// A stage begins: its outcome, as far as an outage decides it now, and how long it takes, `limit` at most.
    pub(crate) fn begin_stage(
        &mut self,
        pool: PoolId,
        kind: StageKind,
        trial: u64,
        limit: SimDuration,
    ) -> (AttemptOutcome, SimDuration) {
        let setup = self.setup;
        let known = self.stage(pool, kind).map(|stage| *stage);
        let (Some(of), Some(mut stage)) = (kind.of(&setup.pools[pool]), known) else {
            return (AttemptOutcome::Undecided, SimDuration::ZERO);
        };
        let drawn = stage.latency.draw(&of.latency, trial);
        let active = || {
            let met = self.active(pool, self.now, kind.operation());
            met.filter(|met| !met.window.judged.at_completion())
        };
        let failure = any_fails(active(), 1);
        let latency = self.slowed(pool, kind.operation(), drawn);
        let fails = stage.failed.succeeds(failure, &stage.fate_at_start, trial);
        let (outcome, latency) = if fails {
            let unit = stage.fate_at_start.unit_below(failure, trial);
            AttemptOutcome::of(manner(active(), 1, unit), latency, |after| {
                (AttemptOutcome::WillFail, stage.refusal.draw(after, trial))
            })
        } else {
            (AttemptOutcome::Undecided, latency)
        };
        if let Some(kept) = self.stage(pool, kind) {
            kept.failed = stage.failed;
        }
        (outcome.within(limit, latency, drawn), latency.min(limit))
    }

    /// A stage ends: what made it fail, if it did.
    pub(crate) fn end_stage(
        &mut self,
        pool: PoolId,
        kind: StageKind,
        trial: u64,
        outcome: AttemptOutcome,
    ) -> Option<FailureCause> {
        match outcome {
            AttemptOutcome::Undecided => {}
            AttemptOutcome::TimesOut { by_outage: false } => return Some(FailureCause::Timeout),
            _ => return Some(FailureCause::Outage),
        }
        let active = self.active(pool, self.now, kind.operation());
        let active = active.filter(|met| met.window.judged.at_completion());
        let failure = any_fails(active, 1);
        let ordinary = kind.of(&self.setup.pools[pool])?.failure;
        let stage = self.stage(pool, kind)?;
        let (by_outage, otherwise) = (stage.fate_at_completion, stage.ordinary_fate);
        if stage.failed.succeeds(failure, &by_outage, trial) {
            return Some(FailureCause::Outage);
        }
        let fails = stage
            .failed_ordinarily
            .succeeds(ordinary, &otherwise, trial);
        fails.then_some(FailureCause::Ordinary)
    }
}
