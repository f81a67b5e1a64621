//! What a row of the table asks of each replication: a measure, or two of them put together.

use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{self, Subject};

/// A number of each replication, absent where the measure is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    subject: Subject,
    measure: &'static str,
    with: With,
    /// What it is divided by.
    unit: f64,
    /// What an absent value counts as, in the unit of the measure.
    absent: Option<f64>,
    /// Whether it is subtracted from 1.
    complement: bool,
}

/// The second measure of a value.
#[derive(Clone, Copy, Debug)]
enum With {
    None,
    /// The first is divided by it.
    Over(&'static str),
    /// The first is divided by the sum of both.
    OverSum(&'static str),
    /// It is subtracted from the first.
    Minus(Subject, &'static str),
    /// The greatest over all pools is taken.
    MostOfPools,
}

/// A measure of the first pool.
pub(crate) const fn pool(measure: &'static str) -> Value {
    of(Subject::Pool(0), measure)
}

/// A measure of any subject.
pub(crate) const fn of(subject: Subject, measure: &'static str) -> Value {
    Value {
        subject,
        measure,
        with: With::None,
        unit: 1.0,
        absent: None,
        complement: false,
    }
}

/// A measure of the only dependency.
pub(crate) const fn dependency(measure: &'static str) -> Value {
    of(Subject::Dependency(0), measure)
}

/// A measure of the incident.
pub(crate) const fn incident(measure: &'static str) -> Value {
    of(Subject::Incident, measure)
}

/// A measure of the first demand class.
pub(crate) const fn class(measure: &'static str) -> Value {
    of(Subject::Class(0), measure)
}

impl Value {
    /// In minutes, of a measure in seconds.
    pub const fn minutes(self) -> Self {
        self.per(60.0)
    }

    /// Divided by a number.
    pub const fn per(mut self, unit: f64) -> Self {
        self.unit = unit;
        self
    }

    /// Divided by another measure of the same subject.
    pub const fn over(mut self, measure: &'static str) -> Self {
        self.with = With::Over(measure);
        self
    }

    /// Divided by the sum of itself and another measure of the same subject.
    pub const fn over_sum_with(mut self, measure: &'static str) -> Self {
        self.with = With::OverSum(measure);
        self
    }

    /// Less another measure.
    pub const fn minus(mut self, subject: Subject, measure: &'static str) -> Self {
        self.with = With::Minus(subject, measure);
        self
    }

    /// The greatest over all pools.
    pub const fn most_of_pools(mut self) -> Self {
        self.with = With::MostOfPools;
        self
    }

    /// With a value, in the unit of the measure, where there is none.
    pub const fn or(mut self, absent: f64) -> Self {
        self.absent = Some(absent);
        self
    }

    /// 1 less the value.
    pub const fn complement(mut self) -> Self {
        self.complement = true;
        self
    }

    /// The measures that it reads.
    pub fn measures(&self) -> impl Iterator<Item = &'static str> {
        let second = match self.with {
            With::None | With::MostOfPools => None,
            With::Over(measure) | With::OverSum(measure) | With::Minus(_, measure) => Some(measure),
        };
        std::iter::once(self.measure).chain(second)
    }

    /// Its value in each replication.
    pub fn values(&self, found: &Ensemble, pools: usize) -> Vec<Option<f64>> {
        let column = |subject: Subject, name| {
            let place = measure::place(subject.measures(), name);
            found.column_of(subject, place).collect::<Vec<_>>()
        };
        let both = |subject, measure, of: fn(f64, f64) -> f64| {
            let (one, other) = (column(self.subject, self.measure), column(subject, measure));
            let pairs = one.into_iter().zip(other);
            pairs.map(|(one, other)| Some(of(one?, other?))).collect()
        };
        let values: Vec<Option<f64>> = match self.with {
            With::None => column(self.subject, self.measure),
            With::Over(measure) => both(self.subject, measure, |one, other| one / other),
            With::OverSum(measure) => both(self.subject, measure, |one, other| one / (one + other)),
            With::Minus(subject, measure) => both(subject, measure, |one, other| one - other),
            With::MostOfPools => {
                let columns: Vec<Vec<Option<f64>>> = (0..pools)
                    .map(|pool| column(Subject::Pool(pool), self.measure))
                    .collect();
                let most = |replication: usize| {
                    let each = columns.iter().filter_map(|column| column[replication]);
                    each.max_by(f64::total_cmp)
                };
                (0..found.n).map(most).collect()
            }
        };
        let finished = values.into_iter().map(|value| {
            let value = value.or(self.absent)? / self.unit;
            Some(if self.complement { 1.0 - value } else { value })
        });
        finished.collect()
    }
}
