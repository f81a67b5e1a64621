//! Unknown values of a scenario: those with a prior distribution, drawn on a scale on which they are
//! continuous. The only file that uses `rand_distr`.

use rand_distr::{Distribution, Gamma, Normal, Uniform};

use crate::kernel::gamma;
use crate::kernel::normal::normal_quantile;
use crate::kernel::random::{Draws, Key, Seed, stream_key};
use crate::model::chance::Purpose;
use crate::scenario::Scenario;
use crate::scenario::compile::priors::PriorLaw;
use crate::scenario::schema::QuantityUnit;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::problem::{Problem, Spot};
use crate::scenario::text::yaml;
use crate::scenario::vary::design;
use crate::scenario::vary::template::Template;

/// A value with a prior distribution. It is drawn as a *place*: the value itself where the prior is uniform,
/// and its logarithm otherwise; a whole number is rounded only as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub path: String,
    pub law: PriorLaw,
    /// How a value is written.
    pub unit: QuantityUnit,
    /// Whether it is a whole number.
    pub whole: bool,
    /// The prior in words.
    pub shown: String,
    stream_key: u64,
}

/// The most draws that are tried for one that compiles.
const TRIES_MAX: u32 = 1_000;

impl Parameter {
    /// The values of a file that have a prior, save those that a variant, a change or an axis sets.
    pub fn all(template: &Template) -> Vec<Self> {
        let declared = template.base.provenance.priors.iter();
        let free = declared.filter(|it| !template.sets(&it.path));
        let parameter = |it: &crate::scenario::compile::priors::DeclaredPrior| Self {
            path: it.path.clone(),
            law: it.law,
            unit: it.unit.clone(),
            whole: it.unit == QuantityUnit::Number && is_whole(template, &it.path),
            shown: it.shown.clone(),
            stream_key: stream_key(&it.path),
        };
        free.map(parameter).collect()
    }

    /// Whether its scale is that of the logarithm.
    pub fn is_log(&self) -> bool {
        !matches!(self.law, PriorLaw::Uniform { .. })
    }

    /// The ends of its range, a whole number with a half on either side, so that each has its share.
    fn ends(&self) -> (f64, f64) {
        let half = if self.whole { 0.5 } else { 0.0 };
        match self.law {
            PriorLaw::Uniform { low, high } => (low - half, high + half),
            PriorLaw::LogUniform { low, high } => (
                libm::log((low - half).max(low / 2.0)),
                libm::log(high + half),
            ),
            PriorLaw::LogNormal { .. } | PriorLaw::Gamma { .. } => {
                (f64::NEG_INFINITY, f64::INFINITY)
            }
        }
    }

    /// A place drawn from the prior.
    fn draw(&self, draws: &mut Draws<u64>) -> f64 {
        let (low, high) = self.ends();
        match self.law {
            PriorLaw::Uniform { .. } | PriorLaw::LogUniform { .. } => {
                let law = Uniform::new(low, high).expect("ends of a range, in order");
                law.sample(draws)
            }
            PriorLaw::LogNormal { mu, sigma } => {
                let law = Normal::new(mu, sigma).expect("a spread above 0");
                law.sample(draws)
            }
            PriorLaw::Gamma { shape, rate } => {
                let law = Gamma::new(shape, 1.0 / rate).expect("a shape and a rate above 0");
                libm::log(law.sample(draws).max(f64::MIN_POSITIVE))
            }
        }
    }

