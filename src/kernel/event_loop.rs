//! The event loop, the model that it drives, and what observes it.

use crate::kernel::queue::{EventQueue, Ranked};
use crate::kernel::time::SimTime;

/// A model that is driven by events.
pub trait Model {
    /// What can happen to it.
    type Event: Ranked + Copy;

    /// Its future events.
    fn queue(&mut self) -> &mut EventQueue<Self::Event>;

    /// Changes the state for `event`, which occurs at `now`, and schedules what follows from it.
    fn handle(&mut self, event: Self::Event, now: SimTime);
}

/// Looks at a model after each event and cannot change it.
pub trait Observer<M: Model> {
    /// Called once `event` has occurred at `now`.
    fn after(&mut self, model: &M, event: &M::Event, now: SimTime);
}

/// Observes nothing, and costs nothing.
impl<M: Model> Observer<M> for () {
    fn after(&mut self, _: &M, _: &M::Event, _: SimTime) {}
}

/// How a run of the loop ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub enum Ended {
    /// The horizon was reached; nothing at or after it occurred.
    Horizon,
    /// More events occurred than the budget allows; the results cover the time before.
    BudgetSpent,
}

/// Runs every event before `horizon` in order, at most `budget` of them.
pub fn advance<M: Model>(
    model: &mut M,
    horizon: SimTime,
    budget: u64,
    observer: &mut impl Observer<M>,
) -> Ended {
    for _ in 0..budget {
        let Some((now, event)) = model.queue().pop_before(horizon) else {
            return Ended::Horizon;
        };
        model.handle(event, now);
        observer.after(model, &event, now);
    }
    Ended::BudgetSpent
}
