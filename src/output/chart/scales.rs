//! Marks on the scale of an unknown value, which may be that of its logarithm.

use crate::experiment::calibration::Calibration;
use crate::output::chart::ticks::{Tick, multiples, numbers, time_step};
use crate::output::words;
use crate::scenario::schema::QuantityUnit;
use crate::scenario::vary::parameters::Parameter;

/// Round durations (s).
const TIMES: [f64; 17] = [
    1.0,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1_200.0,
    3_600.0,
    7_200.0,
    14_400.0,
    28_800.0,
    86_400.0,
    172_800.0,
    604_800.0,
    2_419_200.0,
];

/// The range of the places of a parameter, over prior and posterior.
pub(crate) fn range(found: &Calibration, place: usize) -> (f64, f64) {
    let rows = found.prior_rows.iter().chain(&found.rows);
    let ends = rows.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), row| {
        (low.min(row[place]), high.max(row[place]))
    });
    match ends {
        (low, high) if low < high => (low, high),
        (low, _) => (low - 0.5, low + 0.5),
    }
}

/// Marks of a parameter between two places, `most` of them or fewer.
pub(crate) fn ticks(parameter: &Parameter, (from, to): (f64, f64), most: usize) -> Vec<Tick> {
    let unit = &parameter.unit;
    // What one of the unit is in the base unit.
    let one = match unit {
        QuantityUnit::Percent => 0.01,
        QuantityUnit::Per(micros, _) => 1.0 / micros,
        _ => 1.0,
    };
    let is_time = matches!(unit, QuantityUnit::Duration | QuantityUnit::Offset);
    let label = |value: f64| match unit {
        QuantityUnit::Duration | QuantityUnit::Offset => words::duration(value),
        QuantityUnit::Percent => format!("{}%", words::number(value / one)),
        _ => words::number(value / one),
    };
    if *unit == QuantityUnit::Instant {
        return instants(unit, (from, to), most);
    }
    if !parameter.is_log() {
        if is_time {
            return crate::output::chart::ticks::durations(from, to, most);
        }
        let marks = numbers(from / one, to / one, most).into_iter();
        let mark = |tick: Tick| Tick {
            at: tick.at * one,
            label: label(tick.at * one),
        };
        return marks.map(mark).collect();
    }
    let round: Vec<f64> = match is_time {
        true => TIMES.to_vec(),
        false => {
            let powers = (-9..10).map(|power| libm::pow(10.0, f64::from(power)));
            powers.flat_map(|it| [it, 2.0 * it, 5.0 * it]).collect()
        }
    };
    let inside = round.into_iter().map(|value| value * one);
    let inside: Vec<f64> = inside
        .filter(|value| (from..=to).contains(&libm::log(*value)))
        .collect();
    let every = inside.len().div_ceil(most.max(1)).max(1);
    let marks = inside.into_iter().step_by(every);
    let mark = |value: f64| Tick {
        at: libm::log(value),
        label: label(value),
    };
    marks.map(mark).collect()
}

/// Marks of instants, at round times of day, or days (UTC).
fn instants(unit: &QuantityUnit, (from, to): (f64, f64), most: usize) -> Vec<Tick> {
    let step = time_step(to - from, most) as f64;
    let mut marks = multiples(from, to, step, |_| String::new());
    for mark in &mut marks {
        let written = unit.written(mark.at);
        let part = if step < 86_400.0 { 11..16 } else { 5..10 };
        mark.label = written.get(part).unwrap_or(&written).to_owned();
    }
    marks
}

/// A path as a chart names it: its last parts, and the unit of a rate.
pub(crate) fn short(parameter: &Parameter, most: usize) -> String {
    let name = last_parts(&parameter.path, most);
    match &parameter.unit {
        QuantityUnit::Per(_, unit) => format!("{name} (/{unit})"),
        _ => name,
    }
}

/// The last parts of a path, as many as have room.
pub(crate) fn last_parts(path: &str, most: usize) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let mut name = parts[parts.len() - 1].to_owned();
    for part in parts[..parts.len() - 1].iter().rev() {
        let longer = format!("{part}.{name}");
        if most < longer.chars().count() {
            break;
        }
        name = longer;
    }
    name
}

/// A path in so many letters that still says what it is of: its last parts, or the name below its section, and as many of the
/// last parts as have room.
pub(crate) fn brief_path(path: &str, most: usize) -> String {
    let long = |text: &str| most < text.chars().count();
    let below = path.split_once('.').map_or(path, |(_, below)| below);
    let name = below.split('.').next().unwrap_or(below);
    let room = most.saturating_sub(name.chars().count() + 1);
    let last = last_parts(below, room);
    if !long(path) {
        path.to_owned()
    } else if !long(below) {
        below.to_owned()
    } else if last.chars().count() <= room {
        format!("{name}…{last}")
    } else {
        last_parts(path, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_instants_has_times_of_day() {
        let range = (1_770_055_380.0, 1_770_058_320.0);
        let marks = instants(&QuantityUnit::Instant, range, 5);
        let labels: Vec<&str> = marks.iter().map(|it| &it.label[..]).collect();
        assert_eq!(labels, ["18:10", "18:20", "18:30", "18:40", "18:50"]);
    }

    #[test]
    fn a_brief_path_says_what_it_is_of() {
        let path = "demand.deployments-westus2.source.tenants.count";
        assert_eq!(brief_path(path, 60), path);
        assert_eq!(
            brief_path(path, 40),
            "deployments-westus2.source.tenants.count"
        );
        assert_eq!(brief_path(path, 36), "deployments-westus2…tenants.count");
        assert_eq!(brief_path(path, 32), "deployments-westus2…count");
        assert_eq!(brief_path(path, 22), "source.tenants.count");
    }
}
