//! The rows, in the order in which they are run. Their sources are formulas with their authors, or chains and
//! quadratures that are solved to more digits than are written here.

/// Pools that are not replenished: A and B.
mod outage;

/// Stock in ordinary times, lost and waiting requests: C, D and E.
mod stock;

/// Failing attempts, refills, and outages at random: F, G and J.
mod provider;

/// Tenants and their leases: H and I.
mod tenants;

/// Services and callers that retry: K.
mod services;

/// Storms of such callers: K4.
mod storms;

/// Alerts, reserves and standbys: L, N, S and W.
mod people;

/// Decisions where values are not known: Q.
mod decisions;

/// Predictions: V, and Q8 and Q9.
mod forecasts;

/// Tables of textbooks: T.
mod published;

use crate::experiment::verify::Row;
use crate::scenario::text::read::nearest;

const GROUPS: [&[Row]; 10] = [
    outage::ROWS,
    stock::ROWS,
    provider::ROWS,
    tenants::ROWS,
    services::ROWS,
    storms::ROWS,
    people::ROWS,
    decisions::ROWS,
    forecasts::ROWS,
    published::ROWS,
];

/// Exact results that no row asks, and why.
pub(crate) const LEFT_OUT: [(&str, &str); 4] = [
    (
        "K4, services that recover in 10⁵ minutes or more",
        "that they recover at all is too rare to be simulated",
    ),
    (
        "a filter of levels that are read every two minutes",
        "no command takes a series of levels as evidence; one look is row Q8",
    ),
    (
        "forecasts against a straight line through the last levels",
        "a comparison of methods, and no exact result",
    ),
    (
        "means of alerts' lead times against false pages",
        "a frontier of two rows, Q5 and L1, and no result of its own",
    ),
];

/// Every row.
pub(crate) fn all() -> Vec<&'static Row> {
    GROUPS.into_iter().flatten().collect()
}

/// The rows that names ask for: the row of that name, or all whose names begin with it; every row where none is named.
///
/// # Errors
/// The first name that fits no row, with the nearest that does.
pub(crate) fn chosen(
    names: &[String],
) -> Result<Vec<&'static Row>, (String, Option<&'static str>)> {
    let all = all();
    if names.is_empty() {
        return Ok(all);
    }
    let is = |row: &Row, name: &str| row.id.eq_ignore_ascii_case(name);
    let begins = |row: &Row, name: &str| {
        let head = row.id.get(..name.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(name))
    };
    let mut kept = vec![false; all.len()];
    for name in names {
        let exact = all.iter().any(|row| is(row, name));
        let mut found = false;
        for (row, kept) in all.iter().zip(&mut kept) {
            if is(row, name) || (!exact && !name.is_empty() && begins(row, name)) {
                *kept = true;
                found = true;
            }
        }
        if !found {
            let ids: Vec<&'static str> = all.iter().map(|row| row.id).collect();
            return Err((name.clone(), nearest(name, &ids)));
        }
    }
    let pairs = all.into_iter().zip(kept);
    Ok(pairs
        .filter_map(|(row, kept)| kept.then_some(row))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_names_of_their_own() {
        let mut ids: Vec<&str> = all().iter().map(|row| row.id).collect();
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n);
        assert!(all().iter().all(|row| !row.parts.is_empty()));
    }

    #[test]
    fn a_name_chooses_a_row_or_all_that_begin_with_it() {
        let names = |asked: &[&str]| {
            let asked: Vec<String> = asked.iter().map(|it| (*it).to_owned()).collect();
            let rows = chosen(&asked)?;
            Ok::<_, (String, Option<&str>)>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
        };
        assert_eq!(names(&["a1"]), Ok(vec!["A1"]));
        assert_eq!(names(&["g", "A5"]), Ok(vec!["A5", "G1", "G3", "G5"]));
        assert_eq!(names(&[]).map(|it| it.len()), Ok(all().len()));
        assert!(names(&["X9"]).is_err());
    }
}
