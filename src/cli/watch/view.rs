//! What a recording looks like at an instant: a pure function of recording and player. Nothing is written
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

/// From how many columns on nothing is left out or shortened.
const WIDE: usize = 60;
/// Columns that the levels of a pool need, where there is room for all of them and where there is not,
/// and the least that its bar does.
const FIGURES: usize = 34;
const FIGURES_MIN: usize = 20;
const BAR_MIN: usize = 5;
/// The least and the most columns for the name of a pool.
const NAME: std::ops::RangeInclusive<usize> = 8..=24;
/// The least rows for what happens.
const EVENTS_MIN: usize = 2;

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

/// How things look. Blue and yellow are label apart by all; where there are no colours, shapes and weight
/// say the same.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub colours: bool,
}

impl Look {
    fn of(self, colour: Color) -> Style {
        match self.colours {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    fn ready(self) -> Style {
        self.of(Color::LightBlue)
    }

    fn ordered(self) -> Style {
        self.of(Color::Yellow)
    }

    fn alarm(self) -> Style {
        self.of(Color::LightRed).add_modifier(Modifier::BOLD)
    }
}

/// What is there if one looks for it. Dimmed, since no grey is legible on every ground.
const QUIET: Style = Style::new().add_modifier(Modifier::DIM);

/// Draws the recording as it is at the player's instant.
pub(crate) fn view(film: &Film<'_>, player: &Player, look: Look, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut lines = vec![
        clock(film, player, look, width),
        progress(film, player, look, width),
        outages(film, player, look),
        totals(film, player, look, width),
    ];
    // The last row is for the keys; of the rest, pools may take all but what events need.
    let rest = height.saturating_sub(lines.len() + 1);
    let room = rest.saturating_sub(EVENTS_MIN + 1);
    lines.extend(pools(film, player, look, (width, room)));
    let rest = height.saturating_sub(lines.len() + 2);
    lines.push(Line::styled("─".repeat(width), QUIET));
    if player.help {
        lines.extend(HELP.iter().take(rest).map(|line| Line::raw(*line)));
    } else {
        let past = film.past(player.at, rest);
        lines.extend(past.iter().map(|scene| {
            let label = film.describe(scene);
            match scene.notable {
                true => Line::from(vec![Span::styled("▸ ", look.alarm()), bold(label)]),
                false => Line::raw(format!("  {label}")),
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
        frame.render_widget(Paragraph::new(keys(width)), foot);
    }
}

fn bold(text: String) -> Span<'static> {
    Span::styled(text, Modifier::BOLD)
}

fn clock(film: &Film<'_>, player: &Player, look: Look, width: usize) -> Line<'static> {
    let (scenario, course) = (film.scenario, &film.course);
    let utc = scenario.utc(player.at).to_string();
    let clock = match WIDE <= width {
        true => format!("{} {}Z", &utc[..10], &utc[11..19]),
        false => format!("{}Z", words::clock(scenario, player.at)),
    };
    let since = words::duration((player.at - course.start).seconds());
    let (mark, state) = match (player.has_ended(course), player.paused) {
        (true, _) => ("■ ", "end".to_owned()),
        (false, true) => ("‖ ", "paused".to_owned()),
        (false, false) => ("▶ ", format!("{}×", player.pace)),
    };
    Line::from(vec![
        bold(clock),
        Span::raw(format!("  +{since}  ")),
        Span::styled(mark, look.ordered()),
        Span::raw(format!("{state:<8}{}", scenario.name)),
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
            (false, false, false) => Span::styled("─", QUIET),
        }
    };
    Line::from((0..width).map(cell).collect::<Vec<_>>())
}

fn outages(film: &Film<'_>, player: &Player, look: Look) -> Line<'static> {
    let named = film.in_force(player.at).into_iter();
    let named = named.map(|(outage, regions)| format!("{outage} in {}", regions.join(", ")));
    match &named.collect::<Vec<_>>()[..] {
        [] => Line::styled("no outage", QUIET),
        all => Line::styled(format!("outage {}", all.join("; ")), look.alarm()),
    }
}

fn totals(film: &Film<'_>, player: &Player, look: Look, width: usize) -> Line<'static> {
    let levels = film.scenario.pool_ids().map(|pool| pool.0 as usize);
    let levels = levels.map(|pool| (film.is_standby(pool), film.levels(pool, player.at)));
    let levels: Vec<_> = levels.collect();
    let waiting: u32 = levels.iter().map(|(_, noted)| noted.waiting).sum();
    let failed: u64 = levels.iter().map(|(_, noted)| noted.failed).sum();
    let primary = levels.iter().filter(|(standby, _)| !standby).count();
    let empty = levels
        .iter()
        .filter(|(standby, it)| !standby && it.ready == 0);
    let empty = empty.count();
    let (leases, pools) = match WIDE <= width {
        true => ("failed leases", "empty pools"),
        false => ("failed", "empty"),
    };
    let figure = |text: String, alarm: bool| match alarm {
        true => Span::styled(text, look.alarm()),
        false => Span::raw(text),
    };
    Line::from(vec![
        figure(format!("waiting {waiting}"), 0 < waiting),
        Span::raw("  "),
        figure(format!("{leases} {failed}"), 0 < failed),
        Span::raw("  "),
        figure(format!("{pools} {empty}/{primary}"), 0 < empty),
    ])
}

/// What a pool's row has room for.
#[derive(Clone, Copy)]
struct Columns {
    name: usize,
    /// 0 where there is no room for a bar worth its name.
    bar: usize,
    /// Whether orders and leased workers are label.
    all: bool,
}

impl Columns {
    fn of(film: &Film<'_>, width: usize) -> Self {
        let all = WIDE <= width;
        let figures = if all { FIGURES } else { FIGURES_MIN };
        let names = film.scenario.pools.iter().map(|pool| pool.name.len());
        let longest = names.max().unwrap_or(0).clamp(*NAME.start(), *NAME.end());
        let room = width.saturating_sub(figures + BAR_MIN + 3);
        let name = longest.min(room.max(*NAME.start()));
        let bar = width.saturating_sub(name + figures + 3);
        let bar = if bar < BAR_MIN { 0 } else { bar };
        Self { name, bar, all }
    }

    /// A name in its place. Both ends of it distinguish pools: the region, and the image.
    fn named(self, name: &str) -> String {
        let characters: Vec<char> = name.chars().collect();
        let kept = match characters.len() <= self.name {
            true => name.to_owned(),
            false => {
                let (head, tail) = (self.name / 2, self.name - self.name / 2 - 1);
                let tail = &characters[characters.len() - tail..];
                let head = characters[..head].iter();
                head.chain(&['…']).chain(tail).collect()
            }
        };
        format!("{kept:<width$} ", width = self.name)
    }
}

/// A row for each pool that fits into `room` rows, under a header.
fn pools(
    film: &Film<'_>,
    player: &Player,
    look: Look,
    (width, room): (usize, usize),
) -> Vec<Line<'static>> {
    let columns = Columns::of(film, width);
    let figures = match columns.all {
        true => format!("{:>7}{:>7}", "orders", "leased"),
        false => String::new(),
    };
    let count = film.scenario.pools.len();
    let shown = room.saturating_sub(1).min(count);
    let first = player.first_pool.min(count - shown);
    let title = match shown < count {
        true => format!("{}–{}/{count}", first + 1, first + shown),
        false => "pool".to_owned(),
    };
    let header = format!(
        "  {}{:bar$}{:>7}{figures}{:>6}{:>7}",
        columns.named(&title),
        "",
        "ready",
        "wait",
        "failed",
        bar = columns.bar,
    );
    let mut lines = vec![Line::styled(header, QUIET)];
    lines.extend((first..first + shown).map(|place| pool(film, player, look, (place, columns))));
    lines
}

fn pool(
    film: &Film<'_>,
    player: &Player,
    look: Look,
    (place, columns): (usize, Columns),
) -> Line<'static> {
    let pool = &film.scenario.pools[place];
    let now = film.levels(place, player.at);
    let (most, bar) = (film.fullest[place] as usize, columns.bar);
    let cells = |workers: u32| (workers as usize * bar).div_ceil(most).min(bar);
    let ready = cells(now.ready);
    let ordered = cells(now.ready + now.pending) - ready;
    let mark = match film.is_shaded(place, player.at) {
        true => Span::styled("! ", look.alarm()),
        false => Span::raw("  "),
    };
    let empty = match now.ready == 0 && !film.is_standby(place) {
        true => look.alarm(),
        false => Style::new(),
    };
    let of = format!("{}/{}", now.ready, pool.target);
    let figures = match columns.all {
        true => format!("{:>7}{:>7}", now.pending, now.leased),
        false => String::new(),
    };
    let alarm = |text: String, value: u64| match value {
        0 => Span::raw(text),
        _ => Span::styled(text, look.alarm()),
    };
    Line::from(vec![
        mark,
        Span::styled(columns.named(&pool.name), empty),
        Span::styled("█".repeat(ready), look.ready()),
        Span::styled("▒".repeat(ordered), look.ordered()),
        Span::styled("·".repeat(bar - ready - ordered), QUIET),
        Span::styled(format!("{of:>7}"), empty),
        Span::raw(figures),
        alarm(format!("{:>6}", now.waiting), u64::from(now.waiting)),
        alarm(format!("{:>7}", now.failed), now.failed),
    ])
}

fn keys(width: usize) -> Line<'static> {
    let texts = [
        "space pause  . step  n next notable  +/- speed  ↑↓ pools  ? help  q quit",
        "space pause  . step  n next  ? help  q quit",
        "? help  q quit",
        "q quit",
    ];
    let fits = texts.iter().find(|text| text.chars().count() <= width);
    Line::styled(*fits.unwrap_or(&""), QUIET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::watch::player::Wish;
    use crate::experiment::trace::trace_expected_value;
    use crate::scenario::Scenario;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::buffer::Buffer;

    const INCIDENT: &str = "scenarios/fnj8-vqz.yaml";

    fn drawn(film: &Film<'_>, player: &Player, (width, height): (u16, u16)) -> Buffer {
        let look = Look { colours: false };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        let done = terminal.draw(|frame| view(film, player, look, frame));
        done.expect("memory takes every cell");
        terminal.backend().buffer().clone()
    }

    fn text(buffer: &Buffer) -> String {
        let rows = buffer
            .content()
            .chunks(usize::from(buffer.area.width).max(1));
        let rows = rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>());
        rows.map(|row| format!("{}\n", row.trim_end())).collect()
    }

    /// Frames of the published incident; `UPDATE_GOLDEN=1` rewrites them.
    #[test]
    fn frames_of_an_incident_are_as_stored() {
        let scenario = Scenario::load(INCIDENT).expect("a valid scenario");
        let trace = trace_expected_value(&scenario);
        let film = Film::new(&scenario, &trace);
        let mut frames = String::new();
        for size in [(80, 24), (40, 12)] {
            let mut player = Player::new(&film.course, 60);
            for (seconds, wish) in [
                (0, Wish::Faster),
                (7200, Wish::Pause),
                (11_000, Wish::Step),
                (11_000, Wish::Jump),
                (20_000, Wish::Help),
                (30_000, Wish::Help),
            ] {
                player.at = film.course.start + SimDuration::from_seconds(seconds);
                player.at = player.at.min(film.course.until);
                player.grant(wish, &film.course);
                frames += &format!("== {size:?} after {seconds} s, {wish:?}\n");
                frames += &text(&drawn(&film, &player, size));
            }
        }
        let stored = "tests/it/golden/watch.txt";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(stored, &frames).expect("a file");
        }
        let expected = std::fs::read_to_string(stored).unwrap_or_default();
        assert!(expected == frames, "{stored} differs; now:\n{frames}");
    }

    #[test]
    fn no_size_is_too_small_and_no_instant_too_late() {
        for file in [INCIDENT, "scenarios/policies/azure-standby-pool.yaml"] {
            let scenario = Scenario::load(file).expect("a valid scenario");
            let trace = trace_expected_value(&scenario);
            let film = Film::new(&scenario, &trace);
            let mut player = Player::new(&film.course, 60);
            player.first_pool = 1000;
            for (width, height) in (0..90)
                .step_by(3)
                .flat_map(|w| (0..30).map(move |h| (w, h)))
            {
                drawn(&film, &player, (width, height));
                player.grant(Wish::Help, &film.course);
                player.grant(Wish::Jump, &film.course);
            }
        }
    }

    #[test]
    fn where_no_colour_is_wanted_there_is_none() {
        let scenario = Scenario::load(INCIDENT).expect("a valid scenario");
        let trace = trace_expected_value(&scenario);
        let film = Film::new(&scenario, &trace);
        let mut player = Player::new(&film.course, 60);
        for _ in 0..20 {
            player.grant(Wish::Jump, &film.course);
            let buffer = drawn(&film, &player, (80, 24));
            let mut cells = buffer.content().iter();
            assert!(cells.all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)));
        }
    }
}
