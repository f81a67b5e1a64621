//! `drawdown size --decide`: other values than levels as part of the decision.

use crate::cli::args::SizeArgs;
use crate::cli::buffers::wanted;
use crate::cli::table::table;
use crate::cli::{Failure, words};
use crate::experiment::allocate::Together;
use crate::experiment::alternative::Alternative;
use crate::experiment::decide::Choice;
use crate::experiment::size::Buffer;
use crate::output::study::decided::{NAMES, cost_of, decided, levels};
use crate::scenario::vary::design::{Design, Plan, SweepSpec};
use crate::scenario::vary::template::Template;

/// Most alternatives, each of which is sized on its own.
const CHOICES_MAX: usize = 64;

/// Every combination of the values that are decided on, with the buffers to size; none where nothing is decided.
pub(crate) fn choices(
    template: &Template,
    args: &SizeArgs,
    buffers: &[(usize, String)],
) -> Result<Vec<Choice>, Failure> {
    if args.decide.is_empty() {
        return Ok(Vec::new());
    }
    if buffers.len() < 2 {
        let text = "`--decide` chooses values together with the levels of several buffers\n  \
                    help: name two pools or more with `--pool`; for one pool, compare variants, or sweep the value";
        return Err(Failure::Message(text.to_owned()));
    }
    let varied = SweepSpec {
        axes: args.decide.clone(),
        design: Some(Design::Grid),
        ..SweepSpec::default()
    };
    let plan = Plan::new(template.clone(), &varied);
    let plan = plan.map_err(|problems| Failure::Message(problems.to_string()))?;
    if CHOICES_MAX < plan.len() {
        return Err(Failure::Message(format!(
            "`--decide` gives {} combinations, and each of them is sized: at most {CHOICES_MAX}\n  \
             help: give fewer values",
            plan.len()
        )));
    }
    let choice = |cell: usize| {
        let template = plan.template_of(cell);
        let sized = buffers.iter();
        let wanted = sized.map(|(pool, path)| wanted(&template, args, *pool, path));
        let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
        let paths = plan.axes.iter().map(|axis| axis.path.clone());
        Ok(Choice {
            values: paths.zip(plan.values(cell)).collect(),
            template,
            wanted,
        })
    };
    (0..plan.len()).map(choice).collect()
}

/// What was decided, in words, after the levels: empty where nothing was.
pub(crate) fn said(together: &Together) -> String {
    let answer = together.alternatives.iter().find(|it| it.answer);
    answer.map_or_else(String::new, |it| {
        let of = together.alternatives.len();
        format!("; with {}, the best of {of} alternatives", decided(it))
    })
}

/// The alternatives, as a table.
pub(crate) fn table_of(sized: &[Buffer], together: Option<&Together>) -> Option<String> {
    let alternatives = together.map_or(&[][..], |it| &it.alternatives);
    let row = |it: &Alternative| {
        let mark = if it.answer { " < answer" } else { "" };
        vec![
            decided(it) + mark,
            levels(sized.iter().map(|it| &it.pool[..]), it),
            words::some(it.cost, cost_of(sized).0),
            words::estimate(it.trial_share, "share", words::NONE),
        ]
    };
    let rows: Vec<Vec<String>> = alternatives.iter().map(row).collect();
    let header = NAMES.map(str::to_owned);
    let header = header.each_ref().map(String::as_str);
    (!rows.is_empty()).then(|| table(&header, &header[2..], &rows))
}
