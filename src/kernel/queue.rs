//! The queue of future events and the loop that drains it. Knows nothing of pools.
//!
//! A lazy radix heap (after Ahuja, Mehlhorn, Orlin and Tarjan, 1990): simulated time is an integer
//! that never runs backwards, so an event is filed by the highest bit in which its time differs
//! from `origin`, and the earliest event is always in the lowest bucket that is not empty.

use crate::kernel::time::SimTime;

/// The order of an event among those of one instant; lower ranks run first.
pub(crate) trait Ranked {
    /// Place in the one table of ranks, below 256.
    fn rank(&self) -> u8;
}

/// Something that lives on events.
pub(crate) trait Model {
    /// What can happen to it.
    type Event: Ranked + Copy;

    /// Lets `event` happen at `now`; whatever follows from it goes into `queue`.
    fn handle(&mut self, event: Self::Event, now: SimTime, queue: &mut EventQueue<Self::Event>);
}

/// Looks at a model after each event and cannot change it.
pub(crate) trait Observer<M: Model> {
    /// Called once `event` has happened at `now`.
    fn after(&mut self, model: &M, event: &M::Event, now: SimTime);
}

/// Observes nothing, and costs nothing.
impl<M: Model> Observer<M> for () {
    fn after(&mut self, _: &M, _: &M::Event, _: SimTime) {}
}

/// How a run of the loop ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// The horizon was reached; nothing at or after it happened.
    Horizon,
    /// More events happened than the budget allows; the results cover the time before.
    BudgetSpent,
}

/// Runs every event before `horizon` in order, at most `budget` of them.
pub(crate) fn advance<M: Model>(
    model: &mut M,
    queue: &mut EventQueue<M::Event>,
    horizon: SimTime,
    budget: u64,
    observer: &mut impl Observer<M>,
) -> Ended {
    for _ in 0..budget {
        let Some((now, event)) = queue.pop_before(horizon) else {
            return Ended::Horizon;
        };
        model.handle(event, now, queue);
        observer.after(model, &event, now);
    }
    Ended::BudgetSpent
}

/// A pending event. `order` is its rank (8 bits), then its number in the order of scheduling.
#[derive(Clone, Copy)]
struct Entry<E> {
    time: u64,
    order: u64,
    event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.order)
    }
}

/// Up to this many events a bucket is searched rather than spread: at the tens of pending events
/// of an ordinary scenario that is the cheaper way (bench `kernel/hold`).
const SEARCHED: usize = 12;

/// Pending events, in the order (time, rank, scheduling).
pub(crate) struct EventQueue<E> {
    // Invariant: bucket 0 holds the events at `origin`, the next to run last; bucket b > 0 holds
    // those whose time differs from `origin` first in bit b - 1, in no order.
    buckets: [Vec<Entry<E>>; 64],
    // Invariant: bit b is set exactly where bucket b is not empty.
    occupied: u64,
    // Invariant: no pending event is earlier than `origin`, and `origin` is not after `now`.
    origin: u64,
    now: u64,
    scheduled: u64,
}

impl<E: Ranked + Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| Vec::new()),
            occupied: 0,
            origin: 0,
            now: 0,
            scheduled: 0,
        }
    }
}

impl<E: Ranked + Copy> EventQueue<E> {
    /// Forgets everything but the memory it holds.
    pub fn clear(&mut self) {
        self.buckets.iter_mut().for_each(Vec::clear);
        (self.occupied, self.origin, self.now, self.scheduled) = (0, 0, 0, 0);
    }

