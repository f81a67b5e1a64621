//! Unknown values from published facts, as one call.

use std::fmt;

use crate::experiment::abc::Abc;
use crate::experiment::aims::Aim;
use crate::experiment::calibration::Calibration;
use crate::experiment::progress::Progress;
use crate::experiment::simple_model::Exact;
use crate::kernel::random::Seed;
use crate::scenario::vary::parameters::Parameter;
use crate::scenario::vary::posterior::Posterior;
use crate::scenario::vary::template::Template;

/// Why there is no posterior sample.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NoPosterior {
    /// No value that is free has a prior, or no fact is to be fitted.
    NothingUnknown,
    /// The model cannot produce these facts with its priors, by their names.
    Beyond(Vec<String>),
    /// No generation could be completed within the budget of replications.
    Budget,
}

impl fmt::Display for NoPosterior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingUnknown => {
                f.write_str("no free value has a prior, or no fact has `use: fit`")
            }
            Self::Beyond(facts) => write!(
                f,
                "the model and its priors cannot produce {}",
                facts.join(", ")
            ),
            Self::Budget => f.write_str("no generation could be completed within the budget"),
        }
    }
}

impl std::error::Error for NoPosterior {}

/// A sample of the unknown values of a scenario given its fitted facts, with `rows` rows, from at most about
/// `budget` replications: in closed form where the model is the simplest one, and by simulation otherwise.
///
/// # Errors
/// If there is nothing to calibrate, or the facts cannot be produced.
///
/// # Panics
/// If `rows` is 0.
///
/// # Examples
/// How long a pool lasts, given what is known of it:
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::scenario::Template;
/// use drawdown::study::calibrate_facts;
/// use drawdown::{Replications, Seed, ensemble};
///
/// let template = Template::load("scenarios/rnq2-nc8.yaml")?;
/// let posterior = calibrate_facts(&template, 1_000, 200_000, Seed(1))?;
/// let uncertain = template.with_posterior(&posterior.into()).map_err(|(row, _)| format!("row {row}"))?;
/// let found = ensemble(uncertain.base(), Replications::new(1_000), Seed(1));
/// assert_eq!(found.n, 1_000);
/// # Ok(())
/// # }
/// ```
pub fn calibrate_facts(
    template: &Template,
    rows: usize,
    budget: u64,
    seed: Seed,
) -> Result<Posterior, NoPosterior> {
    calibrate_facts_with(template, rows, budget, seed, &())
}

/// The same, with progress reporting and cancellation: cancelled, the sample is of the last generation that was
/// complete, if there was one.
///
/// # Errors
/// As [`calibrate_facts`] does.
///
/// # Panics
/// If `rows` is 0.
pub fn calibrate_facts_with(
    template: &Template,
    rows: usize,
    budget: u64,
    seed: Seed,
    progress: &dyn Progress,
) -> Result<Posterior, NoPosterior> {
    assert!(0 < rows, "a sample has at least one row");
    let parameters = Parameter::all(template);
    let aims = Aim::all(&template.base);
    if parameters.is_empty() || !aims.iter().any(|aim| aim.fitted) {
        return Err(NoPosterior::NothingUnknown);
    }
    let abc = Abc {
        template,
        parameters: &parameters,
        aims: &aims,
        seed,
        particles: rows,
        budget,
        threads: None,
    };
    let state = abc.begin(progress).ok_or(NoPosterior::Budget)?;
    let beyond = abc.beyond(&state.prior);
    if !beyond.is_empty() {
        let names = beyond.into_iter().map(|it| it.aim.name);
        return Err(NoPosterior::Beyond(names.collect()));
    }
    let found = match Exact::of(template, &parameters, &aims) {
        Some(exact) => {
            let found = Calibration::exact(&abc, &exact, &state.prior, progress);
            found.ok_or(NoPosterior::Budget)?
        }
        None => {
            let state = abc.go_on(state, progress, &mut |_| true);
            if state.last.tolerance.is_none() {
                return Err(NoPosterior::Budget);
            }
            Calibration::of_state(template, &parameters, &aims, &state, (rows, seed))
        }
    };
    let paths = parameters.into_iter().map(|it| it.path).collect();
    let rows: Vec<Vec<String>> = found.written().collect();
    Posterior::new(paths, &rows).map_err(|_| NoPosterior::Budget)
}
