//! Long work, as a person at a terminal sees it: a bar on standard error. The only file that
//! knows `indicatif`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::cli::is_quiet;
use crate::cli::signals::{Again, asked_to_end};
use crate::experiment::progress::Progress;

/// A bar of replications. Off a terminal it is silent.
pub(crate) struct Bar {
    bar: ProgressBar,
    stopped: Arc<AtomicBool>,
}

impl Bar {
    /// A bar for so many replications. From here on Ctrl-C, SIGTERM and SIGHUP ask the work to end with
    /// what is done; a second time, they end the process.
    pub fn new(replications: u64) -> Self {
        let stopped = asked_to_end(Again::Exits);
        let bar = match is_quiet() {
            true => ProgressBar::hidden(),
            false => ProgressBar::new(replications),
        };
        let template = "{bar:20} {pos} of {len} replications, {rate}, {eta} left  {msg}";
        let style = ProgressStyle::with_template(template).expect("a template that is sound");
        let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _ = write!(text, "{:.0}/s", state.per_sec());
        };
        let style = style.with_key("rate", rate);
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
    fn completed(&self, replications: u64) {
        self.bar.inc(replications);
    }

    fn is_cancelled(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
