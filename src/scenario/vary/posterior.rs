//! Scenarios whose values are not known: a sample of their values, of which each replication draws a row.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::kernel::random::{Key, Seed, hashed};
use crate::model::chance::Purpose;
use crate::model::id::PoolId;
use crate::scenario::Scenario;
use crate::scenario::schema::Quantity;
use crate::scenario::text::files::FileAccess;
use crate::scenario::text::node::Node;
use crate::scenario::text::problem::Problem;
use crate::scenario::vary::parameters::{self, Parameter, node};
use crate::scenario::vary::template::{Template, compiled};

/// A sample of the unknown values of a scenario: a posterior sample, or draws from the priors. Every row
/// has the same weight.
#[derive(Debug)]
pub struct Posterior {
    paths: Vec<String>,
    rows: Vec<Vec<Node>>,
    /// Draws that broke a constraint of the file, and were drawn again.
    redrawn: u64,
    /// Scenarios that are kept, over all that draw from this sample.
    kept: AtomicUsize,
}

/// A value that is not known.
#[derive(Clone, Debug)]
pub(crate) struct DrawnValue {
    pub path: String,
    /// What the file has.
    pub base: Option<f64>,
    /// By row: a number, a share, a rate, or seconds. Absent where the rows are not all of one kind.
    pub numbers: Option<Vec<f64>>,
}

impl DrawnValue {
    /// By row: the value as a multiple of what the file has. Absent where that is 0, or no number.
    pub fn relative(&self) -> Option<Vec<f64>> {
        let base = self.base.filter(|it| *it != 0.0)?;
        let numbers = self.numbers.as_ref()?.iter();
        Some(numbers.map(|it| it / base).collect())
    }
}

/// The most scenarios that are kept compiled.
const KEPT_MAX: usize = 2_048;

/// Draws from the priors that make a sample of them.
pub(crate) const PRIOR_DRAWS: usize = 4_096;

/// Rows that are tried for one that compiles with the values of a cell or a variant.
const TRIES_MAX: u32 = 256;

impl Posterior {
    /// A sample by paths and rows, each value as a file would have it.
    ///
    /// # Errors
    /// What is wrong with its shape.
    pub fn new(paths: Vec<String>, rows: &[Vec<String>]) -> Result<Self, String> {
        if paths.is_empty() || rows.is_empty() {
            return Err("a sample needs a line of paths, and a row of values at least".to_owned());
        }
        let widths = rows.iter().position(|row| row.len() != paths.len());
        if let Some(row) = widths {
            return Err(format!(
                "row {} has {} values for {} paths",
                row + 1,
                rows[row].len(),
                paths.len()
            ));
        }
        let nodes = |row: &Vec<String>| row.iter().map(|text| node(text)).collect();
        Ok(Self {
            paths,
            rows: rows.iter().map(nodes).collect(),
            redrawn: 0,
            kept: AtomicUsize::new(0),
        })
    }

    /// A Latin hypercube of 4,096 draws from the priors that a file declares. Draws that break a constraint of the file are drawn again.
    ///
    /// # Errors
    /// Problems of the last draw, where none compiles; a file without priors is one.
    pub fn of_priors(template: &Template, seed: Seed) -> Result<Self, Vec<Problem>> {
        let declared = Parameter::all(template);
        if declared.is_empty() {
            let problem = Problem::new("assumptions", "no value that is free has a prior")
                .limit("at least one assumption of a single value with a `prior`")
                .help("add `prior: {log_uniform: [4, 60]}` to an assumption");
            return Err(vec![problem]);
        }
        let (mut rows, mut redrawn) = (Vec::new(), 0);
        let stratified = parameters::stratified(&declared, seed, PRIOR_DRAWS as u64);
        for (number, places) in (0..).zip(stratified) {
            let places = match parameters::compiled(template, &declared, &places) {
                Ok(_) => places,
                Err(_) => {
                    let (drawn, _, tries) =
                        parameters::draw_valid(template, &declared, seed, number)?;
                    redrawn += 1 + u64::from(tries);
                    drawn
                }
            };
            let values = declared.iter().zip(&places);
            rows.push(
                values
                    .map(|(it, place)| node(&it.written(*place)))
                    .collect(),
            );
        }
        Ok(Self {
            paths: declared.into_iter().map(|it| it.path).collect(),
            rows,
            redrawn,
            kept: AtomicUsize::new(0),
        })
    }

    /// The paths of its values.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Its rows: a value for each path, as a file would have it.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Vec<String>> + '_ {
        let rows = self.rows.iter();
        rows.map(|row| row.iter().map(Node::flow).collect())
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no rows: never.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Draws that broke a constraint of the file, and were drawn again.
    pub fn redrawn(&self) -> u64 {
        self.redrawn
    }

