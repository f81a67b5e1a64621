//! Which keys each kind of fact has.

use crate::scenario::Bound;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, Since, What};

impl Compiler<'_> {
    /// Checks the keys of a fact.
    pub fn check_keys(&mut self, path: &str, fact: &schema::Fact) {
        let mut published = fact.published().map(|(key, ..)| key);
        let figure = published.next().unwrap_or("value");
        if let Some(second) = published.next() {
            self.both(path, figure, second);
        }
        if fact.since.is_some() && fact.from.is_some() {
            self.both(path, "since", "from");
        }
        let has = [
            ("pool", fact.pool.is_some()),
            ("class", fact.class.is_some()),
            ("alert", fact.alert.is_some()),
            ("step", fact.step.is_some()),
            ("dependency", fact.dependency.is_some()),
            ("since", fact.since.is_some()),
            ("from", fact.from.is_some()),
            (figure, fact.published().next().is_some()),
            ("longer_than", fact.longer_than.is_some()),
            ("at", fact.at.is_some()),
            ("by", fact.by.is_some()),
            ("until", fact.until.is_some()),
            ("share", fact.share.is_some()),
            ("of", fact.of.is_some()),
            ("median_within", fact.median_within.is_some()),
            // A bound holds or does not, so it has no tolerance.
            (
                "tolerance",
                fact.tolerance.is_some() && fact.bound() != Bound::About,
            ),
        ];
        let (needs, bears) = keys(fact, figure);
        self.check_given(path, "fact", &has, (&needs, &bears));
    }

    fn both(&mut self, path: &str, first: &str, second: &str) {
        let message = format!("`{first}` and `{second}` are both given");
        let limit = "only one of them";
        self.problem(&format!("{path}.{second}"), message, limit, "remove one");
    }
}

/// Keys that a fact needs, and those that it may have; `figure` is the key of its figure.
fn keys<'a>(fact: &schema::Fact, figure: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let median: &[&str] = match fact.bound() {
        Bound::About => &["median_within"],
        Bound::AtLeast | Bound::AtMost => &[],
    };
    let window = ["since", "from", "until"];
    let (also, bears): (&[&str], Vec<&str>) = match &fact.what {
        What::FirstFailedProvisioning => (&["at"], vec!["pool"]),
        What::NoLeaseFailure | What::NoDepletion | What::NoPage => {
            (&["until", "share"], Vec::new())
        }
        What::Restored if fact.at.is_some() => (&["at", "share"], vec!["of"]),
        What::Restored if fact.published().next().is_some() => {
            (&["since", figure, "share"], [&["of"], median].concat())
        }
        What::Restored => (&["by", "share"], vec!["of"]),
        What::TenantsUnserved => (&["since", "until", figure], Vec::new()),
        What::ReadyLevel => (&["at", figure], median.into()),
        What::EmptyTime => (&[figure], [&window, median].concat()),
        What::DelayedOrFailedShare => {
            let own = ["pool", "class", "longer_than"];
            (&[figure], [&own, &window, median].concat())
        }
        what if what.is_of_requests() => (
            &[figure],
            [&["pool", "class"], &window[..], median].concat(),
        ),
        _ if fact.at.is_some() => (&["at"], Vec::new()),
        _ => (&["since", figure], median.into()),
    };
    let mut needs = [subject(&fact.what), also].concat();
    // These events belong to a pool, whatever the origin.
    let of_pool = matches!(
        fact.since,
        Some(Since::FirstUnservedRequest | Since::FirstLeaseFailure)
    );
    let since = needs.contains(&"since") || bears.contains(&"since");
    if of_pool && since && !needs.contains(&"pool") {
        needs.push("pool");
    }
    (needs, bears)
}

/// What a fact must name.
fn subject(what: &What) -> &'static [&'static str] {
    match what {
        What::Paged | What::NoPage => &["alert"],
        What::StepTaken => &["step"],
        What::Congested | What::Calm => &["dependency"],
        What::FirstFailedProvisioning
        | What::Detected
        | What::Declared
        | What::Mitigated
        | What::Resolved => &[],
        what if what.is_of_requests() => &[],
        _ => &["pool"],
    }
}
