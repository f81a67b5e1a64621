//! `drawdown run --watch`: a replication played on the whole terminal. It is recorded first, so that
//! the wall clock decides when something is seen and never what.

/// Where in a recording we are.
pub(crate) mod player;

/// A recording.
pub(crate) mod film;

/// What it looks like.
pub(crate) mod view;

/// The terminal.
pub(crate) mod screen;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::cli::Failure;
use crate::cli::signals::{Again, asked_to_end};
use crate::cli::watch::film::Film;
use crate::cli::watch::player::{Player, Wish};
use crate::cli::watch::screen::Screen;
use crate::cli::watch::view::{Look, view};
use crate::experiment::trace::Trace;
use crate::scenario::Scenario;

/// How long a picture stands while time passes, and while nothing does.
const MOVING: Duration = Duration::from_millis(50);
const STILL: Duration = Duration::from_millis(500);

/// Says no where there is no terminal to draw on.
pub(crate) fn refuse_without_terminal() -> Result<(), Failure> {
    match screen::is_there() {
        true => Ok(()),
        false => Err(Failure::Message(
            "`--watch` draws on a terminal, and standard output is none\n  \
             help: leave `--watch` out, or `drawdown trace` the replication for a viewer"
                .to_owned(),
        )),
    }
}

/// Plays a recording until the user quits.
pub(crate) fn watch(scenario: &Scenario, trace: &Trace, pace: u32) -> Result<(), Failure> {
    let film = Film::new(scenario, trace);
    // Any value that is not empty asks for no colour (no-color.org).
    let colours = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    play(&film, pace, Look { colours })
        .map_err(|error| Failure::Message(format!("the terminal cannot be used: {error}")))
}

fn play(film: &Film<'_>, pace: u32, look: Look) -> std::io::Result<()> {
    let asked = asked_to_end(Again::Waits);
    end_without_terminal(Arc::clone(&asked));
    let mut screen = Screen::open()?;
    let mut player = Player::new(&film.course, pace);
    let mut last = now();
    while !player.quit && !asked.load(Ordering::Relaxed) {
        screen
            .terminal
            .draw(|frame| view(film, &player, look, frame))?;
        if has_come(if player.paused { STILL } else { MOVING })?
            && let Event::Key(key) = event::read()?
            && let Some(wish) = wish(key)
        {
            player.grant(wish, &film.course);
        }
        let moment = now();
        player.pass(moment - last, &film.course);
        last = moment;
    }
    Ok(())
}

/// Ends the process a moment after it has been asked to end, if it has not ended by then: once the
/// terminal is gone, `crossterm` reads its end without limit and never returns.
fn end_without_terminal(asked: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        while !asked.load(Ordering::Relaxed) {
            std::thread::sleep(STILL);
        }
        std::thread::sleep(2 * STILL);
        std::process::exit(129);
    });
}

/// Waits for something from the terminal. A signal may end the wait, and is no error.
fn has_come(wait: Duration) -> std::io::Result<bool> {
    match event::poll(wait) {
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(false),
        come => come,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a recording is played in real time"
)]
fn now() -> Instant {
    Instant::now()
}

/// What a key asks for.
fn wish(key: KeyEvent) -> Option<Wish> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c') if control => Wish::Quit,
        _ if control => return None,
        KeyCode::Char('q') | KeyCode::Esc => Wish::Quit,
        KeyCode::Char(' ') => Wish::Pause,
        KeyCode::Char('.') | KeyCode::Right => Wish::Step,
        KeyCode::Char(',') | KeyCode::Left => Wish::StepBack,
        KeyCode::Char('n') => Wish::Jump,
        KeyCode::Char('N') => Wish::JumpBack,
        KeyCode::Char('0') | KeyCode::Home => Wish::Restart,
        KeyCode::Char('+' | '=') => Wish::Faster,
        KeyCode::Char('-') => Wish::Slower,
        KeyCode::Down => Wish::PoolsDown,
        KeyCode::Up => Wish::PoolsUp,
        KeyCode::Char('?') => Wish::Help,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_the_help_names_does_something() {
        let plain = |code| wish(KeyEvent::new(code, KeyModifiers::NONE));
        for character in " .,nN+-0?q".chars() {
            assert!(plain(KeyCode::Char(character)).is_some(), "{character}");
        }
        assert_eq!(plain(KeyCode::Esc), Some(Wish::Quit));
        assert_eq!(plain(KeyCode::Right), Some(Wish::Step));
        assert_eq!(plain(KeyCode::Char('c')), None);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(wish(interrupt), Some(Wish::Quit));
    }
}
