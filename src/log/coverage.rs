//! How often intervals hold the truth: a third of the durations censored, families in turn.

use crate::kernel::distribution::{Distribution, Gamma, LogNormal, Weibull};
use crate::log::Request;
use crate::log::bursts::Bursts;
use crate::log::calendar::Calendar;
use crate::log::demand::Demand;
use crate::stats::Estimate;
use crate::stats::counts::Dispersion;
use crate::stats::lifetime::family::Family;
use crate::stats::lifetime::fit::fit;
use crate::stats::lifetime::sample::Lifetimes;
use crate::stats::split_mix::SplitMix;

/// Data sets of each family, and durations of each.
const SETS: u64 = 200;
const SIZE: usize = 120;
/// Seconds in a duration of the kernel.
const MICROS: f64 = 1e6;

/// A request at an instant.
fn request(at: f64) -> Request {
    Request {
        pool: 0,
        class: 0,
        tenant: None,
        requested: at,
        served: None,
    }
}

/// A family, its location (s) and shape, and the law of the kernel.
fn truths() -> [(Family, f64, f64, Distribution); 4] {
    let micros = |seconds: f64| seconds * MICROS;
    let exponential = Distribution::Exponential {
        mean: micros(600.0),
        shift: 0.0,
    };
    let lognormal = LogNormal::shared(libm::log(micros(300.0)), 0.8, 0.0);
    let gamma = Gamma::shared(2.5, micros(400.0) / 2.5, 0.0);
    let weibull = Weibull::shared(0.8, micros(500.0), 0.0);
    [
        (Family::Exponential, 600.0, 1.0, exponential),
        (
            Family::Lognormal,
            300.0,
            0.8,
            Distribution::LogNormal(lognormal),
        ),
        (Family::Gamma, 400.0, 2.5, Distribution::Gamma(gamma)),
        (Family::Weibull, 500.0, 0.8, Distribution::Weibull(weibull)),
    ]
}

