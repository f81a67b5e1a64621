//! An (s, S) inventory on the kernel: each month a review orders up to S where less than s is left, and demand that finds
//! no stock waits. Costs a month of the nine policies of Law, Simulation Modeling and Analysis (2015), chapter 1.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use drawdown::kernel::{EventQueue, Key, Ranked, SimDuration, SimTime};

/// Policies (s, S).
pub const POLICIES: [(i32, i32); 9] = [
    (20, 40),
    (20, 60),
    (20, 80),
    (20, 100),
    (40, 60),
    (40, 80),
    (40, 100),
    (60, 80),
    (60, 100),
];

const MONTHS: f64 = 120.0;
const MONTH_S: f64 = 2_592_000.0;

#[derive(Clone, Copy)]
enum Event {
    Delivery(i32),
    Demand,
    Review,
}

impl Ranked for Event {}

/// Costs a month: total, ordering, holding and shortage. Each call of `unit` gives a random number of (0, 1).
pub fn costs((least, most): (i32, i32), mut unit: impl FnMut() -> f64) -> [f64; 4] {
    let months = |length: f64| SimDuration::from_micros_f64(length * MONTH_S * 1e6);
    let demand = |unit: f64| months(-0.1 * libm::log(unit));
    let mut events = EventQueue::default();
    events.schedule(SimTime::ZERO + demand(unit()), Event::Demand);
    events.schedule(SimTime::ZERO, Event::Review);
    let (mut level, mut since) = (60, SimTime::ZERO);
    let (mut ordering, mut holding, mut shortage) = (0.0, 0.0, 0.0);
    let end = SimTime::ZERO + months(MONTHS);
    loop {
        let next = events.pop_before(end);
        let now = next.map_or(end, |(now, _)| now);
        let unit_months = f64::from(level) * (now - since).seconds() / MONTH_S;
        holding += unit_months.max(0.0);
        shortage += 5.0 * (-unit_months).max(0.0);
        since = now;
        let Some((_, event)) = next else { break };
        match event {
            Event::Delivery(amount) => level += amount,
            Event::Demand => {
                let size = unit();
                let above = [0.167, 0.5, 0.833].iter().filter(|it| **it <= size);
                level -= 1 + above.count() as i32;
                events.schedule(now + demand(unit()), Event::Demand);
            }
            Event::Review => {
                if level < least {
                    let amount = most - level;
                    ordering += 32.0 + 3.0 * f64::from(amount);
                    let lag = months(0.5 + 0.5 * unit());
                    events.schedule(now + lag, Event::Delivery(amount));
                }
                events.schedule(now + months(1.0), Event::Review);
            }
        }
    }
    [ordering + holding + shortage, ordering, holding, shortage].map(|cost| cost / MONTHS)
}

/// Means of the costs over replications, and their standard errors.
pub fn means(policy: (i32, i32), replications: u64) -> [(f64, f64); 4] {
    let runs: Vec<[f64; 4]> = (0..replications)
        .map(|replication| {
            let mut draws = Key::new(1, replication).stream(0, 0, 0).draws();
            costs(policy, || draws.next(|unit| unit))
        })
        .collect();
    let n = runs.len() as f64;
    [0, 1, 2, 3].map(|cost| {
        let mean = runs.iter().map(|run| run[cost]).sum::<f64>() / n;
        let squares = runs.iter().map(|run| (run[cost] - mean).powi(2));
        (mean, (squares.sum::<f64>() / (n - 1.0) / n).sqrt())
    })
}

fn main() {
    println!("  s    S    total [95% interval]    ordering  holding  shortage");
    for (least, most) in POLICIES {
        let [(total, error), (ordering, _), (holding, _), (shortage, _)] =
            means((least, most), 1_000);
        let (low, high) = (total - 1.96 * error, total + 1.96 * error);
        println!(
            "{least:3}  {most:3}   {total:6.2} [{low:6.2}, {high:6.2}]  {ordering:8.2}  {holding:7.2}  {shortage:8.2}"
        );
    }
}
