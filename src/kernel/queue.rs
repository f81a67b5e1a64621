//! The future event list and the event loop. Knows nothing of pools.
//!
//! A 4-ary heap (Johnson, 1975) on keys of 64 bits: instant and rank. Which
//! child is least is computed without branches. Events of one instant and rank are rare; they are
//! taken out together and sorted in the order of scheduling.

use std::hint::select_unpredictable;

use crate::kernel::time::SimTime;

/// The order of an event among those of one instant; lower ranks run first.
pub trait Ranked {
    /// How many ranks there are, from 1 to 16, which is checked when it is compiled.
    const RANKS: u8 = 1;

    /// The event's rank, below [`Ranked::RANKS`].
    fn rank(&self) -> u8 {
        0
    }
}

/// A model that is driven by events.
pub trait Model {
    /// What can happen to it.
    type Event: Ranked + Copy;

    /// Its future events.
    fn queue(&mut self) -> &mut EventQueue<Self::Event>;

    /// Changes the state for `event`, which occurs at `now`, and schedules what follows from it.
    fn handle(&mut self, event: Self::Event, now: SimTime);
}

/// Looks at a model after each event and cannot change it.
pub trait Observer<M: Model> {
    /// Called once `event` has occurred at `now`.
    fn after(&mut self, model: &M, event: &M::Event, now: SimTime);
}

/// Observes nothing, and costs nothing.
impl<M: Model> Observer<M> for () {
    fn after(&mut self, _: &M, _: &M::Event, _: SimTime) {}
}

/// How a run of the loop ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub enum Ended {
    /// The horizon was reached; nothing at or after it occurred.
    Horizon,
    /// More events occurred than the budget allows; the results cover the time before.
    BudgetSpent,
}

/// Runs every event before `horizon` in order, at most `budget` of them.
pub fn advance<M: Model>(
    model: &mut M,
    horizon: SimTime,
    budget: u64,
    observer: &mut impl Observer<M>,
) -> Ended {
    for _ in 0..budget {
        let Some((now, event)) = model.queue().pop_before(horizon) else {
            return Ended::Horizon;
        };
        model.handle(event, now);
        observer.after(model, &event, now);
    }
    Ended::BudgetSpent
}

/// Bits of a key below the instant, for the rank.
const RANK_BITS: u32 = 4;
/// Children of a node.
const WIDTH: usize = 4;
/// The key of a vacant place, later than any other.
const VACANT: u64 = u64::MAX;

/// A pending event, and its number in the order of scheduling.
#[derive(Clone, Copy)]
struct Item<E> {
    order: u64,
    event: E,
}

/// Pending events, in the order (time, rank, scheduling).
#[derive(Clone)]
pub struct EventQueue<E> {
    // Invariant: `keys[n]` is instant and rank of `items[n]`, no greater than those of its children
    // 4n + 1 to 4n + 4; past the items there are at least four vacant keys.
    keys: Vec<u64>,
    items: Vec<Item<E>>,
    /// Whether the root has been taken and not replaced: the next event scheduled mostly follows from
    /// the one taken, so that one sift-down serves both.
    hole: bool,
    /// Events of one instant and rank, the next to run last.
    tied: Vec<Item<E>>,
    tied_key: u64,
    now: u64,
    scheduled: u64,
}

/// Pending events that were taken out of a queue.
pub struct SetAside<E> {
    pending: Vec<(u64, Item<E>)>,
    scheduled: u64,
}

impl<E: Ranked + Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self {
            keys: vec![VACANT; 1 + WIDTH],
            items: Vec::new(),
            hole: false,
            tied: Vec::new(),
            tied_key: VACANT,
            now: 0,
            scheduled: 0,
        }
    }
}

impl<E: Ranked + Copy> EventQueue<E> {
    /// Clears it and goes back to the beginning of time; keeps the memory.
    pub fn clear(&mut self) {
        self.keys.fill(VACANT);
        self.items.clear();
        self.tied.clear();
        (self.hole, self.tied_key, self.now, self.scheduled) = (false, VACANT, 0, 0);
    }

