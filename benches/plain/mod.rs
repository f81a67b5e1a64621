//! Workload W1 as one would write it in a day: the standard heap, floating-point time, `SmallRng`,
//! `rand_distr`. The yardstick of `run/w1`; it shares nothing with the library.
#![expect(
    clippy::disallowed_methods,
    reason = "written as one would without our rules"
)]
#![expect(
    clippy::too_many_lines,
    reason = "written as one would without our rules"
)]

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp, LogNormal};

#[derive(Clone, Copy)]
enum What {
    Request,
    Provisioned,
    Retry(u32),
    LeaseEnds,
    GivesUp(usize),
}

struct Event {
    at: f64,
    number: u64,
    what: What,
    tries: u32,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .at
            .total_cmp(&self.at)
            .then(other.number.cmp(&self.number))
    }
}

/// What one replication of W1 measured.
pub struct Measured {
    pub events: u64,
    pub first_failure: Option<f64>,
    pub failed: u64,
    pub ready: u32,
}

struct Pool {
    heap: BinaryHeap<Event>,
    number: u64,
    rng: SmallRng,
    latency: LogNormal<f64>,
}

impl Pool {
    fn push(&mut self, at: f64, what: What, tries: u32) {
        self.number += 1;
        self.heap.push(Event {
            at,
            number: self.number,
            what,
            tries,
        });
    }

    fn provision(&mut self, now: f64, tries: u32) {
        let latency = self.latency.sample(&mut self.rng);
        self.push(now + latency, What::Provisioned, tries);
    }
}

/// One replication of W1, in minutes, with so many times its pool and its demand.
pub fn replicate(seed: u64, scale: u32) -> Measured {
    let gap = Exp::new(0.4 * f64::from(scale)).expect("a rate");
    let hold = Exp::new(1.0 / 30.0).expect("a rate");
    let mut pool = Pool {
        heap: BinaryHeap::new(),
        number: 0,
        rng: SmallRng::seed_from_u64(seed),
        latency: LogNormal::new(4.0_f64.ln(), 0.4).expect("a law"),
    };
    let mut measured = Measured {
        events: 0,
        first_failure: None,
        failed: 0,
        ready: 64 * scale,
    };
    let mut line: VecDeque<usize> = VecDeque::new();
    let mut waiting: Vec<bool> = Vec::new();
    let first = gap.sample(&mut pool.rng);
    pool.push(first, What::Request, 0);
    while let Some(event) = pool.heap.pop() {
        let now = event.at;
        if 1440.0 <= now {
            break;
        }
        measured.events += 1;
        match event.what {
            What::Request => {
                let next = now + gap.sample(&mut pool.rng);
                pool.push(next, What::Request, 0);
                if 0 < measured.ready {
                    measured.ready -= 1;
                    let until = now + 60.0 + hold.sample(&mut pool.rng);
                    pool.push(until, What::LeaseEnds, 0);
                    pool.provision(now, 0);
                } else {
                    waiting.push(true);
                    line.push_back(waiting.len() - 1);
                    pool.push(now + 20.0, What::GivesUp(waiting.len() - 1), 0);
                }
            }
            What::Provisioned if (120.0..420.0).contains(&now) => {
                let delay = f64::from(1_u32 << event.tries.min(4)).min(10.0);
                pool.push(now + delay, What::Retry(event.tries + 1), 0);
            }
            What::Provisioned => {
                while line.front().is_some_and(|waiter| !waiting[*waiter]) {
                    line.pop_front();
                }
                if let Some(waiter) = line.pop_front() {
                    waiting[waiter] = false;
                    let until = now + 60.0 + hold.sample(&mut pool.rng);
                    pool.push(until, What::LeaseEnds, 0);
                    pool.provision(now, 0);
                } else {
                    measured.ready += 1;
                }
            }
            What::Retry(tries) => pool.provision(now, tries),
            What::LeaseEnds => {}
            What::GivesUp(waiter) => {
                if std::mem::replace(&mut waiting[waiter], false) {
                    measured.failed += 1;
                    measured.first_failure.get_or_insert(now);
                }
            }
        }
    }
    measured
}
