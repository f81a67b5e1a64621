//! What variants change, against the base, under common random numbers: a dot and an interval for each.

use crate::experiment::measure::Better;
use crate::output::chart::drawing::{Anchor, Drawing, End, Letters, WIDTH};
use crate::output::chart::frame::{Panel, Scale};
use crate::output::chart::style::{AXIS, BLUE, INK, LABEL, MUTED, RULE, TICK};
use crate::output::chart::{text, ticks};
use crate::output::words;
use crate::stats::Estimate;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Differences {
    pub title: String,
    pub subtitle: String,
    pub measures: Vec<Compared>,
}

/// One measure, by variant; measures have an axis each.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Compared {
    /// What it is, such as `failed leases, westus2/ubuntu`, and its unit, as in the tables.
    pub measure: String,
    pub unit: String,
    /// Which way is good, where that is beyond doubt.
    pub better: Option<Better>,
    /// Variants, and the mean paired difference to the base.
    pub rows: Vec<(String, Estimate)>,
}

/// The finding in one line: the variant that betters the first measure most, if its interval excludes 0; of
/// several that do so alike, also what each changes of the idle cost, where that is known.
pub(crate) fn title(measures: &[Compared], costs: &[(String, f64)]) -> String {
    let Some(first) = measures.first() else {
        return "no variant".to_owned();
    };
    let sign = match first.better {
        Some(Better::More) => -1.0,
        Some(Better::Less) | None => 1.0,
    };
    let clear = |estimate: &Estimate| {
        let (low, high) = (estimate.low?, estimate.high?);
        let point = estimate.point?;
        (0.0 < low || high < 0.0)
            .then_some(point * sign)
            .filter(|gain| *gain < 0.0)
    };
    let gains = first
        .rows
        .iter()
        .filter_map(|(name, it)| Some((name, clear(it)?)));
    let best = gains.clone().map(|(_, gain)| gain).min_by(f64::total_cmp);
    let Some(gain) = best else {
        let rows = || first.rows.iter().map(|(_, it)| it);
        let none = rows().all(|it| it.point == Some(0.0) && it.low == it.high);
        // Where there is no interval, nothing is clear, however large the difference.
        let open = rows().any(|it| it.low.is_none() && it.high.is_none());
        return match (none, open) {
            (true, _) => format!("no variant changes {}", first.measure),
            (false, true) => format!(
                "too few replications to show what improves {}",
                first.measure
            ),
            (false, false) => format!("no variant clearly betters {}", first.measure),
        };
    };
    // A tie has no winner.
    let best: Vec<&str> = gains
        .filter(|(_, it)| signed(*it * sign, &first.unit) == signed(gain * sign, &first.unit))
        .map(|(name, _)| name.as_str())
        .collect();
    let verb = if best.len() == 1 { "helps" } else { "help" };
    let phrase = signed(gain * sign, &first.unit);
    format!(
        "{} {verb} most: {phrase} {}{}",
        best.join(" and "),
        first.measure,
        beside(&best, costs)
    )
}

/// What variants that are alike change of the idle cost.
fn beside(best: &[&str], costs: &[(String, f64)]) -> String {
    let cost = |name: &&str| {
        let (_, cost) = costs.iter().find(|(of, _)| of == name)?;
        Some(format!("{name} {}", signed(*cost, "currency")))
    };
    let phrase: Vec<String> = best.iter().filter_map(cost).collect();
    match best.len() {
        several if 1 < several && !phrase.is_empty() => {
            format!("; idle cost: {}", phrase.join(", "))
        }
        _ => String::new(),
    }
}

fn signed(value: f64, unit: &str) -> String {
    let size = words::brief(value.abs(), unit);
    let none = words::brief(0.0, unit);
    match size {
        size if size == none => size,
        size if value < 0.0 => format!("−{size}"),
        size => format!("+{size}"),
    }
}

const ROW: f64 = 26.0;
/// Above the rows of a measure, and below them.
const ABOVE: f64 = 40.0;
const BELOW: f64 = 44.0;
const LEFT: f64 = 230.0;
const RIGHT: f64 = 652.0;

/// Draws it.
pub(crate) fn draw(data: &Differences) -> Drawing {
    let tall = |measure: &Compared| ABOVE + ROW * measure.rows.len() as f64 + BELOW;
    let head = Drawing::head(&data.title);
    let height = head + data.measures.iter().map(tall).sum::<f64>() + 4.0;
    let mut drawing = Drawing::new(height.ceil(), &data.title, &data.subtitle);
    let mut top = head;
    for measure in &data.measures {
        draw_measure(&mut drawing, measure, top + ABOVE);
        top += tall(measure);
    }
    drawing.describe(&spoken(data));
    drawing
}

