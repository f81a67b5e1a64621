//! Chance: the only place that knows whether a replication draws random numbers or takes the mean of
//! everything. A law or a probability can be used only through a `Stream` or what is made of one, so a
//! new one works in both.

use crate::kernel::distribution::{Distribution, unit_exponential};
use crate::kernel::random::{self, Kept, Key, Seed};
use crate::kernel::time::SimDuration;

/// The purpose of a stream. Each has its own numbers, so that no draw can shift another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Purpose {
    /// When the next request of a class arrives.
    Arrival = 1,
    /// Which tenant of a class it comes from.
    Tenant = 2,
    /// How long its job runs, or its lease is held.
    Hold = 3,
    /// Its patience.
    Patience = 4,
    /// How long a provisioning attempt takes.
    Latency = 5,
    /// Whether an outage makes an attempt fail, judged at its start.
    FateAtStart = 6,
    /// Whether an outage makes an attempt fail, judged at its completion.
    FateAtCompletion = 7,
    /// Whether an attempt in flight is lost when an outage begins.
    FateInFlight = 8,
    /// The jitter of a back-off.
    Jitter = 9,
    /// How long a deletion takes.
    Deletion = 10,
    /// Whether a deletion fails.
    DeletionFate = 11,
    /// The jitter of the back-off of a failed deletion.
    DeletionJitter = 12,
    /// How long the attempt of a cold start takes.
    ColdLatency = 13,
    /// How long a reimage takes.
    Reimage = 14,
    /// Whether a reimage fails.
    ReimageFate = 15,
    /// The error of a forecast.
    ForecastError = 16,
    /// Whether an outage takes a worker.
    FateOnLoss = 17,
    /// Whether a request can connect.
    FateOnConnect = 18,
    /// Delay of the beginning and the end of an outage in a region.
    Onset = 19,
    Recovery = 20,
    /// How long the provider works between two outages, and how long one lasts.
    Up = 21,
    Down = 22,
    /// Whether an outage occurs in all regions, and in which one if not.
    Shared = 23,
    Where = 24,
    /// Batch size: how many requests arrive at once.
    BatchSize = 25,
    /// When bursts of demand begin and end.
    Burst = 26,
    /// A tenant's share of the demand.
    Share = 27,
    /// Whether and when a failed request is retried.
    IsRetried = 28,
    RetryDelay = 29,
    /// How long the provider takes to refuse.
    Refusal = 30,
    /// How long people take.
    Delay = 31,
    /// How long the activation of a standby takes.
    Activation = 32,
    /// Which of a pool and its standbys is the first choice.
    Route = 33,
    /// When other callers of a dependency call, and how long each call is served.
    Call = 34,
    Service = 35,
    /// Whether a call that was served late counts as late, whether its caller retries, when,
    /// and where.
    Late = 36,
    CallsAgain = 37,
    CallDelay = 38,
    CallsElsewhere = 39,
    /// Whether a call is admitted, and whether it is held back while an outage lasts.
    Admission = 40,
    HeldBack = 41,
    /// Which values of a design go together.
    Design = 42,
    /// How long a retried attempt takes.
    RetryLatency = 43,
    /// Whether an attempt fails, outages aside.
    OrdinaryFate = 44,
    /// How long an outage lasts.
    Lasting = 45,
    /// How long the start of a stopped worker takes, whether an outage makes it fail (judged at its start, at
    /// its completion), how long a refusal takes, whether it fails otherwise, and the jitter of its back-off.
    StartLatency = 46,
    StartFate = 47,
    StartFateAtCompletion = 48,
    StartRefusal = 49,
    StartOrdinaryFate = 50,
    StartJitter = 51,
    /// The same of the extension of a machine, which backs off as its attempt does.
    ExtensionLatency = 52,
    ExtensionFate = 53,
    ExtensionFateAtCompletion = 54,
    ExtensionRefusal = 55,
    ExtensionOrdinaryFate = 56,
    /// Whether a start, and an extension, in flight is lost when an outage begins.
    StartFateInFlight = 57,
    ExtensionFateInFlight = 58,
    /// A value drawn from its prior, which row of a sample a replication draws, what a calibration proposes,
    /// and which of its particles become rows.
    Prior = 70,
    PosteriorRow = 71,
    Proposal = 72,
    Resampling = 73,
    /// From which of the states that passed a level the first trial goes on.
    Splitting = 74,
    /// What happens in a replication whose level is drawn as a Markov chain.
    Shortcut = 75,
}

