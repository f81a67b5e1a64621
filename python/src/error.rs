//! Errors as Python has them: `ScenarioError` for files, `ValueError` for values, `KeyError` for names.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use drawdown::scenario::{Problem, Problems};
use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

/// A `ScenarioError` with all problems of a file.
pub fn of_problems(py: Python<'_>, problems: &Problems) -> PyErr {
    raised(py, &problems.to_string(), problems.list()).unwrap_or_else(|error| error)
}

/// A `ScenarioError` of problems without their text.
pub fn of_list(py: Python<'_>, lead: &str, problems: &[Problem]) -> PyErr {
    let mut text = lead.to_owned();
    for problem in problems {
        text += &format!("\n{problem}");
    }
    raised(py, &text, problems).unwrap_or_else(|error| error)
}

fn raised(py: Python<'_>, text: &str, problems: &[Problem]) -> PyResult<PyErr> {
    let module = py.import("drawdown._errors")?;
    let class = module.getattr("Problem")?;
    let list = PyList::empty(py);
    for problem in problems {
        let spot = problem.spot.filter(|spot| 0 < spot.line);
        list.append(class.call1((
            &problem.path,
            &problem.message,
            problem.limit.as_deref(),
            problem.help.as_deref(),
            spot.map_or(0, |spot| spot.source),
            spot.map(|spot| spot.line),
            spot.map(|spot| spot.column),
        ))?)?;
    }
    let error = module.getattr("ScenarioError")?.call1((text, list))?;
    Ok(PyErr::from_value(error))
}

/// A `ValueError`: what is wrong, and what to do.
pub fn value(message: impl Into<String>) -> PyErr {
    PyValueError::new_err(message.into())
}

/// A `KeyError` for a name that does not exist, in one line: Python shows the text of a `KeyError` in quotes.
pub fn key(error: impl std::fmt::Display) -> PyErr {
    PyKeyError::new_err(error.to_string().replace("\n  help: ", "; "))
}

/// Calls the library; should it fail an assertion, that is a `RuntimeError`, which `except Exception` catches.
pub fn guarded<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| fault(&*panic))
}

/// What a failed assertion says.
pub fn fault(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("an assertion failed");
    PyRuntimeError::new_err(format!(
        "{text}\n  help: this is a fault of drawdown; please report it"
    ))
}
