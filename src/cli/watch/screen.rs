//! The terminal while a recording is played, and how it is restored: at the end, on
//! an error, and before a panic says anything.

use std::io::{self, IsTerminal, Stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// Calls `restore` once: before the message of a panic, or when it goes out of scope.
pub(crate) struct Guard {
    restore: fn(),
    // To leave the other screen twice would put the cursor back into what has been said since.
    taken: Arc<AtomicBool>,
}

impl Guard {
    /// Guards what `restore` puts right.
    pub fn new(restore: fn()) -> Self {
        let taken = Arc::new(AtomicBool::new(true));
        let (before, held) = (std::panic::take_hook(), Arc::clone(&taken));
        std::panic::set_hook(Box::new(move |panic| {
            if held.swap(false, Ordering::SeqCst) {
                restore();
            }
            before(panic);
        }));
        Self { restore, taken }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.taken.swap(false, Ordering::SeqCst) {
            (self.restore)();
        }
    }
}

/// A terminal that is drawn on.
pub(crate) struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    _guard: Guard,
}

impl Screen {
    /// Takes the terminal.
    pub fn open() -> io::Result<Self> {
        let guard = Guard::new(give_back);
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen)?;
        Ok(Self {
            terminal: Terminal::new(CrosstermBackend::new(io::stdout()))?,
            _guard: guard,
        })
    }
}

/// Restores the terminal. A failure cannot be reported.
fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
}

/// Whether there is a terminal to draw on.
pub(crate) fn is_there() -> bool {
    io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        // A hook is called on the thread that panics, so that other tests are not recorded.
        static RECORDED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }

    fn record(what: &'static str) {
        RECORDED.with_borrow_mut(|recorded| recorded.push(what));
    }

    #[test]
    fn the_terminal_is_restored_once_and_before_a_panic_is_reported() {
        let outer = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| record("reported")));
        let done = std::panic::catch_unwind(|| {
            let _guard = Guard::new(|| record("restored"));
            panic!("something is wrong");
        });
        std::panic::set_hook(outer);
        assert!(done.is_err());
        assert_eq!(RECORDED.with_borrow(Clone::clone), ["restored", "reported"]);
        drop(Guard::new(|| record("restored again")));
        let last = RECORDED.with_borrow(|recorded| recorded.last().copied());
        assert_eq!(last, Some("restored again"));
    }
}