/// The source of chance of a replication.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chance {
    /// The random numbers of one replication.
    Random(Key),
    /// Every distribution yields its mean, and about np of n trials of probability p succeed: the expected-value
    /// replay.
    Mean,
}

impl Chance {
    /// The source of chance of replication number `replication` of a study.
    pub fn of(seed: Seed, replication: u64) -> Self {
        Self::Random(Key {
            seed: seed.0,
            replication,
        })
    }

    /// The stream of one purpose of one entity, which is identified by the hash of its path in the scenario
    /// and an ordinal within its kind.
    #[inline]
    pub fn stream(self, purpose: Purpose, stream_key: u64, ordinal: u32) -> Stream {
        Stream(match self {
            Self::Random(key) => Some(key.stream(purpose as u8, stream_key, ordinal)),
            Self::Mean => None,
        })
    }

    /// Whether it is the mean of everything. For shortcuts only: other differences belong in this file.
    pub fn is_mean(self) -> bool {
        matches!(self, Self::Mean)
    }
}

/// The numbers of one purpose of one entity, by position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream(Option<random::Stream>);

/// What holds random numbers of a replication, and can go on with those of another: what has been drawn stays as it is.
pub(crate) trait Renew {
    /// Goes on with the numbers of another replication.
    fn renew(&mut self, replication: u64);
}

impl Renew for Chance {
    fn renew(&mut self, replication: u64) {
        if let Self::Random(key) = self {
            key.replication = replication;
        }
    }
}

impl Renew for Stream {
    fn renew(&mut self, replication: u64) {
        if let Some(stream) = &mut self.0 {
            stream.renew(replication);
        }
    }
}

impl<T: Copy> Renew for Draws<T> {
    fn renew(&mut self, replication: u64) {
        if let Some(draws) = &mut self.0 {
            draws.renew(replication);
        }
    }
}

impl Renew for Gaps {
    fn renew(&mut self, replication: u64) {
        self.draws.renew(replication);
    }
}

impl Renew for Coin {
    fn renew(&mut self, replication: u64) {
        self.stream.renew(replication);
        self.kept = Kept::default();
    }
}

impl Renew for TryCoin {
    fn renew(&mut self, replication: u64) {
        self.stream.renew(replication);
    }
}

impl Stream {
    /// The number of the open interval (0, 1) at `position`; one half on average.
    #[inline]
    pub fn unit_at(&self, position: u64) -> f64 {
        self.0.map_or(0.5, |stream| stream.unit_at(position))
    }

    /// The number at `position`, which is known to lie below `limit`.
    pub fn unit_below(&self, limit: f64, position: u64) -> f64 {
        self.0
            .map_or(0.5 * limit, |stream| stream.unit_at(position))
    }

    /// The factor at `position` that `factor` makes of a number of (0, 1), 1 on average.
    pub fn factor_at(&self, position: u64, factor: impl FnOnce(f64) -> f64) -> f64 {
        self.0
            .map_or(1.0, |stream| factor(stream.unit_at(position)))
    }

    /// One of `count` places, equally likely: by the number at `position`, or in rotation.
    pub fn place_at(&self, position: u64, turn: usize, count: usize) -> usize {
        self.0.map_or(turn % count, |stream| {
            (stream.unit_at(position) * count as f64) as usize
        })
    }

    /// The duration at `position` by `law`.
    #[inline]
    pub fn draw(&self, law: &Distribution, position: u64) -> SimDuration {
        match &self.0 {
            Some(stream) => law.draw_at(stream, position),
            None => law.mean(),
        }
    }

    /// The same, where the positions asked for lie near each other.
    #[inline]
    pub fn draw_near(&self, law: &Distribution, position: u64, kept: &mut Kept) -> SimDuration {
        match &self.0 {
            Some(stream) => law.draw_near(stream, position, kept),
            None => law.mean(),
        }
    }

    /// The numbers in their order, from the first.
    pub fn draws<T: Copy + Default>(self) -> Draws<T> {
        Draws(self.0.map(random::Stream::draws))
    }

    /// The gaps between arrivals of a Poisson process of rate 1 in their order, or equal ones.
    pub fn gaps(self) -> Gaps {
        Gaps {
            draws: self.draws(),
            first: true,
        }
    }

    /// Trials with the numbers of this stream.
    pub fn coin(self) -> Coin {
        Coin {
            stream: self,
            kept: Kept::default(),
            sum: Sum::default(),
            tosses: 0,
        }
    }
}

