//! Alerts and playbooks as the file states them, checked and compiled.

use crate::kernel::random;
use crate::kernel::time::SimDuration;
use crate::model::id::{AlertId, ClassId, DependencyId, PoolId, StepId};
use crate::model::setup::people::{Action, AlertSetup, Belief, Milestone, Staffing, Step, Trigger};
use crate::model::signal::Signal;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, Alert, OnEmpty};
use crate::scenario::text::limits::ACTIONS_MAX;
use crate::scenario::{ClassName, PoolName};

/// Every alert, in the order of its name.
pub(crate) fn alerts(compiler: &mut Compiler<'_>, pools: &[PoolName]) -> Vec<AlertSetup> {
    let file = compiler.file;
    let mut alerts = Vec::new();
    for (name, alert) in &file.alerts {
        let path = format!("alerts.{name}");
        compiler.check_alert_keys(&path, alert);
        alerts.push(AlertSetup {
            stream_key: random::stream_key(&path),
            signal: signal(alert),
            pools: compiler.scope(&path, alert, pools),
            delay: compiler.law(&format!("{path}.delay"), &alert.delay),
            cool_down: alert.cool_down.0,
        });
    }
    alerts
}

/// Every step of the playbook, in the order of its name.
pub(crate) fn playbook(
    compiler: &mut Compiler<'_>,
    classes: &[ClassName],
    pools: &[PoolName],
) -> Vec<Step> {
    let file = compiler.file;
    let mut steps = Vec::new();
    for (name, step) in &file.playbook {
        let path = format!("playbook.{name}");
        let trigger = compiler.step_trigger(&path, step);
        let after = compiler.law(&format!("{path}.after"), &step.after);
        let many = step.actions.0.len() != 1;
        compiler.check_actions(&path, step.actions.0.len());
        let actions = step
            .actions
            .0
            .iter()
            .enumerate()
            .filter_map(|(place, action)| {
                let at = if many {
                    format!("{path}.do.{place}")
                } else {
                    format!("{path}.do")
                };
                compiler.action(&at, action, classes, pools)
            });
        let actions = actions.collect();
        let only_if = step.only_if.as_ref();
        let only_if = only_if.map(|belief| compiler.belief(&path, &belief.failing_regions));
        steps.extend(trigger.map(|trigger| Step {
            stream_key: random::stream_key(&path),
            trigger,
            delay: after,
            only_if,
            actions,
        }));
    }
    compiler.check_circles(&steps);
    steps
}

/// Periods in which people take longer.
pub(crate) fn staffing(compiler: &mut Compiler<'_>) -> Vec<Staffing> {
    let file = compiler.file;
    let mut times = Vec::new();
    for (name, staffing) in &file.staffing {
        let path = format!("staffing.{name}");
        let from = compiler.instant(&format!("{path}.from"), staffing.from);
        let until = compiler.instant(&format!("{path}.until"), staffing.until);
        if until <= from {
            let limit = "an instant later than `from`, or `never`";
            let until = format!("{path}.until");
            compiler.problem(&until, "ends before it begins", limit, "swap the two");
        }
        times.push(Staffing {
            from,
            until,
            delays: staffing.delays.0,
        });
    }
    times
}

fn signal(alert: &Alert) -> Signal {
    let count = alert.count.map_or(1, |count| count.0);
    let window = alert.window.map_or(SimDuration::FOREVER, |length| length.0);
    match alert.signal {
        schema::Signal::FailedProvisions => Signal::FailedProvisions { count, window },
        schema::Signal::FailedLeases => Signal::FailedLeases { count, window },
        schema::Signal::FailingRegions => Signal::FailingRegions { count, window },
        schema::Signal::ReadyBelow => Signal::ReadyBelow {
            level: alert.level.map_or(0, |level| level.0),
            lasting: alert.lasting.map_or(SimDuration::ZERO, |length| length.0),
        },
        schema::Signal::OldestWait => Signal::OldestWait {
            wait: alert.wait.map_or(SimDuration::ZERO, |wait| wait.0),
        },
        schema::Signal::HitRate => Signal::HitRate {
            below: alert.share.map_or(1.0, |share| share.0),
            window,
            least: count,
        },
        schema::Signal::Restored => Signal::Restored {
            share: alert.share.map_or(1.0, |share| share.0),
        },
    }
}

