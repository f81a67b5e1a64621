//! Measures by subject: of pools, of the incident, of dependencies and of demand classes, as records hold them
//! and as tables show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{INCIDENT_MEASURES, Measure, Subject};
use crate::output::table::{Align, Cell, Column, Table, columns, unit};
use crate::scenario::Scenario;

/// Values by the names of their measures.
pub(crate) type ByMeasure<T> = BTreeMap<String, T>;

/// Measures of all subjects.
#[derive(Serialize, Deserialize)]
pub(crate) struct Measured<T> {
    pub incident: ByMeasure<T>,
    pub pools: BTreeMap<String, ByMeasure<T>>,
    pub dependencies: BTreeMap<String, ByMeasure<T>>,
    /// Of demand classes; records of earlier versions have none.
    #[serde(default = "BTreeMap::new")]
    pub classes: BTreeMap<String, ByMeasure<T>>,
}

impl<T> Measured<T> {
    /// The values that `value` gives for each measure of each subject, by its place; subjects without any
    /// are left out.
    pub fn of(scenario: &Scenario, mut value: impl FnMut(Subject, usize) -> Option<T>) -> Self {
        let mut measured = Self {
            incident: BTreeMap::new(),
            pools: BTreeMap::new(),
            dependencies: BTreeMap::new(),
            classes: BTreeMap::new(),
        };
        for subject in Subject::all(scenario) {
            let measures = subject.measures().iter().enumerate();
            let measures: ByMeasure<T> = measures
                .filter_map(|(place, measure)| {
                    Some((measure.name.to_owned(), value(subject, place)?))
                })
                .collect();
            if measures.is_empty() {
                continue;
            }
            let name = subject.named(scenario).1.to_owned();
            match subject {
                Subject::Pool(_) => drop(measured.pools.insert(name, measures)),
                Subject::Incident => measured.incident = measures,
                Subject::Dependency(_) => drop(measured.dependencies.insert(name, measures)),
                Subject::Class(_) => drop(measured.classes.insert(name, measures)),
            }
        }
        measured
    }
}

impl Measured<Option<f64>> {
    /// The value of a measure of a pool.
    pub fn of_pool(&self, pool: &str, measure: &Measure) -> Option<f64> {
        value(&self.pools[pool], measure)
    }

    /// A row for each measure, a column for each pool.
    pub fn by_pool<'a>(&self, caption: &str, measures: impl Iterator<Item = &'a Measure>) -> Table {
        across(caption, &self.pools, measures, true)
    }

    /// Measures of the incident that have a value, where there is more than one.
    pub fn of_incident(&self) -> Option<Table> {
        let known = |measure: &&Measure| value(&self.incident, measure).is_some();
        let rows = INCIDENT_MEASURES.iter().filter(known).map(|measure| {
            let value = Cell::number(value(&self.incident, measure), measure.unit);
            vec![Cell::measure(measure), value, Cell::text(unit(measure))]
        });
        let rows: Vec<_> = rows.collect();
        let mut header = columns(&["measure"], Align::Words);
        header.extend(columns(&["value"], Align::Numbers));
        header.extend(columns(&["unit"], Align::Words));
        let caption = "The incident. Times count from the beginning of the first outage.";
        (1 < rows.len()).then(|| Table::new(caption, header, rows))
    }

    /// Measures of dependencies, a column for each.
    pub fn of_dependencies(&self) -> Option<Table> {
        let caption = "Dependencies. Times count from the start.";
        let table = || {
            across(
                caption,
                &self.dependencies,
                DEPENDENCY_MEASURES.iter(),
                false,
            )
        };
        (!self.dependencies.is_empty()).then(table)
    }

    /// Measures of demand classes that any of them has a value of, a column for each class.
    pub fn of_classes(&self) -> Option<Table> {
        let caption = "Demand classes, all measures";
        let known = |measure: &&Measure| {
            let mut classes = self.classes.values();
            classes.any(|of| value(of, measure).is_some())
        };
        let measures = CLASS_MEASURES.iter().filter(known);
        let table = || across(caption, &self.classes, measures, false);
        (!self.classes.is_empty()).then(table)
    }
}

fn value(of: &ByMeasure<Option<f64>>, measure: &Measure) -> Option<f64> {
    of.get(measure.name).copied().flatten()
}

fn across<'a>(
    caption: &str,
    subjects: &BTreeMap<String, ByMeasure<Option<f64>>>,
    measures: impl Iterator<Item = &'a Measure>,
    are_pools: bool,
) -> Table {
    let mut header = columns(&["measure"], Align::Words);
    header.extend(subjects.keys().map(|name| Column {
        pool: are_pools.then(|| name.clone()),
        ..Column::new(name, Align::Numbers)
    }));
    header.extend(columns(&["unit"], Align::Words));
    let rows = measures.map(|measure| {
        let mut row = vec![Cell::measure(measure)];
        let values = subjects.values().map(|of| value(of, measure));
        row.extend(values.map(|value| Cell::number(value, measure.unit)));
        row.push(Cell::text(unit(measure)));
        row
    });
    Table::new(caption, header, rows)
}
