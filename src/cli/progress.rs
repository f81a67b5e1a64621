//! Long work, as a person at a terminal sees it: a bar on standard error, and Ctrl-C. The only file
//! that knows `indicatif` and `ctrlc`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::progress::Progress;

/// A bar of replications. Off a terminal it is silent.
pub(crate) struct Bar {
    bar: ProgressBar,
    stopped: Arc<AtomicBool>,
}

impl Bar {
    /// A bar for so many replications. From here on Ctrl-C asks the work to end with what is done;
    /// pressed again, it ends the process.
    pub fn new(replications: u64) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stopped);
        // Where no handler can be set, Ctrl-C ends the process, which loses no file either.
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        let bar = ProgressBar::new(replications);
        let template = "{bar:30} {pos} of {len} replications, {per_sec}, {eta} left  {msg}";
        let style = ProgressStyle::with_template(template).expect("a template that is sound");
        bar.set_style(style);
        Self { bar, stopped }
    }

    /// Says what else is done.
    pub fn say(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn lived(&self, replications: u64) {
        self.bar.inc(replications);
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
