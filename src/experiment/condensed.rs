//! Replications of which only summaries are kept: counts, moments by block, and histograms. However many there are,
//! they take as much memory.

use serde::{Deserialize, Serialize};

use crate::experiment::ensemble::Ensemble;
use crate::experiment::fan::Fan;
use crate::experiment::kept::{Columns, KeptMeasures};
use crate::experiment::measure::Subject;
use crate::experiment::part::Part;
use crate::experiment::summary::{BLOCK, Counted, Summary};
use crate::scenario::Scenario;
use crate::stats::histogram::{Histogram, RELATIVE_WIDTH};
use crate::stats::mean::{Moments, too_few_differ};
use crate::stats::survival::{Survival, survival_of};
use crate::stats::{ALPHA, Estimate};

/// Summaries of a range of replications, which begins a block.
#[derive(Serialize, Deserialize)]
pub(crate) struct Condensed {
    pub begin: usize,
    pub n: usize,
    events: u64,
    budget_spent: usize,
    /// The digest of each block.
    digests: Vec<u64>,
    fan: Fan,
    columns: Vec<ColumnBlocks>,
}

/// A column by block.
#[derive(Serialize, Deserialize)]
struct ColumnBlocks {
    moments: Vec<Moments>,
    counts: Counts,
}

/// Counts of a column, which have no order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Counts {
    nonzero: u64,
    values: Histogram,
    /// How long a time that did not occur was observed for.
    censored: Histogram,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.nonzero += other.nonzero;
        self.values.add(&other.values);
        self.censored.add(&other.censored);
    }
}

/// What is kept of a column where its values are not.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnSummary {
    moments: Moments,
    counts: Counts,
}

impl ColumnSummary {
    /// The mean of the values, all of which are present.
    pub fn mean(&self) -> Estimate {
        let different = self.counts.values.differ_from_median();
        let withheld = too_few_differ(different, self.moments.n as usize);
        self.moments.mean(ALPHA, withheld)
    }
}

impl Condensed {
    /// Summaries of a block.
    pub fn of(scenario: &Scenario, kept: &KeptMeasures, block: Part) -> Self {
        let begin = block.begin;
        let mut rows = Ensemble::keeping(scenario, &kept.clone().with_rows());
        rows.add(Part { begin: 0, ..block });
        let of = measured(scenario, &rows.columns);
        let columns = of.into_iter().zip(&rows.values).map(|(of, column)| {
            let values = || column.iter().copied().filter(|value| !value.is_nan());
            let censored = of.and_then(|(subject, place)| {
                let since = subject.measures()[place].since?;
                let absent = (0..rows.n).filter(|it| column[*it].is_nan());
                let at_risk = absent.filter_map(|it| rows.watch(it, subject, since));
                Some(Histogram::of(at_risk))
            });
            ColumnBlocks {
                moments: vec![Moments::of(values())],
                counts: Counts {
                    nonzero: values().filter(|value| *value != 0.0).count() as u64,
                    values: Histogram::of(values()),
                    censored: censored.unwrap_or_default(),
                },
            }
        });
        Self {
            begin,
            n: rows.n,
            events: rows.events,
            budget_spent: rows.budget_spent,
            digests: vec![rows.digest],
            columns: columns.collect(),
            fan: rows.fan,
        }
    }

    /// Adds the blocks that come next.
    pub fn append(&mut self, next: Self) {
        let end = self.begin + self.n;
        assert_eq!(end, next.begin, "blocks are added in their order");
        self.n += next.n;
        self.events += next.events;
        self.budget_spent += next.budget_spent;
        self.digests.extend(next.digests);
        self.fan.merge(&next.fan);
        for (column, next) in self.columns.iter_mut().zip(next.columns) {
            column.moments.extend(next.moments);
            column.counts.add(&next.counts);
        }
    }
}

/// What each column that is kept measures; nothing for a fact.
fn measured(scenario: &Scenario, columns: &Columns) -> Vec<Option<(Subject, usize)>> {
    let subjects = Subject::all(scenario).into_iter();
    let all = subjects.flat_map(|of| (0..of.measures().len()).map(move |place| (of, place)));
    let kept = all.filter(|(of, place)| columns.slot(columns.of(*of, *place)).is_some());
    let mut kept: Vec<Option<(Subject, usize)>> = kept.map(Some).collect();
    kept.resize(columns.width, None);
    kept
}

impl Ensemble {
    /// Whether only summaries are kept, and no values.
    pub(crate) fn is_summarised(&self) -> bool {
        self.summaries.is_some()
    }

    /// Whether summaries have the columns that this ensemble keeps.
    pub(super) fn takes_condensed(&self, more: &Condensed) -> bool {
        let blocks = more.n.div_ceil(BLOCK);
        let whole = |column: &ColumnBlocks| column.moments.len() == blocks;
        let columns = self.summaries.as_ref().map(Vec::len);
        columns == Some(more.columns.len())
            && more.digests.len() == blocks
            && more.columns.iter().all(whole)
            && self.fan.is_like(&more.fan)
    }