    /// A digest of a scenario, extended by that of the sample.
    pub(crate) fn digest(&self, before: u64) -> u64 {
        let paths = self.paths.iter().map(String::as_str);
        let digest = paths.fold(before, hashed);
        let values = self.rows.iter().flatten();
        values.fold(digest, |digest, node| hashed(digest, &node.flow()))
    }

    /// A value by row.
    fn value(&self, column: usize) -> DrawnValue {
        let values = self.rows.iter().map(|row| Quantity::of(&row[column]));
        let values: Option<Vec<Quantity>> = values.collect();
        let alike = |it: &&Vec<Quantity>| it.iter().all(|one| one.unit.is_like(&it[0].unit));
        let values = values.filter(|it| alike(&it));
        DrawnValue {
            path: self.paths[column].clone(),
            base: None,
            numbers: values.map(|it| it.iter().map(|one| one.size).collect()),
        }
    }

    /// The mean of each value, as a file would have it; absent where its values are not all of one kind.
    pub(crate) fn means(&self, template: &Template) -> Vec<(String, String)> {
        let mean = |column: usize| {
            let values = self.rows.iter().map(|row| Quantity::of(&row[column]));
            let values: Vec<Quantity> = values.collect::<Option<_>>()?;
            let first = &values[0];
            let alike = values.iter().all(|it| it.unit.is_like(&first.unit));
            let sum: f64 = values.iter().map(|it| it.size).sum();
            let written = |mean: f64| first.unit.written(mean);
            let mean = sum / values.len() as f64;
            let path = &self.paths[column];
            // A whole number has a whole mean.
            let exact = template.with(&[(path, node(&written(mean)))]).is_ok();
            let mean = if exact { mean } else { mean.round() };
            alike.then(|| (path.clone(), written(mean)))
        };
        (0..self.paths.len()).filter_map(mean).collect()
    }
}

/// What a scenario with unknown values draws them from, and puts them into.
#[derive(Debug)]
pub(crate) struct Uncertain {
    posterior: Arc<Posterior>,
    name: String,
    access: FileAccess,
    tree: Node,
    /// Columns of the sample that nothing else sets.
    columns: Vec<usize>,
    /// Without outages, and with this budget of events.
    calm: bool,
    budget: Option<u64>,
    /// Pools that are asked about; all if there are none.
    asked: Vec<PoolId>,
    kept: Mutex<BTreeMap<usize, Arc<Scenario>>>,
}

impl Uncertain {
    /// What a template with a sample draws from, where these paths are set.
    pub fn new(
        posterior: &Arc<Posterior>,
        (name, access): (&str, FileAccess),
        tree: Node,
        sets: impl Fn(&str) -> bool,
    ) -> Self {
        let free = |column: &usize| !sets(&posterior.paths[*column]);
        Self {
            columns: (0..posterior.paths.len()).filter(free).collect(),
            posterior: Arc::clone(posterior),
            name: name.to_owned(),
            access,
            tree,
            calm: false,
            budget: None,
            asked: Vec::new(),
            kept: Mutex::default(),
        }
    }

    /// The same without outages.
    pub fn calm(&self) -> Self {
        self.with(true, self.budget, &self.asked)
    }

    /// The same with a budget of events.
    pub fn with_budget(&self, events: u64) -> Self {
        self.with(self.calm, Some(events), &self.asked)
    }

    /// The same, of which only those pools run that can affect some of these.
    pub fn asking(&self, pools: &[PoolId]) -> Self {
        self.with(self.calm, self.budget, pools)
    }

    fn with(&self, calm: bool, budget: Option<u64>, asked: &[PoolId]) -> Self {
        Self {
            posterior: Arc::clone(&self.posterior),
            name: self.name.clone(),
            access: self.access,
            tree: self.tree.clone(),
            columns: self.columns.clone(),
            calm,
            budget,
            asked: asked.to_vec(),
            kept: Mutex::default(),
        }
    }

    /// The row that a replication draws, and the scenario with its values. A row that breaks a constraint
    /// together with what a variant or a cell sets is drawn again; where nearly all do, the next valid row is taken.
    pub fn draw(&self, seed: Seed, replication: u64) -> Option<(usize, Arc<Scenario>)> {
        let rows = self.posterior.rows.len();
        let drawn = (0..TRIES_MAX).map(|tries| self.number(seed, (replication, tries)));
        let first = self.number(seed, (replication, 0));
        let following = (1..rows).map(|ahead| (first + ahead) % rows);
        let mut rows = drawn.chain(following);
        rows.find_map(|row| Some((row, self.row(row)?)))
    }

