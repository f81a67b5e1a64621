//! A scenario with figures that are given as flags. Each is read as it would be in a file, so that both
//! refuse the same, and what was not given is declared as assumed.

use crate::cli::Failure;
use crate::cli::args::NewArgs;
use crate::kernel::time::SimDuration;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value, quoted};
use crate::scenario::text::problem::{Problem, Spot};
use crate::scenario::text::read::{Read, Reader};
use crate::scenario::text::units::{Count, Length, Rate, duration};
use crate::scenario::text::yaml;
use crate::scenario::vary::template::Template;

/// The scenario with places for figures. `%each` repeats lines for each region; `%!FIGURE` keeps it where
/// the figure was given, `%?FIGURE` where it was not.
const FIGURES: &str = include_str!("figures.yaml");

/// Regions, in the order in which they are taken.
const REGIONS: [&str; 10] = [
    "westeurope",
    "northeurope",
    "eastus",
    "westus2",
    "centralus",
    "uksouth",
    "australiaeast",
    "japaneast",
    "southeastasia",
    "canadacentral",
];

/// When the outage begins, and how long the scenario goes on after it.
const BEFORE: SimDuration = SimDuration::from_seconds(90 * 60);
const AFTER: SimDuration = SimDuration::from_seconds(150 * 60);

/// Figures as they are written in the file, and what is wrong with those that were given.
#[derive(Default)]
struct Figures {
    problems: Vec<String>,
}

/// Whether any figure was given.
pub(crate) fn given(args: &NewArgs) -> bool {
    flags(args).iter().any(|(_, value)| value.is_some())
}

fn flags(args: &NewArgs) -> [(&'static str, Option<&str>); 7] {
    [
        ("target", args.target.as_deref()),
        ("rate", args.rate.as_deref()),
        ("hold", args.hold.as_deref()),
        ("latency", args.latency.as_deref()),
        ("outage", args.outage.as_deref()),
        ("regions", args.regions.as_deref()),
        ("name", args.name.as_deref()),
    ]
}

/// The scenario with the figures that were given.
///
/// # Errors
/// Everything that is wrong with them, in one message.
pub(crate) fn written(args: &NewArgs) -> Result<String, Failure> {
    let mut figures = Figures::default();
    let text = figures.text(args);
    // What is wrong only together shows once all of them are in place.
    if let Err(wrong) = Template::parse("new", &text) {
        for problem in wrong.list() {
            figures.note(flag_of(&problem.path), problem);
        }
    }
    match figures.problems.is_empty() {
        true => Ok(text),
        false => {
            let problems = figures.problems.join("\n\n");
            Err(Failure::Message(format!(
                "{problems}\n\nnothing was written"
            )))
        }
    }
}

/// The flag whose figure stands at a path.
fn flag_of(path: &str) -> Option<&'static str> {
    let parts = [
        (".target", "target"),
        (".provision", "latency"),
        (".hold", "hold"),
        ("demand", "rate"),
        ("outages", "outage"),
        ("clock", "outage"),
        ("name", "name"),
    ];
    let found = parts.iter().find(|(part, _)| path.contains(part));
    found.map(|(_, flag)| *flag)
}

impl Figures {
    /// The whole file. In place of a figure that cannot be read stands that of the template.
    fn text(&mut self, args: &NewArgs) -> String {
        let target = self.scalar::<Count>("target", args.target.as_deref(), "10");
        let rate = self.scalar::<Rate>("rate", args.rate.as_deref(), "12/h");
        let hold = self.scalar::<AnyLaw>("hold", args.hold.as_deref(), "30m");
        let (latency, timeout) = self.latency(args.latency.as_deref().unwrap_or("2m..10m"));
        let outage = self.outage(args.outage.as_deref());
        let regions = self.regions(args.regions.as_deref());
        let name = self.name(args.name.as_deref().unwrap_or("starter"));
        let lasts = duration(&outage).unwrap_or(SimDuration::ZERO);
        let until = SimDuration::from_micros(BEFORE.micros() + lasts.micros());
        let horizon = SimDuration::from_micros(until.micros() + AFTER.micros());
        let twice = target
            .parse()
            .map_or(20, |target: u32| target.saturating_mul(2).max(1));
        let values = [
            ("first", regions[0].to_owned()),
            ("regions", regions.join(", ")),
            ("target", target),
            ("twice", twice.to_string()),
            ("rate", rate),
            ("hold", hold),
            ("latency", latency),
            ("timeout", timeout),
            ("outage", outage),
            ("until", until.to_string()),
            ("horizon", horizon.to_string()),
            ("name", name),
        ];
        let lines: Vec<(&str, bool)> = lines(args).collect();
        let blocks = lines.chunk_by(|(_, one), (_, other)| one == other);
        let text: String = blocks.map(|block| repeated(block, regions)).collect();
        values.iter().fold(text, |text, (place, value)| {
            text.replace(&format!("@{place}@"), value)
        })
    }

    /// A figure as it is written in the file.
    fn scalar<T: Read>(&mut self, flag: &'static str, given: Option<&str>, usual: &str) -> String {
        let Some(text) = given else {
            return usual.to_owned();
        };
        self.node::<T>(flag, text)
            .unwrap_or_else(|| usual.to_owned())
    }