    /// Adds the blocks that come next.
    pub(super) fn add_condensed(&mut self, more: &Condensed) {
        assert_eq!(self.n, more.begin, "blocks are added in their order");
        self.forget_summaries();
        self.n += more.n;
        self.events += more.events;
        self.budget_spent += more.budget_spent;
        more.digests
            .iter()
            .for_each(|it| self.digests.add_block(*it));
        self.digest = self.digests.folded();
        self.fan.merge(&more.fan);
        let columns = self.summaries.iter_mut().flatten().zip(&more.columns);
        for (column, more) in columns {
            let moments = more.moments.iter().copied();
            column.moments = moments.fold(column.moments, Moments::and);
            column.counts.add(&more.counts);
        }
    }

    /// The summary that is kept of the measure at a place of a subject, if no values are.
    fn kept_summary(&self, subject: Subject, place: usize) -> Option<&ColumnSummary> {
        let slot = self.columns.slot(self.columns.of(subject, place))?;
        self.summaries.as_ref().map(|columns| &columns[slot])
    }

    /// What the summary that is kept says.
    pub(super) fn condensed_summary(&self, subject: Subject, place: usize) -> Option<Summary> {
        let ColumnSummary { moments, counts } = self.kept_summary(subject, place)?;
        let counted = Counted {
            n: self.n,
            nonzero: counts.nonzero as usize,
            different: counts.values.differ_from_median(),
            moments: *moments,
        };
        let kind = subject.measures()[place].kind;
        Some(counted.summary(kind, |rank| counts.values.ranked(rank)))
    }

    /// The survival curve of the times that are kept.
    pub(super) fn condensed_curve(&self, subject: Subject, place: usize) -> Option<Survival> {
        let counts = &self.kept_summary(subject, place)?.counts;
        let occurred = counts.values.classes();
        let occurred = occurred.map(|(at, count)| (at.max(0.0), true, count));
        let censored = counts.censored.classes();
        let censored = censored.map(|(at, count)| (at, false, count));
        Some(survival_of(occurred.chain(censored)))
    }

    /// Values of a measure, with how many replications have each, those absent left out.
    pub(crate) fn counted(&self, subject: Subject, place: usize) -> Vec<(f64, usize)> {
        match self.kept_summary(subject, place) {
            Some(kept) => kept.counts.values.classes().collect(),
            None => {
                let values = self.column_of(subject, place).flatten();
                values.map(|value| (value, 1)).collect()
            }
        }
    }
}

/// By how much a quantile of summaries can lie below that of the values, as a share of it.
pub(crate) const QUANTILE_ERROR: f64 = RELATIVE_WIDTH;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::ensemble::ensemble_keeping;
    use crate::experiment::measure::{MEASURES, place};
    use crate::experiment::replications::Replications;
    use crate::kernel::random::Seed;

    /// Figures that do not come from a histogram are those of the values, to the last bit.
    #[test]
    fn summaries_say_what_values_say() {
        let scenario = Scenario::load("examples/full-outage.yaml").expect("an example");
        let run = |kept: KeptMeasures| {
            ensemble_keeping(&scenario, &kept, Replications::new(2_500), Seed(1), &())
        };
        let rows = run(KeptMeasures::all());
        let summaries = run(KeptMeasures::all().summarised());
        assert_eq!(summaries.n, rows.n);
        assert_eq!(summaries.digest, rows.digest);
        assert_eq!(summaries.events, rows.events);
        for subject in Subject::all(&scenario) {
            for (place, measure) in subject.measures().iter().enumerate() {
                let [one, other] = [&rows, &summaries].map(|it| it.summary_of(subject, place));
                let name = measure.name;
                assert_eq!(one.present, other.present, "{name}");
                assert_eq!(one.nonzero, other.nonzero, "{name}");
                assert_eq!(one.mean.point, other.mean.point, "{name}");
                assert_eq!(one.sd, other.sd, "{name}");
                for (exact, kept) in one.quantiles.iter().zip(other.quantiles) {
                    let (Some(exact), Some(kept)) = (exact.point, kept.point) else {
                        assert_eq!(exact.point, kept.point, "{name}");
                        continue;
                    };
                    let width = exact.abs() * RELATIVE_WIDTH;
                    assert!((exact - kept).abs() <= width, "{name}: {exact}, {kept}");
                }
            }
        }
        let clock = place(MEASURES, "first_lease_failure_at_s");
        let [one, other] = [&rows, &summaries].map(|it| it.curve_of(0, clock).expect("a curve"));
        assert_eq!(one.n, other.n);
        for at in [3_600.0, 5_400.0, 7_000.0] {
            let apart = one.at(at).survival - other.at(at).survival;
            assert!(apart.abs() < 0.01, "{at}: {apart}");
        }
    }
}
