//! People and what they do: steps of a playbook, dated, on an alert, or after another step.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::{Purpose, Stream};
use crate::model::event::Event;
use crate::model::id::{AlertId, ClassId, DependencyId, PoolId, StepId};
use crate::model::journal::{Recorder, TraceEvent};
use crate::model::world::World;

/// A step of a playbook.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The name of its streams.
    pub stream_key: u64,
    pub trigger: Trigger,
    /// From the trigger to the step.
    pub delay: Distribution,
    /// What must be believed for it to be taken, if anything.
    pub only_if: Option<Belief>,
    pub actions: Vec<Action>,
}

/// What a step follows from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trigger {
    At(SimTime),
    Alert(AlertId),
    Step(StepId),
}

/// How far the outage is believed to reach: by the regions that have failed within `within`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Belief {
    pub at_least: u32,
    pub at_most: u32,
    pub within: SimDuration,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Requests of the class are no longer made.
    Shed(ClassId),
    /// They are made again.
    Restore(ClassId),
    /// A standby pool is to take requests, or no longer.
    Activate(PoolId),
    Revert(PoolId),
    /// The pool's target is this, whatever its policy.
    SetTarget(PoolId, u32),
    /// The pool's target follows its policy again.
    FollowPolicy(PoolId),
    /// Leases of the pool's tenants no longer end, or end again.
    SuspendExpiry(PoolId),
    ResumeExpiry(PoolId),
    /// Requests to the pool wait as long as this from now on.
    SetTimeout(PoolId, Distribution),
    /// A dependency serves so many calls (1/µs) from now on.
    Scale(DependencyId, f64),
    /// Of its calls this share is let through from the end of the given time on, and linearly more or
    /// less until then.
    Admit(DependencyId, f64, SimDuration),
    /// The incident has come this far.
    Reach(Milestone),
    /// Something that changes nothing in the world: a ticket, a post, an acknowledgement.
    Note,
}

/// How far an incident has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Milestone {
    Detected,
    Declared,
    Mitigated,
    Resolved,
}

/// All milestones, in their order.
pub(crate) const MILESTONES: [Milestone; 4] = [
    Milestone::Detected,
    Milestone::Declared,
    Milestone::Mitigated,
    Milestone::Resolved,
];

/// A time in which people take longer, or less long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Staffing {
    pub from: SimTime,
    pub until: SimTime,
    /// Factor on every delay of theirs.
    pub delays: f64,
}

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

    /// Schedules the steps that follow from something.
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

    /// A delay of people's, as long as it takes with those who are there.
    pub(crate) fn staffed(&self, delay: SimDuration, at: SimTime) -> SimDuration {
        let there = |it: &&Staffing| it.from <= at && at < it.until;
        let factors = self.setup.staffing.iter().filter(there);
        match factors.map(|it| it.delays).product() {
            1.0 => delay,
            factor => delay.scaled(factor),
        }
    }

    /// A step is due, and is taken if what it asks for is believed.
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
            Action::SuspendExpiry(pool) => self.pools[*pool].expiry_suspended = true,
            Action::ResumeExpiry(pool) => self.resume_expiry(*pool),
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
