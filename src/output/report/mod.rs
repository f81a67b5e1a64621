//! The page of a study: the answer, charts, tables, what was published and assumed, and the command that
//! reproduces it, in one file that stands alone.

/// HTML.
pub(crate) mod html;

/// The page of several studies.
pub(crate) mod index;

use crate::output::study::Chart;
use crate::output::study::header::Header;
use crate::output::table::Section;

/// What is on the page of a study.
pub(crate) struct Report {
    /// What was done: `one replication`, `1,000 replications`.
    pub asked: String,
    pub header: Header,
    pub charts: Vec<Chart>,
    /// Results: the main figures, then all of them.
    pub results: Vec<Section>,
    pub digests: Vec<String>,
}
