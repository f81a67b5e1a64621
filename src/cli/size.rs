//! `drawdown size`: the smallest buffer that lasts.

use crate::cli::args::SizeArgs;
use crate::cli::buffers::{answered, buffers, can_be_missed, check, wanted, what_helps};
use crate::cli::deliver::{deliver, open};
use crate::cli::exit::Exit;
use crate::cli::finding::{Sentence, listed, plain};
use crate::cli::progress::Bar;
use crate::cli::run::assumed;
use crate::cli::screen::{self, Glance, Screen};
use crate::cli::shell::Line;
use crate::cli::words::{self, percent};
use crate::cli::{
    Failure, asked, costs, decide, information, paint, posterior, remark, robust, template,
};
use crate::experiment::allocate::{Aim, Together, size_together};
use crate::experiment::break_even::break_even_with;
use crate::experiment::decide::{Choice, decide as choose};
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::size::{Buffer, Sizing, size_with};
use crate::experiment::wanted::Wanted;
use crate::kernel::random::Seed;
use crate::output::folder::Folder;
use crate::output::study::header::Words;
use crate::output::study::size;
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;

/// Buffers that were sized, and what they should hold together.
pub(crate) type Found = (Vec<Buffer>, Option<Together>);

/// Answers the command.
pub(crate) fn answer_command(args: &SizeArgs) -> Result<Exit, Failure> {
    let known = template(&args.file, &args.source)?;
    check(&known, args)?;
    let buffers = buffers(&known, args)?;
    for (pool, _) in &buffers {
        can_be_missed(&known, args, *pool)?;
    }
    // Draws from priors, and the levels of several choices, can take longer than the replications.
    let folder = open(args.out.as_deref(), "size", study(args).as_deref())?;
    let sample = posterior::sample(&known, &args.unknown, args.source.seed)?;
    let template = match &sample {
        Some(sample) => posterior::with(known.clone(), sample)?,
        None => known.clone(),
    };
    let [known, template] = [known, template].map(|it| asked::about(it, args, &buffers));
    let choices = decide::choices(&template, args, &buffers)?;
    let wanted = buffers
        .iter()
        .map(|(pool, path)| wanted(&template, args, *pool, path))
        .collect::<Result<Vec<_>, _>>()?;
    let replications = args.many.replications();
    let asked = replications.count.get();
    let rounds = if wanted.len() == 1 { 1 } else { 3 };
    let bar = Bar::new((asked * wanted.len() * rounds * choices.len().max(1)) as u64);
    let chosen = decided(&choices, args, &bar);
    let (template, (mut sized, together)) = match chosen {
        Some((choice, found)) => (choice.template.clone(), found),
        None => {
            let found = answer(&template, &wanted, args, &bar);
            (template, found)
        }
    };
    let robust = match (&sample, &mut sized[..]) {
        (Some(sample), [it]) if together.is_none() && 0 < it.sizing.n => {
            let means = robust::at_means(&known, sample, args, &buffers[0], &bar)?;
            let mut lines = robust::lines(it, &means);
            lines.extend(information::added(it, &wanted[0], args));
            lines
        }
        _ => Vec::new(),
    };
    bar.end();
    let least = sized.iter().map(|it| it.sizing.n).min().unwrap_or(0);
    answered(&sized, together.as_ref(), args, &bar)?;
    if bar.is_cancelled() {
        remark(&format!(
            "interrupted: {least} of {asked} replications were run, and the results are of those"
        ));
    }
    give(
        (&template, &sized, together.as_ref()),
        &robust,
        folder,
        args,
    )?;
    let none = sized.iter().any(|it| it.sizing.answer.is_none());
    let enough = match (sized.len(), args.budget) {
        (1, None) => !none,
        _ => together.as_ref().is_some_and(|it| it.keeps),
    };
    Ok(if enough { Exit::Answered } else { Exit::No })
}

/// Writes and prints what was found.
fn give(
    (template, sized, together): (&Template, &[Buffer], Option<&Together>),
    robust: &[Sentence],
    folder: Option<Folder>,
    args: &SizeArgs,
) -> Result<(), Failure> {
    let note = posterior::note(template.posterior.as_deref());
    let mut words = words_of(sized, together, args);
    words.findings.extend(plain(robust));
    words.notes.extend(note.clone());
    words.notes.extend(asked::left_out(&template.base));
    let seed = args.source.seed;
    let given = size::study(&template.base, sized, together, seed, words);
    deliver(&given, folder, args.print.json, || match args.print.all {
        true => {
            let text = shown(template, sized, together, args) + &listed(robust);
            text + &note.map_or_else(String::new, |note| note + "\n")
        }
        false => {
            let mut screen = screen(template, sized, together, args);
            screen.notes.splice(0..0, note);
            screen.answer.extend(robust.iter().cloned());
            screen.text()
        }
    })
}

