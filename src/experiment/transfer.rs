//! What one incident predicts of another: the simplest model, known from the facts of RNQ2-NC8 (the first impact
//! after 132 minutes, 23 customers within 96 minutes), held to what was published of FNJ8-VQZ three years later. Within
//! one region of one incident, as many values are fitted as there are facts, so that nothing could fail.

use crate::experiment::calibration::{null, score};
use crate::experiment::simple_model::{DemandLaw, poisson_quantile};
use crate::kernel::gamma;
use crate::kernel::random::{Key, Seed, Stream};
use crate::model::chance::Purpose;
use crate::stats::Estimate;
use crate::stats::normal_quantile;
use crate::stats::proportion::proportion;
use crate::stats::quantile::quantile;

/// A prediction, and what was published.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    /// The test that it belongs to.
    pub test: &'static str,
    pub what: &'static str,
    /// What is assumed beyond the model.
    pub assumed: &'static str,
    /// Quantiles 5, 25, 50, 75 and 95%, in minutes or requests.
    pub quantiles: [f64; 5],
    pub unit: &'static str,
    /// Absent where nothing is published.
    pub published: Option<Published>,
}

/// A published figure against its prediction.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub value: f64,
    /// Probability of less, and half that of the same (PIT), with the interval from the finite number of draws.
    pub below: Estimate,
    /// Continuous ranked probability scores, of the prediction and of a law without a model, log-uniform from 10
    /// minutes to 10 hours; absent of counts.
    pub scores: Option<[f64; 2]>,
}

/// What is made of a prediction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Judgement {
    /// The figure lies outside of the central 95%.
    Fails,
    /// It lies inside, and the central 90% span a factor of 2 or more.
    HoldsWeakly,
    Holds,
    /// Nothing is published.
    Open,
}

impl Transfer {
    pub fn judgement(&self) -> Judgement {
        let Some(below) = self.published.as_ref().and_then(|it| it.below.point) else {
            return Judgement::Open;
        };
        let [low, .., high] = self.quantiles;
        if !(0.025..=0.975).contains(&below) {
            Judgement::Fails
        } else if 2.0 * low <= high {
            Judgement::HoldsWeakly
        } else {
            Judgement::Holds
        }
    }
}

/// Draws behind each prediction of the evidence.
pub(crate) const DRAWS: u64 = 20_000;

const MINUTE: f64 = 60.0;

/// The probability of at most two further failures within 33 minutes 26 seconds, with the same rate.
pub(crate) fn at_most_two_more() -> f64 {
    let rate = DemandLaw::new(23.0, 96.0);
    1.0 - rate.more_than(2, FURTHER_MIN)
}

/// From the first failed lease of West US 2 (20:13:34) to the page at the third (20:47).
const FURTHER_MIN: f64 = 33.43;
/// From there to the last failed lease (22:56:04).
const REMAINING_MIN: f64 = 162.5;

/// The seed, and how many draws.
type Sample = (Seed, u64);

/// Uniform numbers of one draw.
struct Draw {
    stream: Stream,
    used: u64,
}

