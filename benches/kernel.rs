//! The hold model (Vaucher and Duval, 1975): N pending events; take the next, schedule another an
//! exponential time later. Our queue against the standard heap with the same key. Then the M/M/1 queue.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Instant;

use drawdown::kernel::{Distribution, Draws, EventQueue, Key, Ranked, SimDuration, SimTime};

const HOLDS: u32 = 2_000_000;
const ROUNDS: usize = 5;

#[derive(Clone, Copy)]
struct Tick(u32);

impl Ranked for Tick {
    const RANKS: u8 = 4;

    fn rank(&self) -> u8 {
        (self.0 % 4) as u8
    }
}

fn main() {
    for pending in [100, 10_000, 1_000_000] {
        let (mut ours, mut theirs, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (nanoseconds, end) = hold(pending);
            let (their_nanoseconds, their_end) = hold_standard(pending);
            assert_eq!(end, their_end, "both queues come to the same instant");
            ours.push(nanoseconds);
            theirs.push(their_nanoseconds);
            ends.push(end);
        }
        assert!(ends.windows(2).all(|pair| pair[0] == pair[1]));
        println!("kernel/hold/{pending}      {:7.1} ns", median(ours));
        println!("kernel/hold/{pending}/std  {:7.1} ns", median(theirs));
    }
    let rounds = (0..ROUNDS).map(|_| mm1());
    let each = median(rounds.collect());
    println!(
        "kernel/mm1             {each:7.1} ns/customer, {:.1} M customers/s",
        1e3 / each
    );
}

#[derive(Clone, Copy, PartialEq)]
enum Customer {
    Arrives,
    Departs,
}

impl Ranked for Customer {}

/// A queue with one server and a load of 0.9, for 5,000,000 s: nanoseconds a customer.
fn mm1() -> f64 {
    let (rate, horizon_s) = (0.9, 5_000_000);
    let [gap, service] = [1.0 / rate, 1.0].map(Distribution::exponential);
    let [mut gaps, mut services] = [0, 1].map(|it| Key::new(1, 0).stream(it, 0, 0).draws());
    let horizon = SimTime::ZERO + SimDuration::from_seconds(horizon_s);
    let mut events = EventQueue::default();
    let (mut number, mut customers, mut area_s) = (0_u32, 0_u32, 0.0);
    let mut since = SimTime::ZERO;
    let began = Instant::now();
    events.schedule_recurring(0, since, Customer::Arrives);
    while let Some((now, event)) = events.pop_before(horizon) {
        area_s += f64::from(number) * (now - since).seconds();
        since = now;
        if event == Customer::Arrives {
            events.schedule_recurring(0, now + gap.draw(&mut gaps), Customer::Arrives);
            (number, customers) = (number + 1, customers + 1);
        } else {
            number -= 1;
        }
        if event == Customer::Arrives && number == 1 || event == Customer::Departs && 0 < number {
            let served = now + service.draw(&mut services);
            events.schedule_recurring(1, served, Customer::Departs);
        }
    }
    let nanoseconds = began.elapsed().as_secs_f64() * 1e9 / f64::from(customers);
    let mean = area_s / horizon_s as f64;
    assert!(
        (mean - 9.0).abs() < 0.5,
        "{mean} in the system, and 9 by theory"
    );
    nanoseconds
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn gaps() -> (Distribution, Draws<SimDuration>) {
    let stream = Key {
        seed: 1,
        replication: 0,
    }
    .stream(1, 0, 0)
    .draws();
    (
        Distribution::Exponential {
            mean: 3.6e9,
            shift: 0.0,
        },
        stream,
    )
}

fn hold(pending: u32) -> (f64, SimTime) {
    let (law, mut stream) = gaps();
    let mut queue = EventQueue::default();
    for number in 0..pending {
        queue.schedule(SimTime::ZERO + law.draw(&mut stream), Tick(number));
    }
    let mut now = SimTime::ZERO;
    let began = Instant::now();
    for _ in 0..HOLDS {
        let (at, tick) = queue
            .pop_before(SimTime::NEVER)
            .expect("an event is pending");
        queue.schedule(at + law.draw(&mut stream), tick);
        now = at;
    }
    (
        began.elapsed().as_secs_f64() * 1e9 / f64::from(HOLDS),
        black_box(now),
    )
}

fn hold_standard(pending: u32) -> (f64, SimTime) {
    let (law, mut stream) = gaps();
    let mut heap = BinaryHeap::new();
    let mut number = 0;
    let mut entry = |at: u64, tick: u32| {
        number += 1;
        Reverse((at, tick % 4, number, tick))
    };
    for tick in 0..pending {
        heap.push(entry(law.draw(&mut stream).micros(), tick));
    }
    let mut now = 0;
    let began = Instant::now();
    for _ in 0..HOLDS {
        let Reverse((at, _, _, tick)) = heap.pop().expect("an event is pending");
        heap.push(entry(at + law.draw(&mut stream).micros(), tick));
        now = at;
    }
    let nanoseconds = began.elapsed().as_secs_f64() * 1e9 / f64::from(HOLDS);
    (
        nanoseconds,
        SimTime::ZERO + SimDuration::from_micros(black_box(now)),
    )
}
