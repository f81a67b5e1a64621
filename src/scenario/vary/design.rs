//! Which values of several axes go together: the cells of a sweep, each of them valid. The only file
//! that knows `sobol_burley`.

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
use crate::scenario::vary::template::Template;

/// The most cells of a sweep.
pub(crate) const CELLS_MAX: u64 = 20_000;
const GRID_HELP: &str =
    "widen the steps, or choose `--design sobol` with as many `--points` as you want";
const POINTS_HELP: &str = "say how many cells you want: `--points 64`, or `points: 64` in the file";
/// The most cells of which it is told what is wrong.
const WRONG_MAX: usize = 500;
/// The most axes: so many dimensions the Sobol sequence has.
const AXES_MAX: usize = 256;

/// Which values go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Design {
    /// Every value of each axis with every value of the others; the last axis changes first.
    Grid,
    /// So many cells, of which each axis has one in each of as many equal parts of its range (McKay,
    /// Beckman and Conover, 1979).
    LatinHypercube(u64),
    /// So many points of the sequence of Sobol (1967), scrambled as by Owen (1995).
    Sobol(u64),
}

/// What is asked of a sweep.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Varied {
    /// Axes, each as [`Axis::parse`] reads it; those of the file if there are none.
    pub axes: Vec<String>,
    /// Constraints, each two paths or values with `<`, `<=`, `=`, `>=` or `>` between them; those of the
    /// file if there are none.
    pub constraints: Vec<String>,
    /// Which values go together; as the file says if absent.
    pub design: Option<Design>,
    /// The seed of a design that is no grid.
    pub seed: Seed,
}

/// A sweep: a scenario, what is varied, and the cells.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario that is varied.
    pub(crate) template: Template,
    /// What is varied.
    pub(crate) axes: Vec<Axis>,
    /// Which values go together.
    pub(crate) design: Design,
    /// What every cell meets.
    pub(crate) constraints: Vec<String>,
    // Invariant: a value for each axis; each cell is valid and meets the constraints.
    cells: Vec<Vec<Node>>,
}

impl Plan {
    /// Works out the cells, and reads each of them.
    ///
    /// # Errors
    /// Everything that is wrong with axes, constraints and cells; nothing has then been run.
    ///
    /// # Examples
    /// A value outside its range:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::scenario::{Plan, Template, Varied};
    ///
    /// let template = Template::load("examples/full-outage.yaml")?;
    /// let axes = vec!["outages.everything.failure=50%,150%".to_owned()];
    /// let varied = Varied { axes, ..Varied::default() };
    /// assert!(Plan::new(template, &varied).unwrap_err().to_string().contains("150%"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(template: Template, varied: &Varied) -> Result<Self, Problems> {
        let mut draft = Draft::new(template, varied);
        draft.check_axes();
        let count = draft.count();
        let cells = match draft.problems.is_empty() {
            true => draft.cells(count, varied.seed),
            false => Vec::new(),
        };
        match draft.problems.is_empty() {
            true => Ok(Self {
                template: draft.template,
                axes: draft.axes,
                design: draft.design,
                constraints: draft.constraints.into_iter().map(|it| it.text).collect(),
                cells,
            }),
            false => Err(draft.template.wrong(&draft.beside, draft.problems)),
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none; there never is.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The values of a cell, as a file has them, in the order of the axes.
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
        let paths = self.axes.iter().map(|axis| axis.path.as_str());
        let values: Vec<_> = paths.zip(self.cells[cell].iter().cloned()).collect();
        let read = self.template.with(&values);
        read.unwrap_or_else(|problems| panic!("cell {cell} was valid: {problems:?}"))
    }
}

