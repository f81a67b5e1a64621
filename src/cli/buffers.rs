//! What `drawdown size` is asked: which buffers, which levels, and what they must do.

use std::collections::BTreeSet;

use crate::cli::args::SizeArgs;
use crate::cli::progress::Bar;
use crate::cli::words::{self, percent};
use crate::cli::{Failure, place_of};
use crate::experiment::allocate::Together;
use crate::experiment::measure::{Better, Kind, MEASURES, place};
use crate::experiment::names::Role;
use crate::experiment::progress::Progress;
use crate::experiment::requirement::Requirement;
use crate::experiment::size::{Buffer, Sizing};
use crate::experiment::wanted::Wanted;
use crate::scenario::Scenario;
use crate::scenario::vary::design::{Plan, SweepSpec};
use crate::scenario::vary::template::Template;

/// How a buffer is sized without an outage.
pub(crate) const IN_CALM: &str = "say how long requests may wait with `--wait 'p95 <= 30s'`, or how many must \
                                  find a ready worker with `--hit-rate '>= 99%'`";

/// The requirement, for a pool.
fn requirement(args: &SizeArgs, pool: usize) -> Requirement {
    let any = Requirement::no_failed_lease(pool, args.risk);
    match (&args.wait, &args.hit_rate) {
        (Some(bound), _) => Requirement {
            measure: bound.measure,
            at_most: bound.limit,
            ..any
        },
        (None, Some(bound)) => Requirement {
            measure: bound.measure,
            at_most: f64::INFINITY,
            at_least: bound.limit,
            ..any
        },
        (None, None) => Requirement {
            measure: args.measure,
            at_most: args.at_most,
            ..any
        },
    }
}

/// Checks the requirement, and whether there are enough replications for its risk.
pub(crate) fn check(template: &Template, args: &SizeArgs) -> Result<(), Failure> {
    let measure = &MEASURES[place(MEASURES, args.measure)];
    if measure.kind == Kind::TimeToEvent || measure.better != Some(Better::Less) {
        let text = format!(
            "`{}` is not a figure of which less is better, and no buffer can be held to it\n  \
             help: take one such as `failed_leases`, `delayed_leases`, `tenants_impacted`, `empty_s` or `wait_max_s`; \
             or `--hit-rate '>= 99%'`",
            args.measure
        );
        return Err(Failure::Message(text));
    }
    if requirement(args, 0).is_of_outages() && !template.base.has_outages() {
        return Err(Failure::Message(format!(
            "the file has no outage, so that a buffer must be sized for ordinary times\n  help: {IN_CALM}"
        )));
    }
    let (n, least) = (
        args.many.replications().count.get(),
        (1.0 / args.risk).ceil(),
    );
    if (n as f64) < least {
        let sure = (0.05_f64.log2() / (1.0 - args.risk).log2()).ceil();
        let text = format!(
            "{n} replications are too few for a risk of {}\n  help: `--replications {sure}` are enough to be sure of a level",
            percent(args.risk)
        );
        return Err(Failure::Message(text));
    }
    let mut seen = BTreeSet::new();
    match args.pool.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(Failure::Message(format!(
            "`--pool {twice}` is given twice\n  help: leave one out"
        ))),
        None => Ok(()),
    }
}

/// The pools whose buffers are sized, by their places, and the paths of the levels.
pub(crate) fn buffers(
    template: &Template,
    args: &SizeArgs,
) -> Result<Vec<(usize, String)>, Failure> {
    let names: Vec<&str> = template
        .base
        .pools
        .iter()
        .map(|pool| pool.name.as_str())
        .collect();
    let place = |name: &str| place_of(&template.base, name);
    let Some(path) = &args.path else {
        if args.pool.is_empty() {
            let help = format!("name one with `--pool`: {}", names.join(", "));
            return Err(Failure::Message(format!(
                "which pool is to be sized?\n  help: {help}"
            )));
        }
        let buffer = |name: &String| Ok((place(name)?, format!("pools.{name}.target")));
        return args.pool.iter().map(buffer).collect();
    };
    let within = |name: &&str| path.starts_with(&format!("pools.{name}."));
    let pool = match &args.pool[..] {
        [pool] => place(pool)?,
        [] => {
            let named = names.iter().find(|name| within(name));
            let help = "the path names no pool; say which one must last with `--pool`";
            place(named.ok_or_else(|| Failure::Message(help.to_owned()))?)?
        }
        _ => {
            let text = "`--path` sizes one value; name one pool that must last, or none";
            return Err(Failure::Message(text.to_owned()));
        }
    };
    Ok(vec![(pool, path.clone())])
}