fn draw_measure(drawing: &mut Drawing, measure: &Compared, top: f64) {
    let panel = panel(measure, top);
    let letters = Letters::new(INK, LABEL);
    drawing.text(
        (24.0, top - 14.0),
        &text::fitted(&measure.measure, LABEL, 390.0),
        letters,
    );
    for tick in ticks::of_unit(&measure.unit, panel.x.from, panel.x.to, 6) {
        let x = panel.x.at(tick.at);
        drawing.line(vec![(x, panel.top()), (x, panel.bottom())], RULE);
        let letters = Letters::new(MUTED, TICK).anchored(Anchor::Middle);
        drawing.text((x, panel.bottom() + 17.0), &tick.label, letters);
    }
    let zero = panel.x.at(0.0);
    drawing.line(
        vec![(zero, panel.top() - 4.0), (zero, panel.bottom() + 5.0)],
        AXIS,
    );
    let muted = Letters::new(MUTED, TICK);
    match measure.better {
        Some(Better::Less) => {
            let letters = muted.anchored(Anchor::End);
            drawing.text((zero - 8.0, top - 9.0), "← better", letters);
        }
        Some(Better::More) => drawing.text((zero + 8.0, top - 9.0), "better →", muted),
        None => {}
    }
    for (place, (name, estimate)) in measure.rows.iter().enumerate() {
        let y = top + ROW * (place as f64 + 0.5);
        let right = Letters::new(INK, LABEL).anchored(Anchor::End);
        let name = text::fitted(name, LABEL, LEFT - 24.0 - 16.0);
        drawing.text((LEFT - 16.0, y + 4.0), &name, right);
        draw_row(drawing, &panel, y, *estimate);
        let phrase = describe(*estimate, &measure.unit);
        let phrase = text::fitted(&phrase, TICK, WIDTH - 24.0 - RIGHT - 18.0);
        drawing.text((RIGHT + 18.0, y + 4.0), &phrase, Letters::new(INK, TICK));
    }
}

fn panel(measure: &Compared, top: f64) -> Panel {
    let ends = measure
        .rows
        .iter()
        .flat_map(|(_, it)| [it.point, it.low, it.high]);
    let ends: Vec<f64> = ends.flatten().collect();
    let least = ends.iter().copied().fold(0.0, f64::min);
    let most = ends.iter().copied().fold(0.0, f64::max);
    let room = match most - least {
        0.0 => 1.0,
        length => 0.06 * length,
    };
    Panel {
        x: Scale {
            from: least - room,
            to: most + room,
            begins: LEFT,
            ends: RIGHT,
        },
        y: Scale::up_to(1.0, top + ROW * measure.rows.len() as f64, top),
    }
}

fn draw_row(drawing: &mut Drawing, panel: &Panel, y: f64, estimate: Estimate) {
    let Some(point) = estimate.point else {
        return;
    };
    let end = |end: Option<f64>, beyond: f64| match end {
        Some(value) => ((panel.x.at(value), y), End::Known),
        None => ((beyond, y), End::Open),
    };
    if estimate.low.is_some() || estimate.high.is_some() {
        let ends = [
            end(estimate.low, panel.left()),
            end(estimate.high, panel.right()),
        ];
        drawing.whisker(ends, BLUE);
    }
    drawing.dot((panel.x.at(point), y), 4.5, BLUE);
}

fn describe(estimate: Estimate, unit: &str) -> String {
    let Some(point) = estimate.point else {
        return words::NONE.to_owned();
    };
    let end = |end: Option<f64>| end.map_or("unbounded".to_owned(), |it| signed(it, unit));
    match (estimate.low, estimate.high) {
        (None, None) => signed(point, unit),
        (low, high) => format!("{} [{}, {}]", signed(point, unit), end(low), end(high)),
    }
}

fn spoken(data: &Differences) -> String {
    let measures = data.measures.iter().map(|measure| {
        let rows = measure.rows.iter();
        let rows = rows.map(|(name, it)| format!("{name} {}", describe(*it, &measure.unit)));
        format!(
            "{}: {}",
            measure.measure,
            rows.collect::<Vec<_>>().join("; ")
        )
    });
    measures.collect::<Vec<_>>().join(". ")
}
