//! Designs of a sweep: its cells, each of them valid.

use std::collections::BTreeSet;

use crate::kernel::random::{Key, Seed, stream_key};
use crate::model::chance::Purpose;
use crate::scenario::Scenario;
use crate::scenario::schema::DesignName;
use crate::scenario::schema::axis::Axis;
use crate::scenario::text::node::Node;
use crate::scenario::text::problem::{KEPT_MAX, Problem, Problems, Spot};
use crate::scenario::text::read::nearest;
use crate::scenario::vary::constraint::Constraint;
use crate::scenario::vary::points::{DIMENSIONS_MAX, scrambled};
use crate::scenario::vary::template::Template;

/// The most cells of a sweep.
pub(crate) const CELLS_MAX: u64 = 20_000;
const GRID_HELP: &str = "widen the steps, or use `--design sobol` with `--points N`";
const POINTS_HELP: &str = "set the number of cells: `--points 64`, or `points: 64` in the file";
/// The most cells whose problems are reported.
const INVALID_MAX: usize = 500;

/// How values are combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Design {
    /// Every value of each axis with every value of the others; the last axis changes first.
    Grid,
    /// A Latin hypercube with this many cells: one in each of as many equal parts of the range of each axis (McKay,
    /// Beckman and Conover, 1979).
    LatinHypercube(u64),
    /// This many points of the sequence of Sobol (1967), with Owen's scrambling (1995).
    Sobol(u64),
}

/// The specification of a sweep.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SweepSpec {
    /// Axes, each in the syntax of [`Axis::parse`]; if empty, those of the file.
    pub axes: Vec<String>,
    /// Constraints: two paths or values with `<`, `<=`, `=`, `>=` or `>`; if empty, those of the file.
    pub constraints: Vec<String>,
    /// How values are combined; by default as in the file.
    pub design: Option<Design>,
    /// The seed of a design other than a grid.
    pub seed: Seed,
}

/// A sweep: a scenario, what is varied, and the cells.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario that is varied.
    pub(crate) template: Template,
    /// The axes.
    pub(crate) axes: Vec<Axis>,
    /// How values are combined.
    pub(crate) design: Design,
    /// Constraints that every cell meets.
    pub(crate) constraints: Vec<String>,
    // Invariant: a value for each axis; each cell is valid and meets the constraints.
    cells: Vec<Vec<Node>>,
}