/// A plan that may be wrong.
struct Draft {
    template: Template,
    axes: Vec<Axis>,
    constraints: Vec<Constraint>,
    design: Design,
    /// What was given beside the file: how it is called, and its text.
    beside: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Draft {
    fn new(template: Template, varied: &Varied) -> Self {
        let sweep = template.base.sweep.clone();
        let mut draft = Self {
            axes: Vec::new(),
            constraints: Vec::new(),
            design: varied.design.unwrap_or(Design::Grid),
            beside: Vec::new(),
            problems: Vec::new(),
            template,
        };
        for text in &varied.axes {
            let (path, values) = text.split_once('=').unwrap_or((text, ""));
            let spot = draft.beside(format!("--vary {}", path.trim()), values);
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
            let spot = given.then(|| draft.beside("--where ".to_owned(), &text));
            match Constraint::read(&text, spot) {
                Ok(constraint) => draft.constraints.push(constraint),
                Err(problem) => draft.problems.push(*problem),
            }
        }
        draft
    }

    /// Takes note of a text that was given beside the file, and says where it stands.
    fn beside(&mut self, name: String, text: &str) -> Spot {
        let source = self.template.texts() + self.beside.len();
        self.beside.push((name, text.to_owned()));
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
                self.problem("sweep", "nothing is varied".to_owned(), "one axis at least");
            problem.help =
                Some("give `--vary PATH=4..40:2`, or `sweep: {vary: …}` in the file".to_owned());
        }
        if AXES_MAX < self.axes.len() {
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
                    .help("leave one of the two out");
                self.problems.push(problem.at(Some(axis.spot)));
            }
            if let Some(value) = axis.repeated() {
                let message = format!("the value {value} is given twice");
                let problem = Problem::new(axis.path.clone(), message).limit("each value once");
                let problem = problem.help("leave one of the two out");
                self.problems.push(problem.at(Some(axis.spot)));
            }
            if grid && axis.count().is_none() {
                let message = "a grid cannot have every value between two".to_owned();
                let help = "add a step, such as `4..40:2`, or a design such as `--design sobol`";
                let problem =
                    Problem::new(axis.path.clone(), message).limit("values one after another");
                self.problems.push(problem.help(help).at(Some(axis.spot)));
            }
        }
    }

    /// How many cells are to be made; a problem if they are none, or too many.
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
                (Design::Grid, u64::MAX) => {
                    ("more cells than can be counted".to_owned(), GRID_HELP)
                }
                (Design::Grid, count) => (format!("the grid has {count} cells"), GRID_HELP),
                (_, 0) => ("the design has no cells".to_owned(), POINTS_HELP),
                (_, count) => (format!("the design has {count} cells"), POINTS_HELP),
            };
            let problem = self.problem("sweep", message, "from 1 to 20,000 cells");
            problem.help = Some(help.to_owned());
        }
        count
    }

    /// Every cell that meets the constraints, read to see whether it is valid.
    fn cells(&mut self, count: u64, seed: Seed) -> Vec<Vec<Node>> {
        let (mut cells, mut wrong, mut cells_wrong) = (Vec::new(), Vec::new(), 0);
        for values in self.values(count, seed) {
            let paths = self.axes.iter().map(|axis| axis.path.as_str());
            let put: Vec<_> = paths.zip(values.iter().cloned()).collect();
            match self.meets(&put) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(problem) => {
                    self.problems.push(*problem);
                    return cells;
                }
            }
            if let Err(problems) = self.template.with(&put) {
                wrong.extend(self.explained(problems));
                cells_wrong += 1;
            }
            if WRONG_MAX < cells_wrong || KEPT_MAX < wrong.len() {
                break;
            }
            cells.push(values);
        }
        self.problems.extend(told_once(wrong));
        if cells.is_empty() && cells_wrong == 0 {
            let message = "no cell meets the constraints".to_owned();
            let problem = self.problem("sweep.where", message, "one cell at least");
            problem.help = Some("loosen them, or vary more widely".to_owned());
        }
        cells
    }

    /// What is wrong with a cell, in words that meet whoever varies: where a path leads nowhere, that
    /// says more than what a thing of that name would lack.
    fn explained(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        for axis in &self.axes {
            if let Some((path, siblings)) = self.template.absent(&axis.path) {
                let lacking = |problem: &Problem| {
                    axis.stands(problem.spot)
                        && problem.path != path
                        && is_below(&problem.path, &path)
                };
                if problems.iter().any(lacking) {
                    problems.retain(|problem| !lacking(problem));
                    let name = path.rsplit('.').next().unwrap_or_default();
                    let problem = Problem::new(&path, format!("the file has no `{path}`"));
                    let problem = match nearest(name, &siblings) {
                        Some(near) => problem.help(format!("did you mean `{near}`?")),
                        None => problem.help("vary what the file has, or add it there"),
                    };
                    problems.push(problem.at(Some(axis.spot)));
                }
            }
            if let Some(steps) = axis.whole_steps() {
                let fractions = |problem: &&mut Problem| {
                    let limit = problem.limit.as_deref().unwrap_or_default();
                    axis.stands(problem.spot) && limit.starts_with("a whole number")
                };
                for problem in problems.iter_mut().filter(fractions) {
                    problem.help = Some(format!("give it a whole step: `{steps}`"));
                }
            }
        }
        problems
    }

    /// The values of so many cells, in the order of the axes.
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
                let share = |point: u64, dimension: usize| {
                    let share = sobol_burley::sample(point as u32, dimension as u32, scramble);
                    f64::from(share).clamp(1e-9, 1.0 - 1e-9)
                };
                let cell = |point: u64| {
                    axes.iter()
                        .enumerate()
                        .map(|(place, axis)| axis.at(share(point, place)))
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
        // What cannot be put is told when the cell is read.
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

/// The first of all problems that differ only in the value that was found, and how many more there are.
fn told_once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut told: Vec<(Problem, BTreeSet<String>)> = Vec::new();
    for problem in problems {
        let alike = |known: &Problem| {
            let message = known.message.clone();
            known
                == &Problem {
                    message,
                    ..problem.clone()
                }
        };
        match told.iter_mut().find(|(known, _)| alike(known)) {
            Some((_, messages)) => drop(messages.insert(problem.message)),
            None => {
                let messages = BTreeSet::from([problem.message.clone()]);
                told.push((problem, messages));
            }
        }
    }
    let told = told
        .into_iter()
        .map(|(problem, messages)| match messages.len() - 1 {
            0 => problem,
            more => Problem {
                message: format!("{}, and {more} more like it", problem.message),
                ..problem
            },
        });
    told.collect()
}

/// A share in each of `count` equal parts of 0 to 1, in an order of its own for each path.
fn stratified(count: u64, seed: Seed, path: &str) -> Vec<f64> {
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

    #[test]
    fn scrambled_points_have_one_in_each_part_too() {
        for dimension in 0..3 {
            let mut parts: Vec<u32> = (0..64)
                .map(|point| (sobol_burley::sample(point, dimension, 5) * 64.0) as u32)
                .collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..64).collect::<Vec<_>>());
        }
    }
}
