//! Requests to end: Ctrl-C, and on Unix SIGTERM and SIGHUP. The only file that knows `ctrlc` and
//! `signal_hook`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a second request does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Again {
    /// It ends the process at once.
    Exits,
    /// Nothing more than the first.
    Waits,
}

/// A flag that is set once the process is asked to end. Where no handler can be set, the process ends,
/// which leaves no half of a file either.
pub(crate) fn asked_to_end(again: Again) -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) && again == Again::Exits {
            std::process::exit(130);
        }
    });
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        use signal_hook::flag::{register, register_conditional_shutdown};
        // What `nohup` asks for.
        if is_ignored(signal) {
            continue;
        }
        if again == Again::Exits {
            let _ = register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked));
        }
        let _ = register(signal, Arc::clone(&asked));
    }
    asked
}

/// Whether the process was started with a signal ignored; where the system does not say, it was not.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}
