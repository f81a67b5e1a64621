//! The simulator against exact results: a table of rows, each a question with a known answer, asked through a
//! scenario, or of the public function where it is no question about a pool. The command and the tests run the same
//! table.

/// Estimates against exact results.
pub(crate) mod judge;

/// What is asked of each replication.
pub(crate) mod value;

/// The scenarios of the rows.
pub(crate) mod worlds;

/// What rows of services are held to.
pub(crate) mod mean_field;

/// The rows.
pub(crate) mod table;

use std::num::NonZeroUsize;

use crate::experiment::ensemble::{Ensemble, ensemble_keeping};
use crate::experiment::kept::KeptMeasures;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::verify::judge::{Exact, Judged, by_digits, by_z, error_of, judge};
use crate::experiment::verify::value::Value;
use crate::experiment::verify::worlds::World;
use crate::kernel::random::Seed;
use crate::scenario::Scenario;
use crate::scenario::vary::posterior::Posterior;
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;

/// By how much `--quick` divides replications of rows with so many or more.
const QUICK: usize = 5;
const LARGE: usize = 10_000;

/// By how much `--thorough` multiplies replications.
pub(crate) const THOROUGH: usize = 10;

/// A question with a known answer.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// What it is called by.
    pub id: &'static str,
    /// What is asked.
    pub about: &'static str,
    /// Where the exact answer is from: a formula, its author and year, or how it was computed.
    pub source: &'static str,
    pub parts: &'static [Part],
}

/// How a row is answered.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// By replications of a scenario.
    Simulated(Run),
    /// By a function of the library: what, the exact value, and the function.
    Computed(&'static str, f64, fn() -> f64),
    /// By a study that has intervals of its own.
    Studied(Study),
}

/// Replications of a scenario, and what is compared of them.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub world: World,
    pub changes: &'static [(&'static str, &'static str)],
    /// Changes whose values are made by a function.
    pub made: fn() -> Vec<(&'static str, String)>,
    /// Replications, unless more are asked for.
    pub replications: usize,
    pub asks: &'static [Ask],
}

/// One comparison.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub what: &'static str,
    pub value: Value,
    pub exact: Exact,
}

/// A study with intervals of its own.
#[derive(Clone, Copy)]
pub(crate) struct Study {
    /// Replications, unless more are asked for.
    pub replications: usize,
    /// Exact values in the order of the estimates.
    pub exact: &'static [(&'static str, f64)],
    pub estimates: fn(Replications, Seed, &dyn Progress) -> Vec<Estimate>,
}

/// What became of one comparison of a row.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub row: &'static str,
    pub about: &'static str,
    pub source: &'static str,
    pub what: &'static str,
    /// Replications; absent where nothing is simulated.
    pub replications: Option<usize>,
    pub judged: Judged,
}

/// A table that was run.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub lines: Vec<Line>,
    /// Rows that were run to their end.
    pub rows: usize,
    /// Whether the work was interrupted before the last row.
    pub interrupted: bool,
}

impl Verified {
    /// Whether every comparison holds.
    pub fn holds(&self) -> bool {
        self.lines.iter().all(|line| line.judged.holds)
    }
}

/// How much is done, and with which random numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub seed: Seed,
    pub thorough: bool,
    pub quick: bool,
    pub threads: Option<NonZeroUsize>,
}

impl Effort {
    fn replications(self, standard: usize) -> Replications {
        let count = match (self.thorough, self.quick) {
            (true, _) => standard * THOROUGH,
            (false, true) if LARGE <= standard => standard / QUICK,
            (false, _) => standard,
        };
        Replications {
            threads: self.threads,
            ..Replications::new(count)
        }
    }
}

/// Replications that rows take.
pub(crate) fn replications(rows: &[&Row], effort: Effort) -> u64 {
    let parts = rows.iter().flat_map(|row| row.parts);
    let each = parts.map(|part| match part {
        Part::Simulated(run) => run.replications,
        Part::Computed(..) => 0,
        Part::Studied(study) => study.replications,
    });
    let each = each.map(|standard| match standard {
        0 => 0,
        standard => effort.replications(standard).count.get() as u64,
    });
    each.sum()
}

