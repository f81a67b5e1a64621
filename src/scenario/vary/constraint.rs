//! A constraint on the cells of a sweep: two paths or values, and a relation.

use crate::scenario::schema::renamed::current_path;
use crate::scenario::text::node::Node;
use crate::scenario::text::problem::{Problem, Spot};
use crate::scenario::text::units::magnitude;
use crate::scenario::text::yaml;

/// Relations between two numbers.
type Relation = fn(f64, f64) -> bool;

/// Two paths or values with a relation between them.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    /// As it was written.
    pub text: String,
    left: String,
    holds: Relation,
    right: String,
    spot: Option<Spot>,
}

impl Constraint {
    /// Reads `PATH<=PATH`, with `<`, `<=`, `=`, `>=` or `>`; `spot` is where it was given.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn read(text: &str, spot: Option<Spot>) -> Result<Self, Box<Problem>> {
        let relations: [(&str, Relation); 5] = [
            ("<=", |left, right| left <= right),
            (">=", |left, right| right <= left),
            ("<", |left, right| left < right),
            (">", |left, right| right < left),
            ("=", |left, right| left == right),
        ];
        let found = relations.into_iter().find_map(|(sign, holds)| {
            let (left, right) = text.split_once(sign)?;
            let (left, right) = (left.trim().to_owned(), right.trim().to_owned());
            let sound = |side: &String| !side.is_empty() && !side.contains(['<', '=', '>']);
            (sound(&left) && sound(&right)).then(|| Self {
                text: text.to_owned(),
                left,
                holds,
                right,
                spot,
            })
        });
        found.ok_or_else(|| {
            let problem = Problem::new("sweep.where", format!("found `{text}`"))
                .limit("two paths or values with `<`, `<=`, `=`, `>=` or `>` between them")
                .help("write it as `PATH<=PATH` or `PATH<=VALUE`");
            Box::new(problem.at(spot))
        })
    }

    /// Whether it holds in a file.
    ///
    /// # Errors
    /// If a side is not a number.
    pub fn holds(&self, tree: &Node) -> Result<bool, Box<Problem>> {
        let (left, right) = (self.size(tree, &self.left)?, self.size(tree, &self.right)?);
        Ok((self.holds)(left, right))
    }

    /// The number at a path, or the value of a text.
    fn size(&self, tree: &Node, text: &str) -> Result<f64, Box<Problem>> {
        // An instant after the start counts as a duration.
        let later = |text: &str| text.strip_prefix('+').and_then(read);
        let found = tree.find(&current_path(text)).and_then(|node| {
            let later = || later(&node.written());
            magnitude(node).or_else(later)
        });
        let found = found.or_else(|| read(text)).or_else(|| later(text));
        found.ok_or_else(|| {
            let message = format!("`{text}` is neither the path of a number nor a number");
            let problem = Problem::new("sweep.where", message)
                .help("write the path of a number in the file, or a value such as `30m`");
            Box::new(problem.at(self.spot))
        })
    }
}

fn read(text: &str) -> Option<f64> {
    magnitude(&yaml::parse(text, 0).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_has_two_sides() {
        let constraint = Constraint::read("a.b <= 3", None).expect("a constraint");
        let sides = [constraint.left.as_str(), constraint.right.as_str()];
        assert_eq!(sides, ["a.b", "3"]);
        assert!((constraint.holds)(3.0, 3.0));
        for text in ["a.b", "< 3", ""] {
            assert!(Constraint::read(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_after_the_start_compare_as_durations() {
        let tree = yaml::parse("{a: {until: +90m, from: 30m}}", 0).expect("a tree");
        let holds = |text| {
            Constraint::read(text, None)
                .expect("a constraint")
                .holds(&tree)
        };
        assert_eq!(holds("a.until >= 1h"), Ok(true));
        assert_eq!(holds("a.until < a.from"), Ok(false));
        assert!(holds("a.until < a.till").is_err());
    }
}
