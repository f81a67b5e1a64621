//! The terminal while a recording is played, and its return to whoever had it before: at the end, on
//! an error, and before a panic says anything.

use std::io::{self, IsTerminal};

use ratatui::DefaultTerminal;

/// Calls `restore` when it goes out of scope, and before the message of a panic.
pub(crate) struct Guard {
    restore: fn(),
}

impl Guard {
    /// Guards what `restore` puts right. It may be called more than once.
    pub fn new(restore: fn()) -> Self {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
        Self { restore }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        (self.restore)();
    }
}

/// A terminal that is drawn on.
pub(crate) struct Screen {
    pub terminal: DefaultTerminal,
    _guard: Guard,
}

impl Screen {
    /// Takes the terminal.
    pub fn open() -> io::Result<Self> {
        let guard = Guard::new(ratatui::restore);
        let terminal = ratatui::try_init()?;
        Ok(Self {
            terminal,
            _guard: guard,
        })
    }
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
        // A hook is called on the thread that panics, so that tests beside this one are not heard.
        static HEARD: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }

    fn hear(what: &'static str) {
        HEARD.with_borrow_mut(|heard| heard.push(what));
    }

    #[test]
    fn the_terminal_is_put_right_before_a_panic_is_told() {
        let outer = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| hear("told")));
        let done = std::panic::catch_unwind(|| {
            let _guard = Guard::new(|| hear("restored"));
            panic!("something is wrong");
        });
        std::panic::set_hook(outer);
        assert!(done.is_err());
        let heard = HEARD.with_borrow(Clone::clone);
        assert_eq!(heard, ["restored", "told", "restored"]);
    }
}