    /// The place that a share `share` of draws from the prior does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let (low, high) = self.ends();
        match self.law {
            PriorLaw::Uniform { .. } | PriorLaw::LogUniform { .. } => low + (high - low) * share,
            PriorLaw::LogNormal { mu, sigma } => mu + sigma * normal_quantile(share),
            PriorLaw::Gamma { shape, rate } => {
                libm::log((gamma::quantile(shape, share) / rate).max(f64::MIN_POSITIVE))
            }
        }
    }

    /// The logarithm of the prior's density at a place, but for a constant.
    pub fn ln_density(&self, place: f64) -> f64 {
        let (low, high) = self.ends();
        match self.law {
            _ if !(low..=high).contains(&place) => f64::NEG_INFINITY,
            PriorLaw::Uniform { .. } | PriorLaw::LogUniform { .. } => 0.0,
            PriorLaw::LogNormal { mu, sigma } => -0.5 * ((place - mu) / sigma).powi(2),
            PriorLaw::Gamma { shape, rate } => shape * place - rate * libm::exp(place),
        }
    }

    /// The value at a place: a number, a share, a rate (1/µs), or seconds.
    pub fn value(&self, place: f64) -> f64 {
        let value = if self.is_log() {
            libm::exp(place)
        } else {
            place
        };
        if !self.whole {
            return value;
        }
        match self.law {
            PriorLaw::Uniform { low, high } | PriorLaw::LogUniform { low, high } => {
                value.round().clamp(low, high)
            }
            _ => value.round(),
        }
    }

    /// The value at a place, as a file would have it.
    pub fn written(&self, place: f64) -> String {
        self.unit.written(self.value(place))
    }
}

/// Places drawn from the priors for draw number `number`, try number `tries`, each by a stream of its own.
pub(crate) fn draw(parameters: &[Parameter], seed: Seed, (number, tries): (u64, u32)) -> Vec<f64> {
    let key = Key::new(seed.0, number);
    let place = |it: &Parameter| {
        let stream = key.stream(Purpose::Prior as u8, it.stream_key, tries);
        it.draw(&mut stream.draws())
    };
    parameters.iter().map(place).collect()
}

/// Places of so many draws that have one in each of as many equal parts of every prior (McKay, Beckman and
/// Conover, 1979): means over them scatter less than over independent draws.
pub(crate) fn stratified(parameters: &[Parameter], seed: Seed, count: u64) -> Vec<Vec<f64>> {
    let shares = parameters.iter();
    let shares: Vec<Vec<f64>> = shares
        .map(|it| design::stratified(count, seed, &it.path))
        .collect();
    let row = |row: usize| {
        let each = parameters.iter().zip(&shares);
        each.map(|(it, shares)| it.quantile(shares[row])).collect()
    };
    (0..count as usize).map(row).collect()
}

/// The first of these draws that compiles, and how many did not.
///
/// # Errors
/// The problems of the last, if none of many does.
pub(crate) fn draw_valid(
    template: &Template,
    parameters: &[Parameter],
    seed: Seed,
    number: u64,
) -> Result<(Vec<f64>, Scenario, u32), Vec<Problem>> {
    let mut last = Vec::new();
    for tries in 0..TRIES_MAX {
        let places = draw(parameters, seed, (number, tries));
        match compiled(template, parameters, &places) {
            Ok(scenario) => return Ok((places, scenario, tries)),
            Err(problems) => last = problems,
        }
    }
    Err(last)
}

/// The scenario with the values at these places.
///
/// # Errors
/// What is wrong with them: a constraint of the file that they break.
pub(crate) fn compiled(
    template: &Template,
    parameters: &[Parameter],
    places: &[f64],
) -> Result<Scenario, Vec<Problem>> {
    let values = parameters.iter().zip(places);
    let values = values.map(|(it, place)| (it.path.as_str(), node(&it.written(*place))));
    template.with(&values.collect::<Vec<_>>())
}

/// A value as the node that the file would have.
pub(crate) fn node(text: &str) -> Node {
    let spot = Spot::whole(0, text);
    match text.parse::<f64>() {
        Ok(number) => Node {
            value: Value::Number(number),
            spot,
            defined: spot,
        },
        Err(_) => yaml::parse(text, 0).unwrap_or(Node {
            value: Value::Text(text.to_owned()),
            spot,
            defined: spot,
        }),
    }
}

/// Whether the value at a path must be a whole number: whether a fraction is refused for being one.
fn is_whole(template: &Template, path: &str) -> bool {
    let Some(value) = template.value(path).and_then(|it| it.parse::<f64>().ok()) else {
        return false;
    };
    let fraction = node(&(value.floor() + 0.5).to_string());
    let whole = |problem: &Problem| {
        let limit = problem.limit.as_deref().unwrap_or_default();
        limit.starts_with("a whole number")
    };
    let read = template.with(&[(path, fraction)]);
    read.is_err_and(|problems| problems.iter().any(whole))
}
