//! Values by place on a chart: those that were drawn there, as JSON that the SVG
//! carries along.

use serde_json::{Value, json};

use crate::output::chart::frame::Panel;

/// Values by the axis that runs to the right.
pub(crate) struct Readout<'a> {
    pub panel: Panel,
    /// When the axis begins, where it is one of clock times.
    pub start: Option<&'a str>,
    /// What the values of a row are, in order.
    pub columns: &'a [&'a str],
    /// What a value is of: `workers`, `share`.
    pub unit: &'a str,
    /// Each with its name; a row is an instant, from which its values hold, and these.
    pub series: Vec<(&'a str, Vec<Row>)>,
}

/// An instant, and the values from it on.
pub(crate) type Row = (f64, Vec<Option<f64>>);

impl Readout<'_> {
    /// As JSON. Of rows that fall on one pixel the last is kept.
    pub fn json(&self) -> String {
        let (x, y) = (&self.panel.x, &self.panel.y);
        let series = self.series.iter().map(|(name, rows)| {
            let pixel = |row: &Row| x.at(row.0).floor();
            let last = rows.iter().enumerate().filter(|(place, row)| {
                let next = rows.get(place + 1);
                next.is_none_or(|next| pixel(row) < pixel(next))
            });
            let rows = last.map(|(_, (at, values))| {
                let values = values.iter().map(|value| value.map_or(Value::Null, short));
                [short(*at)].into_iter().chain(values).collect::<Value>()
            });
            json!({"name": name, "rows": rows.collect::<Vec<_>>()})
        });
        json!({
            "x": [x.from, x.to, x.begins, x.ends],
            "y": [y.ends, y.begins],
            "start": self.start.map(|start| start.replace(',', "")),
            "columns": self.columns,
            "unit": self.unit,
            "series": series.collect::<Vec<_>>(),
        })
        .to_string()
    }
}

/// To four digits behind the point, and whole numbers without any.
fn short(value: f64) -> Value {
    let value = (value * 1e4).round() / 1e4;
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => json!(value as i64),
        false => json!(value),
    }
}
