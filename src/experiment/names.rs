//! Measures by their names, and where each of them appears beside the tables of all.

use std::fmt;

use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{Better, INCIDENT_MEASURES, MEASURES, Measure};
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
    /// What would be measured, as the message continues, and the list of its measures.
    of: (&'static str, &'static str),
    nearest: Option<&'static str>,
}

impl fmt::Display for UnknownMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of, list) = self.of;
        write!(f, "there is no measure `{}`{of}\n  help: ", self.name)?;
        match self.nearest {
            Some(nearest) => write!(f, "did you mean `{nearest}`?"),
            None => write!(f, "`{list}` lists them"),
        }
    }
}

impl std::error::Error for UnknownMeasure {}

/// The place of a measure of pools by its name.
pub(crate) fn of_pools(name: &str) -> Result<usize, UnknownMeasure> {
    find(MEASURES, (" of pools", "MEASURES"), name).map(|found| found.0)
}

/// The place of a measure of the incident by its name.
pub(crate) fn of_incident(name: &str) -> Result<usize, UnknownMeasure> {
    let of = (" of the incident", "INCIDENT_MEASURES");
    find(INCIDENT_MEASURES, of, name).map(|found| found.0)
}

/// The place of a measure of dependencies by its name.
pub(crate) fn of_dependencies(name: &str) -> Result<usize, UnknownMeasure> {
    let of = (" of dependencies", "DEPENDENCY_MEASURES");
    find(DEPENDENCY_MEASURES, of, name).map(|found| found.0)
}

/// The place of a measure of demand classes by its name.
pub(crate) fn of_classes(name: &str) -> Result<usize, UnknownMeasure> {
    let of = (" of demand classes", "CLASS_MEASURES");
    find(CLASS_MEASURES, of, name).map(|found| found.0)
}

fn find(
    measures: impl IntoIterator<Item = &'static Measure> + Clone,
    of: (&'static str, &'static str),
    name: &str,
) -> Result<(usize, &'static Measure), UnknownMeasure> {
    let mut all = measures.clone().into_iter().enumerate();
    let found = all.find(|(_, measure)| measure.name == name);
    found.ok_or_else(|| {
        let known: Vec<&'static str> = measures.into_iter().map(|it| it.name).collect();
        UnknownMeasure {
            name: name.to_owned(),
            of,
            nearest: nearest(name, &known),
        }
    })
}

/// What a subject is called among others: of a class, its kind too, since a dependency may have its name.
pub(crate) fn label(kind: &str, name: &str) -> String {
    match kind {
        "class" => format!("class {name}"),
        _ => name.to_owned(),
    }
}

impl Better {
    /// As tables write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::More => "more",
            Self::Less => "less",
        }
    }
}

/// A measure can be given by its name, or as itself.
impl AsRef<str> for Measure {
    fn as_ref(&self) -> &str {
        self.name
    }
}

impl Measure {
    /// A measure of pools by its name.
    ///
    /// # Errors
    /// If there is none.
    pub fn of_pools(name: &str) -> Result<&'static Self, UnknownMeasure> {
        of_pools(name).map(|place| &MEASURES[place])
    }

    /// Any measure by its name; of pools, where classes have it too.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// # Examples
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::measure::Measure;
    ///
    /// assert_eq!(Measure::find("failed_leases")?.unit, "requests");
    /// let wrong = Measure::find("failed_lease").unwrap_err();
    /// assert!(wrong.to_string().contains("did you mean `failed_leases`?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(name: &str) -> Result<&'static Self, UnknownMeasure> {
        let of = ("", "drawdown::measure");
        find(Self::all(), of, name).map(|(_, measure)| measure)
    }

    /// Every measure: of pools, of the incident, of dependencies and of demand classes.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> + Clone {
        let lists = [
            MEASURES,
            INCIDENT_MEASURES,
            DEPENDENCY_MEASURES,
            CLASS_MEASURES,
        ];
        lists.into_iter().flatten()
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
