//! The simplest model of an outage, whose posterior has a closed form: one pool, requests of a Poisson stream,
//! no worker provisioned, no demand shed.

use crate::experiment::aims::Aim;
use crate::experiment::check::Figure;
use crate::kernel::gamma;
use crate::kernel::random::{Key, Seed};
use crate::kernel::time::SimTime;
use crate::model::chance::Purpose;
use crate::model::setup::demand::{Batch, ClassSetup, Source};
use crate::model::setup::outage::{Shape, When, Window};
use crate::model::setup::pool::{OnEmpty, PoolSetup, Release};
use crate::model::setup::probe::Origin;
use crate::scenario::compile::facts::{Anchor, Claim, Clock};
use crate::scenario::compile::figures::{Measured, Tally};
use crate::scenario::compile::priors::PriorLaw;
use crate::scenario::vary::parameters::Parameter;
use crate::scenario::vary::template::Template;
use crate::scenario::{Bound, Scenario};

/// What is known of an outage in the simplest model: a pool of S workers fails its first request `time_s` after
/// provisioning stopped, and `count` requests within `window_s` from then on, the first among them. The
/// likelihood is gamma(`time_s`; S + 1, rate) × Poisson(`count` − 1; rate × `window_s`), so that with a flat prior
/// on S, S given the rate is Poisson(rate × `time_s`), and the rate is gamma.
///
/// # Examples
/// A first failure after 132 minutes, and 23 within 96 minutes:
/// ```
/// use drawdown::study::SimpleModel;
///
/// let known = SimpleModel::new(132.0 * 60.0, 96.0 * 60.0, 23);
/// assert_eq!([0.05, 0.5, 0.95].map(|p| known.stock_quantile(p)), [19, 31, 47]);
/// assert!((60.0 * known.rate_quantile(0.5) - 0.236).abs() < 0.001);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct SimpleModel {
    /// From the end of provisioning to the first request that fails (s).
    pub time_s: f64,
    /// Shape of the posterior of the rate.
    pub shape: f64,
    /// Its rate parameter (s).
    pub exposure_s: f64,
}

impl SimpleModel {
    /// With a flat prior of the logarithm of the rate.
    ///
    /// # Panics
    /// If a time is not above 0, or the count is 0.
    pub fn new(time_s: f64, window_s: f64, count: u32) -> Self {
        Self::with_prior(time_s, window_s, count, (0.0, 0.0))
    }

    /// With a gamma prior of the rate: its shape, and its rate parameter (s). A shape of 1 and a rate parameter of
    /// 0 are a flat prior of the rate.
    ///
    /// # Panics
    /// If a time is not above 0, or the count is 0.
    pub fn with_prior(
        time_s: f64,
        window_s: f64,
        count: u32,
        (shape, exposure_s): (f64, f64),
    ) -> Self {
        assert!(
            0.0 < time_s && 0.0 < window_s,
            "{time_s} s and {window_s} s"
        );
        assert!(0 < count, "the first request that fails is counted");
        Self {
            time_s,
            shape: shape + f64::from(count),
            exposure_s: exposure_s + window_s,
        }
    }

    /// Quantile of the rate of requests (1/s).
    ///
    /// # Panics
    /// If `p` does not lie between 0 and 1.
    pub fn rate_quantile(&self, p: f64) -> f64 {
        assert!(0.0 < p && p < 1.0, "a quantile at {p}");
        gamma::quantile(self.shape, p) / self.exposure_s
    }

    /// Quantile of the stock (workers), which is negative binomial.
    ///
    /// # Panics
    /// If `p` does not lie between 0 and 1.
    pub fn stock_quantile(&self, p: f64) -> u32 {
        assert!(0.0 < p && p < 1.0, "a quantile at {p}");
        let demand = DemandLaw {
            shape: self.shape,
            exposure: self.exposure_s,
        };
        demand.quantile(self.time_s, p)
    }

    /// One draw from the joint posterior: the stock (workers) and the rate (1/s).
    pub fn draw(&self, seed: Seed, number: u64) -> (u32, f64) {
        self.draw_try(seed, (number, 0))
    }

    fn draw_try(&self, seed: Seed, (number, tries): (u64, u32)) -> (u32, f64) {
        let stream = Key::new(seed.0, number).stream(Purpose::Proposal as u8, 1, tries);
        let rate = self.rate_quantile(stream.unit_at(0));
        (
            poisson_quantile(rate * self.time_s, stream.unit_at(1)),
            rate,
        )
    }
}

