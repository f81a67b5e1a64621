//! What a recording looks like at an instant: a pure function of recording and player. Nothing is told
//! by colour alone, and none is used where the reader wants none.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::cli::watch::film::Film;
use crate::cli::watch::player::Player;
use crate::cli::words;
use crate::kernel::time::{SimDuration, SimTime};

/// Columns that the levels of a pool need, and the least that its bar does.
const FIGURES: usize = 36;
const BAR_MIN: usize = 6;
/// The least and the most columns for the name of a pool.
const NAME: std::ops::RangeInclusive<usize> = 8..=24;
/// The least rows for what happens.
const EVENTS_MIN: usize = 3;

const HELP: [&str; 10] = [
    "space      pause and play; at the end, play again",
    ". or →     step to the next event; , or ← to the one before",
    "n          jump to the next notable event; N to the one before: outages,",
    "           first failed attempts, empty pools, failed leases, pages, steps",
    "+ and -    play faster, or slower",
    "0          back to the start",
    "↑ and ↓    move the list of pools",
    "?          this help",
    "q or Esc   quit, as does Ctrl-C",
    "█ ready  ▒ ordered  · missing  ! outage  ▸ notable",
];

/// How things look. Blue and orange are told apart by all; in monochrome weight stands in for them.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub colours: bool,
}

impl Look {
    fn of(self, colour: Color, otherwise: Modifier) -> Style {
        match self.colours {
            true => Style::new().fg(colour),
            false => Style::new().add_modifier(otherwise),
        }
    }

    fn ready(self) -> Style {
        self.of(Color::Blue, Modifier::empty())
    }

    fn ordered(self) -> Style {
        self.of(Color::Yellow, Modifier::empty())
    }

    fn alarm(self) -> Style {
        self.of(Color::LightRed, Modifier::empty())
            .add_modifier(Modifier::BOLD)
    }

    fn quiet(self) -> Style {
        self.of(Color::DarkGray, Modifier::DIM)
    }
}

/// Draws the recording as it is at the player's instant.
pub(crate) fn view(film: &Film<'_>, player: &Player, look: Look, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut lines = vec![
        clock(film, player, look),
        progress(film, player, look, width),
        outages(film, player, look),
        totals(film, player, look),
    ];
    // The last row is for the keys; of the rest, pools may take all but what events need.
    let rest = height.saturating_sub(lines.len() + 1);
    let room = rest.saturating_sub(EVENTS_MIN + 2);
    lines.extend(pools(film, player, look, (width, room)));
    let rest = height.saturating_sub(lines.len() + 2);
    lines.push(Line::styled("─".repeat(width), look.quiet()));
    if player.help {
        lines.extend(HELP.iter().take(rest).map(|line| Line::raw(*line)));
    } else {
        let past = film.past(player.at, rest);
        lines.extend(past.iter().map(|scene| {
            let told = film.told(scene);
            match scene.notable {
                true => Line::from(vec![Span::styled("▸ ", look.alarm()), told.bold_if(true)]),
                false => Line::raw(format!("  {told}")),
            }
        }));
    }
    lines.truncate(height.saturating_sub(1));
    frame.render_widget(Paragraph::new(lines), area);
    if 0 < height {
        let foot = Rect {
            y: area.bottom() - 1,
            height: 1,
            ..area
        };
        frame.render_widget(Paragraph::new(keys(width, look)), foot);
    }
}

/// Text that may be bold.
trait Bold {
    fn bold_if(self, bold: bool) -> Span<'static>;
}

impl Bold for String {
    fn bold_if(self, bold: bool) -> Span<'static> {
        match bold {
            true => Span::styled(self, Modifier::BOLD),
            false => Span::raw(self),
        }
    }
}

