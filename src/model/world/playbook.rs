//! The playbook: steps that people take at an instant, on an alert, or after another step.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::{Purpose, Stream};
use crate::model::id::StepId;
use crate::model::record::events::{Recorder, TraceEvent};
use crate::model::setup::people::{Action, Staffing, Step, Trigger};
use crate::model::world::World;
use crate::model::world::event::Event;

impl<R: Recorder> World<'_, R> {
    /// Schedules the dated steps.
    pub(crate) fn schedule_steps(&mut self) {
        for (id, step) in self.setup.playbook.iter_enumerated() {
            if let Trigger::At(at) = step.trigger {
                let delay = self.staffed(self.delays(step).draw(&step.delay, 0), at);
                self.queue.schedule(at + delay, Event::StepDue(id));
            }
        }
    }

    /// Schedules the steps of a trigger.
    pub(crate) fn trigger(&mut self, trigger: Trigger) {
        for (id, step) in self.setup.playbook.iter_enumerated() {
            if step.trigger == trigger {
                let nth = self.step_triggers[id];
                self.step_triggers[id] += 1;
                let delay = self.delays(step).draw(&step.delay, nth);
                let delay = self.staffed(delay, self.now);
                self.queue.schedule(self.now + delay, Event::StepDue(id));
            }
        }
    }

    fn delays(&self, step: &Step) -> Stream {
        self.chance.stream(Purpose::Delay, step.stream_key, 0)
    }

    /// A delay of people, multiplied by the staffing factor in force.
    pub(crate) fn staffed(&self, delay: SimDuration, at: SimTime) -> SimDuration {
        let there = |it: &&Staffing| it.from <= at && at < it.until;
        let factors = self.setup.staffing.iter().filter(there);
        match factors.map(|it| it.delays).product() {
            1.0 => delay,
            factor => delay.scaled(factor),
        }
    }

    /// A step is due, and is taken if its condition holds.
    pub(crate) fn take_step(&mut self, id: StepId) {
        let setup = self.setup;
        let step = &setup.playbook[id];
        let believed = step.only_if.is_none_or(|belief| {
            let regions = self.failing_regions(belief.within);
            (belief.at_least..=belief.at_most).contains(&regions)
        });
        if !believed {
            return;
        }
        self.ledger.steps[id].note(self.now);
        self.recorder.note(self.now, TraceEvent::Acted(id));
        for action in &step.actions {
            self.perform(action);
        }
        self.trigger(Trigger::Step(id));
    }

    fn perform(&mut self, action: &Action) {
        match action {
            Action::Shed(class) => self.classes[*class].shed = true,
            Action::Restore(class) => self.classes[*class].shed = false,
            Action::Activate(pool) => self.activate(*pool),
            Action::Revert(pool) => self.revert(*pool),
            Action::SetTarget(pool, level) => {
                let state = &mut self.pools[*pool];
                (state.overridden, state.level) = (true, *level);
                self.replenish(*pool);
            }
            Action::FollowPolicy(pool) => {
                let state = &mut self.pools[*pool];
                state.overridden = false;
                state.level = self.setup.pools[*pool].target.level_at(self.now);
                self.replenish(*pool);
            }
            Action::SuspendExpiry(pool) => self.suspend_expiry(*pool),
            Action::ResumeExpiry(pool) => self.resume_expiry(*pool),
            Action::ClearOrders(pool) => self.clear_orders(*pool),
            Action::ResumeOrders(pool) => {
                self.pools[*pool].orders_from = self.now;
                self.resume_orders(*pool);
            }
            Action::SetTimeout(pool, law) => {
                self.pools[*pool].patience = Some(law.clone());
            }
            Action::Scale(dependency, capacity) => self.scale(*dependency, *capacity),
            Action::Admit(dependency, share, over) => {
                self.admit(*dependency, *share, *over);
            }
            Action::Reach(milestone) => self.ledger.reach(*milestone, self.now),
            Action::Note => {}
        }
    }
}