/// What each buffer should hold; of several also what they should hold together.
pub(crate) fn answer(template: &Template, wanted: &[Wanted], args: &SizeArgs, bar: &Bar) -> Found {
    let asked = (args.many.replications(), Seed(args.source.seed));
    let (sizings, together) = match wanted {
        [it] if args.budget.is_none() => (
            vec![size_with(&it.plan, it.requirement, asked.0, asked.1, bar)],
            None,
        ),
        _ => size_together(template, wanted, aim(args), asked, bar),
    };
    (sized(template, wanted, sizings, (args, bar)), together)
}

/// What is to be achieved.
fn aim(args: &SizeArgs) -> Aim {
    args.budget.map_or(Aim::Risk(args.risk), Aim::Budget)
}

/// The choice that is the answer, and what its buffers should hold; absent where only levels are decided on.
fn decided<'a>(choices: &'a [Choice], args: &SizeArgs, bar: &Bar) -> Option<(&'a Choice, Found)> {
    let asked = (args.many.replications(), Seed(args.source.seed));
    let answer = (!choices.is_empty()).then(|| choose(choices, aim(args), asked, bar))?;
    let choice = &choices[answer.place];
    let buffers = sized(
        &choice.template,
        &choice.wanted,
        answer.sizings,
        (args, bar),
    );
    Some((choice, (buffers, answer.together)))
}

/// Buffers with their sizings.
fn sized(
    template: &Template,
    wanted: &[Wanted],
    sizings: Vec<Sizing>,
    (args, bar): (&SizeArgs, &Bar),
) -> Vec<Buffer> {
    let asked = (args.many.replications(), Seed(args.source.seed));
    let buffer = |(it, sizing): (&Wanted, Sizing)| {
        let place = it.requirement.pool;
        let pool = &template.base.pools[place];
        // The cost of one buffer depends on the levels of others, which are not known in advance.
        let alone = wanted.len() == 1 && 0 < sizing.n;
        let many = Replications {
            threads: asked.0.threads,
            ..Replications::new(sizing.n.max(1))
        };
        let cheapest = || break_even_with(&it.plan, (place, args.price), (many, asked.1), bar);
        Buffer {
            pool: pool.name.clone(),
            path: it.plan.axes[0].path.clone(),
            price: args.price.or(pool.cost),
            currency: template.base.prices.currency.clone(),
            break_even: alone.then(cheapest).flatten(),
            information: None,
            sizing,
        }
    };
    wanted.iter().zip(sizings).map(buffer).collect()
}

/// What is said of the results.
fn words_of(sized: &[Buffer], together: Option<&Together>, args: &SizeArgs) -> Words {
    let alone = match together {
        Some(_) => &[][..],
        None => sized,
    };
    let mut findings: Vec<String> = alone.iter().map(finding).collect();
    findings.extend(sized.iter().filter_map(costs::cheapest));
    let mut notes = Vec::new();
    for it in alone {
        notes.extend(grounds(it).into_iter().map(|label| match sized.len() {
            1 => label,
            _ => format!("{}: {label}", it.pool),
        }));
    }
    if 1 < sized.len() {
        let (label, more) = shared(sized, together, args);
        findings.push(label);
        notes.extend(more);
    }
    Words {
        findings,
        notes,
        reproduce: command(sized, args),
        study: study(args),
    }
}

/// The sizes at a glance.
fn screen(
    template: &Template,
    sized: &[Buffer],
    together: Option<&Together>,
    args: &SizeArgs,
) -> Screen {
    let base = &template.base;
    let mut notes = Vec::new();
    let mut answer: Vec<String> = Vec::new();
    for it in sized.iter().filter(|_| together.is_none()) {
        answer.push(finding(it));
        notes.extend(grounds(it));
    }
    if 1 < sized.len() || args.budget.is_some() {
        let (label, more) = shared(sized, together, args);
        answer.push(label);
        notes.extend(more);
    }
    answer.extend(sized.iter().filter_map(costs::cheapest));
    notes.extend(sized.iter().filter_map(in_calm));
    notes.extend(sized.iter().filter_map(|it| costs::unpriced(it, template)));
    notes.extend(asked::left_out(base));
    notes.extend(screen::assumed(base));
    let sentence = |text: String| match text.split_once(": ") {
        Some((name, said)) => (name.to_owned(), said.to_owned()),
        None => (base.name.clone(), text),
    };
    let n = words::counted(
        sized.iter().map(|it| it.sizing.n).min().unwrap_or(0),
        "replication",
    );
    let plot = match sized {
        // With a sample there is more to say than levels.
        [it] => {
            let levels = costs::table_of(it, template.posterior.is_some());
            format!("{}\n{levels}", paint::title(&it.path))
        }
        _ => decide::table_of(sized, together).unwrap_or_default(),
    };
    Screen {
        title: format!("{}: sizes by {n}", base.name),
        plot,
        table: Glance::default(),
        notes,
        reproduce: command(sized, args),
        next: None,
        answer: answer.into_iter().map(sentence).collect(),
    }
}

