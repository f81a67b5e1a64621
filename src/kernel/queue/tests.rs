//! The future event list: order, ties, recurring events, and a list that agrees with it.

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
    let stream = Key::new(3, 0).stream(1, 0, 0);
    let mut draws = stream.draws();
    let mut below = |limit: f64| (draws.next(|unit| unit) * limit) as u64;
    let mut queue = EventQueue::default();
    let mut list: Vec<(u64, u8, u32)> = Vec::new();
    // Which of the processes have an event pending; the last of them is in the heap.
    let mut pending = [None; RECURRING_MAX + 1];
    let mut now = 0;
    for number in 0..40_000_u32 {
        let at = now + below([1.0, 3.0, 50.0, 4e3, 9e6][number as usize % 5]);
        let rank = below(4.0) as u8;
        let (time, ring) = (SimTime::from_micros(at), Ring { rank, number });
        let process = below(60.0) as usize;
        match pending.get_mut(process) {
            Some(Some(_)) => continue,
            Some(free) => {
                *free = Some(number);
                queue.schedule_recurring(process, time, ring);
            }
            None => queue.schedule(time, ring),
        }
        let place = list.partition_point(|pending| *pending > (at, rank, number));
        list.insert(place, (at, rank, number));
        if below(100.0) < 49 {
            let (time, ring) = queue
                .pop_before(SimTime::NEVER)
                .expect("an event is pending");
            now = time.micros();
            assert_eq!(list.pop(), Some((now, ring.rank, ring.number)));
            let mut processes = pending.iter_mut();
            if let Some(process) = processes.find(|it| **it == Some(ring.number)) {
                *process = None;
            }
        }
        if number % 1_000 == 0 {
            let aside = queue.set_aside(|_| true);
            queue.put_back(aside);
            // They are in the heap now, and their processes may have another.
            pending = [None; RECURRING_MAX + 1];
        }
    }
}

#[test]
fn events_at_or_after_the_end_are_dropped() {
    let mut queue = EventQueue::default();
    queue.end_at(SimTime::from_micros(10));
    for (number, at) in [(1, 9), (2, 10), (3, 11)] {
        queue.schedule(SimTime::from_micros(at), Ring { rank: 0, number });
        let process = number as usize;
        queue.schedule_recurring(process, SimTime::from_micros(at), Ring { rank: 0, number });
    }
    let rest = std::iter::from_fn(|| queue.pop_before(SimTime::NEVER));
    assert_eq!(
        rest.map(|(_, ring)| ring.number).collect::<Vec<_>>(),
        [1, 1]
    );
}