    /// Files `event` for the instant `at`; one that never comes is dropped.
    ///
    /// # Panics
    /// If `at` lies in the past.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: E) {
        if !at.comes() {
            return;
        }
        let time = at.micros();
        assert!(self.now <= time, "an event for {time} µs was scheduled at {} µs", self.now);
        let order = u64::from(event.rank()) << 56 | self.scheduled;
        self.scheduled += 1;
        let entry = Entry { time, order, event };
        let bucket = self.bucket_of(time);
        if bucket == 0 {
            let place = self.buckets[0].partition_point(|pending| order < pending.order);
            self.buckets[0].insert(place, entry);
        } else {
            self.buckets[bucket].push(entry);
        }
        self.occupied |= 1 << bucket;
    }

    /// Takes the next event if it comes before `horizon`.
    #[inline]
    pub fn pop_before(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        if self.occupied == 0 {
            return None;
        }
        let lowest = self.occupied.trailing_zeros() as usize;
        if lowest > 0 && self.buckets[lowest].len() <= SEARCHED {
            return self.take_least(lowest, horizon);
        }
        if lowest > 0 {
            self.spread(lowest);
        }
        let next = *self.buckets[0].last()?;
        if horizon.micros() <= next.time {
            return None;
        }
        self.buckets[0].pop();
        if self.buckets[0].is_empty() {
            self.occupied &= !1;
        }
        self.now = next.time;
        Some((SimTime::from_micros(next.time), next.event))
    }

    /// Searches a small bucket and leaves `origin` where it is.
    #[inline]
    fn take_least(&mut self, bucket: usize, horizon: SimTime) -> Option<(SimTime, E)> {
        let entries = &mut self.buckets[bucket];
        let mut least = 0;
        let mut key = entries[0].key();
        for (place, entry) in entries.iter().enumerate().skip(1) {
            let other = entry.key();
            least = if other < key { place } else { least };
            key = if other < key { other } else { key };
        }
        if horizon.micros() <= entries[least].time {
            return None;
        }
        let entry = entries.swap_remove(least);
        if entries.is_empty() {
            self.occupied &= !(1 << bucket);
        }
        self.now = entry.time;
        Some((SimTime::from_micros(entry.time), entry.event))
    }

    /// Moves `origin` to the earliest event of a bucket and files its events anew, all lower down.
    fn spread(&mut self, bucket: usize) {
        let mut entries = std::mem::take(&mut self.buckets[bucket]);
        self.occupied &= !(1 << bucket);
        self.origin = entries.iter().map(|entry| entry.time).min().unwrap_or(self.origin);
        for entry in entries.drain(..) {
            let lower = self.bucket_of(entry.time);
            self.buckets[lower].push(entry);
            self.occupied |= 1 << lower;
        }
        self.buckets[0].sort_unstable_by(|one, other| other.order.cmp(&one.order));
        self.buckets[bucket] = entries;
    }

    fn bucket_of(&self, time: u64) -> usize {
        (64 - (time ^ self.origin).leading_zeros()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::{Key, Purpose};

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Ring {
        rank: u8,
        number: u32,
    }

    impl Ranked for Ring {
        fn rank(&self) -> u8 {
            self.rank
        }
    }

    #[test]
    fn ties_run_by_rank_then_in_order_of_scheduling() {
        let mut queue = EventQueue::default();
        for number in 0..60 {
            let at = SimTime::from_micros(7 + u64::from(number % 2));
            queue.schedule(at, Ring { rank: (number % 3) as u8, number });
        }
        let mut seen = Vec::new();
        while let Some((at, ring)) = queue.pop_before(SimTime::NEVER) {
            seen.push((at, ring.rank, ring.number));
        }
        assert_eq!(seen.len(), 60);
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    }

    #[test]
    fn an_event_of_lower_rank_born_now_runs_next() {
        let mut queue = EventQueue::default();
        let now = SimTime::from_micros(1_000);
        for number in 0..20 {
            queue.schedule(now, Ring { rank: 5, number });
        }
        assert_eq!(queue.pop_before(SimTime::NEVER).map(|(_, ring)| ring.number), Some(0));
        queue.schedule(now, Ring { rank: 2, number: 99 });
        assert_eq!(queue.pop_before(SimTime::NEVER).map(|(_, ring)| ring.number), Some(99));
        assert_eq!(queue.pop_before(SimTime::NEVER).map(|(_, ring)| ring.number), Some(1));
    }

    #[test]
    fn the_horizon_is_half_open() {
        let mut queue = EventQueue::default();
        queue.schedule(SimTime::from_micros(10), Ring { rank: 0, number: 1 });
        assert!(queue.pop_before(SimTime::from_micros(10)).is_none());
        assert!(queue.pop_before(SimTime::from_micros(11)).is_some());
    }

    #[test]
    fn agrees_with_a_sorted_list_under_random_use() {
        let mut stream = Key { seed: 3, replication: 0 }.stream(Purpose::Arrival, 0, 0);
        let mut queue = EventQueue::default();
        let mut list: Vec<(u64, u8, u32)> = Vec::new();
        let mut now = 0;
        for number in 0..20_000_u32 {
            let at = now + stream.next_u64() % [1, 3, 50, 4_000, 9_000_000][number as usize % 5];
            let rank = (stream.next_u64() % 4) as u8;
            queue.schedule(SimTime::from_micros(at), Ring { rank, number });
            let place = list.partition_point(|pending| *pending > (at, rank, number));
            list.insert(place, (at, rank, number));
            if stream.next_u64() % 100 < 49 {
                let (time, ring) = queue.pop_before(SimTime::NEVER).expect("an event is pending");
                now = time.micros();
                assert_eq!(list.pop(), Some((now, ring.rank, ring.number)));
            }
        }
    }
}