/// Demand of a Poisson stream whose rate is known by a gamma distribution: negative binomial. Times are in
/// the unit of `exposure`.
///
/// # Examples
/// The rate is known from 23 requests in 96 minutes. The least buffer that lasts three hours in 99 of 100
/// cases is 72; from the mean rate alone it would seem to be 59, and fail in 7.9%:
/// ```
/// use drawdown::study::DemandLaw;
///
/// let demand = DemandLaw::new(23.0, 96.0);
/// assert_eq!(demand.quantile(180.0, 0.99), 72);
/// assert!((demand.more_than(59, 180.0) - 0.0793).abs() < 1e-4);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct DemandLaw {
    /// Shape of the distribution of the rate.
    pub shape: f64,
    /// Its rate parameter, a time.
    pub exposure: f64,
}

impl DemandLaw {
    /// By shape and rate parameter of the gamma distribution of the rate.
    ///
    /// # Panics
    /// If one of them is not above 0.
    pub fn new(shape: f64, exposure: f64) -> Self {
        assert!(0.0 < shape && 0.0 < exposure, "gamma({shape}, {exposure})");
        Self { shape, exposure }
    }

    /// Probability of more than so many requests within a time.
    pub fn more_than(&self, count: u32, time: f64) -> f64 {
        let within: f64 = self.terms(time).take(count as usize + 1).sum();
        (1.0 - within).max(0.0)
    }

    /// The least number that demand within a time does not exceed with this probability.
    ///
    /// # Panics
    /// If `p` does not lie between 0 and 1.
    pub fn quantile(&self, time: f64, p: f64) -> u32 {
        assert!(0.0 < p && p < 1.0, "a quantile at {p}");
        let mut sum = 0.0;
        let terms = self.terms(time).take(COUNT_MAX);
        let below = terms.take_while(|term| {
            sum += term;
            sum < p
        });
        below.count() as u32
    }

    /// Probabilities of 0, 1, 2, … requests within a time.
    fn terms(&self, time: f64) -> impl Iterator<Item = f64> {
        let (shape, exposure) = (self.shape, self.exposure);
        let share = time / (time + exposure);
        let first = shape * libm::log(1.0 - share);
        (0..).scan(first, move |ln, count: u32| {
            let term = libm::exp(*ln);
            let next = f64::from(count) + 1.0;
            *ln += libm::log((shape + next - 1.0) / next * share);
            Some(term)
        })
    }
}

/// The most requests that are counted.
const COUNT_MAX: usize = 10_000_000;

pub(crate) fn poisson_quantile(mean: f64, p: f64) -> u32 {
    let (mut count, mut ln) = (0_u32, -mean);
    let mut sum = libm::exp(ln);
    while sum < p && (count as usize) < COUNT_MAX {
        count += 1;
        ln += libm::log(mean / f64::from(count));
        let term = libm::exp(ln);
        // Beyond the bulk no term is seen any more.
        if term == 0.0 && mean < f64::from(count) {
            break;
        }
        sum += term;
    }
    count
}

/// A scenario that is this model, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exact {
    model: SimpleModel,
    /// Places of the stock and of the rate among the parameters.
    stock: usize,
    rate: usize,
    /// Ranges of the priors: workers, and 1/s.
    stocks: [f64; 2],
    rates: [f64; 2],
}

/// Tries for a draw within the ranges of the priors.
const TRIES_MAX: u32 = 10_000;

impl Exact {
    /// The simple model of a scenario, where it is one: one pool that begins full and gets no worker from the
    /// beginning on, one stream of requests at a constant rate that fail where no worker is ready; nothing but
    /// stock and rate unknown; and two facts, the time of the first failure and the number of failures after it.
    pub fn of(template: &Template, parameters: &[Parameter], aims: &[Aim]) -> Option<Self> {
        let scenario = &template.base;
        is_simple(scenario).then_some(())?;
        let [pool] = &scenario.pools[..] else {
            return None;
        };
        let [class] = &scenario.classes[..] else {
            return None;
        };
        let place = |path: String| parameters.iter().position(|it| it.path == path);
        let stock = place(format!("pools.{}.target", pool.name))?;
        let rate = place(format!("demand.{}.source.requests.rate", class.name))?;
        let (2, PriorLaw::Uniform { low, high }) = (parameters.len(), parameters[stock].law) else {
            return None;
        };
        let (prior, rates) = match parameters[rate].law {
            PriorLaw::LogUniform { low, high } => ((0.0, 0.0), [low * 1e6, high * 1e6]),
            PriorLaw::Uniform { low, high } => ((1.0, 0.0), [low * 1e6, high * 1e6]),
            PriorLaw::Gamma { shape, rate } => ((shape, rate / 1e6), [0.0, f64::INFINITY]),
            PriorLaw::LogNormal { .. } => return None,
        };
        let (time_s, window_s, count) = known(scenario, aims)?;
        Some(Self {
            model: SimpleModel::with_prior(time_s, window_s, count, prior),
            stock,
            rate,
            stocks: [low, high],
            rates,
        })
    }

