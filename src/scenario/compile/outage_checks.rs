//! What an outage may say: an effect, with all its parameters, on pools that it can affect.

use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::outages::covered;
use crate::scenario::schema::{self, Operation, Outage};

impl Compiler<'_> {
    /// A stage that fails must be one that some affected pool has.
    pub(crate) fn check_stages(&mut self, path: &str, outage: &Outage, pools: &[PoolName]) {
        let met: Vec<&schema::Pool> = outage
            .regions
            .iter()
            .flat_map(|region| covered(outage, region, pools))
            .filter_map(|pool| self.file.pools.get(&pools[usize::from(pool)].name))
            .collect();
        let extends = met.iter().any(|pool| pool.provision.extension.is_some());
        let starts = met.iter().any(|pool| pool.stopped.is_some());
        for (place, operation) in outage.operations.iter().enumerate() {
            let (has, key) = match operation {
                Operation::Extend => (extends, "provision.extension"),
                Operation::Start => (starts, "stopped"),
                _ => continue,
            };
            if !(has || met.is_empty()) {
                let message = format!("no pool that it affects has `{key}`");
                let limit = format!("an operation of its pools; this one needs `{key}`");
                let help = format!("remove it, or add `{key}` to a pool");
                self.problem(
                    &format!("{path}.operations.{place}"),
                    message,
                    &limit,
                    &help,
                );
            }
        }
    }

    /// An outage must have an effect, with all its parameters.
    pub(crate) fn check_effect(&mut self, path: &str, outage: &Outage) {
        let acts = !outage.operations.is_empty();
        self.check_room(path, outage);
        if acts && outage.failure.is_none() && !outage.limits_room() {
            let help = "add `failure:`";
            let path = format!("{path}.failure");
            self.problem(&path, "`failure` is missing", "a share of calls", help);
        } else if !outage.has_effect() {
            let help = "raise `failure` above 0%, or give a `latency_factor`";
            let limit = "a `failure` or a `latency_factor`";
            let path = format!("{path}.failure");
            self.problem(&path, "the outage has no effect", limit, help);
        }
        let creates = outage
            .operations
            .iter()
            .any(|it| matches!(it, Operation::Create | Operation::Extend | Operation::Start));
        if creates && outage.judged.is_none() {
            let limit =
                "`completion` or `start`, where an outage affects `create`, `extend` or `start`";
            let help = "add `judged:`";
            let path = format!("{path}.judged");
            self.problem(&path, "`judged` is missing", limit, help);
        } else if !creates && outage.judged.is_some() {
            let limit = "only where an outage affects `create`, `extend` or `start`";
            let path = format!("{path}.judged");
            self.problem(&path, "`judged` has no effect here", limit, "remove it");
        }
    }

    /// Who finds no room is refused, when an attempt starts.
    fn check_room(&mut self, path: &str, outage: &Outage) {
        let key = match (outage.room, outage.capacity) {
            (None, None) => return,
            (Some(_), Some(_)) => {
                let limit = "either `room` or `capacity`";
                let path = format!("{path}.capacity");
                let message = "both `room` and `capacity`";
                return self.problem(&path, message, limit, "remove one of the two");
            }
            (Some(_), None) => "room",
            (None, Some(_)) => "capacity",
        };
        let refuses = match &outage.judged {
            Some(schema::Judged::Start(start)) => matches!(start.fails, schema::Manner::Reject(_)),
            _ => false,
        };
        let mut operations = outage.operations.iter();
        if !refuses || !operations.any(|it| matches!(it, Operation::Create)) {
            let message = format!("`{key}` of an outage that does not reject attempts");
            let limit = "`operations: [create]` and `judged: {start: {fails: {reject: …}, …}}`";
            let help = "state how long the provider takes to refuse, such as `reject: 5s`";
            self.problem(&format!("{path}.{key}"), message, limit, help);
        }
    }

    /// An outage has dates, or recurs at random.
    pub(crate) fn check_times(&mut self, path: &str, outage: &Outage) {
        let Some(random) = &outage.random else {
            let ends = outage.until.is_some() || outage.lasting.is_some();
            for (key, given) in [("from", outage.from.is_some()), ("until", ends)] {
                if !given {
                    let help = format!("add `{key}:`, or `random:`");
                    let message = format!("`{key}` is missing");
                    let limit = "an instant, unless the outage recurs at random";
                    self.problem(&format!("{path}.{key}"), message, limit, help);
                }
            }
            let mut own = outage.windows.values();
            if outage.lasting.is_some()
                && (outage.until.is_some() || own.any(|own| own.until.is_some()))
            {
                let limit = "either `until` or `lasting`";
                let path = format!("{path}.lasting");
                self.problem(
                    &path,
                    "both `until` and `lasting`",
                    limit,
                    "remove one of the two",
                );
            }
            return;
        };
        let dated = [
            ("from", outage.from.is_some()),
            ("until", outage.until.is_some()),
            ("lasting", outage.lasting.is_some()),
            ("windows", !outage.windows.is_empty()),
        ];
        for (key, _) in dated.iter().filter(|(_, given)| *given) {
            let message = format!("`{key}` of an outage that recurs at random");
            let limit = "either dates or `random`";
            self.problem(
                &format!("{path}.{key}"),
                message,
                limit,
                "remove one of the two",
            );
        }
        if 1 < outage.regions.len() && random.shared.is_none() {
            let limit = "given where there is more than one region";
            let help = "write the share of outages that affect all regions at once";
            let path = format!("{path}.random.shared");
            self.problem(&path, "`shared` is missing", limit, help);
        }
    }
}
