//! From the file as written to a valid scenario: names become indices, instants microseconds on
//! the simulation clock, and every problem is recorded.

/// Regions.
pub(crate) mod regions;

/// Pools.
pub(crate) mod pools;

/// Policies of target.
pub(crate) mod target;

/// Demand classes.
pub(crate) mod demand;

/// Weekly profiles in local time.
pub(crate) mod profile;

/// CSV files of a scenario.
pub(crate) mod csv;

/// Outages.
pub(crate) mod outages;

/// What an outage may say.
mod outage_checks;

/// Alerts and playbooks.
pub(crate) mod people;

/// The parts of a file.
pub(crate) mod parts;

/// Dependencies.
pub(crate) mod dependencies;

/// Published facts.
pub(crate) mod facts;

/// Keys of published facts.
pub(crate) mod fact_keys;

/// Figures of published facts: their units, bounds and windows.
pub(crate) mod figures;

/// The provenance of every number.
pub(crate) mod provenance;

/// Prior distributions.
pub(crate) mod priors;

/// The cost of a replication.
pub(crate) mod cost;

/// Retries, circuit breakers, and giving up.
pub(crate) mod retry;

/// Termination checks.
pub(crate) mod termination;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::PoolId;
use crate::model::setup::Setup;
use crate::model::setup::demand::ClassSetup;
use crate::model::setup::pool::PoolSetup;
use crate::scenario::compile::cost::Cost;
use crate::scenario::compile::csv::CsvFiles;
use crate::scenario::compile::parts::parts;
use crate::scenario::compile::profile::Week;
use crate::scenario::compile::provenance::Provenance;
use crate::scenario::schema::File;
use crate::scenario::text::files::DataFolder;
use crate::scenario::text::limits::{NAME_BYTES_MAX, TIMES_MAX, VARIANTS_MAX};
use crate::scenario::text::node::{Node, shortened};
use crate::scenario::text::problem::{KEPT_MAX, Problem};
use crate::scenario::text::read::{listed, nearest};
use crate::scenario::text::units::Moment;
use crate::scenario::{ClassName, Happened, PoolName, Prices, Scenario};

/// The event budget of a replication: a scenario that exhausts it has an endless loop.
pub(crate) const BUDGET: u64 = 2_000_000_000;

/// Maximum number of problems with a suggested name.
const NEAR_MAX: usize = 50;

/// Maximum length of a currency, which stands beside figures (characters).
const CURRENCY_MAX: usize = 12;

/// The context of compiling: the file, its tree, and the problems so far.
pub(crate) struct Compiler<'a> {
    pub file: &'a File,
    /// The folder of its data files.
    pub folder: DataFolder<'a>,
    /// CSV files so far.
    pub csv: CsvFiles,
    /// The cost of a replication, so far.
    pub cost: Cost,
    root: &'a Node,
    /// Whether values of the file were replaced.
    pub changed: bool,
    pub problems: Vec<Problem>,
}

/// The scenario of a file, unless it has problems; and the problems.
pub(crate) fn compile(
    file: &File,
    folder: DataFolder<'_>,
    (root, changed): (&Node, bool),
    defaults: Vec<(String, String)>,
) -> (Option<Scenario>, Vec<Problem>) {
    let mut compiler = Compiler {
        file,
        folder,
        csv: CsvFiles::default(),
        cost: Cost::default(),
        root,
        changed,
        problems: Vec::new(),
    };
    let scenario = compiler.scenario(defaults);
    (scenario, compiler.problems)
}

