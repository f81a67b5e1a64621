//! Long work: on a thread of its own while other Python threads run, until it is complete or a signal ends it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use drawdown::study::Progress;
use pyo3::prelude::*;

use crate::error::fault;

/// How often signals are looked for, and progress is reported.
const TICK: Duration = Duration::from_millis(50);

/// What is complete, and whether the work is to end.
#[derive(Default)]
pub struct Watch {
    completed: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress for Watch {
    fn completed(&self, replications: u64) {
        self.completed.fetch_add(replications, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Does the work while other Python threads run, and calls `progress` with the number of replications that are
/// complete. An exception, such as that of Ctrl-C, ends it, and is raised.
pub fn working<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Watch) -> T + Send,
) -> PyResult<T> {
    let watch = Watch::default();
    let (working, finished) = mpsc::channel::<()>();
    let finished = Mutex::new(finished);
    thread::scope(|scope| {
        let watch = &watch;
        let thread = scope.spawn(move || {
            // Dropped with the thread, however it ends; that wakes the caller at once.
            let _working = working;
            work(watch)
        });
        let report = || match progress {
            Some(progress) => {
                let completed = watch.completed.load(Ordering::Relaxed);
                progress.call1((completed,)).map(|_| ())
            }
            None => Ok(()),
        };
        let mut going = Ok(());
        loop {
            let waited = py.detach(|| {
                let finished = finished.lock().unwrap_or_else(PoisonError::into_inner);
                finished.recv_timeout(TICK)
            });
            if waited == Err(mpsc::RecvTimeoutError::Disconnected) {
                break;
            }
            if going.is_ok() {
                going = py.check_signals().and_then(|()| report());
                watch.cancelled.store(going.is_err(), Ordering::Relaxed);
            }
        }
        let done = py.detach(|| thread.join());
        going?;
        let done = done.map_err(|panic| fault(&*panic))?;
        report()?;
        Ok(done)
    })
}