impl Plan {
    /// Computes the cells, and reads each of them.
    ///
    /// # Errors
    /// All problems of axes, constraints and cells; nothing has been run.
    ///
    /// # Examples
    /// A value outside its range:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::scenario::{Plan, Template, SweepSpec};
    ///
    /// let template = Template::load("examples/full-outage.yaml")?;
    /// let axes = vec!["outages.everything.failure=50%,150%".to_owned()];
    /// let varied = SweepSpec { axes, ..SweepSpec::default() };
    /// assert!(Plan::new(template, &varied).unwrap_err().to_string().contains("150%"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(template: Template, varied: &SweepSpec) -> Result<Self, Problems> {
        Self::reading(template, varied, &|_, _| true)
    }

    /// The same, of which only those cells are read of which `is_read` says so, by number and of how many.
    pub(crate) fn reading(
        template: Template,
        varied: &SweepSpec,
        is_read: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Self, Problems> {
        let mut draft = Draft::new(template, varied);
        draft.check_axes();
        let count = draft.count();
        let cells = if draft.problems.is_empty() {
            draft.cells(count, varied.seed, is_read)
        } else {
            Vec::new()
        };
        match draft.problems.is_empty() {
            true => Ok(Self {
                template: draft.template,
                axes: draft.axes,
                design: draft.design,
                constraints: draft.constraints.into_iter().map(|it| it.text).collect(),
                cells,
            }),
            false => Err(draft.template.problems(&draft.texts, draft.problems)),
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no cells: never.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The values of a cell, as written in a file, in the order of the axes.
    ///
    /// # Panics
    /// If there is no such cell.
    pub fn values(&self, cell: usize) -> Vec<String> {
        self.cells[cell].iter().map(Node::flow).collect()
    }

    /// The values of a plan of one axis, cell by cell.
    pub(crate) fn levels(&self) -> Vec<String> {
        (0..self.len())
            .map(|cell| self.values(cell).concat())
            .collect()
    }

    /// The scenario of a cell.
    ///
    /// # Panics
    /// If there is no such cell.
    pub fn scenario(&self, cell: usize) -> Scenario {
        let read = self.template.with(&put(&self.axes, &self.cells[cell]));
        read.unwrap_or_else(|problems| panic!("cell {cell} was valid: {problems:?}"))
    }
}

/// The values of a cell, each with its path.
fn put<'a>(axes: &'a [Axis], values: &[Node]) -> Vec<(&'a str, Node)> {
    let paths = axes.iter().map(|axis| axis.path.as_str());
    paths.zip(values.iter().cloned()).collect()
}

/// A plan that is not yet validated.
struct Draft {
    template: Template,
    axes: Vec<Axis>,
    constraints: Vec<Constraint>,
    design: Design,
    /// Texts from the command line: name and content.
    texts: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Draft {
    fn new(template: Template, varied: &SweepSpec) -> Self {
        let sweep = template.base.sweep.clone();
        let mut draft = Self {
            axes: Vec::new(),
            constraints: Vec::new(),
            design: varied.design.unwrap_or(Design::Grid),
            texts: Vec::new(),
            problems: Vec::new(),
            template,
        };
        for text in &varied.axes {
            let (path, values) = text.split_once('=').unwrap_or((text, ""));
            let spot = draft.add_text(format!("--vary {}", path.trim()), values);
            match Axis::read_text(text, spot.source) {
                Ok(axis) => draft.axes.push(axis),
                Err(problem) => draft.problems.push(*problem),
            }
        }
        let mut constraints = varied.constraints.clone();
        if let Some(sweep) = sweep {
            if varied.axes.is_empty() {
                draft.axes = sweep.vary;
            }
            if constraints.is_empty() {
                constraints = sweep.constraints;
            }
            if varied.design.is_none() {
                let points = sweep.points.map_or(0, |points| points.0.into());
                draft.design = match sweep.design {
                    DesignName::Grid => Design::Grid,
                    DesignName::LatinHypercube => Design::LatinHypercube(points),
                    DesignName::Sobol => Design::Sobol(points),
                };
            }
        }
        for text in constraints {
            let given = varied.constraints.contains(&text);
            let spot = given.then(|| draft.add_text("--where ".to_owned(), &text));
            match Constraint::read(&text, spot) {
                Ok(constraint) => draft.constraints.push(constraint),
                Err(problem) => draft.problems.push(*problem),
            }
        }
        draft
    }

    /// Adds a text from the command line, and returns its location.
    fn add_text(&mut self, name: String, text: &str) -> Spot {
        let source = self.template.texts() + self.texts.len();
        self.texts.push((name, text.to_owned()));
        Spot::whole(source, text)
    }

    fn problem(&mut self, path: &str, message: String, limit: &str) -> &mut Problem {
        self.problems.push(Problem::new(path, message).limit(limit));
        self.problems.last_mut().expect("one was pushed")
    }

    fn check_axes(&mut self) {
        let grid = self.design == Design::Grid;
        if self.axes.is_empty() && self.problems.is_empty() {
            let problem =
                self.problem("sweep", "nothing is varied".to_owned(), "at least one axis");
            problem.help =
                Some("give `--vary PATH=4..40:2`, or `sweep: {vary: …}` in the file".to_owned());
        }
        if DIMENSIONS_MAX < self.axes.len() {
            self.problem(
                "sweep.vary",
                format!("{} axes", self.axes.len()),
                "at most 256",
            );
        }
        for (place, axis) in self.axes.iter().enumerate() {
            let (before, after) = (&self.axes[..place], &self.axes[place + 1..]);
            let message = match before.iter().any(|it| it.path == axis.path) {
                true => Some(format!("`{}` is varied twice", axis.path)),
                false => {
                    let mut others = before.iter().chain(after);
                    let other =
                        others.find(|it| it.path != axis.path && is_below(&axis.path, &it.path));
                    other.map(|it| format!("`{}` is varied by `{}` too", axis.path, it.path))
                }
            };
            if let Some(message) = message {
                let problem = Problem::new(axis.path.clone(), message)
                    .limit("each value by one axis")
                    .help("remove one of the two");
                self.problems.push(problem.at(Some(axis.spot)));
            }
            if let Some(value) = axis.repeated() {
                let message = format!("the value {value} is given twice");
                let problem = Problem::new(axis.path.clone(), message).limit("each value once");
                let problem = problem.help("remove one of the two");
                self.problems.push(problem.at(Some(axis.spot)));
            }
            if grid && axis.count().is_none() {
                let message = "a grid needs separate values".to_owned();
                let help = "add a step, such as `4..40:2`, or a design such as `--design sobol`";
                let problem = Problem::new(axis.path.clone(), message)
                    .limit("a list of values, or a range with a step");
                self.problems.push(problem.help(help).at(Some(axis.spot)));
            }
        }
    }

    /// The number of cells; a problem if there are none or too many.
    fn count(&mut self) -> u64 {
        let count = match self.design {
            Design::LatinHypercube(points) | Design::Sobol(points) => points,
            Design::Grid => {
                let counts = self.axes.iter().map(|axis| axis.count().unwrap_or(1));
                counts.fold(1, u64::saturating_mul)
            }
        };
        if !(1..=CELLS_MAX).contains(&count) {
            let (message, help) = match (self.design, count) {
                (Design::Grid, u64::MAX) => (
                    "the grid has more cells than can be counted".to_owned(),
                    GRID_HELP,
                ),
                (Design::Grid, count) => (format!("the grid has {count} cells"), GRID_HELP),
                (_, 0) => ("the design has no cells".to_owned(), POINTS_HELP),
                (_, count) => (format!("the design has {count} cells"), POINTS_HELP),
            };
            let problem = self.problem("sweep", message, "from 1 to 20,000 cells");
            problem.help = Some(help.to_owned());
        }
        count
    }

    /// Every cell that meets the constraints. Those that are to be read are validated by that.
    fn cells(
        &mut self,
        count: u64,
        seed: Seed,
        is_read: &dyn Fn(usize, usize) -> bool,
    ) -> Vec<Vec<Node>> {
        let (mut cells, mut found, mut cells_invalid) = (Vec::new(), Vec::new(), 0);
        for values in self.values(count, seed) {
            match self.meets(&put(&self.axes, &values)) {
                Ok(true) => cells.push(values),
                Ok(false) => {}
                Err(problem) => {
                    self.problems.push(*problem);
                    return cells;
                }
            }
        }
        let read = (0..cells.len()).filter(|cell| is_read(*cell, cells.len()));
        for cell in read {
            if let Err(problems) = self.template.with(&put(&self.axes, &cells[cell])) {
                found.extend(self.explained(problems));
                cells_invalid += 1;
            }
            if INVALID_MAX < cells_invalid || KEPT_MAX < found.len() {
                break;
            }
        }
        self.problems.extend(merge_alike(found));
        if cells.is_empty() && cells_invalid == 0 {
            let message = "no cell meets the constraints".to_owned();
            let problem = self.problem("sweep.where", message, "at least one cell");
            problem.help = Some("relax them, or widen the ranges".to_owned());
        }
        cells
    }

    /// The problems of a cell: that a path does not exist says more than which keys an entry there would lack.
    fn explained(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        for axis in &self.axes {
            if let Some((path, siblings)) = self.template.absent(&axis.path) {
                let lacking = |problem: &Problem| {
                    axis.is_at(problem.spot)
                        && problem.path != path
                        && is_below(&problem.path, &path)
                };
                if problems.iter().any(lacking) {
                    problems.retain(|problem| !lacking(problem));
                    let name = path.rsplit('.').next().unwrap_or_default();
                    let problem = Problem::new(&path, format!("the file has no `{path}`"));
                    let problem = match nearest(name, &siblings) {
                        Some(near) => problem.help(format!("did you mean `{near}`?")),
                        None => problem.help("vary a value in the file, or add it there"),
                    };
                    problems.push(problem.at(Some(axis.spot)));
                }
            }
            if let Some(steps) = axis.whole_steps() {
                let fractions = |problem: &&mut Problem| {
                    let limit = problem.limit.as_deref().unwrap_or_default();
                    axis.is_at(problem.spot) && limit.starts_with("a whole number")
                };
                for problem in problems.iter_mut().filter(fractions) {
                    problem.help = Some(format!("use a whole step: `{steps}`"));
                }
            }
        }
        problems
    }

    /// The values of this many cells, in the order of the axes.
    fn values(&self, count: u64, seed: Seed) -> Vec<Vec<Node>> {
        let axes = &self.axes;
        match self.design {
            Design::Grid => {
                let cell = |cell: u64| {
                    let mut rest = cell;
                    let mut values: Vec<Node> = Vec::new();
                    for axis in axes.iter().rev() {
                        let count = axis.count().unwrap_or(1);
                        values.push(axis.level(rest % count));
                        rest /= count;
                    }
                    values.reverse();
                    values
                };
                (0..count).map(cell).collect()
            }
            Design::LatinHypercube(_) => {
                let shares: Vec<Vec<f64>> = axes
                    .iter()
                    .map(|axis| stratified(count, seed, &axis.path))
                    .collect();
                let cell = |cell: usize| {
                    axes.iter()
                        .zip(&shares)
                        .map(|(axis, shares)| axis.at(shares[cell]))
                        .collect()
                };
                (0..count as usize).map(cell).collect()
            }
            Design::Sobol(_) => {
                let scramble = (seed.0 ^ seed.0 >> 32) as u32;
                let cell = |point: u64| {
                    axes.iter()
                        .enumerate()
                        .map(|(place, axis)| axis.at(scrambled(point as u32, place, scramble)))
                        .collect()
                };
                (0..count).map(cell).collect()
            }
        }
    }

    /// Whether a cell meets every constraint.
    fn meets(&self, put: &[(&str, Node)]) -> Result<bool, Box<Problem>> {
        if self.constraints.is_empty() {
            return Ok(true);
        }
        // A value that cannot be put is reported when the cell is read.
        let (tree, _) = self.template.put(put);
        for constraint in &self.constraints {
            if !constraint.holds(&tree)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether a path is that of `other`, or one below it.
fn is_below(path: &str, other: &str) -> bool {
    let rest = path.strip_prefix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Merges problems that differ only in the value found: the first, and the number of others.
fn merge_alike(problems: Vec<Problem>) -> Vec<Problem> {
    let mut merged: Vec<(Problem, BTreeSet<String>)> = Vec::new();
    for problem in problems {
        let alike = |known: &Problem| {
            let message = known.message.clone();
            known
                == &Problem {
                    message,
                    ..problem.clone()
                }
        };
        match merged.iter_mut().find(|(known, _)| alike(known)) {
            Some((_, messages)) => drop(messages.insert(problem.message)),
            None => {
                let messages = BTreeSet::from([problem.message.clone()]);
                merged.push((problem, messages));
            }
        }
    }
    let merged = merged
        .into_iter()
        .map(|(problem, messages)| match messages.len() - 1 {
            0 => problem,
            more => Problem {
                message: format!("{}, and {more} more like it", problem.message),
                ..problem
            },
        });
    merged.collect()
}

/// One number in each of `count` equal parts of (0, 1), in a random order for each path.
pub(crate) fn stratified(count: u64, seed: Seed, path: &str) -> Vec<f64> {
    let key = Key {
        seed: seed.0,
        replication: 0,
    };
    let (order, within) = (
        key.stream(Purpose::Design as u8, stream_key(path), 0),
        key.stream(Purpose::Design as u8, stream_key(path), 1),
    );
    let mut parts: Vec<u64> = (0..count).collect();
    // Fisher and Yates (1938), as by Durstenfeld (1964).
    for last in (1..count).rev() {
        let other = (order.unit_at(last) * (last + 1) as f64) as u64;
        parts.swap(last as usize, other.min(last) as usize);
    }
    let share = |part: u64| (part as f64 + within.unit_at(part)) / count as f64;
    parts.into_iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latin_hypercube_has_one_share_in_each_part() {
        let mut parts: Vec<u64> = stratified(100, Seed(7), "a.path")
            .into_iter()
            .map(|share| (share * 100.0) as u64)
            .collect();
        assert_ne!(parts, (0..100).collect::<Vec<_>>());
        parts.sort_unstable();
        assert_eq!(parts, (0..100).collect::<Vec<_>>());
    }
}
