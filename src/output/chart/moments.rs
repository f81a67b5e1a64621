//! What happened, marked above a field of time: lines with labels that keep apart.

use crate::experiment::run::Outcome;
use crate::experiment::timeline::{Moment, timeline};
use crate::output::chart::drawing::{Drawing, Letters, WIDTH};
use crate::output::chart::frame::{Panel, Scale};
use crate::output::chart::labels::{Placed, Wanted, staggered};
use crate::output::chart::style::{Dash, INK, MUTED, Stroke, TICK};
use crate::output::chart::text;
use crate::output::words;
use crate::scenario::Scenario;

/// Something that is marked on the time axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Event {
    pub at_s: f64,
    pub what: String,
    pub by: By,
    /// Where there is no room for all, lower ranks are kept.
    pub rank: u8,
}

/// Who says that something happened then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    Simulated,
    Published,
    /// Both, at what looks like one instant.
    Both,
}

/// Moments of a pool or a dependency: its own, and those of all.
pub(crate) fn of(scenario: &Scenario, outcome: &Outcome, name: &str) -> Vec<Event> {
    let name = format!("{name}: ");
    let others = |what: &str| {
        let pools = scenario.pools.iter().map(|pool| &pool.name);
        let mut others = pools.chain(&scenario.dependencies);
        others.any(|other| what.starts_with(&format!("{other}: ")))
    };
    let mut phrase = Vec::new();
    for moment in timeline(scenario, outcome) {
        let own = moment.what.strip_prefix(&name);
        // Outages are shaded.
        let elsewhere = own.is_none() && others(&moment.what);
        if !elsewhere && !moment.what.starts_with("outage ") {
            phrase.extend(events_of(scenario, &moment, own));
        }
    }
    let within = |phrase: &Event| (0.0..=scenario.length().seconds()).contains(&phrase.at_s);
    phrase.retain(within);
    phrase
}

/// A moment as published and as simulated: once where that is the same to the eye.
fn events_of(scenario: &Scenario, moment: &Moment, own: Option<&str>) -> Vec<Event> {
    let published = moment.published.map(|at| scenario.seconds(at));
    let simulated = moment.simulated.map(|at| scenario.seconds(at));
    let what = own.unwrap_or(&moment.what);
    let what = what.strip_prefix("step ").unwrap_or(what);
    // The source is shown elsewhere.
    let what = match simulated {
        None => what.rsplit_once(" (").map_or(what, |(what, _)| what),
        Some(_) => what,
    };
    let rank = match (own, simulated, published) {
        (Some("first lease failure" | "congested" | "calm"), ..) => 0,
        (None, Some(_), Some(_)) => 1,
        (None, Some(_), None) => 2,
        (Some(_), ..) => 3,
        (None, None, _) => 5,
    };
    let event = |at_s: f64, by: By, rank: u8| Event {
        at_s,
        what: what.to_owned(),
        by,
        rank,
    };
    let near = scenario.length().seconds() / 200.0;
    match (published, simulated) {
        (Some(published), Some(at)) if (published - at).abs() <= near => {
            vec![event(at, By::Both, rank)]
        }
        (published, simulated) => {
            let simulated = simulated.map(|at| event(at, By::Simulated, rank));
            // The same words a second time may go where there is no room.
            let published = published.map(|at| event(at, By::Published, rank.max(4)));
            simulated.into_iter().chain(published).collect()
        }
    }
}

/// Lanes of labels above the field at the most, and how high one is (px).
const LANES: usize = 8;
const LANE: f64 = 14.5;
/// The longest label (px).
const LONGEST: f64 = 200.0;

/// Labels with their places, as many as there is room for.
pub(crate) fn labels(x: &Scale, moments: &[Event]) -> Vec<Placed> {
    let label = |phrase: &Event| Wanted {
        x: x.at(phrase.at_s),
        label: text::fitted(&phrase.what, TICK, LONGEST),
        rank: phrase.rank,
    };
    let wanted: Vec<Wanted> = moments.iter().map(label).collect();
    staggered(&wanted, TICK, LANES, (x.begins - 20.0, WIDTH - 20.0))
}

/// What the lanes of these labels take up (px).
pub(crate) fn height(labels: &[Placed]) -> f64 {
    let lanes = labels.iter().map(|label| label.lane + 1).max();
    LANE * lanes.unwrap_or(0) as f64
}

/// Draws labels from `top` on, and a line from each down to the bottom of the field.
pub(crate) fn mark(
    drawing: &mut Drawing,
    panel: &Panel,
    (moments, labels): (&[Event], &[Placed]),
    top: f64,
) {
    for label in labels {
        let phrase = &moments[label.of];
        let (x, above) = (label.x, top + label.lane as f64 * LANE);
        let (colour, dash) = match phrase.by {
            By::Published => (MUTED, Dash::Short),
            By::Simulated | By::Both => (INK, Dash::Solid),
        };
        let stroke = Stroke::new(MUTED, 1.0).dashed(dash);
        drawing.line(vec![(x, above), (x, panel.bottom())], stroke);
        if phrase.by == By::Both {
            drawing.ring((x, above + 6.0), 3.5, MUTED);
        }
        let at = (label.left, above + TICK - 1.0);
        let what = text::fitted(&phrase.what, TICK, LONGEST);
        drawing.text(at, &what, Letters::new(colour, TICK));
    }
}

/// All of them in words.
pub(crate) fn spoken(moments: &[Event]) -> String {
    let phrase = moments.iter().map(|phrase| {
        let by = match phrase.by {
            By::Simulated => "",
            By::Published => " (published)",
            By::Both => " (as published)",
        };
        format!("{} at {}{by}", phrase.what, words::brief(phrase.at_s, "s"))
    });
    phrase.collect::<Vec<String>>().join("; ")
}
