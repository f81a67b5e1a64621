//! Times below a drawing: round ones, as many as have room, with the date where the clock alone
//! would be ambiguous.

/// An instant, in microseconds since 1970 began in UTC.
type Micros = i64;

const SECOND: Micros = 1_000_000;
const DAY: Micros = 86_400 * SECOND;

/// Round lengths of time, in seconds; beyond the longest, months are counted.
const ROUND: [Micros; 17] = [
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000,
    604_800, 864_000, 1_209_600,
];

/// Times up to this length are labelled by the clock.
const CLOCK: Micros = 2 * DAY;

/// Columns from one time to the next that keep them apart: of clocks and of dates, of months, and of
/// clocks with their date.
const APART: usize = 7;
const MONTHS_APART: usize = 10;
const DATED_APART: usize = 13;

/// A time below the column in which it lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Tick {
    pub column: usize,
    pub label: String,
}

/// The ticks of a drawing whose columns begin at these instants, and which ends with the last of
/// them; `written` gives an instant as `2026-02-03T18:00:00Z`.
pub(crate) fn ticks(edges: &[Micros], written: impl Fn(Micros) -> String) -> Vec<Tick> {
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else {
        return Vec::new();
    };
    let (length, columns) = (last - first, edges.len() as Micros - 1);
    let long_enough = |every: &Micros| {
        let dated = CLOCK < length && every * SECOND < DAY;
        let apart = if dated { DATED_APART } else { APART };
        length * apart as Micros <= every * SECOND * columns
    };
    let shown = |every: Micros| match every * SECOND {
        _ if length <= CLOCK => 11..16,
        every if every < DAY => 5..16,
        _ => 5..10,
    };
    let found = match ROUND.into_iter().find(long_enough) {
        Some(every) => rounded(edges, every * SECOND, |at| {
            written(at).replace('T', " ")[shown(every)].to_owned()
        }),
        None => months(edges, written),
    };
    let width = edges.len() - 1;
    let fits = |tick: &Tick| tick.column + tick.label.len() <= width;
    found.into_iter().filter(fits).collect()
}

/// A tick in each column that holds a multiple of `every`.
fn rounded(edges: &[Micros], every: Micros, label: impl Fn(Micros) -> String) -> Vec<Tick> {
    let holding = edges.windows(2).enumerate().filter_map(|(column, edge)| {
        let at = (edge[1] - 1).div_euclid(every) * every;
        (edge[0] <= at).then_some((column, at))
    });
    let ticks = holding.map(|(column, at)| Tick {
        column,
        label: label(at),
    });
    ticks.collect()
}

/// A tick in each column in which a month begins, save where the last one is too near.
fn months(edges: &[Micros], written: impl Fn(Micros) -> String) -> Vec<Tick> {
    let month = |at: Micros| written(at)[..7].to_owned();
    // Of what was before the first column nothing can be said.
    let begins = |at: Micros| written(at).ends_with("-01T00:00:00Z");
    let mut ticks: Vec<Tick> = Vec::new();
    for (column, edge) in edges.windows(2).enumerate() {
        let label = month(edge[1] - 1);
        let far = ticks
            .last()
            .is_none_or(|last| last.column + MONTHS_APART <= column);
        let new = match column {
            0 => begins(edge[0]),
            _ => label != month(edge[0] - 1),
        };
        if far && new {
            ticks.push(Tick { column, label });
        }
    }
    ticks
}

/// The ticks as a line of marks.
pub(crate) fn marks(ticks: &[Tick], width: usize) -> String {
    let marked = |column| ticks.iter().any(|tick| tick.column == column);
    (0..width)
        .map(|column| if marked(column) { '┬' } else { '─' })
        .collect()
}

/// The ticks as a line of times.
pub(crate) fn labels(ticks: &[Tick]) -> String {
    let mut line = String::new();
    for tick in ticks {
        line += &format!("{:<1$}", "", tick.column.saturating_sub(line.len()));
        line += &tick.label;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks of so many columns from an instant on.
    fn drawn(from: &str, length: Micros, columns: Micros) -> String {
        let start: jiff::Timestamp = from.parse().expect("an instant");
        let start = start.as_microsecond();
        let edges: Vec<Micros> = (0..=columns)
            .map(|it| start + length / columns * it)
            .collect();
        let written = |at| {
            jiff::Timestamp::from_microsecond(at)
                .expect("in range")
                .to_string()
        };
        labels(&ticks(&edges, written))
    }

    #[test]
    fn a_day_is_labelled_by_the_clock() {
        assert_eq!(
            drawn("2026-02-02T18:00:00Z", 8 * DAY / 24, 80),
            "18:00     19:00     20:00     21:00     22:00     23:00     00:00     01:00"
        );
        assert_eq!(
            drawn("2026-02-02T18:20:00Z", DAY / 2, 40),
            "        21:00     00:00     03:00"
        );
    }

    #[test]
    fn more_than_two_days_have_dates() {
        assert_eq!(
            drawn("2026-02-02T18:00:00Z", 3 * DAY, 80),
            "      02-03 00:00   02-03 12:00  02-04 00:00  02-04 12:00   02-05 00:00"
        );
        assert_eq!(
            drawn("2026-02-02T00:00:00Z", 14 * DAY, 50),
            "02-02  02-04  02-06  02-08  02-10  02-12  02-14"
        );
    }

    #[test]
    fn a_year_has_months() {
        assert_eq!(
            drawn("2026-01-01T00:00:00Z", 365 * DAY, 80),
            "2026-01     2026-03       2026-05      2026-07       2026-09      2026-11"
        );
    }
}