    /// Schedules `event` at `at`; an infinite instant is dropped.
    ///
    /// # Panics
    /// If `at` lies in the past.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: E) {
        if !at.is_finite() {
            return;
        }
        let time = at.micros();
        assert!(
            self.now <= time,
            "an event for {time} µs was scheduled at {} µs",
            self.now
        );
        const {
            assert!(
                E::RANKS as u32 <= 1 << RANK_BITS,
                "more ranks than a key holds"
            )
        };
        debug_assert!(event.rank() < E::RANKS, "rank {}", event.rank());
        let key = time << RANK_BITS | u64::from(event.rank());
        let item = Item {
            order: self.scheduled,
            event,
        };
        self.scheduled += 1;
        if self.hole {
            self.hole = false;
            self.sift_down(key, item);
        } else {
            self.insert(key, item);
        }
    }

    #[inline]
    fn insert(&mut self, key: u64, item: Item<E>) {
        let last = self.items.len();
        self.items.push(item);
        if self.keys.len() <= last + WIDTH + 1 {
            self.keys.resize(2 * self.keys.len() + WIDTH, VACANT);
        }
        self.sift_up(last, key, item);
    }

    /// Takes out every pending event, and drops those that `keep` refuses. Events can be scheduled before the others
    /// are put back: they count as scheduled earlier.
    pub fn set_aside(&mut self, keep: impl Fn(&E) -> bool) -> SetAside<E> {
        if self.hole {
            self.close();
        }
        let keys = self.keys.iter().copied();
        let mut pending: Vec<(u64, Item<E>)> = keys.zip(self.items.iter().copied()).collect();
        pending.extend(self.tied.iter().map(|item| (self.tied_key, *item)));
        pending.retain(|(_, item)| keep(&item.event));
        let (now, scheduled) = (self.now, self.scheduled);
        self.clear();
        self.now = now;
        SetAside { pending, scheduled }
    }

    /// Puts events back that were set aside, after those that are scheduled now.
    pub fn put_back(&mut self, aside: SetAside<E>) {
        if self.hole {
            self.close();
        }
        let ahead = self.scheduled;
        for (key, item) in aside.pending {
            let order = item.order + ahead;
            self.insert(key, Item { order, ..item });
        }
        self.scheduled += aside.scheduled;
    }

    /// Takes the next event if it occurs before `horizon`.
    #[inline]
    pub fn pop_before(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        if self.hole {
            self.close();
        }
        let least = self.keys[0];
        if self.tied_key <= least {
            return self.pop_tied(horizon);
        }
        let time = least >> RANK_BITS;
        if horizon.micros() <= time {
            return None;
        }
        if self.keys[1..=WIDTH].contains(&least) {
            self.gather(least);
            return self.pop_tied(horizon);
        }
        self.now = time;
        self.hole = true;
        Some((SimTime::from_micros(time), self.items[0].event))
    }

    /// Fills the hole at the root with the last event.
    #[inline]
    fn close(&mut self) {
        self.hole = false;
        let last = self.items.len() - 1;
        let (key, item) = (self.keys[last], self.items[last]);
        self.keys[last] = VACANT;
        self.items.pop();
        if 0 < last {
            self.sift_down(key, item);
        }
    }

    /// Inserts an event at the root: the least child moves up all the way, and the event is sifted up from
    /// the bottom, rarely far.
    #[inline]
    fn sift_down(&mut self, key: u64, item: Item<E>) {
        let count = self.items.len();
        let mut place = 0;
        let mut child = 1;
        while child < count {
            let [k0, k1, k2, k3] = *self.keys[child..].first_chunk::<WIDTH>().expect("padding");
            let (left, left_key) = (usize::from(k1 < k0), k0.min(k1));
            let (right, right_key) = (2 + usize::from(k3 < k2), k2.min(k3));
            let right_first = right_key < left_key;
            let least = child + select_unpredictable(right_first, right, left);
            self.keys[place] = select_unpredictable(right_first, right_key, left_key);
            self.items[place] = self.items[least];
            place = least;
            child = WIDTH * place + 1;
        }
        self.sift_up(place, key, item);
    }

    /// Inserts an event at `place` and sifts it up.
    #[inline]
    fn sift_up(&mut self, mut place: usize, key: u64, item: Item<E>) {
        while 0 < place {
            let parent = (place - 1) / WIDTH;
            if self.keys[parent] <= key {
                break;
            }
            self.keys[place] = self.keys[parent];
            self.items[place] = self.items[parent];
            place = parent;
        }
        self.keys[place] = key;
        self.items[place] = item;
    }

    /// Takes out all events of one instant and rank, starting at the root. Those taken out before
    /// that have a higher rank go back.
    #[cold]
    fn gather(&mut self, key: u64) {
        while let Some(item) = self.tied.pop() {
            self.insert(self.tied_key, item);
        }
        self.tied_key = key;
        while self.keys[0] == key {
            self.tied.push(self.items[0]);
            self.close();
        }
        self.tied
            .sort_unstable_by_key(|item| std::cmp::Reverse(item.order));
    }

    #[cold]
    fn pop_tied(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        let time = self.tied_key >> RANK_BITS;
        if horizon.micros() <= time {
            return None;
        }
        let next = self.tied.pop()?;
        if self.tied.is_empty() {
            self.tied_key = VACANT;
        }
        self.now = time;
        Some((SimTime::from_micros(time), next.event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Key;

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Ring {
        rank: u8,
        number: u32,
    }

    impl Ranked for Ring {
        const RANKS: u8 = 16;

        fn rank(&self) -> u8 {
            self.rank
        }
    }

    #[test]
    fn ties_run_by_rank_then_in_order_of_scheduling() {
        let mut queue = EventQueue::default();
        for number in 0..60 {
            let at = SimTime::from_micros(7 + u64::from(number % 2));
            queue.schedule(
                at,
                Ring {
                    rank: (number % 3) as u8,
                    number,
                },
            );
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
        assert_eq!(
            queue
                .pop_before(SimTime::NEVER)
                .map(|(_, ring)| ring.number),
            Some(0)
        );
        queue.schedule(
            now,
            Ring {
                rank: 2,
                number: 99,
            },
        );
        assert_eq!(
            queue
                .pop_before(SimTime::NEVER)
                .map(|(_, ring)| ring.number),
            Some(99)
        );
        assert_eq!(
            queue
                .pop_before(SimTime::NEVER)
                .map(|(_, ring)| ring.number),
            Some(1)
        );
    }

    #[test]
    fn events_that_are_put_back_come_last() {
        let mut queue = EventQueue::default();
        let at = SimTime::from_micros;
        for number in 0..20 {
            queue.schedule(at(5 + u64::from(number % 2)), Ring { rank: 1, number });
        }
        let first = queue.pop_before(SimTime::NEVER);
        assert_eq!(first.map(|(_, ring)| ring.number), Some(0));
        let aside = queue.set_aside(|ring| ring.number % 3 == 0);
        queue.schedule(
            at(6),
            Ring {
                rank: 1,
                number: 99,
            },
        );
        queue.put_back(aside);
        queue.schedule(
            at(6),
            Ring {
                rank: 1,
                number: 100,
            },
        );
        let rest = std::iter::from_fn(|| queue.pop_before(SimTime::NEVER));
        let rest: Vec<u32> = rest.map(|(_, ring)| ring.number).collect();
        // At 5 µs the even ones, at 6 µs the odd ones.
        assert_eq!(rest, [6, 12, 18, 99, 3, 9, 15, 100]);
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
        let mut stream = Key {
            seed: 3,
            replication: 0,
        }
        .stream(1, 0, 0)
        .draws();
        let mut below = |limit: f64| (stream.next(|unit| unit) * limit) as u64;
        let mut queue = EventQueue::default();
        let mut list: Vec<(u64, u8, u32)> = Vec::new();
        let mut now = 0;
        for number in 0..20_000_u32 {
            let at = now + below([1.0, 3.0, 50.0, 4e3, 9e6][number as usize % 5]);
            let rank = below(4.0) as u8;
            queue.schedule(SimTime::from_micros(at), Ring { rank, number });
            let place = list.partition_point(|pending| *pending > (at, rank, number));
            list.insert(place, (at, rank, number));
            if below(100.0) < 49 {
                let (time, ring) = queue
                    .pop_before(SimTime::NEVER)
                    .expect("an event is pending");
                now = time.micros();
                assert_eq!(list.pop(), Some((now, ring.rank, ring.number)));
            }
        }
    }
}
