//! Python values as the YAML of a scenario file.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyMapping, PyString};

use crate::error::value;

/// A value as YAML. A text is YAML already, as after `--set` of the command.
pub fn written(object: &Bound<'_, PyAny>) -> PyResult<String> {
    match object.cast::<PyString>() {
        Ok(text) => Ok(text.to_str()?.to_owned()),
        Err(_) => json(object),
    }
}

/// A value as JSON, which is YAML. Mappings keep their order; a `timedelta` is written in seconds, and a
/// `datetime` with its zone.
pub fn json(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = object.py();
    let module = py.import("json")?;
    let named = [
        (
            "ensure_ascii",
            false.into_pyobject(py)?.to_owned().into_any(),
        ),
        ("allow_nan", false.into_pyobject(py)?.to_owned().into_any()),
        ("default", wrap_pyfunction!(plain, py)?.into_any()),
    ];
    let named = pyo3::types::IntoPyDict::into_py_dict(named, py)?;
    module
        .call_method("dumps", (object,), Some(&named))?
        .extract()
}

/// What `json` cannot write by itself, as what it can.
#[pyfunction]
fn plain<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    if let Ok(mapping) = object.cast::<PyMapping>() {
        return py.import("builtins")?.getattr("dict")?.call1((mapping,));
    }
    if object.is_instance_of::<PyDelta>() {
        let seconds: f64 = object.call_method0("total_seconds")?.extract()?;
        return Ok(PyString::new(py, &format!("{seconds}s")).into_any());
    }
    if object.is_instance_of::<PyDateTime>() {
        if object.getattr("tzinfo")?.is_none() {
            return Err(value(
                "an instant needs a time zone\n  help: `datetime.replace(tzinfo=timezone.utc)` adds one",
            ));
        }
        let utc = py.import("datetime")?.getattr("timezone")?.getattr("utc")?;
        let text: String = object
            .call_method1("astimezone", (utc,))?
            .call_method0("isoformat")?
            .extract()?;
        return Ok(PyString::new(py, &text.replace("+00:00", "Z")).into_any());
    }
    // Arrays and scalars of NumPy, series of pandas and polars.
    for method in ["tolist", "to_list", "item"] {
        if object.hasattr(method)? {
            return object.call_method0(method);
        }
    }
    if object.hasattr("__iter__")? {
        return py.import("builtins")?.getattr("list")?.call1((object,));
    }
    Err(PyTypeError::new_err(format!(
        "a scenario cannot have a value of type `{}`",
        object.get_type().name()?
    )))
}

/// Paths and values, from a mapping or from pairs.
pub fn pairs<'py>(object: &Bound<'py, PyAny>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let items = match object.cast::<PyMapping>() {
        Ok(mapping) => mapping.items()?.into_any(),
        Err(_) => object.clone(),
    };
    let pair = |item: PyResult<Bound<'py, PyAny>>| item?.extract();
    items.try_iter()?.map(pair).collect()
}

/// Values of paths as YAML.
pub fn changes(object: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<(String, String)>> {
    let pairs = object.map(pairs).transpose()?.unwrap_or_default();
    let pairs = pairs.into_iter();
    pairs
        .map(|(path, value)| Ok((path, written(&value)?)))
        .collect()
}