    /// Whether any row is valid together with what is set.
    pub fn has_valid_row(&self) -> bool {
        (0..self.posterior.rows.len()).any(|row| self.row(row).is_some())
    }

    fn number(&self, seed: Seed, (replication, tries): (u64, u32)) -> usize {
        let stream = Key::new(seed.0, replication).stream(Purpose::PosteriorRow as u8, 0, 0);
        let rows = self.posterior.rows.len();
        let row = (stream.unit_at(u64::from(tries)) * rows as f64) as usize;
        row.min(rows - 1)
    }

    fn row(&self, row: usize) -> Option<Arc<Scenario>> {
        let kept = |this: &Self| {
            let kept = this.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get(&row).map(Arc::clone)
        };
        if let Some(scenario) = kept(self) {
            return Some(scenario);
        }
        let mut tree = self.tree.clone();
        for column in &self.columns {
            let value = self.posterior.rows[row][*column].clone();
            tree.put(&self.posterior.paths[*column], value).ok()?;
        }
        let read = compiled((Path::new(&self.name), self.access), &tree, true);
        let mut scenario = read.ok()?;
        scenario = scenario.asking(&self.asked);
        if self.calm {
            scenario = scenario.calm();
        }
        if let Some(events) = self.budget {
            scenario = scenario.with_budget(events);
        }
        let scenario = Arc::new(scenario);
        if self.posterior.kept.fetch_add(1, Ordering::Relaxed) < KEPT_MAX {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert(row, Arc::clone(&scenario));
        } else {
            self.posterior.kept.fetch_sub(1, Ordering::Relaxed);
        }
        Some(scenario)
    }
}

impl Drop for Uncertain {
    /// What is no longer kept makes room for others.
    fn drop(&mut self) {
        let kept = self.kept.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.posterior.kept.fetch_sub(kept.len(), Ordering::Relaxed);
    }
}

impl Scenario {
    /// The row of the sample that a replication draws, and the scenario with its values; nothing where all
    /// values are known.
    pub(crate) fn drawn(&self, seed: Seed, replication: usize) -> Option<(usize, Arc<Scenario>)> {
        self.uncertain.as_ref()?.draw(seed, replication as u64)
    }

    /// The values that are drawn, each by row; none where all are known.
    pub(crate) fn drawn_values(&self) -> Vec<DrawnValue> {
        let all = self.uncertain.as_ref().map(|it| {
            let value = |column: &usize| {
                let value = it.posterior.value(*column);
                let base = it.tree.find(&value.path).and_then(Quantity::of);
                DrawnValue {
                    base: base.map(|it| it.size),
                    ..value
                }
            };
            it.columns.iter().map(value).collect()
        });
        all.unwrap_or_default()
    }

    /// The row that a replication draws first; nothing where all values are known.
    pub(crate) fn row(&self, seed: Seed, replication: usize) -> Option<u32> {
        let uncertain = self.uncertain.as_ref()?;
        Some(uncertain.number(seed, (replication as u64, 0)) as u32)
    }

    /// Whether values are drawn from a sample.
    pub fn is_uncertain(&self) -> bool {
        self.uncertain.is_some()
    }
}

impl Template {
    /// The same scenario with values that are not known: each replication draws a row of a sample. What a
    /// variant, a change or an axis sets is not drawn.
    ///
    /// # Errors
    /// The problems of the first row that is not valid in this scenario, after its number from 1.
    pub fn with_posterior(
        mut self,
        posterior: &Arc<Posterior>,
    ) -> Result<Self, (usize, Vec<Problem>)> {
        for (place, row) in posterior.rows.iter().enumerate() {
            let paths = posterior.paths.iter().map(String::as_str);
            let values = paths.zip(row.iter().cloned());
            let values: Vec<_> = values.filter(|(path, _)| !self.sets(path)).collect();
            let absent = values.iter().find(|(path, _)| self.value(path).is_none());
            if let Some((path, _)) = absent {
                let problem = Problem::new(*path, format!("the file has no `{path}`"))
                    .limit("the path of a value in this file")
                    .help("use a sample of this scenario");
                return Err((place + 1, vec![problem]));
            }
            self.with(&values)
                .map_err(|problems| (place + 1, problems))?;
        }
        self.posterior = Some(Arc::clone(posterior));
        self.base.uncertain = self.uncertain(&[]);
        Ok(self)
    }

    /// The paths of its sample that something else sets.
    pub(crate) fn unused(&self) -> Vec<&str> {
        let paths = self.posterior.iter().flat_map(|it| &it.paths);
        paths
            .map(String::as_str)
            .filter(|path| self.sets(path))
            .collect()
    }
}
