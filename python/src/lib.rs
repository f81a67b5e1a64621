//! drawdown in Python: the functions of the library, with results as data frames. Results leave as Arrow tables
//! and NumPy arrays; nothing is computed here.

#![forbid(unsafe_code)]
#![expect(
    clippy::too_many_arguments,
    reason = "Python gives arguments by their names"
)]

mod arguments;
mod calibrate;
mod check;
mod compare;
mod ensemble;
mod error;
mod outcome;
mod scenario;
mod size;
mod sweep;
mod table;
mod work;
mod yaml;

/// The native part of the package `drawdown`.
#[pyo3::pymodule]
mod _drawdown {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::calibrate::{Posterior, calibrate, posterior_of, priors};
    #[pymodule_export]
    use crate::check::{Check, check, measures};
    #[pymodule_export]
    use crate::compare::{Comparison, compare};
    #[pymodule_export]
    use crate::ensemble::{Ensemble, ensemble};
    #[pymodule_export]
    use crate::outcome::{Outcome, expected_value, run};
    #[pymodule_export]
    use crate::scenario::{Scenario, scenario_of};
    #[pymodule_export]
    use crate::size::{Sizing, size};
    #[pymodule_export]
    use crate::sweep::{Sweep, sweep};
    #[pymodule_export]
    use crate::table::Table;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
