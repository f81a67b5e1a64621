//! An M/M/1 queue on the kernel: the mean number in system, simulated and by theory, ρ / (1 − ρ).
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use drawdown::kernel::{Distribution, EventQueue, Key, Ranked, SimDuration, SimTime};

#[derive(Clone, Copy, PartialEq)]
enum Event {
    Arrival,
    Departure,
}

impl Ranked for Event {}

fn main() {
    let (gap_s, service_s, horizon_s) = (1.25, 1.0, 2_000_000);
    let [gap, service] = [gap_s, service_s].map(Distribution::exponential);
    let [mut gaps, mut services] = [0, 1].map(|it| Key::new(1, 0).stream(it, 0, 0).draws());
    let horizon = SimTime::ZERO + SimDuration::from_seconds(horizon_s);
    let mut events = EventQueue::default();
    let (mut number, mut since, mut area_s) = (0, SimTime::ZERO, 0.0);
    events.schedule_recurring(0, since, Event::Arrival);
    while let Some((now, event)) = events.pop_before(horizon) {
        area_s += f64::from(number) * (now - since).seconds();
        (number, since) = (number + if event == Event::Arrival { 1 } else { -1 }, now);
        if event == Event::Arrival {
            events.schedule_recurring(0, now + gap.draw(&mut gaps), Event::Arrival);
        }
        // A service begins when a customer finds the server idle, or leaves a queue behind.
        if number == 1 && event == Event::Arrival || 0 < number && event == Event::Departure {
            events.schedule_recurring(1, now + service.draw(&mut services), Event::Departure);
        }
    }
    let (simulated, load) = (area_s / horizon_s as f64, service_s / gap_s);
    let theory = load / (1.0 - load);
    println!("mean number in system: {simulated:.2} simulated, {theory:.2} by theory");
}
