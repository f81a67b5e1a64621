//! Other values than levels as part of the decision on several buffers: for each of them levels are chosen, on common
//! random numbers, and the cheapest that keep what is promised are tried once more.

use crate::experiment::allocate::{Aim, TRIALS, Together, choose_together, price_all};
use crate::experiment::alternative::{Alternative, Decided};
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::size::Sizing;
use crate::experiment::wanted::{Wanted, kept};
use crate::kernel::random::Seed;
use crate::scenario::vary::design::Plan;
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;

/// Values that may be decided on, in a scenario that has them, and the buffers that are then sized.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Paths and values, as a file would have them.
    pub values: Vec<(String, String)>,
    pub template: Template,
    pub wanted: Vec<Wanted>,
}

/// The answer among choices: its place, the sizings of its buffers, and their levels.
pub(crate) struct Answer {
    pub place: usize,
    pub sizings: Vec<Sizing>,
    pub together: Option<Together>,
}

/// Sizes buffers for each of several choices, and takes the cheapest (within a budget: the one that is enough most
/// often) of those whose levels keep what is promised both in their trial and in one more, which no choice has seen.
/// Where none does, the answer is the one that is enough most often, and does not keep it.
///
/// # Panics
/// If there is no choice.
pub(crate) fn decide(
    choices: &[Choice],
    aim: Aim,
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> Answer {
    let asked = (replications, seed);
    let found = choices
        .iter()
        .map(|it| choose_together(&it.template, &it.wanted, aim, asked, progress));
    let mut found: Vec<Found> = found.collect();
    let n = replications.count.get();
    let unseen = n * (TRIALS as usize + 1)..n * (TRIALS as usize + 2);
    let confirmed = ordered(&found, aim).into_iter().find_map(|place| {
        let levels = &found[place].2.as_ref()?.allocation.levels;
        let choice = &choices[place];
        let of = (&choice.template, &choice.wanted[..]);
        let kept = kept(of, levels, unseen.clone(), (replications.threads, seed))?;
        aim.is_kept(&kept).then_some((place, kept))
    });
    let place = confirmed.map_or_else(|| nearest(&found), |(place, _)| place);
    let mut alternatives: Vec<Alternative> = choices
        .iter()
        .zip(&found)
        .map(|(choice, (sizings, _, together))| alternative(choice, sizings, together.as_ref()))
        .collect();
    let (mut sizings, plans, mut together) = found.swap_remove(place);
    if let Some(together) = &mut together {
        alternatives[place].answer = confirmed.is_some();
        together.keeps = confirmed.is_some();
        if let Some((_, kept)) = confirmed {
            together.trial = kept;
        }
        together.alternatives = alternatives;
    }
    price_all(&mut sizings, &plans, asked);
    Answer {
        place,
        sizings,
        together,
    }
}

/// What was chosen for a choice: sizings, their plans, and levels.
type Found = (Vec<Sizing>, Vec<Plan>, Option<Together>);

/// The choices that keep what is promised, the best first; of equals the first.
fn ordered(found: &[Found], aim: Aim) -> Vec<usize> {
    let kept = |place: &usize| found[*place].2.as_ref().filter(|it| it.keeps);
    let mut places: Vec<usize> = (0..found.len()).filter(|it| kept(it).is_some()).collect();
    let worse = |place: &usize| {
        kept(place).map_or(f64::INFINITY, |it| match aim {
            Aim::Risk(_) => it.allocation.cost,
            Aim::Budget(_) => -it.trial.point.unwrap_or(0.0),
        })
    };
    places.sort_by(|one, other| worse(one).total_cmp(&worse(other)));
    places
}

/// The choice that is enough most often; of equals the first.
fn nearest(found: &[Found]) -> usize {
    let share = |place: &usize| {
        let together = found[*place].2.as_ref();
        together.and_then(|it| it.trial.point).unwrap_or(-1.0)
    };
    let mut places: Vec<usize> = (0..found.len()).collect();
    places.sort_by(|one, other| share(other).total_cmp(&share(one)));
    places[0]
}

fn alternative(choice: &Choice, sizings: &[Sizing], together: Option<&Together>) -> Alternative {
    let values = choice.values.iter().map(|(path, value)| Decided {
        path: path.clone(),
        value: value.clone(),
    });
    let levels = together.map_or(&[][..], |it| &it.allocation.levels);
    let levels = sizings.iter().zip(levels);
    Alternative {
        values: values.collect(),
        levels: levels
            .map(|(it, level)| it.levels[*level].clone())
            .collect(),
        cost: together.map(|it| it.allocation.cost),
        trial_share: together.map_or_else(Estimate::default, |it| it.trial),
        keeps: together.is_some_and(|it| it.keeps),
        answer: false,
    }
}