impl Draw {
    fn unit(&mut self) -> f64 {
        self.used += 1;
        self.stream.unit_at(self.used)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A factor whose logarithm is normal with mean 0.
    fn factor(&mut self, sigma: f64) -> f64 {
        libm::exp(sigma * normal_quantile(self.unit()))
    }

    /// The time of so many requests at a rate of 1.
    fn gamma(&mut self, shape: f64) -> f64 {
        gamma::quantile(shape, self.unit())
    }

    /// A count with a mean.
    fn poisson(&mut self, mean: f64) -> f64 {
        f64::from(poisson_quantile(mean, self.unit()))
    }
}

fn draws((seed, count): Sample, each: impl Fn(&mut Draw) -> f64) -> Vec<f64> {
    let draw = |number: u64| {
        let stream = Key::new(seed.0, number).stream(Purpose::Proposal as u8, 2, 0);
        each(&mut Draw { stream, used: 0 })
    };
    (0..count).map(draw).collect()
}

/// Stock and rate (1/min) of West Europe, as RNQ2-NC8 shows them: a log-flat prior of the rate, and a flat one of the
/// stock.
fn west_europe(draw: &mut Draw) -> (f64, f64) {
    let rate = draw.gamma(23.0) / 96.0;
    (draw.poisson(rate * 132.0), rate)
}

/// Stock, and rate before demand is shed, where up to half of it was shed at 74 minutes of RNQ2-NC8: the customers were
/// counted afterwards, at the rate that was left.
fn west_europe_shed(draw: &mut Draw) -> (f64, f64) {
    let left = draw.gamma(23.0) / 96.0;
    let rate = left / (1.0 - draw.between(0.0, 0.5));
    (draw.poisson(rate * 74.0 + left * 58.0), rate)
}

/// The time at which a rate that falls by a share at an instant has brought so many requests as the whole rate would in
/// `time`.
fn shed(time: f64, (at, share): (f64, f64)) -> f64 {
    if time <= at {
        time
    } else {
        at + (time - at) / (1.0 - share)
    }
}

/// Every prediction, by so many draws.
pub(crate) fn transfers(of: (Seed, u64)) -> Vec<Transfer> {
    [depletions(of), further_failures(of), open(of)].concat()
}

/// V1: how long the same region lasts three years later.
pub(crate) fn depletions(of: (Seed, u64)) -> Vec<Transfer> {
    let depleted = |assumed, values| {
        let what = "West Europe: first failed provisioning to the first failed lease";
        transfer(("V1", what, assumed, "min"), values, Some(161.0))
    };
    let with_factor = |sigma: f64| {
        draws(of, move |it| {
            let (stock, rate) = west_europe(it);
            let time = it.gamma(stock + 1.0) / rate;
            if sigma == 0.0 {
                time
            } else {
                time / it.factor(sigma)
            }
        })
    };
    let with_shed = draws(of, |it| {
        let (stock, rate) = west_europe(it);
        let time = it.gamma(stock + 1.0) / rate;
        shed(time, (it.between(115.0, 148.0), it.between(0.0, 0.5)))
    });
    let with_both = draws(of, |it| {
        let (stock, rate) = west_europe_shed(it);
        let time = it.gamma(stock + 1.0) / rate;
        shed(time, (it.between(115.0, 148.0), it.between(0.0, 0.5)))
    });
    vec![
        depleted("the same stock and rate", with_factor(0.0)),
        depleted(
            "the rate times a factor, log-normal with sigma 0.3",
            with_factor(0.3),
        ),
        depleted(
            "the rate times a factor, log-normal with sigma 0.5",
            with_factor(0.5),
        ),
        depleted("up to half of demand shed at 115 to 148 min", with_shed),
        depleted(
            "the same, and up to half of demand shed in RNQ2-NC8 too, at 74 min",
            with_both,
        ),
    ]
}

/// V2: how soon leases fail in another region.
pub(crate) fn further_failures(of: (Seed, u64)) -> Vec<Transfer> {
    let third = |assumed, values| {
        let what = "West US 2: the first failed lease to the third";
        transfer(("V2", what, assumed, "min"), values, Some(FURTHER_MIN))
    };
    let same = draws(of, |it| {
        let (_, rate) = west_europe(it);
        it.gamma(2.0) / rate
    });
    let any = draws(of, |it| {
        let (_, rate) = west_europe(it);
        it.gamma(2.0) / (rate * it.factor(1.0))
    });
    vec![
        third("the rate of West Europe", same),
        third("a factor on that rate, log-normal with sigma 1", any),
    ]
}

/// V3: figures that have not been published.
fn open(of: Sample) -> Vec<Transfer> {
    let requests =
        |what, assumed, values| transfer(("V3", what, assumed, "requests"), values, None);
    let west_us = draws(of, |it| {
        let rate = it.gamma(3.0) / FURTHER_MIN;
        1.0 + it.poisson(rate * REMAINING_MIN)
    });
    // A first failed lease at 161 minutes, whatever the stock, is as likely as the rate is high: the rate is drawn as
    // before and weighted by itself, which makes the gamma law's shape greater by 1 and the factor's median e^(0.5²).
    let west_europe = draws(of, |it| {
        let rate = it.gamma(24.0) / 96.0 * it.factor(0.5) * libm::exp(0.25);
        1.0 + it.poisson(rate * 83.0)
    });
    vec![
        requests(
            "West US 2: failed leases from 20:13 to 22:56",
            "the rate from the three failures until 20:47",
            west_us,
        ),
        requests(
            "West Europe: failed leases from 21:33 to 22:56",
            "the rate of RNQ2-NC8 times a factor (sigma 0.5), and the first failed lease at 161 min",
            west_europe,
        ),
    ]
}

fn transfer(
    (test, what, assumed, unit): (&'static str, &'static str, &'static str, &'static str),
    mut values: Vec<f64>,
    published: Option<f64>,
) -> Transfer {
    let n = values.len();
    let published = published.map(|value| {
        let below = values.iter().filter(|it| **it < value).count();
        let scaled: Vec<f64> = values.iter().map(|it| it * MINUTE).collect();
        let of = |law: &[f64]| score(law, value * MINUTE) / MINUTE;
        Published {
            value,
            below: proportion(below, n),
            scores: Some([of(&scaled), of(&null())]),
        }
    });
    values.sort_unstable_by(f64::total_cmp);
    let at = |p: f64| quantile(&values, p).point.unwrap_or(f64::NAN);
    Transfer {
        test,
        what,
        assumed,
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(at),
        unit,
        published,
    }
}
