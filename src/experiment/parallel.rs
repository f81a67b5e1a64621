//! Threads: the only file that knows there are any. Work is mapped in parallel and put together in
//! the order of its index, so that no result depends on how many threads there were.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

/// Applies `work` to consecutive ranges that make up `0..n`, and gives the results in order.
pub(crate) fn map_ranges<T: Send>(n: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let ranges = ranges(n, 1);
    let bound = |range: usize| range * n / ranges;
    (0..ranges)
        .into_par_iter()
        .map(|range| work(bound(range)..bound(range + 1)))
        .collect()
}

/// How many threads work together here.
pub(crate) fn threads() -> usize {
    rayon::current_num_threads()
}

/// Applies `work` to each of `0..n`, of which each is worth a thread, and gives the results in order.
pub(crate) fn map_each<T: Send>(n: usize, work: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..n).into_par_iter().with_max_len(1).map(work).collect()
}

/// Into how many ranges `0..n` is cut, for each of so many items: enough that no thread waits long for
/// the last, few enough that each is worth making a world for.
fn ranges(n: usize, items: usize) -> usize {
    let ranges = (rayon::current_num_threads() * 32).div_ceil(items.max(1));
    ranges.max(8).min(n.div_ceil(4)).max(1)
}

/// What is done with each of several items: the first thread begins it, all work on it in ranges of
/// `0..n`, and ended with what came of them, in their order, by the last thread.
pub(crate) trait Piecework: Sync {
    /// What an item is begun with.
    type Begun: Send + Sync;
    /// What comes of a range.
    type Part: Send;

    /// Begins an item.
    fn begin(&self, item: usize) -> Self::Begun;

    /// Works on a range of it.
    fn work(&self, begun: &Self::Begun, range: Range<usize>) -> Self::Part;

    /// Ends it, and says whether the work goes on.
    fn end(&self, item: usize, begun: &Self::Begun, parts: Vec<Self::Part>) -> bool;
}

/// An item that is begun and not ended.
struct Open<P: Piecework> {
    begun: OnceLock<P::Begun>,
    parts: Mutex<Vec<Option<P::Part>>>,
}

/// Works on `items` until all are ended, or one of them says that it is enough. Ranges are handed out one
/// after another, so that no thread idles while there are any, and that of all items only as many are
/// open as there are threads, and one more.
pub(crate) fn piecework<P: Piecework>(items: &[usize], n: usize, piecework: &P) {
    let ranges = ranges(n, items.len());
    let bound = |range: usize| range * n / ranges;
    let next = AtomicUsize::new(0);
    let enough = AtomicBool::new(false);
    let open: Mutex<BTreeMap<usize, Arc<Open<P>>>> = Mutex::default();
    rayon::broadcast(|_| {
        while !enough.load(Ordering::Relaxed) {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let (Some(item), range) = (items.get(turn / ranges), turn % ranges) else {
                break;
            };
            let one = Arc::clone(lock(&open).entry(*item).or_insert_with(|| {
                Arc::new(Open {
                    begun: OnceLock::new(),
                    parts: Mutex::new((0..ranges).map(|_| None).collect()),
                })
            }));
            let begun = one.begun.get_or_init(|| piecework.begin(*item));
            let part = piecework.work(begun, bound(range)..bound(range + 1));
            let parts = {
                let mut parts = lock(&one.parts);
                parts[range] = Some(part);
                parts
                    .iter()
                    .all(Option::is_some)
                    .then(|| std::mem::take(&mut *parts))
            };
            if let Some(parts) = parts {
                lock(&open).remove(item);
                if !piecework.end(*item, begun, parts.into_iter().flatten().collect()) {
                    enough.store(true, Ordering::Relaxed);
                }
            }
        }
    });
}

/// A thread that panics ends the work of all, so that what it held is not looked at.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` with this many threads, or with one for each processor.
pub(crate) fn with_threads<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> T {
    let threads = threads.map_or(0, NonZeroUsize::get);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        // A machine that grants no further thread still has this one.
        Err(_) => work(),
    }
}