impl Compiler<'_> {
    fn scenario(&mut self, mut defaults: Vec<(String, String)>) -> Option<Scenario> {
        self.check_clock();
        self.check_sizes();
        let zones = self.zones();
        let weeks = self.weeks();
        let names = self.pool_names();
        let pool_setups = pools::pools(self, &names, &zones);
        let regions = regions::regions(self, &names, &pool_setups);
        let classes = demand::classes(self, &names, &zones, &weeks);
        self.check_cost(&names, &pool_setups, &classes);
        let (windows, hazards, window_names) = outages::windows(self, &names);
        let class_names: Vec<ClassName> = classes.iter().map(|(name, _)| name.clone()).collect();
        let alerts = people::alerts(self, &names);
        let playbook = people::playbook(self, &class_names, &names);
        let staffing = people::staffing(self);
        let dependencies = dependencies::dependencies(self, &window_names, &zones, &weeks);
        let (facts, probes) = facts::facts(self, &names, &class_names, &mut defaults);
        let history = self.history();
        let provenance = Provenance::of(self, self.root, defaults);
        if !self.problems.is_empty() {
            return None;
        }
        let mut setup = Setup {
            start: SimTime::ZERO + self.file.clock.warm_up.0,
            horizon: self.horizon(),
            regions: regions.into(),
            pools: pool_setups.into(),
            classes: classes.into_iter().map(|(_, setup)| setup).collect(),
            windows: windows.into(),
            hazards,
            alerts: alerts.into(),
            playbook: playbook.into(),
            staffing,
            dependencies: dependencies.into(),
            probes,
            budget: BUDGET,
        };
        setup.complete();
        Some(Scenario {
            name: self.file.name.clone(),
            question: self.file.question.clone(),
            pools: names,
            classes: class_names,
            history,
            setup,
            windows: window_names,
            steps: self.file.playbook.keys().cloned().collect(),
            alerts: self.file.alerts.keys().cloned().collect(),
            dependencies: self.file.dependencies.keys().cloned().collect(),
            variants: self.file.variants.keys().cloned().collect(),
            sweep: self.file.sweep.clone(),
            facts,
            provenance,
            cost: self.cost,
            prices: self.prices(),
            parts: parts(self.root, &self.folder),
            uncertain: None,
            left_out: Vec::new(),
            start: self.file.clock.start,
        })
    }

    /// Records a problem at a path.
    pub fn problem(
        &mut self,
        path: &str,
        message: impl Into<String>,
        limit: &str,
        help: impl Into<String>,
    ) {
        if KEPT_MAX <= self.problems.len() {
            return;
        }
        let problem = Problem::new(path, message).limit(limit).help(help);
        self.problems.push(problem.at(Some(self.root.locate(path))));
    }

    /// Records an unknown name.
    pub fn dangling(&mut self, path: &str, kind: &str, name: &str, known: &[&str]) {
        let limit = match known {
            [] => format!("a {kind} of this file, which has none"),
            known if known.len() <= 12 => format!("one of {}", listed(known)),
            known => format!("one of the {} in the file", known.len()),
        };
        // Suggestions take time, so only the first problems get one.
        let near = match self.problems.len() {
            0..NEAR_MAX => nearest(name, known),
            _ => None,
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare the {kind}, or name another"),
        };
        let message = format!("there is no {kind} `{}`", shortened(name));
        self.problem(path, message, &limit, help);
    }

    /// Time 0 of the simulation: the start of the warm-up.
    pub fn begin(&self) -> Timestamp {
        let clock = &self.file.clock;
        let warm_up = SignedDuration::from_micros(clock.warm_up.0.micros() as i64);
        clock.start - warm_up
    }

    /// The end of the simulation on its clock.
    pub fn horizon(&self) -> SimTime {
        SimTime::ZERO + self.file.clock.warm_up.0 + self.file.clock.horizon.0
    }

    /// An instant of the file on the simulation clock; a problem if it lies before the warm-up.
    pub fn instant(&mut self, path: &str, moment: Moment) -> SimTime {
        let Some(after) = moment.micros_after(self.file.clock.start) else {
            return SimTime::NEVER;
        };
        let micros = after + self.file.clock.warm_up.0.micros() as i64;
        if micros < 0 {
            let help = "move it, lengthen `clock.warm_up`, or start the scenario earlier";
            let limit = "an instant after the start of the warm-up";
            self.problem(path, "is before the warm-up", limit, help);
            return SimTime::ZERO;
        }
        SimTime::from_micros(micros as u64)
    }

    /// An instant that must lie between the start and the horizon.
    pub fn instant_inside(&mut self, path: &str, moment: Moment) -> SimTime {
        let before = self.problems.len();
        let at = self.instant(path, moment);
        let start = SimTime::ZERO + self.file.clock.warm_up.0;
        if before == self.problems.len() && !(start <= at && at < self.horizon()) {
            let length = self.file.clock.horizon.0;
            let limit = format!("an instant from the start until {length} after it");
            let help = "move it, or lengthen `clock.horizon`";
            self.problem(path, "is outside the scenario", &limit, help);
        }
        at
    }

    fn check_clock(&mut self) {
        let clock = &self.file.clock;
        if clock.horizon.0 == SimDuration::ZERO {
            let help = "write the length of the scenario, such as `8h`";
            self.problem(
                "clock.horizon",
                "a horizon of 0s",
                "a duration above 0",
                help,
            );
        }
    }

    /// Limits on values that are read many times.
    fn check_sizes(&mut self) {
        let name = &self.file.name;
        if NAME_BYTES_MAX * 2 < name.len() || name.contains(['\n', '\t']) {
            let limit = format!("one line of at most {} bytes", NAME_BYTES_MAX * 2);
            let message = format!("a name of {} bytes", name.len());
            let help = "write the rest under `question`";
            self.problem("name", message, &limit, help);
        }
        let currency = self.file.costs.currency.as_ref();
        let letters = currency.map_or(0, |currency| currency.chars().count());
        if CURRENCY_MAX < letters {
            let limit = format!("at most {CURRENCY_MAX} characters");
            let message = format!("a currency of {letters} characters");
            let help = "write its code, such as `EUR`";
            self.problem("costs.currency", message, &limit, help);
        }
        let variants = self.file.variants.len();
        if VARIANTS_MAX < variants {
            let limit = format!("at most {VARIANTS_MAX} in a file");
            let help = "use `sweep` to vary a value";
            self.problem("variants", format!("{variants} variants"), &limit, help);
        }
        for (name, days) in &self.file.profiles {
            for (day, knots) in days {
                if TIMES_MAX < knots.0.len() {
                    let limit = format!("at most {TIMES_MAX}, one a minute");
                    let message = format!("{} times of day", knots.0.len());
                    let path = format!("profiles.{name}.{day}");
                    self.problem(&path, message, &limit, "remove some of them");
                }
            }
        }
    }

    /// What failures and waiting cost.
    fn prices(&self) -> Prices {
        let costs = &self.file.costs;
        Prices {
            currency: costs.currency.clone(),
            failed_lease: costs.failed_lease.map(|cost| cost.0),
            waiting_minute: costs.waiting_minute.map(|cost| cost.0),
        }
    }

    fn check_cost(
        &mut self,
        names: &[PoolName],
        pools: &[PoolSetup],
        classes: &[(ClassName, ClassSetup)],
    ) {
        self.check_pools(names, pools);
        for (_, class) in classes {
            if let Some(pool) = pools.get(usize::from(class.pool)) {
                let path = format!(
                    "pools.{}.lease.wait_timeout",
                    names[usize::from(class.pool)].name
                );
                self.check_waiting(&path, class, pool);
            }
        }
    }

    fn zones(&mut self) -> BTreeMap<String, TimeZone> {
        let mut zones = BTreeMap::new();
        for (name, region) in &self.file.regions {
            match TimeZone::get(&region.timezone) {
                Ok(zone) => {
                    zones.insert(name.clone(), zone);
                }
                Err(_) => {
                    let known: Vec<String> = jiff::tz::db()
                        .available()
                        .map(|name| name.to_string())
                        .collect();
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let path = format!("regions.{name}.timezone");
                    self.dangling(&path, "time zone", &region.timezone, &known);
                }
            }
        }
        zones
    }

    fn weeks(&mut self) -> BTreeMap<String, Week> {
        let mut weeks = BTreeMap::new();
        for (name, days) in &self.file.profiles {
            match profile::week(days) {
                Ok(week) => {
                    weeks.insert(name.clone(), week);
                }
                Err(problems) => {
                    for (key, message, limit, help) in problems {
                        let key = key.map(|key| format!(".{key}")).unwrap_or_default();
                        self.problem(&format!("profiles.{name}{key}"), message, limit, help);
                    }
                }
            }
        }
        weeks
    }

    fn pool_names(&mut self) -> Vec<PoolName> {
        if self.file.pools.is_empty() {
            let help = "add a pool, such as `westus2/ubuntu:`";
            self.problem("pools", "there is no pool", "at least one pool", help);
        }
        let regions: Vec<&str> = self.file.regions.keys().map(String::as_str).collect();
        let mut names = Vec::new();
        for (name, pool) in &self.file.pools {
            let path = format!("pools.{name}");
            let parts: Vec<&str> = name.split('/').collect();
            let (2..=3, false) = (parts.len(), parts.contains(&"")) else {
                let limit = "`region/image` or `region/image/size`";
                let help = "name the pool by its region and its image, as `westus2/ubuntu`";
                self.problem(&path, format!("the pool name `{name}`"), limit, help);
                continue;
            };
            if !regions.contains(&parts[0]) {
                self.dangling(&path, "region", parts[0], &regions);
            }
            let region = self.file.regions.get(parts[0]);
            names.push(PoolName {
                id: PoolId::from(names.len()),
                name: name.clone(),
                region: parts[0].to_owned(),
                timezone: region
                    .map(|region| region.timezone.clone())
                    .unwrap_or_default(),
                target: Self::target_most(pool),
                image: parts[1].to_owned(),
                cost: pool.worker_hour_cost.map(|cost| cost.0),
                leased_cost: pool.leased_hour_cost.map(|cost| cost.0),
            });
        }
        names
    }

    fn history(&mut self) -> Vec<Happened> {
        let mut history: Vec<Happened> = Vec::new();
        for (place, moment) in self.file.history.iter().enumerate() {
            let at = self.instant_inside(&format!("history.{place}.at"), moment.at);
            history.push(Happened {
                at,
                what: moment.what.clone(),
                source: moment.source.clone(),
            });
        }
        history.sort_by_key(|moment| moment.at);
        history
    }

    /// Checks that an entry has the keys that its kind requires, and no keys that do not apply.
    pub fn check_given(
        &mut self,
        path: &str,
        kind: &str,
        has: &[(&str, bool)],
        (needs, bears): (&[&str], &[&str]),
    ) {
        let limit = match needs {
            [] => format!("this kind of {kind} has none of these keys"),
            needs => format!("this kind of {kind} has `{}`", needs.join("`, `")),
        };
        for (key, given) in has {
            let at = format!("{path}.{key}");
            if !given && needs.contains(key) {
                let help = format!("add `{key}:`");
                self.problem(&at, format!("`{key}` is missing"), &limit, help);
            } else if *given && !needs.contains(key) && !bears.contains(key) {
                let message = format!("`{key}` has no effect here");
                self.problem(&at, message, &limit, "remove it");
            }
        }
    }

    /// The index of a pool by its name; a problem if there is none.
    pub fn pool(&mut self, path: &str, name: &str, pools: &[PoolName]) -> Option<PoolId> {
        let place = pools.iter().position(|pool| pool.name == name);
        if place.is_none() && !self.file.pools.contains_key(name) {
            let known: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
            self.dangling(path, "pool", name, &known);
        }
        place.map(PoolId::from)
    }
}
