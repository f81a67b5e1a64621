//! How much to stock where supply fails: a newsvendor as a scenario, and a base stock under disruptions on the kernel
//! (Snyder and Shen, Fundamentals of Supply Chain Theory, 2019, chapter 9), simulated and exact.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use drawdown::kernel::{EventQueue, Key, Ranked, SimDuration, SimTime};
use drawdown::scenario::{Plan, SweepSpec, Template};
use drawdown::study::break_even;
use drawdown::{Replications, Seed};

/// Costs a period of a unit that is left, and of one that is owed.
const HOLDING: f64 = 0.25;
const PENALTY: f64 = 3.0;
/// Demand a period, and the probabilities that supply fails and recovers in one.
const DEMAND: f64 = 2_000.0;
const FAILS: f64 = 0.04;
const RECOVERS: f64 = 0.25;

/// P(supply has been down for at most `n` periods).
fn down_for_at_most(n: i32) -> f64 {
    1.0 - FAILS / (FAILS + RECOVERS) * (1.0 - RECOVERS).powi(n)
}

/// Cost of a period before which supply has been down for `down` periods.
fn period(stock: f64, down: i32) -> f64 {
    let left = stock - DEMAND * f64::from(down + 1);
    HOLDING * left.max(0.0) + PENALTY * (-left).max(0.0)
}

/// The best base stock: demand of a period, and of as many more as the critical ratio asks for.
pub fn best() -> f64 {
    let ratio = PENALTY / (PENALTY + HOLDING);
    let covered = (0..).find(|n| ratio <= down_for_at_most(*n));
    DEMAND + DEMAND * f64::from(covered.unwrap_or(0))
}

/// Its expected cost a period.
pub fn expected(stock: f64) -> f64 {
    let exactly = |n: i32| down_for_at_most(n) - if n == 0 { 0.0 } else { down_for_at_most(n - 1) };
    (0..400).map(|n| exactly(n) * period(stock, n)).sum()
}

#[derive(Clone, Copy)]
struct Period;

impl Ranked for Period {}

/// Its mean cost a period over ten thousand days, after a hundred to settle.
pub fn simulated(stock: f64, replication: u64) -> f64 {
    let day = SimDuration::from_seconds(86_400);
    let mut draws = Key::new(1, replication).stream(0, 0, 0).draws();
    let mut events = EventQueue::default();
    events.schedule(SimTime::ZERO, Period);
    let (mut down, mut cost) = (0, 0.0);
    let settled = SimTime::ZERO + day.scaled(100.0);
    while let Some((now, Period)) = events.pop_before(settled + day.scaled(10_000.0)) {
        let changes = draws.next(|unit| unit) < if down == 0 { FAILS } else { RECOVERS };
        down = if (down == 0) == changes { down + 1 } else { 0 };
        if settled <= now {
            cost += period(stock, down);
        }
        events.schedule(now + day, Period);
    }
    cost / 10_000.0
}

/// The cheapest target for an outage of three hours with 45 requests on average, where a ready worker costs 3 an hour
/// and a failed lease 40; theory says 50 (row T5 of `drawdown verify`).
pub fn newsvendor() -> Result<usize, Box<dyn std::error::Error>> {
    let changes = [
        ("clock.horizon", "3h"),
        ("costs.failed_lease", "40"),
        ("demand.leases.source.requests.hold", "1ms"),
    ];
    let changes = changes.map(|(path, value)| (path.to_owned(), value.to_owned()));
    let template = Template::load_variant("examples/full-outage.yaml", None, changes)?;
    let pool = template.base().pool("anywhere/any")?;
    let axes = vec!["pools.anywhere/any.target=20..90:1".to_owned()];
    let plan = Plan::new(
        template,
        &SweepSpec {
            axes,
            ..SweepSpec::default()
        },
    )?;
    let found = break_even(&plan, pool, Some(3.0), Replications::new(6_000), Seed(1));
    Ok(20 + found.ok_or("no costs")?.level)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("newsvendor: {} simulated, 50 by theory", newsvendor()?);
    println!("base stock  exact cost  simulated [95% interval]");
    for stock in [best() - DEMAND, best(), best() + DEMAND] {
        let costs: Vec<f64> = (0..1_000).map(|it| simulated(stock, it)).collect();
        let mean = costs.iter().sum::<f64>() / 1_000.0;
        let squares: f64 = costs.iter().map(|cost| (cost - mean).powi(2)).sum();
        let half = 1.96 * (squares / 999.0 / 1_000.0).sqrt();
        let (low, high) = (mean - half, mean + half);
        println!(
            "{stock:10}  {:10.2}  {mean:.2} [{low:.2}, {high:.2}]",
            expected(stock)
        );
    }
    Ok(())
}
