//! Scenarios.

use std::path::PathBuf;
use std::sync::Arc;

use drawdown::scenario::{Problems, Template};
use pyo3::prelude::*;

use crate::calibrate::{Posterior, attached};
use crate::error::{guarded, of_problems};
use crate::yaml;

/// A valid scenario: pools of machines, what is asked of them, and what befalls them. It never changes;
/// `with_` gives another one. Equal scenarios give equal results for a seed.
#[pyclass(frozen, module = "drawdown", from_py_object)]
#[derive(Clone)]
pub struct Scenario {
    /// With the posterior sample, if there is one.
    pub template: Arc<Template>,
    file: String,
    variant: Option<String>,
    set: Vec<(String, String)>,
    posterior: Option<Posterior>,
}

/// The file's name in messages, the variant, and what is set.
type Asked = (String, Option<String>, Vec<(String, String)>);

impl Scenario {
    fn new(
        py: Python<'_>,
        (file, variant, set): Asked,
        posterior: Option<Posterior>,
        read: impl FnOnce(&Asked) -> Result<Template, Problems>,
    ) -> PyResult<Self> {
        let asked = (file, variant, set);
        let template = guarded(|| read(&asked))?.map_err(|problems| of_problems(py, &problems))?;
        let template = match &posterior {
            Some(posterior) => attached(py, template, posterior)?,
            None => template,
        };
        let (file, variant, set) = asked;
        Ok(Self {
            template: Arc::new(template),
            file,
            variant,
            set,
            posterior,
        })
    }

    fn parsed(
        py: Python<'_>,
        text: &str,
        asked: Asked,
        posterior: Option<Posterior>,
    ) -> PyResult<Self> {
        Self::new(py, asked, posterior, |(file, variant, set)| {
            Template::parse_variant(file, text, variant.as_deref(), set.clone())
        })
    }

    /// The scenario of the library.
    pub fn base(&self) -> &drawdown::Scenario {
        self.template.base()
    }

    /// A variant that the file declares, with the same changes.
    pub fn variant_of(&self, py: Python<'_>, name: &str) -> PyResult<Self> {
        let of = (self.file.clone(), Some(name.to_owned()), self.set.clone());
        Self::parsed(py, self.template.text(), of, self.posterior.clone())
    }
}

#[pymethods]
impl Scenario {
    /// Reads a scenario file.
    ///
    /// `variant` is one that the file declares. `set` puts values at paths of the file, such as
    /// `{"pools.westus2/ubuntu.target": 16}`; a text is YAML, as after `--set` of the command, a `timedelta` is a
    /// duration and a `datetime` an instant. Raises `ScenarioError` with all problems.
    #[staticmethod]
    #[pyo3(signature = (path, *, variant=None, set=None))]
    fn load(
        py: Python<'_>,
        path: PathBuf,
        variant: Option<String>,
        set: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let set = yaml::changes(set)?;
        let file = path.display().to_string();
        Self::new(py, (file, variant, set), None, |(_, variant, set)| {
            Template::load_variant(&path, variant.as_deref(), set.clone())
        })
    }

    /// Reads a scenario from a text of YAML or JSON. `name` is the file name in messages, and CSV files that the
    /// scenario names are searched for in its folder.
    #[staticmethod]
    #[pyo3(signature = (text, *, name="scenario.yaml", variant=None, set=None))]
    fn parse(
        py: Python<'_>,
        text: &str,
        name: &str,
        variant: Option<String>,
        set: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let set = yaml::changes(set)?;
        Self::parsed(py, text, (name.to_owned(), variant, set), None)
    }

    /// Reads a scenario from a mapping, as a file would have it.
    #[staticmethod]
    #[pyo3(signature = (tree, *, variant=None, set=None))]
    fn of(
        tree: &Bound<'_, PyAny>,
        variant: Option<String>,
        set: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (text, set) = (yaml::json(tree)?, yaml::changes(set)?);
        let name = "scenario".to_owned();
        Self::parsed(tree.py(), &text, (name, variant, set), None)
    }

    /// Another scenario: a variant of the same file, with more values set, or with values that are not known
    /// drawn from a sample. What is not given stays as it is.
    #[pyo3(signature = (*, variant=None, set=None, posterior=None))]
    fn with_(
        &self,
        py: Python<'_>,
        variant: Option<String>,
        set: Option<&Bound<'_, PyAny>>,
        posterior: Option<Posterior>,
    ) -> PyResult<Self> {
        let more = yaml::changes(set)?;
        let mut all = self.set.clone();
        all.retain(|(path, _)| more.iter().all(|(new, _)| new != path));
        all.extend(more);
        let variant = variant.or_else(|| self.variant.clone());
        let posterior = posterior.or_else(|| self.posterior.clone());
        let of = (self.file.clone(), variant, all);
        Self::parsed(py, self.template.text(), of, posterior)
    }

    /// Name of the incident or the study.
    #[getter]
    fn name(&self) -> &str {
        self.base().name()
    }

    /// The question that the file asks.
    #[getter]
    fn question(&self) -> Option<&str> {
        self.base().question()
    }

    /// Names of the pools.
    #[getter]
    fn pools(&self) -> Vec<String> {
        let pools = self.base().pools().iter();
        pools.map(|pool| pool.name.clone()).collect()
    }

    /// Names of the demand classes.
    #[getter]
    fn classes(&self) -> Vec<String> {
        let classes = self.base().classes().iter();
        classes.map(|class| class.name.clone()).collect()
    }

    /// Names of the dependencies.
    #[getter]
    fn dependencies(&self) -> Vec<String> {
        self.base().dependencies().to_vec()
    }

    /// Names of the variants that the file declares.
    #[getter]
    fn variants(&self) -> Vec<String> {
        self.base().variants().to_vec()
    }

    /// The variant that this is.
    #[getter]
    fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// The text of the file.
    #[getter]
    fn text(&self) -> &str {
        self.template.text()
    }

    /// Length without the warm-up (s).
    #[getter]
    fn length_s(&self) -> f64 {
        self.base().length().seconds()
    }

    /// A hash of all that could change a result.
    #[getter]
    fn digest(&self) -> String {
        format!("{:016x}", self.template.digest())
    }

    fn __repr__(&self) -> String {
        let variant = self.variant.as_ref();
        let variant = variant.map_or(String::new(), |it| format!(", variant {it}"));
        let name = self.base().name();
        format!("<drawdown.Scenario {name}{variant}>")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let other = other.cast::<Self>();
        other.is_ok_and(|it| it.get().template.digest() == self.template.digest())
    }

    fn __hash__(&self) -> u64 {
        self.template.digest()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, State)> {
        let restore = py.import("drawdown._drawdown")?.getattr("_scenario")?;
        let state = (
            self.template.text().to_owned(),
            self.file.clone(),
            self.variant.clone(),
            self.set.clone(),
            self.posterior.clone(),
        );
        Ok((restore, state))
    }
}

/// What a scenario is read from.
type State = (
    String,
    String,
    Option<String>,
    Vec<(String, String)>,
    Option<Posterior>,
);

/// Restores a pickled scenario.
#[pyfunction(name = "_scenario")]
pub fn scenario_of(
    py: Python<'_>,
    text: &str,
    name: String,
    variant: Option<String>,
    set: Vec<(String, String)>,
    posterior: Option<Posterior>,
) -> PyResult<Scenario> {
    Scenario::parsed(py, text, (name, variant, set), posterior)
}