fn shown(
    template: &Template,
    sized: &[Buffer],
    together: Option<&Together>,
    args: &SizeArgs,
) -> String {
    let scenario = &template.base;
    let mut text = format!(
        "{}: how large a buffer lasts?\n",
        paint::title(&scenario.name)
    );
    // What each needs with the others at their levels is no answer beside that for all.
    for it in sized.iter().filter(|_| together.is_none()) {
        text += &(paint::finding(&paint::prose(&finding(it))) + "\n");
        for label in grounds(it) {
            text += &(paint::prose(&format!("  {label}")) + "\n");
        }
    }
    if 1 < sized.len() || args.budget.is_some() {
        let (label, more) = shared(sized, together, args);
        text += &(paint::finding(&paint::prose(&label)) + "\n");
        let more = more.unwrap_or_default();
        text += &(paint::prose(&format!("  {more}")) + "\n");
    }
    for label in sized.iter().filter_map(costs::cheapest) {
        text += &(paint::finding(&paint::prose(&label)) + "\n");
    }
    let unpriced = sized.iter().filter_map(|it| costs::unpriced(it, template));
    for label in sized.iter().filter_map(in_calm).chain(unpriced) {
        text += &(paint::prose(&format!("  {label}")) + "\n");
    }
    let alternatives = decide::table_of(sized, together);
    text.extend(alternatives.map(|table| format!("\n{table}")));
    for it in sized {
        text += &format!(
            "\n{}\n{}",
            paint::title(&it.path),
            costs::table_of(it, false)
        );
        let more = [costs::expected(it), information::table_of(it)];
        text.extend(more.into_iter().flatten().map(|table| format!("\n{table}")));
    }
    let costs = sized.iter().flat_map(|it| &it.sizing.costs);
    let n = costs
        .map(|cost| cost.idle_worker_hours.n)
        .max()
        .unwrap_or(0);
    let mut meant = format!(
        "Intervals cover 95%. Figures beside the first rest on {n} replications; ready in calm is while outages meet no pool."
    );
    if sized.iter().any(|it| it.price.is_some()) {
        meant +=
            " Cost a year: as if every hour of a year were like those of the scenario in calm.";
    }
    if 1 < sized.len() {
        meant += " Each pool is sized with the others at the levels chosen for all.";
    }
    text += &format!("\n{}\n", paint::prose(&meant));
    text += &assumed(scenario);
    text += &format!("\nreproduce: {}\n", command(sized, args));
    text
}

/// What is asked of which buffers.
fn question(line: Line, args: &SizeArgs) -> Line {
    let none = args.wait.is_none() && args.hit_rate.is_none();
    line.unknown(&args.unknown)
        .flags("pool", &args.pool)
        .flags("path", &args.path)
        .flags("within", &args.within)
        .flag("risk", args.risk)
        .flags("measure", none.then_some(args.measure))
        .flags("at-most", none.then_some(args.at_most))
        .flags("wait", args.wait.iter().map(|bound| &bound.text))
        .flags("hit-rate", args.hit_rate.iter().map(|bound| &bound.text))
        .flags("price", args.price)
        .flags("decide", &args.decide)
        .flags("loss", args.loss)
        .flags("budget", args.budget)
}

fn study(args: &SizeArgs) -> Option<String> {
    let question = question(Line::question(), args).changes(&args.source);
    question.study(args.out.as_deref(), &[&args.file])
}

fn command(sized: &[Buffer], args: &SizeArgs) -> String {
    let n = sized.iter().map(|it| it.sizing.n).min().unwrap_or(0);
    let line = question(Line::new("size"), args);
    let line = line.switch_if("whole", args.whole);
    line.flag("replications", n)
        .flag("seed", args.source.seed)
        .source(&args.source)
        .files(&[&args.file])
}

/// The answer in one sentence.
fn finding(it: &Buffer) -> String {
    let sizing = &it.sizing;
    let enough = percent(1.0 - sizing.requirement.risk);
    let (first, last) = (&sizing.levels[0], &sizing.levels[sizing.levels.len() - 1]);
    let what = match it.path == format!("pools.{}.target", it.pool) {
        true => "a target of".to_owned(),
        false => format!("`{}`:", it.path),
    };
    let Some(answer) = sizing.answer else {
        return format!(
            "{}: {what} {first} to {last} is not enough for {enough} of {}; {}",
            it.pool,
            words::counted(sizing.n, "replication"),
            what_helps(sizing),
        );
    };
    format!(
        "{}: {what} {} is the least with which {} in {enough} of replications ({} of {})",
        it.pool,
        sizing.levels[answer],
        size::asked(&sizing.requirement),
        does(sizing, answer),
        words::separated(&sizing.n.to_string()),
    )
}

