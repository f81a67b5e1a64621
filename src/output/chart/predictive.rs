//! Each fact as it was published, and as it is predicted: before the facts were used, and after.

use crate::experiment::calibration::Calibration;
use crate::experiment::check::Figure;
use crate::output::chart::drawing::{Anchor, Drawing, Letters};
use crate::output::chart::frame::Scale;
use crate::output::chart::style::{BLUE, INK, LABEL, MUTED, Stroke, VERMILLION};

/// Height of a row (px).
const ROW: f64 = 44.0;

/// Draws it; `figure` says how a figure is written.
pub(crate) fn draw(
    found: &Calibration,
    subtitle: &str,
    figure: &dyn Fn(Figure, f64) -> String,
) -> Drawing {
    let title = match found.held_out_in_words() {
        None => "Published figures and their predictions; all were fitted".to_owned(),
        Some(said) => format!("Held-out facts: {said}"),
    };
    let head = Drawing::head(&title) + 34.0;
    let height = head + ROW * found.aims.len() as f64 + 20.0;
    let mut drawing = Drawing::new(height, &title, subtitle);
    keys(&mut drawing, head - 18.0);
    let mut order: Vec<usize> = (0..found.aims.len()).collect();
    order.sort_by_key(|place| found.aims[*place].fitted);
    for (row, place) in order.into_iter().enumerate() {
        fact(
            &mut drawing,
            found,
            place,
            (head + ROW * row as f64 + 18.0, figure),
        );
    }
    drawing
}

fn keys(drawing: &mut Drawing, y: f64) {
    drawing.key((28.0, y), "90% before", Stroke::new(MUTED, 1.5));
    drawing.key((150.0, y), "90% after", Stroke::new(BLUE, 5.0));
    drawing.dot((272.0, y - 4.0), 4.5, VERMILLION);
    drawing.text(
        (282.0, y),
        "published (each row has its own scale)",
        Letters::new(INK, LABEL),
    );
}

fn fact(
    drawing: &mut Drawing,
    found: &Calibration,
    place: usize,
    (y, figure): (f64, &dyn Fn(Figure, f64) -> String),
) {
    let (aim, it) = (&found.aims[place], &found.predicted[place]);
    let all = it
        .quantiles
        .iter()
        .chain(&it.prior_quantiles)
        .chain([&aim.published]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    let (low, high) = if low < high {
        (low, high)
    } else {
        (low - 1.0, low + 1.0)
    };
    let x = Scale {
        from: low,
        to: high,
        begins: 260.0,
        ends: 540.0,
    };
    let role = if aim.fitted { "fitted" } else { "held out" };
    drawing.text((28.0, y), &aim.name, Letters::new(INK, LABEL));
    drawing.text((28.0, y + 15.0), role, Letters::new(MUTED, LABEL));
    let line = |[from, _, to]: [f64; 3]| vec![(x.at(from), y - 4.0), (x.at(to), y - 4.0)];
    drawing.line(line(it.prior_quantiles), Stroke::new(MUTED, 1.5));
    drawing.line(line(it.quantiles), Stroke::new(BLUE, 5.0));
    drawing.ring((x.at(it.quantiles[1]), y - 4.0), 4.5, BLUE);
    drawing.dot((x.at(aim.published), y - 4.0), 4.5, VERMILLION);
    let [least, median, most] = it.quantiles.map(|value| figure(aim.figure, value));
    let published = format!("{}{}", aim.bound.words(), figure(aim.figure, aim.published));
    let letters = Letters::new(INK, LABEL).anchored(Anchor::Start);
    drawing.text((566.0, y - 4.0), &format!("published {published}"), letters);
    let predicted = format!("predicted {median} ({least} to {most})");
    drawing.text((566.0, y + 11.0), &predicted, Letters::new(MUTED, LABEL));
    drawing.describe(&format!(
        "{}, {role}: published {published}, {predicted}",
        aim.name
    ));
}