/// The longest observation with which a third is censored, if observations are uniform up to it.
fn longest_observation(law: &Distribution) -> f64 {
    let quantile = |place: u32| law.quantile((f64::from(place) + 0.5) / 1_000.0).seconds();
    let all: Vec<f64> = (0..1_000).map(quantile).collect();
    let censored = |longest: f64| {
        let share = |duration: &f64| (duration / longest).min(1.0);
        all.iter().map(share).sum::<f64>() / 1_000.0
    };
    let (mut low, mut high) = (1.0, 1e6);
    while 1.0 < high - low {
        let middle = 0.5 * (low + high);
        if 1.0 / 3.0 < censored(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn holds(of: Estimate, truth: f64) -> bool {
    let above = of.low.is_none_or(|low| low <= truth);
    above && of.high.is_none_or(|high| truth <= high)
}

#[test]
fn intervals_of_90_percent_cover_in_90_percent_of_data_sets() {
    let mut uniform = SplitMix(1);
    let (mut locations, mut shapes, mut censored) = (0, 0, 0);
    for (family, location, shape, law) in truths() {
        let longest = longest_observation(&law);
        let (mut location_holds, mut shape_holds) = (0, 0);
        for _ in 0..SETS {
            let durations: Vec<(f64, bool)> = (0..SIZE)
                .map(|_| {
                    let duration = law.quantile(uniform.unit()).seconds().max(1e-6);
                    let observed = longest * uniform.unit();
                    (duration.min(observed), duration <= observed)
                })
                .collect();
            let sample = Lifetimes::new(durations);
            censored += sample.censored;
            let fit = fit(family, &sample).expect("a fit");
            location_holds += u32::from(holds(fit.location, location));
            shape_holds += u32::from(fit.shape.is_some_and(|it| holds(it, shape)));
        }
        // Four and a half standard errors of one family: 2.1 points each.
        let lowest = 0.9 - 4.5 * 0.0212;
        let share = |hits: u32| f64::from(hits) / SETS as f64;
        assert!(
            lowest < share(location_holds),
            "{family:?}: {location_holds}"
        );
        if family != Family::Exponential {
            assert!(lowest < share(shape_holds), "{family:?}: {shape_holds}");
            shapes += shape_holds;
        }
        locations += location_holds;
    }
    let share = |hits: u32, sets: u64| f64::from(hits) / sets as f64;
    let (locations, shapes) = (share(locations, 4 * SETS), share(shapes, 3 * SETS));
    assert!((locations - 0.9).abs() < 0.05, "locations: {locations}");
    assert!((shapes - 0.9).abs() < 0.05, "shapes: {shapes}");
    let third = censored as f64 / (4.0 * SETS as f64 * SIZE as f64);
    assert!((third - 1.0 / 3.0).abs() < 0.01, "{third}");
}

/// Weeks of a made-up log, and its logs.
const WEEKS: f64 = 3.0;
const LOGS: u32 = 200;
/// Monday, 5 October 2026, 00:00 in UTC (s since 1970).
const MONDAY: f64 = 1_791_158_400.0;

/// The rate of a log with office hours, as a share of the busiest hour; its mean over the week.
fn office_hours(at: f64) -> f64 {
    let day = (at - MONDAY) / 86_400.0 % 7.0;
    let hour = day % 1.0 * 24.0;
    if day < 5.0 && (8.0..18.0).contains(&hour) {
        1.0
    } else {
        0.2
    }
}
const OFFICE_HOURS_MEAN: f64 = (50.0 + 0.2 * 118.0) / 168.0;

/// What a made-up log is drawn from.
struct Truth {
    /// The greatest rate of arrivals (1/h).
    hourly: f64,
    /// Mean number of requests that arrive together, geometrically distributed.
    batch: f64,
    /// How far the rate of an hour lies from the profile: so much above or below.
    spread: f64,
}

impl Truth {
    /// A log of three weeks.
    fn draw(&self, uniform: &mut SplitMix) -> Vec<Request> {
        let most = self.hourly / 3_600.0 * (1.0 + self.spread);
        let hours = (0..WEEKS as usize * 168).map(|_| uniform.unit() < 0.5);
        let busy: Vec<bool> = hours.collect();
        let (mut at, mut requests) = (MONDAY, Vec::new());
        loop {
            at -= libm::log(uniform.unit()) / most;
            let Some(busy) = busy.get(((at - MONDAY) / 3_600.0) as usize) else {
                return requests;
            };
            let factor = if *busy {
                1.0 + self.spread
            } else {
                1.0 - self.spread
            };
            if office_hours(at) * factor < uniform.unit() * (1.0 + self.spread) {
                continue;
            }
            loop {
                requests.push(request(at));
                if uniform.unit() < 1.0 / self.batch {
                    break;
                }
            }
        }
    }
}

#[test]
fn intervals_of_rates_cover_in_90_percent_of_logs() {
    let mut uniform = SplitMix(2);
    let until = MONDAY + WEEKS * 7.0 * 86_400.0;
    let truths = [
        (4.0, 1.0, 0.0),
        (12.0, 1.0, 0.0),
        (12.0, 3.0, 0.0),
        (12.0, 1.0, 0.6),
    ];
    let mut held = Vec::new();
    for (hourly, batch, spread) in truths {
        let truth = Truth {
            hourly,
            batch,
            spread,
        };
        let (mut rates, mut batches) = (0, 0);
        for _ in 0..LOGS {
            let requests = truth.draw(&mut uniform);
            let window = (requests[0].requested, until);
            let calendar = Calendar::new(window, &jiff::tz::TimeZone::UTC);
            let demand = Demand::of_requests("", &requests, (&calendar, until));
            rates += u32::from(holds(demand.rate, hourly / 3_600.0 * OFFICE_HOURS_MEAN));
            batches += u32::from(demand.batch.is_none_or(|it| holds(it, batch)));
            assert_eq!(demand.batch.is_some(), 1.0 < batch);
            let over = [demand.hourly, demand.daily].into_iter().flatten();
            assert!(spread == 0.0 || over.into_iter().any(Dispersion::is_over));
        }
        let share = |hits: u32| f64::from(hits) / f64::from(LOGS);
        held.push((hourly, batch, spread, share(rates), share(batches)));
    }
    // Four and a half standard errors below. The exact interval may hold the truth more often, and a lone batch does.
    for (.., rate, batch) in &held {
        assert!(
            0.9 - 4.5 * 0.0212 < *rate && 0.9 - 4.5 * 0.0212 < *batch,
            "{held:?}"
        );
    }
    let mean = held.iter().map(|(_, _, _, rate, _)| rate).sum::<f64>() / held.len() as f64;
    assert!((mean - 0.9).abs() < 0.05, "{held:?}");
}

/// A log of four weeks whose rate alternates between 6/h, for 18 hours on average, and 36/h, for two.
fn bursty(uniform: &mut SplitMix) -> Vec<Request> {
    let (mut at, mut requests) = (MONDAY, Vec::new());
    let (mut burst, mut changes) = (false, MONDAY);
    while at < MONDAY + 28.0 * 86_400.0 {
        let rate: f64 = if burst { 36.0 } else { 6.0 };
        at -= libm::log(uniform.unit()) * 3_600.0 / rate;
        if changes < at {
            // The exponential distribution has no memory: the wait begins again with the new rate.
            at = changes;
            burst = !burst;
            let hours = if burst { 2.0 } else { 18.0 };
            changes -= libm::log(uniform.unit()) * hours * 3_600.0;
            continue;
        }
        requests.push(request(at));
    }
    requests
}

#[test]
fn bursts_are_found_with_their_strength_and_length() {
    let mut uniform = SplitMix(3);
    let (mut factors, mut lengths) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let requests = bursty(&mut uniform);
        let until = MONDAY + 28.0 * 86_400.0;
        let calendar = Calendar::new((requests[0].requested, until), &jiff::tz::TimeZone::UTC);
        let demand = Demand::of_requests("", &requests, (&calendar, until));
        let bursts = Bursts::of(&demand).expect("bursts");
        factors.push(bursts.factor.point.expect("a factor"));
        lengths.push(bursts.last / 3_600.0);
    }
    factors.sort_unstable_by(f64::total_cmp);
    lengths.sort_unstable_by(f64::total_cmp);
    // Single logs scatter, for they have some 34 bursts.
    assert!((4.5..8.0).contains(&factors[20]), "{factors:?}");
    assert!((1.0..=4.0).contains(&lengths[20]), "{lengths:?}");
}
