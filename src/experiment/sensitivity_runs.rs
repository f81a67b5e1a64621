//! The runs of a sensitivity analysis: rows of Sobol's design, and trajectories of Morris's.

use crate::experiment::measure::{self, MEASURES, TimeOrigin};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::kernel::random::{Key, Seed, stream_key};
use crate::model::chance::{Chance, Purpose};
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::model::world::World;
use crate::scenario::Scenario;
use crate::scenario::text::problem::Problem;
use crate::scenario::vary::parameters::{Parameter, compiled};
use crate::scenario::vary::points::scrambled;
use crate::scenario::vary::template::Template;

/// What is varied, and what is looked at.
pub(crate) struct Study<'a> {
    pub template: &'a Template,
    pub parameters: &'a [Parameter],
    /// Pools, and places of measures of pools.
    pub outputs: &'a [(PoolId, usize)],
    pub seed: Seed,
}

/// A row, by output: numbers by point and set of random numbers, or effects by value. Absent where there was nothing to
/// measure.
type Row = Vec<Option<Vec<Vec<f64>>>>;

/// What was run.
#[derive(Default)]
pub(crate) struct Done {
    /// Rows by scrambling; those of trajectories are one group.
    pub groups: Vec<Vec<Row>>,
    /// Rows, those that are left out among them.
    pub rows: usize,
    pub left_out: usize,
    pub replications: u64,
    /// Runs in which an event did not occur, by output.
    pub not_occurred: Vec<u64>,
    /// The first value of each output.
    pub first: Vec<Option<f64>>,
    /// Failed leases over all runs, by pool.
    pub failed: Vec<f64>,
    /// Why a row was left out: the first of them.
    pub constraint: Option<String>,
}

impl Done {
    /// Rows without an output.
    pub fn nothing_measured(&self, output: usize) -> usize {
        let rows = self.groups.iter().flatten();
        rows.filter(|row| row[output].is_none()).count()
    }
}

/// The runs of some points.
struct Runs {
    /// By point, set of random numbers and output.
    values: Vec<Vec<Vec<Option<f64>>>>,
    not_occurred: Vec<u64>,
    failed: Vec<f64>,
}

/// One row: nothing where that was cancelled, and what is wrong with the values of a row that is left out.
type Run = Option<Result<(Row, Runs), String>>;

/// Trajectories between two looks whether to go on.
const ROUND: usize = 64;

/// Levels of Morris's design, and how many of them a step passes: half of them, so that all levels are as likely.
const LEVELS: usize = 4;
const STEP: usize = LEVELS / 2;

