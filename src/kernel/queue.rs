//! The future event list. Knows nothing of pools.
//!
//! A 4-ary heap (Johnson, 1975) on keys of 64 bits: instant and rank. Which
//! child is least is computed without branches. Events of one instant and rank are rare; they are
//! taken out together and sorted in the order of scheduling. A few recurring events, of which one at a
//! time is pending, such as the next arrival of a process, bypass the heap.

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

/// Bits of a key below the instant, for the rank.
const RANK_BITS: u32 = 4;
/// Children of a node.
const WIDTH: usize = 4;
/// The key of a vacant place, later than any other.
const VACANT: u64 = u64::MAX;
/// Recurring events that bypass the heap: a search through more would cost as much as the heap.
const RECURRING_MAX: usize = 16;

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
    // Invariant: recurring events with their keys, the next to occur last; of equal keys, the one scheduled first.
    recurring: Vec<(u64, Item<E>)>,
    now: u64,
    /// Events from then on are dropped (µs).
    end: u64,
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
            recurring: Vec::new(),
            now: 0,
            end: SimTime::NEVER.micros(),
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
        self.recurring.clear();
        (self.hole, self.tied_key, self.now, self.scheduled) = (false, VACANT, 0, 0);
        self.end = SimTime::NEVER.micros();
    }

    /// Drops events that are scheduled from now on for `end` or later: a run that ends then needs none.
    pub fn end_at(&mut self, end: SimTime) {
        self.end = end.micros();
    }

    /// Schedules `event` at `at`; an infinite instant is dropped.
    ///
    /// # Panics
    /// If `at` lies in the past.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: E) {
        let Some((key, item)) = self.pending(at, event) else {
            return;
        };
        if self.hole {
            self.hole = false;
            self.sift_down(key, item);
        } else {
            self.insert(key, item);
        }
    }

    /// Schedules the next event of the process numbered `process`, which mostly has no other pending.
    ///
    /// # Panics
    /// If `at` lies in the past.
    #[inline]
    pub fn schedule_recurring(&mut self, process: usize, at: SimTime, event: E) {
        if RECURRING_MAX <= process {
            return self.schedule(at, event);
        }
        let Some((key, item)) = self.pending(at, event) else {
            return;
        };
        // Few are pending, and each is soon among the first again.
        let later = |(other, _): &(u64, Item<E>)| key < *other;
        let place = self.recurring.iter().rposition(later);
        self.recurring
            .insert(place.map_or(0, |it| it + 1), (key, item));
    }

    /// The key of an event, and its place in the order of scheduling; nothing if it is dropped.
    #[inline]
    fn pending(&mut self, at: SimTime, event: E) -> Option<(u64, Item<E>)> {
        let time = at.micros();
        if self.end <= time {
            return None;
        }
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
        Some((key, item))
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
        pending.extend(&self.recurring);
        pending.retain(|(_, item)| keep(&item.event));
        let (now, end, scheduled) = (self.now, self.end, self.scheduled);
        self.clear();
        (self.now, self.end) = (now, end);
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
        let first = self.recurring.last().map_or(VACANT, |(key, _)| *key);
        if first < least.min(self.tied_key) {
            return self.pop_recurring(horizon);
        }
        if self.tied_key <= least {
            return self.pop_tied(horizon);
        }
        let time = least >> RANK_BITS;
        if horizon.micros() <= time {
            return None;
        }
        if first == least || self.keys[1..=WIDTH].contains(&least) {
            self.gather(least);
            return self.pop_tied(horizon);
        }
        self.now = time;
        self.hole = true;
        Some((SimTime::from_micros(time), self.items[0].event))
    }

    /// Takes the recurring event that occurs first.
    #[inline]
    fn pop_recurring(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        let (key, item) = *self.recurring.last()?;
        let time = key >> RANK_BITS;
        if horizon.micros() <= time {
            return None;
        }
        self.now = time;
        self.recurring.pop();
        Some((SimTime::from_micros(time), item.event))
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
        while let Some((_, item)) = self.recurring.pop_if(|(other, _)| *other == key) {
            self.tied.push(item);
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
mod tests;