/// In how many replications a level is enough.
fn does(sizing: &Sizing, place: usize) -> String {
    let likely = sizing.curve.iter().find(|likely| likely.level == place);
    let does = likely.map_or(Estimate::default(), |likely| likely.success);
    words::estimate(does, "share", words::NONE)
}

/// What an answer rests on.
fn grounds(it: &Buffer) -> Vec<String> {
    let sizing = &it.sizing;
    let mut grounds = Vec::new();
    if sizing.answer.is_none() {
        return grounds;
    }
    if sizing.answer == Some(0) {
        let lowest = "it is the lowest level asked for: fewer may do; widen `--within`";
        grounds.push(lowest.to_owned());
    }
    if let Some(today) = sizing.today {
        let does = does(sizing, today);
        grounds.push(format!("today {}: {does}", sizing.levels[today]));
    }
    let level = |place: Option<usize>| place.map(|place| sizing.levels[place].as_str());
    if !sizing.critical.is_empty() {
        let [low, high] = sizing
            .interval
            .map(|place| level(place).unwrap_or("unbounded"));
        let sure = match level(sizing.assured) {
            Some(assured) => format!("{assured} is enough with a confidence of 95%"),
            None => "so few replications assure nothing".to_owned(),
        };
        grounds.push(format!("95% interval {low} to {high}; {sure}"));
    }
    let [checked, violated] = sizing.checked;
    grounds.push(match violated {
        0 => format!("more never did worse in {checked} replications checked at many levels"),
        _ => format!(
            "more did worse in {violated} of {checked} replications checked at many levels: each level \
             visited was judged by all replications, which is right if more helps on the whole"
        ),
    });
    if sizing.met.point == Some(0.0) {
        grounds.push("no outage meets the pool: levels are judged in ordinary times".to_owned());
    } else if sizing.met.point.is_some_and(|met| met < 1.0) {
        let met = words::estimate(sizing.met, "share", words::NONE);
        grounds.push(format!("an outage meets the pool in {met} of replications"));
    }
    grounds
}

/// What the buffers should hold together.
fn shared(
    sized: &[Buffer],
    together: Option<&Together>,
    args: &SizeArgs,
) -> (String, Option<String>) {
    let enough = percent(1.0 - args.risk);
    let Some(it) = together else {
        let label = match args.budget {
            Some(_) => "no levels that the budget allows are enough in any replication".to_owned(),
            None => format!("no levels within these bounds are enough in {enough} of replications"),
        };
        return (format!("Together: {label}"), None);
    };
    let levels = sized.iter().zip(&it.allocation.levels);
    let levels: Vec<String> = levels
        .map(|(it, level)| format!("{} {}", it.pool, it.sizing.levels[*level]))
        .collect();
    let levels = levels.join(", ");
    let unit = match sized.iter().all(|it| it.price.is_some()) {
        true => "an hour at full target",
        false => "workers",
    };
    let label = match (args.budget, it.keeps) {
        (Some(most), _) => format!("Together, the best for {most} {unit}: {levels}"),
        (None, true) => format!(
            "Together, the cheapest found for {enough}: {levels}{}",
            decide::said(it)
        ),
        (None, false) => format!(
            "Together: no levels were found that keep {enough}; the nearest: {levels}; more \
             `--replications` may find them"
        ),
    };
    let trial = words::estimate(it.trial, "share", words::NONE);
    let more = format!(
        "{} {unit}; in {} all of them are enough in {trial}",
        words::number(it.allocation.cost),
        words::counted(it.trial.n, "other replication"),
    );
    (label, Some(more))
}

/// What is said where leases fail outside outages at the level that is the answer, which the requirement
/// does not count.
fn in_calm(it: &Buffer) -> Option<String> {
    let sizing = &it.sizing;
    let level = sizing.chosen.or(sizing.answer)?;
    let cost = sizing.costs.iter().find(|cost| cost.level == level)?;
    let counts = sizing.requirement.is_of_outages();
    let failed = cost
        .failed_in_calm
        .filter(|failed| counts && 0.5 <= *failed)?;
    Some(format!(
        "{}: with {} workers {} leases fail outside outages on average, which `--measure failed_leases` \
         would count",
        it.pool,
        sizing.levels[level],
        words::number(failed),
    ))
}
