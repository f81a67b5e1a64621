//! Threads: the only file that knows there are any. Work is mapped in parallel and put together in
//! the order of its index, so that no result depends on how many threads there were.

use std::num::NonZeroUsize;

use rayon::prelude::*;

/// Applies `work` to consecutive ranges that make up `0..n`, and gives the results in order.
pub(crate) fn map_ranges<T: Send>(
    n: usize,
    work: impl Fn(std::ops::Range<usize>) -> T + Sync,
) -> Vec<T> {
    // Enough ranges that no thread waits long for the last, few enough that each is worth making
    // a world for.
    let ranges = (rayon::current_num_threads() * 32)
        .min(n.div_ceil(4))
        .max(1);
    let bound = |range: usize| range * n / ranges;
    (0..ranges)
        .into_par_iter()
        .map(|range| work(bound(range)..bound(range + 1)))
        .collect()
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
