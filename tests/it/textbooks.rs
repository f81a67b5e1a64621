//! Models of textbooks on the kernel: the programs in `examples`, with the random numbers of the book where it prints a
//! run, and against exact or published expectations.

use std::collections::VecDeque;

use drawdown::kernel::{EventQueue, Ranked, SimDuration, SimTime};

use crate::statistics::{Z_MAX, mean_is};

#[expect(dead_code, reason = "its `main` is for the example")]
#[path = "../../examples/disruptions.rs"]
mod disruptions;

#[expect(dead_code, reason = "its `main` is for the example")]
#[path = "../../examples/inventory.rs"]
mod inventory;

/// The first stream of Law and Kelton's generator `lcgrand`: the multiplier 630360016 modulo 2³¹ − 1 (Payne, Rabung and
/// Bogyo, 1969).
struct Lcgrand(u64);

impl Lcgrand {
    fn new() -> Self {
        Self(1_973_272_912)
    }

    fn unit(&mut self) -> f64 {
        self.0 = 630_360_016 * self.0 % 2_147_483_647;
        (self.0 >> 7 | 1) as f64 / 16_777_216.0
    }
}

#[test]
fn the_inventory_of_law_and_kelton_costs_what_the_book_prints() {
    let printed = [
        "126.61 99.26 9.25 18.10",
        "122.74 90.52 17.39 14.83",
        "123.86 87.36 26.24 10.26",
        "125.32 81.37 36.00 7.95",
        "126.37 98.43 25.99 1.95",
        "125.46 88.40 35.92 1.14",
        "132.34 84.62 46.42 1.30",
        "150.02 105.69 44.02 0.31",
        "143.20 89.05 53.91 0.24",
    ];
    // One policy after another draws from the same stream. The book's program prints numbers of single precision.
    let mut random = Lcgrand::new();
    for (policy, printed) in inventory::POLICIES.into_iter().zip(printed) {
        let found = inventory::costs(policy, || random.unit());
        let found = found.map(|cost| format!("{:.2}", cost as f32));
        assert_eq!(found.join(" "), printed, "{policy:?}");
    }
}

#[test]
fn the_inventory_costs_what_is_expected_with_other_random_numbers() {
    // Total, ordering, holding and shortage, from 200,000 replications of another program, each within 0.02; and the
    // standard deviation of a total.
    let expected = [
        ([125.134, 97.694, 9.121, 18.320], 4.27),
        ([118.948, 88.507, 17.528, 12.913], 3.70),
        ([121.346, 84.914, 26.884, 9.547], 3.27),
        ([126.943, 82.957, 36.485, 7.501], 3.02),
        ([125.775, 98.365, 25.533, 1.876], 2.74),
        ([125.462, 89.107, 34.991, 1.364], 2.32),
        ([131.546, 85.495, 45.021, 1.030], 2.32),
        ([143.919, 98.929, 44.915, 0.075], 2.51),
        ([144.195, 89.651, 54.490, 0.054], 2.08),
    ];
    let n = 2_000;
    for (policy, (expected, sd)) in inventory::POLICIES.into_iter().zip(expected) {
        let found = inventory::means(policy, n);
        for ((mean, error), expected) in found.into_iter().zip(expected) {
            let z = (mean - expected) / error.hypot(0.02 / 1.96);
            assert!(z.abs() <= Z_MAX, "{policy:?}: {mean} for {expected}, z {z}");
        }
        // The standard error of a standard deviation is about sd / √(2n).
        let error = found[0].1 * (n as f64).sqrt();
        let z = (error / sd - 1.0) * (2.0 * n as f64).sqrt();
        assert!(z.abs() <= Z_MAX, "{policy:?}: {error} for {sd}, z {z}");
    }
}

#[derive(Clone, Copy)]
enum Event {
    Arrival,
    Departure,
}

impl Ranked for Event {}

/// A single-server queue until the 1,000th customer has begun service: mean delay, mean queue, utilisation and end. A
/// customer comes each minute and is served in half a minute, on average.
fn single_server(mut unit: impl FnMut() -> f64) -> [f64; 4] {
    let minutes =
        |mean: f64, unit: f64| SimDuration::from_micros_f64(-mean * libm::log(unit) * 6e7);
    let mut events = EventQueue::default();
    events.schedule(SimTime::ZERO + minutes(1.0, unit()), Event::Arrival);
    let (mut waiting, mut busy, mut since) = (VecDeque::new(), false, SimTime::ZERO);
    let (mut served, mut delay, mut queue, mut use_of) = (0, 0.0, 0.0, 0.0);
    while served < 1_000 {
        let (now, event) = events.pop_before(SimTime::NEVER).expect("an arrival");
        let passed = (now - since).seconds() / 60.0;
        queue += passed * waiting.len() as f64;
        use_of += if busy { passed } else { 0.0 };
        since = now;
        if let Event::Arrival = event {
            events.schedule(now + minutes(1.0, unit()), Event::Arrival);
            waiting.push_back(now);
        }
        // A service begins when a customer finds the server idle, or leaves others behind.
        busy = busy && matches!(event, Event::Arrival);
        if !busy && let Some(came) = waiting.pop_front() {
            busy = true;
            served += 1;
            delay += (now - came).seconds() / 60.0;
            events.schedule(now + minutes(0.5, unit()), Event::Departure);
        }
    }
    let end = (since - SimTime::ZERO).seconds() / 60.0;
    [delay / 1_000.0, queue / end, use_of / end, end]
}

#[test]
fn the_single_server_queue_of_law_and_kelton_is_what_the_book_prints() {
    let mut random = Lcgrand::new();
    let found = single_server(|| random.unit()).map(|it| format!("{it:.3}"));
    assert_eq!(found.join(" "), "0.430 0.418 0.460 1027.915");
}

#[test]
fn the_single_server_queue_has_the_expected_delay_with_other_random_numbers() {
    let n = 4_000;
    let delays = (0..n).map(|replication| {
        let mut draws = drawdown::kernel::Key::new(1, replication)
            .stream(0, 0, 0)
            .draws();
        single_server(|| draws.next(|unit| unit))[0]
    });
    let delays: Vec<f64> = delays.collect();
    // From another program, within 0.0003; the standard deviation is 0.0847.
    let (mean, error) = crate::statistics::mean_and_error(&delays);
    let z = (mean - 0.49812) / error.hypot(0.0003 / 1.96);
    assert!(z.abs() <= Z_MAX, "{mean}, z {z}");
    let sd = error * (n as f64).sqrt();
    assert!((sd / 0.0847 - 1.0).abs() < 0.1, "{sd}");
}

#[test]
fn a_base_stock_under_disruptions_costs_what_snyder_and_shen_compute() {
    assert_eq!(disruptions::best(), 8_000.0);
    // The figure is of a sum that ends.
    let exact = disruptions::expected(8_000.0);
    assert!(
        (exact / 2_737.068_930_247_035_5 - 1.0).abs() < 2e-8,
        "{exact}"
    );
    for stock in [6_000.0, 8_000.0, 10_000.0] {
        let costs: Vec<f64> = (0..400)
            .map(|it| disruptions::simulated(stock, it))
            .collect();
        mean_is("cost", &costs, disruptions::expected(stock));
    }
    assert_eq!(disruptions::newsvendor().expect("a level"), 50);
}