impl Compiler<'_> {
    /// Checks the keys of each signal.
    fn check_alert_keys(&mut self, path: &str, alert: &Alert) {
        let has = [
            ("count", alert.count.is_some()),
            ("window", alert.window.is_some()),
            ("level", alert.level.is_some()),
            ("lasting", alert.lasting.is_some()),
            ("wait", alert.wait.is_some()),
            ("share", alert.share.is_some()),
        ];
        let (needs, bears): (&[&str], &[&str]) = match alert.signal {
            schema::Signal::FailedProvisions | schema::Signal::FailedLeases => {
                (&["count"], &["window"])
            }
            schema::Signal::FailingRegions => (&["count", "window"], &[]),
            schema::Signal::ReadyBelow => (&["level"], &["lasting"]),
            schema::Signal::OldestWait => (&["wait"], &[]),
            schema::Signal::HitRate => (&["share", "window", "count"], &[]),
            schema::Signal::Restored => (&["share"], &[]),
        };
        self.check_given(path, "signal", &has, (needs, bears));
        if alert.count.is_some_and(|count| count.0 == 0) {
            let help = "write the number of events at which it fires";
            self.problem(&format!("{path}.count"), "a count of 0", "1 or more", help);
        }
        if let (schema::Signal::FailingRegions, Some(count)) = (&alert.signal, alert.count) {
            self.check_regions(&format!("{path}.count"), count.0);
        }
        if let Some(window) = alert.window {
            self.check_window(&format!("{path}.window"), window.0);
        }
    }

    /// A step is one event, so its actions are limited.
    fn check_actions(&mut self, path: &str, count: usize) {
        if ACTIONS_MAX < count {
            let limit = format!("at most {ACTIONS_MAX} in a step");
            let help = "split the step into several";
            self.problem(
                &format!("{path}.do"),
                format!("{count} actions"),
                &limit,
                help,
            );
        }
    }

    /// The condition on the believed scope; a problem if it can never hold.
    fn belief(&mut self, path: &str, reach: &schema::Reach) -> Belief {
        let path = format!("{path}.if.failing_regions");
        let (at_least, at_most) = (reach.at_least.0, reach.at_most.0);
        self.check_regions(&format!("{path}.at_least"), at_least);
        if at_most < at_least {
            let message = format!("at most {at_most} and at least {at_least}");
            let limit = format!("{at_least} or more");
            let help = "swap the two";
            self.problem(&format!("{path}.at_most"), message, &limit, help);
        }
        self.check_window(&format!("{path}.within"), reach.within.0);
        Belief {
            at_least,
            at_most,
            within: reach.within.0,
        }
    }

    /// A number of regions cannot exceed those in the file.
    fn check_regions(&mut self, path: &str, count: u32) {
        let regions = self.file.regions.len();
        if regions < count as usize {
            let limit = format!("at most {regions}, the regions of the file");
            self.problem(path, format!("{count} regions"), &limit, "lower it");
        }
    }

    fn check_window(&mut self, path: &str, window: SimDuration) {
        if window == SimDuration::ZERO {
            let help = "write the length of the window, such as `10m`";
            self.problem(path, "a window of 0s", "a duration above 0", help);
        }
    }

    /// The pools in the scope of an alert: those of a region, one, or all.
    fn scope(&mut self, path: &str, alert: &Alert, pools: &[PoolName]) -> Vec<PoolId> {
        let inside = |pool: &PoolName| {
            alert.scope == "all" || pool.region == alert.scope || pool.name == alert.scope
        };
        let ids = (0..).map(PoolId).zip(pools);
        let scope: Vec<PoolId> = ids
            .filter(|(_, pool)| inside(pool))
            .map(|(id, _)| id)
            .collect();
        if scope.is_empty() && !pools.is_empty() {
            let mut known: Vec<&str> = vec!["all"];
            known.extend(self.file.regions.keys().map(String::as_str));
            known.extend(pools.iter().map(|pool| pool.name.as_str()));
            let path = format!("{path}.scope");
            self.dangling(&path, "region or pool", &alert.scope, &known);
        }
        scope
    }

    fn step_trigger(&mut self, path: &str, step: &schema::Step) -> Option<Trigger> {
        match (&step.at, &step.on) {
            (Some(at), None) => Some(Trigger::At(self.instant_inside(&format!("{path}.at"), *at))),
            (None, Some(schema::Trigger::Alert(name))) => {
                let place = self.file.alerts.keys().position(|it| it == name);
                if place.is_none() {
                    let known: Vec<&str> = self.file.alerts.keys().map(String::as_str).collect();
                    self.dangling(&format!("{path}.on.alert"), "alert", name, &known);
                }
                place.map(|place| Trigger::Alert(AlertId::from(place)))
            }
            (None, Some(schema::Trigger::Step(name))) => {
                let place = self.step(&format!("{path}.on.step"), name);
                place.map(Trigger::Step)
            }
            (at, _) => {
                let message = match at {
                    Some(_) => "both `at` and `on` are given",
                    None => "neither `at` nor `on` is given",
                };
                let help = "set when the step is taken, or what triggers it";
                self.problem(path, message, "one of `at` and `on`", help);
                None
            }
        }
    }

    /// The index of a step by its name; a problem if there is none.
    pub(crate) fn step(&mut self, path: &str, name: &str) -> Option<StepId> {
        let place = self.file.playbook.keys().position(|it| it == name);
        if place.is_none() {
            let known: Vec<&str> = self.file.playbook.keys().map(String::as_str).collect();
            self.dangling(path, "step of the playbook", name, &known);
        }
        place.map(StepId::from)
    }

    /// Steps that trigger each other in a cycle are never taken, or never end.
    fn check_circles(&mut self, steps: &[Step]) {
        // If a step was skipped for its own problem, indices are not valid.
        if steps.len() != self.file.playbook.len() {
            return;
        }
        let names: Vec<&String> = self.file.playbook.keys().collect();
        for (place, name) in names.iter().enumerate() {
            let mut at = place;
            for _ in 0..steps.len() {
                let Trigger::Step(before) = steps[at].trigger else {
                    break;
                };
                at = before.0 as usize;
                if at == place {
                    let path = format!("playbook.{name}.on.step");
                    let limit = "steps that start with an instant or an alert";
                    let help = "give one step of the cycle another trigger";
                    self.problem(&path, "the step triggers itself", limit, help);
                    return;
                }
            }
        }
    }

    fn action(
        &mut self,
        path: &str,
        action: &schema::Action,
        classes: &[ClassName],
        pools: &[PoolName],
    ) -> Option<Action> {
        use crate::scenario::schema::Action as Written;
        let reach = |milestone| Some(Action::Reach(milestone));
        match action {
            Written::Note | Written::OpenTicket | Written::Publish => Some(Action::Note),
            Written::Detect => reach(Milestone::Detected),
            Written::Declare => reach(Milestone::Declared),
            Written::Mitigate => reach(Milestone::Mitigated),
            Written::Resolve => reach(Milestone::Resolved),
            Written::Shed(name) => self
                .class(&format!("{path}.shed"), name, classes)
                .map(Action::Shed),
            Written::Restore(name) => {
                let class = self.class(&format!("{path}.restore"), name, classes);
                class.map(Action::Restore)
            }
            Written::Scale(scale) => {
                let id = self.dependency(&format!("{path}.scale.dependency"), &scale.dependency)?;
                Some(Action::Scale(id, scale.to.0))
            }
            Written::Admit(admit) => {
                let id = self.dependency(&format!("{path}.admit.dependency"), &admit.dependency)?;
                Some(Action::Admit(id, admit.share.0, admit.over.0))
            }
            _ => self.pool_action(path, action, pools),
        }
    }

    fn pool_action(
        &mut self,
        path: &str,
        action: &schema::Action,
        pools: &[PoolName],
    ) -> Option<Action> {
        use crate::scenario::schema::Action as Written;
        match action {
            Written::Activate(name) => {
                let pool = self.standby_pool(&format!("{path}.activate"), name, pools)?;
                Some(Action::Activate(pool))
            }
            Written::Revert(name) => {
                let pool = self.standby_pool(&format!("{path}.revert"), name, pools)?;
                Some(Action::Revert(pool))
            }
            Written::SetTarget(set) => {
                let pool = self.pool(&format!("{path}.set_target.pool"), &set.pool, pools)?;
                Some(Action::SetTarget(pool, set.to.0))
            }
            Written::FollowPolicy(name) => {
                let pool = self.pool(&format!("{path}.follow_policy"), name, pools)?;
                Some(Action::FollowPolicy(pool))
            }
            Written::SuspendExpiry(name) => {
                let pool = self.pool(&format!("{path}.suspend_expiry"), name, pools)?;
                Some(Action::SuspendExpiry(pool))
            }
            Written::ClearOrders(name) => {
                let pool = self.pool(&format!("{path}.clear_orders"), name, pools)?;
                Some(Action::ClearOrders(pool))
            }
            Written::ResumeOrders(name) => {
                let pool = self.pool(&format!("{path}.resume_orders"), name, pools)?;
                Some(Action::ResumeOrders(pool))
            }
            Written::ResumeExpiry(name) => {
                let pool = self.pool(&format!("{path}.resume_expiry"), name, pools)?;
                Some(Action::ResumeExpiry(pool))
            }
            Written::RaiseTimeout(raise) => {
                let law = self.law(&format!("{path}.raise_timeout.to"), &raise.to);
                let at = format!("{path}.raise_timeout.pool");
                let pool = self.pool(&at, &raise.pool, pools)?;
                let known = self.file.pools.get(&raise.pool);
                if known.is_some_and(|pool| matches!(pool.lease.on_empty, OnEmpty::Reject)) {
                    let message = format!("requests do not wait for `{}`", raise.pool);
                    let limit = "a pool with `on_empty: wait`";
                    let help = "name another pool, or write `on_empty: wait` there";
                    self.problem(&at, message, limit, help);
                }
                Some(Action::SetTimeout(pool, law))
            }
            _ => None,
        }
    }

    /// The index of a demand class by its name; a problem if there is none.
    pub fn class(&mut self, path: &str, name: &str, classes: &[ClassName]) -> Option<ClassId> {
        let place = classes.iter().position(|class| class.name == name);
        if place.is_none() {
            let known: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
            self.dangling(path, "demand class", name, &known);
        }
        place.map(ClassId::from)
    }

    fn standby_pool(&mut self, path: &str, name: &str, pools: &[PoolName]) -> Option<PoolId> {
        let pool = self.pool(path, name, pools)?;
        let standby = self.file.pools.get(name);
        if standby.is_some_and(|pool| pool.standby.is_none()) {
            let help = "give it `standby: {for: …}`, or name another pool";
            self.problem(
                path,
                format!("`{name}` is not a standby"),
                "a standby pool",
                help,
            );
        }
        Some(pool)
    }

    /// The index of a dependency by its name; a problem if there is none.
    pub(crate) fn dependency(&mut self, path: &str, name: &str) -> Option<DependencyId> {
        let place = self.file.dependencies.keys().position(|it| it == name);
        if place.is_none() {
            let known: Vec<&str> = self.file.dependencies.keys().map(String::as_str).collect();
            self.dangling(path, "dependency", name, &known);
        }
        place.map(DependencyId::from)
    }
}
