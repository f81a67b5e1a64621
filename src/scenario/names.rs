//! Pools, demand classes and dependencies by their names, and what to say of a name that does not exist.

use std::fmt;

use crate::model::id::{ClassId, DependencyId, PoolId};
use crate::scenario::text::read::{listed, nearest};
use crate::scenario::{PoolName, Scenario};

/// A name that a scenario does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownName {
    what: &'static str,
    name: String,
    scenario: String,
    known: Vec<String>,
}

impl UnknownName {
    /// The names that the scenario has.
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, name, scenario) = (self.what, &self.name, &self.scenario);
        write!(f, "there is no {what} `{name}` in {scenario}\n  help: ")?;
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        match nearest(name, &known) {
            Some(nearest) => write!(f, "did you mean `{nearest}`?"),
            None if known.is_empty() => write!(f, "it has none"),
            None => write!(f, "it has {}", listed(&known)),
        }
    }
}

impl std::error::Error for UnknownName {}

impl Scenario {
    /// The handle of a pool, by its name.
    ///
    /// # Errors
    /// If the scenario has no such pool.
    ///
    /// # Examples
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let scenario = drawdown::Scenario::load("scenarios/fnj8-vqz.yaml")?;
    /// let pool = scenario.pool("westus2/ubuntu")?;
    /// assert_eq!(scenario[pool].region, "westus2");
    /// let wrong = scenario.pool("westus2/ubunto").unwrap_err();
    /// assert!(wrong.to_string().contains("did you mean `westus2/ubuntu`?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn pool(&self, name: &str) -> Result<PoolId, UnknownName> {
        let place = self.pools.iter().position(|pool| pool.name == name);
        place.map(PoolId::from).ok_or_else(|| {
            let known = self.pools.iter().map(|pool| pool.name.clone());
            self.unknown("pool", name, known.collect())
        })
    }

    /// The handle of a demand class, by its name.
    ///
    /// # Errors
    /// If the scenario has no such class.
    pub fn class(&self, name: &str) -> Result<ClassId, UnknownName> {
        let place = self.classes.iter().position(|it| it.name == name);
        place.map(ClassId::from).ok_or_else(|| {
            let known = self.classes.iter().map(|it| it.name.clone());
            self.unknown("demand class", name, known.collect())
        })
    }

    /// The handle of a dependency, by its name.
    ///
    /// # Errors
    /// If the scenario has no such dependency.
    pub fn dependency(&self, name: &str) -> Result<DependencyId, UnknownName> {
        let place = self.dependencies.iter().position(|it| it == name);
        let unknown = || self.unknown("dependency", name, self.dependencies.clone());
        place.map(DependencyId::from).ok_or_else(unknown)
    }

    fn unknown(&self, what: &'static str, name: &str, known: Vec<String>) -> UnknownName {
        UnknownName {
            what,
            name: name.to_owned(),
            scenario: self.name.clone(),
            known,
        }
    }
}

/// A pool by its handle.
///
/// # Panics
/// If the handle is of another scenario, and there is no such pool.
impl std::ops::Index<PoolId> for Scenario {
    type Output = PoolName;

    fn index(&self, pool: PoolId) -> &PoolName {
        &self.pools[usize::from(pool)]
    }
}
