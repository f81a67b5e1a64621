//! Measures by their names, and where each of them appears beside the tables of all.

use std::fmt;

use crate::experiment::measure::{DEPENDENCY_MEASURES, INCIDENT_MEASURES, MEASURES, Measure};
use crate::scenario::text::read::nearest;

/// Where a measure appears, or what it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// In the main table of a replication and of many.
    Shown,
    /// Of those, where it is not 0.
    Rare,
    /// In the table of a comparison.
    Compared,
    /// In the sentence of a comparison, and in its charts.
    Headline,
    /// As a sum over all pools.
    Summed,
    /// What fails; 0 where requests only wait.
    Failure,
    /// What waits; compared where nothing fails.
    Wait,
    /// What a buffer costs.
    Cost,
}

/// A measure that does not exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownMeasure {
    name: String,
    /// What would be measured, and the list of its measures.
    of: (&'static str, &'static str),
    nearest: Option<&'static str>,
}

impl fmt::Display for UnknownMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of, list) = self.of;
        write!(f, "there is no measure `{}` of {of}\n  help: ", self.name)?;
        match self.nearest {
            Some(nearest) => write!(f, "did you mean `{nearest}`?"),
            None => write!(f, "`{list}` lists them"),
        }
    }
}

impl std::error::Error for UnknownMeasure {}

/// The place of a measure of pools by its name.
pub(crate) fn of_pools(name: &str) -> Result<usize, UnknownMeasure> {
    find(MEASURES, ("pools", "MEASURES"), name)
}

/// The place of a measure of the incident by its name.
pub(crate) fn of_incident(name: &str) -> Result<usize, UnknownMeasure> {
    let of = ("the incident", "INCIDENT_MEASURES");
    find(INCIDENT_MEASURES, of, name)
}

/// The place of a measure of dependencies by its name.
pub(crate) fn of_dependencies(name: &str) -> Result<usize, UnknownMeasure> {
    let of = ("dependencies", "DEPENDENCY_MEASURES");
    find(DEPENDENCY_MEASURES, of, name)
}

fn find(
    measures: &[Measure],
    of: (&'static str, &'static str),
    name: &str,
) -> Result<usize, UnknownMeasure> {
    let found = measures.iter().position(|measure| measure.name == name);
    found.ok_or_else(|| {
        let known: Vec<&'static str> = measures.iter().map(|measure| measure.name).collect();
        UnknownMeasure {
            name: name.to_owned(),
            of,
            nearest: nearest(name, &known),
        }
    })
}

impl Measure {
    /// A measure of pools by its name.
    ///
    /// # Errors
    /// If there is none.
    pub fn of_pools(name: &str) -> Result<&'static Self, UnknownMeasure> {
        of_pools(name).map(|place| &MEASURES[place])
    }

    /// Any measure by its name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        let mut all = [MEASURES, INCIDENT_MEASURES, DEPENDENCY_MEASURES]
            .into_iter()
            .flatten();
        all.find(|measure| measure.name == name)
    }

    /// Whether it has a role.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Its name in a sentence.
    pub(crate) fn in_words(&self) -> String {
        let plain = self.name.strip_suffix("_s").unwrap_or(self.name);
        let plain = || plain.replace('_', " ");
        self.label.map_or_else(plain, str::to_owned)
    }
}