/// Whether the requirement can be missed at all.
pub(crate) fn can_be_missed(
    template: &Template,
    args: &SizeArgs,
    pool: usize,
) -> Result<(), Failure> {
    let scenario = &template.base;
    let standbys = scenario.standbys_of(pool);
    let pools: Vec<usize> = std::iter::once(pool).chain(standbys).collect();
    let any = |holds: fn(&Scenario, usize) -> bool| pools.iter().any(|it| holds(scenario, *it));
    if args.wait.is_some() && !any(Scenario::requests_can_wait) {
        return Err(Failure::Message(format!(
            "requests to {} are served at once or rejected and never wait, so that any buffer meets `--wait`\n  \
             help: size for the share that is served at once: `--hit-rate '>= 99%'`",
            scenario.pools[pool].name
        )));
    }
    let fails = requirement(args, pool).measured().has(Role::Failure);
    if !fails || any(Scenario::requests_can_fail) {
        return Ok(());
    }
    let text = format!(
        "requests to {} wait until they are served and never fail, so that any buffer meets `{}`\n  \
         help: size for a wait instead, such as `--wait 'p95 <= 1m'`, short for `--measure wait_p95_s --at-most 60`",
        scenario.pools[pool].name, args.measure
    );
    Err(Failure::Message(text))
}

/// The levels of one buffer, each of them read.
pub(crate) fn wanted(
    template: &Template,
    args: &SizeArgs,
    pool: usize,
    path: &str,
) -> Result<Wanted, Failure> {
    let base = &template.base.pools[pool];
    let varied = match &args.within {
        Some(within) => SweepSpec::of_levels(path, within),
        None => SweepSpec::of_every_level(template, pool, path),
    };
    let plan = Plan::new(template.clone(), &varied);
    let priced = template.base.pools.iter().all(|pool| pool.cost.is_some());
    Ok(Wanted {
        varied,
        plan: plan.map_err(|problems| Failure::Message(problems.to_string()))?,
        requirement: requirement(args, pool),
        price: args.price.or(base.cost.filter(|_| priced)).unwrap_or(1.0),
    })
}

/// Whether there is an answer at all: the work was not ended too early, and there was something to size.
pub(crate) fn answered(
    sized: &[Buffer],
    together: Option<&Together>,
    args: &SizeArgs,
    bar: &Bar,
) -> Result<(), Failure> {
    let least = sized.iter().map(|it| it.sizing.n).min().unwrap_or(0);
    if least == 0 {
        let label = "interrupted before a replication was run; nothing was written";
        return Err(Failure::Message(label.to_owned()));
    }
    if bar.is_cancelled() && together.is_none() && (1 < sized.len() || args.budget.is_some()) {
        let label = "interrupted before levels for all pools were found; nothing was written";
        return Err(Failure::Message(label.to_owned()));
    }
    sized
        .iter()
        .find_map(|it| idle(it, sized.len()))
        .map_or(Ok(()), |label| Err(Failure::Message(label)))
}

/// What is said of a buffer that has nothing to last through, of so many that are sized.
fn idle(it: &Buffer, of: usize) -> Option<String> {
    let n = words::counted(it.sizing.n, "replication");
    // A standby of a pool that is sized with it may not be needed at the levels that were chosen.
    let (why, help) = match (it.sizing.is_untouched(), it.sizing.reached) {
        (true, _) => (
            format!("no outage meets {} in any of {n}", it.pool),
            "size for failures at any time with `--measure failed_leases`, for a wait with `--wait 'p95 <= 30s'`, \
             or for a hit rate with `--hit-rate '>= 99%'`",
        ),
        (false, false) if of == 1 => (
            format!(
                "{} is a standby that never opens, and no request reaches it in any of {n}",
                it.pool
            ),
            "size the pool that it stands in for",
        ),
        _ => return None,
    };
    let leave = match of {
        1 => String::new(),
        _ => format!("leave out `--pool {}`, or ", it.pool),
    };
    Some(format!(
        "{why}, so that there is nothing to size\n  help: {leave}{help}"
    ))
}

/// What helps where no level is enough. Where as many leases fail at the highest level as at the lowest, they fail for
/// other reasons than too few workers.
pub(super) fn what_helps(sizing: &Sizing) -> &'static str {
    let failed = sizing.costs.iter().map(|cost| cost.failed_leases.point);
    let failed: Vec<f64> = failed.flatten().collect();
    let asked = sizing.requirement.measure.starts_with("failed_leases");
    match &failed[..] {
        [first, .., last] if asked && 0.0 < *first && 0.99 * first <= *last => {
            "as many leases fail with the most workers as with the fewest, so that more change nothing"
        }
        _ => "widen `--within`",
    }
}