/// Runs rows, one after another. Every row has the seed that is given, and no result depends on other rows, or on the
/// number of threads.
pub(crate) fn verify(rows: &[&Row], effort: Effort, progress: &dyn Progress) -> Verified {
    let mut verified = Verified {
        lines: Vec::new(),
        rows: 0,
        interrupted: false,
    };
    for row in rows {
        let mut lines = Vec::new();
        for part in row.parts {
            lines.extend(answered(row, part, effort, progress));
            if progress.is_cancelled() {
                verified.interrupted = true;
                return verified;
            }
        }
        verified.lines.extend(lines);
        verified.rows += 1;
    }
    verified
}

fn answered(row: &Row, part: &Part, effort: Effort, progress: &dyn Progress) -> Vec<Line> {
    let line = |what, replications, judged| Line {
        row: row.id,
        about: row.about,
        source: row.source,
        what,
        replications,
        judged,
    };
    match part {
        Part::Computed(what, exact, computed) => {
            vec![line(what, None, by_digits(*exact, computed()))]
        }
        Part::Studied(study) => {
            let replications = effort.replications(study.replications);
            let found = (study.estimates)(replications, effort.seed, progress);
            let pairs = study.exact.iter().zip(found);
            let n = Some(replications.count.get());
            pairs
                .map(|((what, exact), it)| line(what, n, by_z(*exact, it, error_of(&it))))
                .collect()
        }
        Part::Simulated(run) => {
            let scenario = scenario(run, effort.seed);
            let measures = run.asks.iter().flat_map(|ask| ask.value.measures());
            let kept = KeptMeasures::only(measures, None).expect("measures of the table exist");
            // The engine is what is verified.
            let kept = kept.plain();
            let replications = effort.replications(run.replications);
            let found: Ensemble =
                ensemble_keeping(&scenario, &kept, replications, effort.seed, progress);
            let pools = scenario.pools.len();
            let judged = run.asks.iter().map(|ask| {
                let values = ask.value.values(&found, pools);
                line(ask.what, Some(found.n), judge(&values, ask.exact))
            });
            judged.collect()
        }
    }
}

/// The scenario of a run.
fn scenario(run: &Run, seed: Seed) -> Scenario {
    let fixed = run
        .changes
        .iter()
        .map(|(path, value)| (*path, (*value).to_owned()));
    changed(&run.world, fixed.chain((run.made)()), seed).base
}

/// A world with changes, for values to be put into.
pub(crate) fn drawn_template(
    world: &World,
    changes: &[(&'static str, &'static str)],
    seed: Seed,
) -> Template {
    let changes = changes
        .iter()
        .map(|(path, value)| (*path, (*value).to_owned()));
    changed(world, changes, seed)
}

fn changed(
    world: &World,
    changes: impl Iterator<Item = (&'static str, String)>,
    seed: Seed,
) -> Template {
    let shared = world
        .changes
        .iter()
        .map(|(path, value)| (*path, (*value).to_owned()));
    let template = Template::parse_variant("row.yaml", world.text, None, shared.chain(changes));
    let template = template.unwrap_or_else(|problems| panic!("a row of the table: {problems}"));
    if !world.drawn {
        return template;
    }
    let sample = Posterior::of_priors(&template, seed).expect("a prior of the table");
    let sample = std::sync::Arc::new(sample);
    template
        .with_posterior(&sample)
        .expect("draws that make valid scenarios")
}

/// A change: a rate of which the prior is a gamma law, so many requests in so long.
macro_rules! counted {
    ($shape:literal, $time:literal) => {
        (
            "assumptions",
            concat!(
                "[{path: demand.all.source.requests.rate, basis: reasoned, prior: {gamma: {shape: ",
                $shape,
                ", rate: ",
                $time,
                "}}, why: counted}]"
            ),
        )
    };
}
pub(crate) use counted;

/// Can be cancelled, and reports no progress: for work that is not counted in replications of the row.
pub(crate) struct Uncounted<'a>(pub &'a dyn Progress);

impl Progress for Uncounted<'_> {
    fn completed(&self, _: u64) {}

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// No changes whose values are made.
pub(crate) fn none() -> Vec<(&'static str, String)> {
    Vec::new()
}

/// Replications of a world with changes.
pub(crate) const fn run(
    world: World,
    changes: &'static [(&'static str, &'static str)],
    replications: usize,
    asks: &'static [Ask],
) -> Part {
    Part::Simulated(Run {
        world,
        changes,
        made: none,
        replications,
        asks,
    })
}

/// A comparison.
pub(crate) const fn ask(what: &'static str, value: Value, exact: Exact) -> Ask {
    Ask { what, value, exact }
}
