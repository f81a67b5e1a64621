//! The extension of a machine: the second stage of an attempt, in which an agent, an image or a secret is installed
//! on the machine that the first stage has created. An outage can break it alone.

use crate::kernel::time::SimDuration;
use crate::model::id::WorkerId;
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::stage::StageKind;
use crate::model::world::workers::{AttemptOutcome, State};

impl<R: Recorder> World<'_, R> {
    /// The machine of an attempt has been created; its extension begins. The timeout is that of the whole attempt.
    pub(crate) fn begin_extension(&mut self, id: WorkerId) {
        let worker = *self.workers.get(id);
        let timeout = self.setup.pools[worker.pool].timeout;
        let limit = match timeout.is_finite() {
            true => worker.created + timeout - self.now,
            false => SimDuration::FOREVER,
        };
        self.record_worker(id, worker.pool, WorkerEvent::Extends, self.now);
        let (outcome, latency) =
            self.begin_stage(worker.pool, StageKind::Extension, worker.attempt(), limit);
        let worker = self.workers.get(id);
        (worker.state, worker.due) = (State::Extending(outcome), self.now + latency);
        self.queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// The extension succeeds, and the attempt goes on; or the attempt fails.
    pub(crate) fn end_extension(&mut self, id: WorkerId, outcome: AttemptOutcome) {
        let worker = *self.workers.get(id);
        match self.end_stage(worker.pool, StageKind::Extension, worker.attempt(), outcome) {
            Some(cause) => self.fail(id, cause),
            None => self.complete(id, &self.setup.pools[worker.pool]),
        }
    }
}