    /// A value of a type, as a file would hold it on one line.
    fn node<T: Read>(&mut self, flag: &'static str, text: &str) -> Option<String> {
        let node = match yaml::parse(text, 0) {
            Ok(node) => node,
            Err(problem) => {
                self.note(Some(flag), &problem);
                return None;
            }
        };
        self.read::<T>(flag, &node).then(|| node.flow())
    }

    /// Whether a value can be read as a type.
    fn read<T: Read>(&mut self, flag: &'static str, node: &Node) -> bool {
        let mut reader = Reader::default();
        let read = T::read(node, &mut reader).is_some();
        for problem in &reader.problems {
            self.note(Some(flag), problem);
        }
        read && reader.problems.is_empty()
    }

    /// The length of the outage.
    fn outage(&mut self, given: Option<&str>) -> String {
        let usual = "4h";
        let length = self.scalar::<Length>("outage", given, usual);
        if duration(&length) != Some(SimDuration::ZERO) {
            return length;
        }
        let problem = Problem::new("", "found an outage that lasts no time");
        self.note(Some("outage"), &problem.limit("a length above 0"));
        usual.to_owned()
    }

    /// The law of latencies, and the timeout of an attempt.
    fn latency(&mut self, text: &str) -> (String, String) {
        let (law, longest) = match text.split_once("..") {
            Some((low, high)) => {
                let low = self.node::<Length>("latency", low.trim());
                let high = self.node::<Length>("latency", high.trim());
                let backwards = duration(low.as_deref().unwrap_or_default())
                    .zip(duration(high.as_deref().unwrap_or_default()))
                    .is_some_and(|(low, high)| high <= low);
                if backwards {
                    let problem = Problem::new("", format!("found `{text}`"));
                    self.note(
                        Some("latency"),
                        &problem.limit("LOW..HIGH, with LOW below HIGH"),
                    );
                }
                match (low, high) {
                    (Some(low), Some(high)) if !backwards => (
                        format!("{{lognormal: {{p5: {low}, p95: {high}}}}}"),
                        duration(&high),
                    ),
                    _ => ("8m".to_owned(), None),
                }
            }
            None => {
                let law = self.scalar::<AnyLaw>("latency", Some(text), "8m");
                let longest = duration(&law);
                (law, longest)
            }
        };
        let half_hour = SimDuration::from_seconds(30 * 60);
        let timeout = longest.map_or(half_hour, |longest| longest.scaled(3.0).max(half_hour));
        (law, timeout.to_string())
    }

    fn regions(&mut self, given: Option<&str>) -> &'static [&'static str] {
        let written = self.scalar::<Count>("regions", given, "1");
        let count = written.parse().unwrap_or(1);
        match REGIONS.get(..count) {
            Some(regions) if 0 < count => regions,
            _ => {
                let most = REGIONS.len();
                let problem = Problem::new("", format!("found {count} regions"));
                self.note(Some("regions"), &problem.limit(format!("1 to {most}")));
                &REGIONS[..1]
            }
        }
    }

    /// A name in quotes, whatever it holds.
    fn name(&mut self, name: &str) -> String {
        let spot = Spot::whole(0, name);
        let node = Node {
            value: Value::Text(name.to_owned()),
            spot,
            defined: spot,
        };
        if !self.read::<String>("name", &node) {
            return "starter".to_owned();
        }
        quoted(name)
    }

    /// Notes what is wrong with the figure of a flag, once for all regions.
    fn note(&mut self, flag: Option<&str>, problem: &Problem) {
        let at = match flag {
            Some(flag) => format!("`--{flag}`"),
            None => format!("`{}`", problem.path),
        };
        let mut text = format!("{at}: {}", problem.message);
        let notes = [("limit", &problem.limit), ("help", &problem.help)];
        for (what, note) in notes {
            if let Some(note) = note {
                text += &format!("\n  {what}: {note}");
            }
        }
        if !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }
}

/// The lines of the file that the given figures keep, and whether each is repeated for every region.
fn lines(args: &NewArgs) -> impl Iterator<Item = (&'static str, bool)> {
    let mut known: Vec<(&str, bool)> = flags(args)
        .iter()
        .map(|(flag, value)| (*flag, value.is_some()))
        .collect();
    known.push(("demand", args.rate.is_some() || args.hold.is_some()));
    let figures = ["target", "rate", "hold", "latency", "outage"];
    let any = known
        .iter()
        .any(|(flag, given)| *given && figures.contains(flag));
    known.push(("any", any));
    FIGURES.lines().filter_map(move |line| {
        let (mut line, mut each) = (line, false);
        while let Some(mark) = line.strip_prefix('%') {
            if let Some(rest) = mark.strip_prefix("each") {
                (line, each) = (rest, true);
                continue;
            }
            let wanted = mark.starts_with('!');
            let (flag, given) = known.iter().find(|(flag, _)| mark[1..].starts_with(flag))?;
            if *given != wanted {
                return None;
            }
            line = &mark[1 + flag.len()..];
        }
        Some((line, each))
    })
}

/// Lines that follow each other, once; or, if they are to be repeated, for each region.
fn repeated(block: &[(&str, bool)], regions: &[&str]) -> String {
    let each = block.iter().any(|(_, each)| *each);
    let regions = if each { regions } else { &[""] };
    let written = |region: &&str| -> String {
        let line = |(line, _): &(&str, bool)| line.replace("@region@", region) + "\n";
        block.iter().map(line).collect()
    };
    regions.iter().map(written).collect()
}
