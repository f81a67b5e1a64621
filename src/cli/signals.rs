//! Requests to end: Ctrl-C, and on Unix SIGTERM and SIGHUP. The only file that knows `ctrlc` and
//! `signal_hook`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What a second request does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Again {
    /// It ends the process at once.
    Exits,
    /// Nothing more than the first.
    Waits,
}

/// One request can arrive as several signals: `timeout` signals the process, and then its group.
const ONE_REQUEST: Duration = Duration::from_millis(200);

/// A flag that is set once the process is asked to end. Where no handler can be set, the process ends,
/// which leaves no half of a file either. All work of a process has one flag; what a second request does is decided
/// where it is asked for first.
pub(crate) fn asked_to_end(again: Again) -> Arc<AtomicBool> {
    static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    Arc::clone(ASKED.get_or_init(|| listen(again)))
}

fn listen(again: Again) -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    let first = Arc::new(OnceLock::new());
    let (flag, since) = (Arc::clone(&asked), Arc::clone(&first));
    let _ = ctrlc::set_handler(move || asks((&flag, &since), again, 130));
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGTERM};
        // What `nohup` asks for.
        let signals = [SIGTERM, SIGHUP].into_iter().filter(|it| !is_ignored(*it));
        if let Ok(mut signals) = signal_hook::iterator::Signals::new(signals) {
            let flag = Arc::clone(&asked);
            std::thread::spawn(move || {
                for signal in signals.forever() {
                    asks((&flag, &first), again, 128 + signal);
                }
            });
        }
    }
    asked
}

/// The process is asked to end.
#[expect(
    clippy::disallowed_methods,
    reason = "two requests are distinguished by the time between them"
)]
fn asks((flag, first): (&AtomicBool, &OnceLock<Instant>), again: Again, code: i32) {
    let since = first.get_or_init(Instant::now);
    if flag.swap(true, Ordering::Relaxed) && again == Again::Exits && ONE_REQUEST < since.elapsed()
    {
        std::process::exit(code);
    }
}

/// Whether the process was started with a signal ignored; where the system does not say, it was not.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}