fn clock(film: &Film<'_>, player: &Player, look: Look) -> Line<'static> {
    let (scenario, course) = (film.scenario, &film.course);
    let utc = scenario.utc(player.at).to_string();
    let since = words::duration((player.at - course.start).seconds());
    let state = match (player.has_ended(course), player.paused) {
        (true, _) => "end".to_owned(),
        (false, true) => "paused".to_owned(),
        (false, false) => format!("{}× ", player.pace),
    };
    let mark = match player.paused {
        true => "■ ",
        false => "▶ ",
    };
    Line::from(vec![
        format!("{} {}Z", &utc[..10], &utc[11..19]).bold_if(true),
        Span::raw(format!("  +{since}  ")),
        Span::styled(mark, look.ordered()),
        Span::raw(format!("{:<8}{}", state, scenario.name)),
    ])
}

/// The whole course on one row: where outages are, and how far we are.
fn progress(film: &Film<'_>, player: &Player, look: Look, width: usize) -> Line<'static> {
    let (start, length) = (film.course.start, (film.course.until - film.course.start));
    let edge = |column: usize| -> SimTime {
        start + SimDuration::from_micros(length.micros() / width as u64 * column as u64)
    };
    let cell = |column: usize| {
        let (from, until) = (edge(column), edge(column + 1));
        let dark = film.is_dark(from, until);
        let played = until <= player.at || film.course.until <= player.at;
        match (from <= player.at && player.at < until, dark, played) {
            (true, ..) => Span::styled("█", look.ordered()),
            (false, true, true) => Span::styled("▓", look.alarm()),
            (false, true, false) => Span::styled("░", look.alarm()),
            (false, false, true) => Span::styled("━", look.ready()),
            (false, false, false) => Span::styled("─", look.quiet()),
        }
    };
    Line::from((0..width).map(cell).collect::<Vec<_>>())
}

fn outages(film: &Film<'_>, player: &Player, look: Look) -> Line<'static> {
    match &film.in_force(player.at)[..] {
        [] => Line::styled("no outage", look.quiet()),
        [one] => Line::styled(format!("outage {one}"), look.alarm()),
        all => Line::styled(
            format!("{} outages: {}", all.len(), all.join(", ")),
            look.alarm(),
        ),
    }
}

fn totals(film: &Film<'_>, player: &Player, look: Look) -> Line<'static> {
    let pools = 0..film.scenario.pools.len();
    let levels: Vec<_> = pools.map(|pool| film.levels(pool, player.at)).collect();
    let waiting: u32 = levels.iter().map(|noted| noted.waiting).sum();
    let failed: u64 = levels.iter().map(|noted| noted.failed).sum();
    let empty = levels.iter().filter(|noted| noted.ready == 0).count();
    let figure = |text: String, alarm: bool| match alarm {
        true => Span::styled(text, look.alarm()),
        false => Span::raw(text),
    };
    Line::from(vec![
        figure(format!("waiting {waiting}"), 0 < waiting),
        Span::raw("  "),
        figure(format!("failed leases {failed}"), 0 < failed),
        Span::raw("  "),
        figure(
            format!("pools empty {empty} of {}", levels.len()),
            0 < empty,
        ),
    ])
}

/// A row for each pool that fits into `room` rows, under a header.
fn pools(
    film: &Film<'_>,
    player: &Player,
    look: Look,
    (width, room): (usize, usize),
) -> Vec<Line<'static>> {
    let names = film.scenario.pools.iter().map(|pool| pool.name.len());
    let longest = names.max().unwrap_or(0).clamp(*NAME.start(), *NAME.end());
    let name = longest.min(
        width
            .saturating_sub(FIGURES + BAR_MIN + 4)
            .max(*NAME.start()),
    );
    let bar = width.saturating_sub(name + FIGURES + 4);
    // Where there is no room for a bar worth its name, figures have to do.
    let bar = if bar < BAR_MIN { 0 } else { bar };
    let gap = if 0 < bar { " " } else { "" };
    let header = format!(
        "  {:<name$}{gap}{:bar$} {:>7}{:>7}{:>7}{:>7}{:>7}",
        "pool", "", "ready", "orders", "leased", "wait", "failed"
    );
    let count = film.scenario.pools.len();
    let shown = room.saturating_sub(1).min(count);
    let first = player.first_pool.min(count - shown);
    let mut lines = vec![Line::styled(header, look.quiet())];
    for place in first..first + shown {
        lines.push(pool(film, player, look, (place, name, bar)));
    }
    lines
}

fn pool(
    film: &Film<'_>,
    player: &Player,
    look: Look,
    (place, name, bar): (usize, usize, usize),
) -> Line<'static> {
    let pool = &film.scenario.pools[place];
    let now = film.levels(place, player.at);
    let most = film.fullest[place] as usize;
    let cells = |workers: u32| (workers as usize * bar).div_ceil(most).min(bar);
    let ready = cells(now.ready);
    let ordered = cells(now.ready + now.pending) - ready;
    let mark = match film.is_shaded(place, player.at) {
        true => Span::styled("! ", look.alarm()),
        false => Span::raw("  "),
    };
    let empty = match now.ready {
        0 => look.alarm(),
        _ => Style::new(),
    };
    // The end of a name tells pools apart more often than its beginning.
    let skipped = pool.name.chars().count().saturating_sub(name);
    let short: String = pool.name.chars().skip(skipped).collect();
    let gap = if 0 < bar { " " } else { "" };
    let of = format!("{}/{}", now.ready, pool.target);
    let others = format!("{:>7}{:>7}", now.pending, now.leased);
    let alarm = |value: u64| match value {
        0 => Span::raw(format!("{value:>7}")),
        _ => Span::styled(format!("{value:>7}"), look.alarm()),
    };
    Line::from(vec![
        mark,
        Span::styled(format!("{short:<name$}{gap}"), empty),
        Span::styled("█".repeat(ready), look.ready()),
        Span::styled("▒".repeat(ordered), look.ordered()),
        Span::styled("·".repeat(bar - ready - ordered), look.quiet()),
        Span::styled(format!(" {of:>7}"), empty),
        Span::raw(others),
        alarm(u64::from(now.waiting)),
        alarm(now.failed),
    ])
}

fn keys(width: usize, look: Look) -> Line<'static> {
    let texts = [
        "space pause  . step  n next notable  +/- speed  ↑↓ pools  ? help  q quit",
        "space pause  . step  n next  ? help  q quit",
        "? help  q quit",
        "q quit",
    ];
    let fits = texts.iter().find(|text| text.chars().count() <= width);
    Line::styled(*fits.unwrap_or(&""), look.quiet())
}