/// Draws in sequence, each made from the next number of a stream by the same function.
#[derive(Clone, Debug)]
pub(crate) struct Draws<T>(Option<random::Draws<T>>);

impl<T: Copy> Draws<T> {
    /// What `quantile` makes of the next number of the open interval (0, 1), or its `mean`.
    #[inline]
    pub fn next(&mut self, quantile: impl Fn(f64) -> T, mean: T) -> T {
        match &mut self.0 {
            Some(draws) => draws.next(quantile),
            None => mean,
        }
    }
}

impl Draws<SimDuration> {
    /// The next duration by `law`.
    #[inline]
    pub fn draw(&mut self, law: &Distribution) -> SimDuration {
        match &mut self.0 {
            Some(draws) => law.draw(draws),
            None => law.mean(),
        }
    }
}

/// Gaps between arrivals, in expected arrivals.
#[derive(Clone, Debug)]
pub(crate) struct Gaps {
    draws: Draws<f64>,
    first: bool,
}

impl Gaps {
    /// Equal gaps, random or not: each arrival lies in the middle of its unit of expected arrivals.
    pub fn even() -> Self {
        Self {
            draws: Draws(None),
            first: true,
        }
    }

    /// How many arrivals are expected before the next one.
    #[inline]
    pub fn next(&mut self) -> f64 {
        let even = if self.first { 0.5 } else { 1.0 };
        self.first = false;
        self.draws.next(unit_exponential, even)
    }
}

/// The sum of the probabilities of trials of one kind. With mean chance, a trial succeeds where the sum,
/// rounded, steps up.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Sum(f64);

impl Sum {
    /// Whether the trial at `position` succeeds, which it does with `probability`.
    #[inline]
    pub fn succeeds(&mut self, probability: f64, stream: &Stream, position: u64) -> bool {
        self.succeeds_by(probability, stream, |stream| stream.unit_at(position))
    }

    /// Whether the trial succeeds whose number `unit` gives.
    #[inline]
    fn succeeds_by(
        &mut self,
        probability: f64,
        stream: &Stream,
        unit: impl FnOnce(&random::Stream) -> f64,
    ) -> bool {
        if probability <= 0.0 {
            return false;
        }
        let Some(stream) = &stream.0 else {
            let before = (self.0 + 0.5).floor();
            self.0 += probability;
            return before < (self.0 + 0.5).floor();
        };
        1.0 <= probability || unit(stream) < probability
    }
}

/// Trials of one kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coin {
    stream: Stream,
    kept: Kept,
    sum: Sum,
    tosses: u64,
}

impl Coin {
    /// Whether the next trial succeeds, which it does with `probability`.
    pub fn toss(&mut self, probability: f64) -> bool {
        let position = self.tosses;
        self.tosses += 1;
        self.toss_at(probability, position)
    }

    /// Whether the trial at `position` succeeds, which it does with `probability`.
    pub fn toss_at(&mut self, probability: f64, position: u64) -> bool {
        let (sum, kept) = (&mut self.sum, &mut self.kept);
        sum.succeeds_by(probability, &self.stream, |stream| {
            stream.unit_near(position, kept)
        })
    }

    /// Trials so far.
    pub fn tosses(&self) -> u64 {
        self.tosses
    }
}

impl Default for Coin {
    /// A coin under mean chance.
    fn default() -> Self {
        Stream(None).coin()
    }
}

/// The golden ratio's fraction.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Trials of requests that may be retried. First tries, second tries and so on each have their own
/// sum, or retries interleaved with first tries would all fail, or none would. Each sum begins at a
/// phase of its own, in steps of the golden ratio (Weyl, 1916): with one phase for all, the first request
/// would fail in every try.
#[derive(Clone, Debug)]
pub(crate) struct TryCoin {
    stream: Stream,
    sums: Vec<Sum>,
}

impl TryCoin {
    /// Trials with the numbers of `stream`.
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            sums: Vec::new(),
        }
    }

    /// Whether try number `tries` (from 1) succeeds at `position`, which it does with `probability`.
    pub fn toss(&mut self, probability: f64, tries: u32, position: u64) -> bool {
        let place = tries as usize - 1;
        while self.sums.len() <= place {
            self.sums
                .push(Sum((GOLDEN * self.sums.len() as f64).fract()));
        }
        self.sums[place].succeeds(probability, &self.stream, position)
    }
}
