//! What became of a choice of values that are decided on together with the levels of buffers.

use crate::stats::Estimate;

/// What became of a choice.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Alternative {
    pub values: Vec<Decided>,
    /// The level of each buffer; none where no levels are enough.
    pub levels: Vec<String>,
    /// What they cost together, in the unit of the prices.
    pub cost: Option<f64>,
    /// Share of other replications, the same for all alternatives, in which all buffers are enough.
    pub trial_share: Estimate,
    /// Whether the interval of the trial reaches what was promised.
    pub keeps: bool,
    /// Whether it is the answer.
    pub answer: bool,
}

/// A value that is decided on.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Decided {
    pub path: String,
    pub value: String,
}