    /// Draw number `number`, as places of the parameters; absent where the priors exclude what the facts say.
    pub fn draw(&self, parameters: &[Parameter], seed: Seed, number: u64) -> Option<Vec<f64>> {
        let within = |value: f64, [low, high]: [f64; 2]| low <= value && value <= high;
        let mut tries = (0..TRIES_MAX).map(|it| self.model.draw_try(seed, (number, it)));
        let (stock, rate) = tries.find(|(stock, rate)| {
            within(f64::from(*stock), self.stocks) && within(*rate, self.rates)
        })?;
        let mut places = vec![0.0; 2];
        places[self.stock] = f64::from(stock);
        let rate = rate / 1e6;
        let log = parameters[self.rate].is_log();
        places[self.rate] = if log { libm::log(rate) } else { rate };
        Some(places)
    }
}

/// The time of the first failure, the window and the count of those after it.
fn known(scenario: &Scenario, aims: &[Aim]) -> Option<(f64, f64, u32)> {
    let (mut time, mut counted) = (None, None);
    for (fact, aim) in scenario
        .facts
        .iter()
        .zip(aims)
        .filter(|(_, aim)| aim.fitted)
    {
        let is_first = |clock| {
            matches!(
                clock,
                Clock::FirstUnservedRequest(_) | Clock::FirstLeaseFailure(_)
            )
        };
        match &fact.claim {
            Claim::Occurred {
                clock,
                since: Anchor::Start | Anchor::OutageBegins,
                after,
            } if is_first(*clock) && aim.bound == Bound::About => {
                time.replace(after.seconds()).is_none().then_some(())?;
            }
            Claim::Measured {
                what: Measured::Requests(Tally::Failed, probe),
                ..
            } if aim.bound == Bound::About && aim.figure == Figure::Requests => {
                let window = scenario.setup.probes.requests[*probe].window;
                let first = matches!(
                    window.from,
                    Origin::FirstUnservedRequest(_) | Origin::FirstLeaseFailure(_)
                );
                let until = scenario.seconds(window.until);
                let earlier = counted.replace((until, aim.published as u32));
                (first && earlier.is_none()).then_some(())?;
            }
            _ => return None,
        }
    }
    let (time, (until, count)) = (time?, counted?);
    (0.0 < time && time < until && 0 < count).then_some((time, until - time, count))
}

fn is_simple(scenario: &Scenario) -> bool {
    let setup = &scenario.setup;
    let plain = setup.start == SimTime::ZERO
        && setup.hazards.is_empty()
        && setup.alerts.is_empty()
        && setup.playbook.is_empty()
        && setup.dependencies.is_empty();
    let pool = |pool: &PoolSetup| {
        pool.target.limits() == (pool.initial, pool.initial)
            && matches!(pool.on_empty, OnEmpty::Reject)
            && matches!(pool.release, Release::Delete)
            && pool.stopped.is_none()
            && pool.move_after.is_none()
            && pool.max_total == u32::MAX
            && !pool.ready_max_age.is_finite()
            && !pool.ready_max_idle.is_finite()
    };
    let class = |class: &ClassSetup| {
        let one = matches!(&class.source, Source::Requests { rate, bursts: None, batch: Batch::One, .. }
            if rate.len() == 1);
        one && class.retry.is_none() && class.on_empty.is_none() && class.reserve == 0
    };
    let window = |window: &Window| {
        let lasts = matches!(&window.when, When::Dated { from, until, .. }
            if *from <= setup.start && setup.horizon <= *until);
        lasts
            && window.when.is_certain()
            && window.shape == Shape::STEP
            && window.failure == 1.0
            && window.operations.create
            && !window.operations.connect
            && window.takes.ready == 0.0
    };
    plain
        && setup.windows.len() == 1
        && setup.pools.iter().all(pool)
        && setup.classes.iter().all(class)
        && setup.windows.iter().all(window)
}