impl Study<'_> {
    /// Sobol's design with so many rows in each of the scramblings.
    pub fn sobol(&self, rows: usize, progress: &dyn Progress) -> Done {
        let mut done = self.nothing();
        for scrambling in 0..crate::experiment::sensitivity::SCRAMBLINGS {
            let run = |row| self.sobol_row((scrambling, row, rows), progress);
            if !self.add(&mut done, rows, run, progress) {
                break;
            }
        }
        done
    }

    /// So many trajectories of Morris's design.
    pub fn morris(&self, trajectories: usize, progress: &dyn Progress) -> Done {
        let mut done = self.nothing();
        while done.rows < trajectories {
            let from = done.rows;
            let run = |row| self.trajectory((from + row) as u64, progress);
            if !self.add(&mut done, ROUND.min(trajectories - from), run, progress) {
                break;
            }
        }
        done
    }

    fn nothing(&self) -> Done {
        Done {
            not_occurred: vec![0; self.outputs.len()],
            first: vec![None; self.outputs.len()],
            failed: vec![0.0; self.template.base.pools.len()],
            ..Done::default()
        }
    }

    /// Runs a group of rows, and adds it unless that was cancelled; whether it was not.
    fn add(
        &self,
        done: &mut Done,
        rows: usize,
        run: impl Fn(usize) -> Run + Sync,
        progress: &dyn Progress,
    ) -> bool {
        let parts = parallel::map_ranges(rows, |range| {
            let each = range.map(|row| (!progress.is_cancelled()).then(|| run(row))?);
            each.collect::<Option<Vec<_>>>()
        });
        let parts: Option<Vec<_>> = parts.into_iter().collect();
        let Some(parts) = parts else {
            return false;
        };
        let mut group = Vec::new();
        for row in parts.into_iter().flatten() {
            done.rows += 1;
            match row {
                Ok((row, runs)) => {
                    let numbers = runs.values.first().map_or(0, Vec::len);
                    done.replications += (runs.values.len() * numbers) as u64;
                    let sums = done.not_occurred.iter_mut().zip(&runs.not_occurred);
                    sums.for_each(|(sum, count)| *sum += count);
                    for (first, value) in done.first.iter_mut().zip(&runs.values[0][0]) {
                        *first = first.or(*value);
                    }
                    let sums = done.failed.iter_mut().zip(&runs.failed);
                    sums.for_each(|(sum, failed)| *sum += failed);
                    group.push(row);
                }
                Err(why) => {
                    done.left_out += 1;
                    done.constraint.get_or_insert(why);
                }
            }
        }
        done.groups.push(group);
        true
    }

    /// A row of Sobol's design: points A and B, and A with each value from B, with two sets of random numbers.
    fn sobol_row(
        &self,
        (scrambling, row, rows): (usize, usize, usize),
        progress: &dyn Progress,
    ) -> Run {
        let count = self.parameters.len();
        let key = Key::new(self.seed.0, scrambling as u64);
        let stream = key.stream(Purpose::Design as u8, stream_key("sensitivity"), 0);
        let scramble = (stream.unit_at(0) * f64::from(u32::MAX)) as u32;
        let share = |dimension: usize| scrambled(row as u32, dimension, scramble);
        let (a, b): (Vec<f64>, Vec<f64>) =
            (0..count).map(|it| (share(it), share(count + it))).unzip();
        let mut points = vec![a.clone(), b.clone()];
        points.extend((0..count).map(|value| {
            let mut mixed = a.clone();
            mixed[value] = b[value];
            mixed
        }));
        let number = 2 * (scrambling * rows + row) as u64;
        let runs = match self.run(&points, &[number, number + 1], progress)? {
            Ok(runs) => runs,
            Err(why) => return Some(Err(why)),
        };
        let of_output = |output: usize| {
            let point = |of: &Vec<Vec<Option<f64>>>| of.iter().map(|it| it[output]).collect();
            runs.values.iter().map(point).collect()
        };
        Some(Ok(((0..self.outputs.len()).map(of_output).collect(), runs)))
    }

    /// A trajectory: from a random place one value after another takes a step, in a random order. All of its runs have the
    /// same random numbers.
    fn trajectory(&self, number: u64, progress: &dyn Progress) -> Run {
        let count = self.parameters.len();
        let key = Key::new(self.seed.0, number);
        let stream = |ordinal| key.stream(Purpose::Design as u8, stream_key("trajectory"), ordinal);
        let (places, order) = (stream(0), stream(1));
        let level = |value: usize| (places.unit_at(value as u64) * LEVELS as f64) as usize;
        let mut levels: Vec<usize> = (0..count).map(level).collect();
        let mut turns: Vec<usize> = (0..count).collect();
        // Fisher and Yates (1938), as by Durstenfeld (1964).
        for last in (1..count).rev() {
            let other = (order.unit_at(last as u64) * (last + 1) as f64) as usize;
            turns.swap(last, other.min(last));
        }
        let shares = |levels: &[usize]| -> Vec<f64> {
            let share = |level: &usize| (*level as f64 + 0.5) / LEVELS as f64;
            levels.iter().map(share).collect()
        };
        let (mut points, mut steps) = (vec![shares(&levels)], Vec::new());
        for value in &turns {
            let up = levels[*value] < STEP;
            levels[*value] = (levels[*value] + STEP) % LEVELS;
            steps.push(STEP as f64 / LEVELS as f64 * if up { 1.0 } else { -1.0 });
            points.push(shares(&levels));
        }
        let runs = match self.run(&points, &[number], progress)? {
            Ok(runs) => runs,
            Err(why) => return Some(Err(why)),
        };
        let effects = |output: usize| {
            let values = runs.values.iter().map(|point| point[0][output]);
            let values: Vec<f64> = values.collect::<Option<_>>()?;
            let mut effects = vec![Vec::new(); count];
            for (turn, (value, step)) in turns.iter().zip(&steps).enumerate() {
                effects[*value].push((values[turn + 1] - values[turn]) / step);
            }
            Some(effects)
        };
        Some(Ok(((0..self.outputs.len()).map(effects).collect(), runs)))
    }

    /// Runs points, given as shares of the priors, each with these sets of random numbers. Nothing is run where the file
    /// does not allow one of them.
    fn run(
        &self,
        points: &[Vec<f64>],
        numbers: &[u64],
        progress: &dyn Progress,
    ) -> Option<Result<Runs, String>> {
        let scenario = |shares: &Vec<f64>| {
            let values = self.parameters.iter().zip(shares);
            let places: Vec<f64> = values.map(|(it, share)| it.quantile(*share)).collect();
            compiled(self.template, self.parameters, &places)
                .map_err(|problems| described(&problems))
        };
        let scenarios: Vec<Scenario> = match points.iter().map(scenario).collect() {
            Ok(scenarios) => scenarios,
            Err(why) => return Some(Err(why)),
        };
        let mut runs = Runs {
            values: Vec::with_capacity(points.len()),
            not_occurred: vec![0; self.outputs.len()],
            failed: vec![0.0; self.template.base.pools.len()],
        };
        for scenario in &scenarios {
            let mut world = World::new(&scenario.setup);
            let mut of_point = Vec::with_capacity(numbers.len());
            for number in numbers {
                if progress.is_cancelled() {
                    return None;
                }
                world.run(Chance::of(self.seed, *number), &mut ());
                of_point.push(self.seen(scenario, &world.ledger, &mut runs));
                progress.completed(1);
            }
            runs.values.push(of_point);
        }
        Some(Ok(runs))
    }

    /// The outputs of a run.
    fn seen(&self, scenario: &Scenario, ledger: &Ledger, runs: &mut Runs) -> Vec<Option<f64>> {
        for (place, failed) in runs.failed.iter_mut().enumerate() {
            *failed += ledger.pools[PoolId::from(place)].failed as f64;
        }
        let outputs = self.outputs.iter().zip(&mut runs.not_occurred);
        let value = |((pool, place), not_occurred): (&(PoolId, usize), &mut u64)| {
            let value = measure::value(scenario, ledger, usize::from(*pool), *place);
            let at_risk = || {
                Some(time_at_risk(
                    scenario,
                    ledger,
                    (*pool, MEASURES[*place].since?),
                ))
            };
            value.or_else(|| {
                *not_occurred += 1;
                at_risk()
            })
        };
        outputs.map(value).collect()
    }
}

/// How long an event that did not occur was looked for (s); where that never began, the length of the scenario.
fn time_at_risk(scenario: &Scenario, ledger: &Ledger, (pool, since): (PoolId, TimeOrigin)) -> f64 {
    let length = scenario.length().seconds();
    match since {
        TimeOrigin::Start => length,
        TimeOrigin::Failure => {
            let began = ledger.first_failed_provisioning;
            if began.is_finite() {
                length - scenario.seconds(began)
            } else {
                length
            }
        }
        TimeOrigin::Outage => {
            let outage = ledger.pools[pool].first_outage;
            outage.map_or(length, |(from, until)| until.seconds_since(from))
        }
    }
}

/// What is wrong with a combination of values.
fn described(problems: &[Problem]) -> String {
    let first = problems.first();
    first.map_or_else(String::new, |it| {
        let limit = it.limit.as_ref();
        let limit = limit.map_or_else(String::new, |limit| format!(" (allowed: {limit})"));
        format!("`{}`: {}{limit}", it.path, it.message)
    })
}
