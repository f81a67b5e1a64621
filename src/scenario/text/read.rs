//! Reading a tree into typed values: every problem is recorded, and reading continues. A type is
//! declared once, by `record!` or `choice!`, and that declaration also reads and describes it.

use std::collections::BTreeMap;

use crate::scenario::text::limits::{LIST_MAX, NAME_BYTES_MAX, NAMED_MAX};
use crate::scenario::text::node::{Entry, Node, Value, shortened};
use crate::scenario::text::pattern;
use crate::scenario::text::problem::{KEPT_MAX, Problem};
use crate::scenario::text::schema_type::SchemaType;
use crate::scenario::text::yaml;

/// Limit on the product of the lengths of two compared names.
const NEAR_MAX: usize = 1_000_000;

/// Maximum length of an example of a map (bytes).
const EXAMPLE_MAX: usize = 120;

/// A value of a scenario file.
pub(crate) trait Read: Sized {
    /// Reads the value, or records the problem.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self>;

    /// The meaning of an absent key; for most types it is a problem.
    fn absent() -> Option<Self> {
        None
    }

    /// The placeholder for a value that could not be read, so that the rest of the file can be
    /// checked. It is never simulated.
    fn placeholder() -> Self;

    /// The accepted values; never narrower than what `read` accepts.
    fn schema_type() -> SchemaType;
}

/// The state of reading.
#[derive(Default)]
pub(crate) struct Reader {
    path: Vec<String>,
    pub problems: Vec<Problem>,
    /// Path and value of every default that was used.
    pub defaults: Vec<(String, String)>,
}

impl Reader {
    /// The path of the value being read.
    pub fn path(&self) -> String {
        self.path.join(".")
    }

    /// Records a problem of the value being read.
    pub fn problem(&mut self, node: &Node, message: impl Into<String>) -> &mut Problem {
        // Only some problems are shown; a file can have hundreds of thousands.
        self.problems.truncate(KEPT_MAX);
        self.problems
            .push(Problem::new(self.path(), message).at(Some(node.spot)));
        self.problems.last_mut().expect("one was pushed")
    }

    /// Records that something else was expected here.
    pub fn expected<T>(&mut self, node: &Node, limit: &str, help: &str) -> Option<T> {
        let problem = self.problem(node, format!("found {}", node.kind()));
        problem.limit = Some(limit.to_owned());
        problem.help = Some(help.to_owned());
        None
    }

    /// Reads a child under its step of the path.
    pub fn under<T: Read>(&mut self, step: &str, node: &Node) -> Option<T> {
        self.path.push(step.to_owned());
        let value = T::read(node, self);
        self.path.pop();
        value
    }

    /// The entries of a map, each key once.
    pub fn entries<'a>(&mut self, node: &'a Node) -> Option<&'a [Entry]> {
        let Value::Map(entries) = &node.value else {
            return self.expected(node, "a map of keys", "write `key: value` lines below it");
        };
        let mut seen = BTreeMap::new();
        for entry in entries {
            let earlier = seen.insert(entry.key.as_str(), entry.spot.line);
            if let Some(line) = earlier.filter(|_| self.problems.len() < KEPT_MAX) {
                let path = [self.path.as_slice(), std::slice::from_ref(&entry.key)].concat();
                let message = format!("`{}` is given twice", shortened(&entry.key));
                let problem = Problem::new(path.join("."), message)
                    .limit(format!("each key once; it is already in line {line}"))
                    .help("rename or remove one of the two");
                self.problems.push(problem.at(Some(entry.spot)));
            }
        }
        Some(entries)
    }

    /// The entries of a record of this type, each key once.
    pub fn record<'a>(
        &mut self,
        node: &'a Node,
        schema_type: fn() -> SchemaType,
    ) -> Option<&'a [Entry]> {
        if matches!(node.value, Value::Map(_)) {
            return self.entries(node);
        }
        let key = self
            .path
            .last()
            .filter(|step| step.parse::<usize>().is_err());
        let key = key.map(|key| format!("{key}: ")).unwrap_or_default();
        let example = schema_type().map_example(&shortened(&node.written()));
        let help = match example.len() {
            0..=EXAMPLE_MAX => format!("write a map, such as `{key}{example}`"),
            _ => "write its keys below it, as `key: value` lines".to_owned(),
        };
        self.expected(node, "a map of keys", &help)
    }

    /// Records every key that is not one of `known`.
    pub fn refuse_unknown(&mut self, entries: &[Entry], known: &[&str]) {
        for entry in entries
            .iter()
            .filter(|entry| !known.contains(&entry.key.as_str()))
            .take(KEPT_MAX.saturating_sub(self.problems.len()))
        {
            let path = [self.path.as_slice(), std::slice::from_ref(&entry.key)].concat();
            let problem = Problem::new(
                path.join("."),
                format!("there is no key `{}` here", shortened(&entry.key)),
            )
            .limit(format!("one of {}", listed(known)))
            .help(match nearest(&entry.key, known) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "remove it; `drawdown help scenario` lists all keys".to_owned(),
            });
            self.problems.push(problem.at(Some(entry.spot)));
        }
    }

    /// Reads one field of a record: from its entry, its default, or its absence.
    pub fn field<T: Read>(
        &mut self,
        record: &Node,
        entries: &[Entry],
        name: &str,
        default: Option<&str>,
    ) -> Option<T> {
        if let Some(entry) = entries.iter().find(|entry| entry.key == name) {
            return self.under(name, &entry.value);
        }
        if let Some(default) = default {
            let path = [self.path.as_slice(), &[name.to_owned()]]
                .concat()
                .join(".");
            if default != "{}" && default != "[]" {
                self.defaults.push((path, default.to_owned()));
            }
            // Cells of a sweep share the same defaults, and parsing is slow.
            let value = Value::plain(default)
                .unwrap_or_else(|| yaml::parse(default, 0).expect("a default is YAML").value);
            let node = Node {
                value,
                spot: record.spot,
                defined: record.spot,
            };
            return self.under(name, &node);
        }
        let value = T::absent();
        if value.is_none() {
            self.path.push(name.to_owned());
            let problem = self.problem(record, format!("`{name}` is missing"));
            problem.help = Some(format!("add `{name}:`"));
            self.path.pop();
        }
        value
    }
}

/// Names between backticks, as a message lists them.
pub(crate) fn listed(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The known name that is closest to `name`. Comparing takes time proportional to the product of both
/// lengths and with the number of names, so neither may be large.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let all: usize = known.iter().map(|known| known.len()).sum();
    if NAME_BYTES_MAX < name.len() || NEAR_MAX < all * name.len() {
        return None;
    }
    let closeness = |known: &&str| strsim::jaro_winkler(name, known);
    let best = known
        .iter()
        .filter(|known| known.len() <= NAME_BYTES_MAX)
        .max_by(|one, other| closeness(one).total_cmp(&closeness(other)));
    best.filter(|known| 0.8 <= closeness(known)).copied()
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        T::read(node, reader).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    /// The value was given, though it could not be read, so it must not be reported as missing.
    fn placeholder() -> Self {
        Some(T::placeholder())
    }

    fn schema_type() -> SchemaType {
        T::schema_type()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Value::List(items) = &node.value else {
            return reader.expected(node, "a list", "write it between brackets: `[one, two]`");
        };
        if LIST_MAX < items.len() {
            let limit = format!("at most {LIST_MAX} items");
            return reader.expected(
                node,
                &limit,
                "shorten it; durations may come from a CSV file",
            );
        }
        let items = items.iter().enumerate();
        let read = items.map(|(place, item)| reader.under(&place.to_string(), item));
        Some(
            read.map(|item| item.unwrap_or_else(T::placeholder))
                .collect(),
        )
    }

    fn placeholder() -> Self {
        Self::new()
    }

    fn schema_type() -> SchemaType {
        SchemaType::List(0, Box::new(T::schema_type()))
    }
}

/// A problem of a name: message, limit, help. Names become paths, parts of file names, and text on
/// pages and terminals.
fn invalid_name(name: &str) -> Option<(String, String, &'static str)> {
    let shown = shortened(name);
    if name.is_empty() || name.contains(['.', '`', '\n']) {
        let limit = "a name without dots, backticks or line breaks".to_owned();
        let help = "use `-` instead; dots separate the keys of a path";
        return Some((format!("the name `{shown}`"), limit, help));
    }
    if let Some(control) = name.chars().find(|it| is_control(*it)) {
        let message = format!("a name with the control character U+{:04X}", control as u32);
        let limit = "a name without control characters".to_owned();
        return Some((message, limit, "remove the character"));
    }
    (NAME_BYTES_MAX < name.len()).then(|| {
        let limit = format!("at most {NAME_BYTES_MAX} bytes; names become parts of file names");
        let message = format!("the name `{shown}` has {} bytes", name.len());
        (message, limit, "shorten the name")
    })
}

/// Whether a character is invisible, but changes how others are displayed.
pub(crate) fn is_control(it: char) -> bool {
    // The second half: line and paragraph separators, and what turns the direction of text.
    it.is_control() || matches!(it, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Named things, in the order of their names.
impl<T: Read> Read for BTreeMap<String, T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = reader.entries(node)?;
        if NAMED_MAX < entries.len() {
            let message = format!("found {} names", entries.len());
            let problem = reader.problem(node, message);
            problem.limit = Some(format!("at most {NAMED_MAX} of one kind"));
            problem.help = Some("use one file per incident".to_owned());
            return None;
        }
        let mut read = Self::new();
        for entry in entries {
            if let Some((message, limit, help)) = invalid_name(&entry.key) {
                let problem = reader.problem(&entry.value, message);
                problem.limit = Some(limit);
                problem.help = Some(help.to_owned());
                problem.spot = Some(entry.spot);
            }
            let value = reader
                .under(&entry.key, &entry.value)
                .unwrap_or_else(T::placeholder);
            read.insert(entry.key.clone(), value);
        }
        Some(read)
    }

    fn placeholder() -> Self {
        Self::new()
    }

    fn schema_type() -> SchemaType {
        SchemaType::Keyed(pattern::name(), Box::new(T::schema_type()))
    }
}

/// Declares a map of known keys: `name: Type`, and `= "default"` where a default is harmless; a
/// default is written as in a file.
macro_rules! record {
    ($(#[$($attribute:tt)*])* $name:ident {
        $(
            $(#[$($of_field:tt)*])*
            $field:ident $(as $key:literal)?: $type:ty $(= $default:literal)?,
        )*
    }) => {
        $(#[$($attribute)*])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name { $($(#[$($of_field)*])* pub $field: $type,)* }

        impl $crate::scenario::text::read::Read for $name {
            fn read(
                node: &$crate::scenario::text::node::Node,
                reader: &mut $crate::scenario::text::read::Reader,
            ) -> Option<Self> {
                let entries = reader.record(node, Self::schema_type)?;
                reader.refuse_unknown(
                    entries,
                    &[$($crate::scenario::text::read::record!(@key $field $($key)?),)*],
                );
                $(let $field = reader.field::<$type>(
                    node,
                    entries,
                    $crate::scenario::text::read::record!(@key $field $($key)?),
                    $crate::scenario::text::read::record!(@default $($default)?),
                );)*
                Some(Self {
                    $($field: $field
                        .unwrap_or_else(<$type as $crate::scenario::text::read::Read>::placeholder),)*
                })
            }

            fn placeholder() -> Self {
                use $crate::scenario::text::read::Read;
                Self {
                    $($field: <$type as Read>::absent()
                        .unwrap_or_else(<$type as Read>::placeholder),)*
                }
            }

            fn schema_type() -> $crate::scenario::text::schema_type::SchemaType {
                use $crate::scenario::text::schema_type::{Field, SchemaType, known, meaning};
                known(stringify!($name), meaning!($(#[$($attribute)*])*), || {
                    SchemaType::Record(vec![$({
                        let default = $crate::scenario::text::read::record!(@default $($default)?);
                        Field {
                            key: $crate::scenario::text::read::record!(@key $field $($key)?),
                            meaning: meaning!($(#[$($of_field)*])*),
                            required: default.is_none()
                                && <$type as $crate::scenario::text::read::Read>::absent().is_none(),
                            default,
                            schema_type: <$type as $crate::scenario::text::read::Read>::schema_type(),
                        }
                    },)*])
                })
            }
        }
    };
    (@key $field:ident $key:literal) => { $key };
    (@key $field:ident) => { stringify!($field) };
    (@default $default:literal) => { Some($default) };
    (@default) => { None };
}

/// Declares a choice, externally tagged: `tag => Variant` is a word,
/// `tag => Variant(Type)` is a map with that one key.
macro_rules! choice {
    ($(#[$($attribute:tt)*])* $name:ident {
        $(#[$($of_first:tt)*])* $first_tag:literal => $first:ident $(($first_type:ty))?,
        $($(#[$($of_tag:tt)*])* $tag:literal => $variant:ident $(($type:ty))?,)*
    }) => {
        $(#[$($attribute)*])*
        #[derive(Clone, Debug)]
        pub(crate) enum $name {
            $(#[$($of_first)*])* $first $(($first_type))?,
            $($(#[$($of_tag)*])* $variant $(($type))?,)*
        }

        impl $crate::scenario::text::read::Read for $name {
            fn read(
                node: &$crate::scenario::text::node::Node,
                reader: &mut $crate::scenario::text::read::Reader,
            ) -> Option<Self> {
                use $crate::scenario::text::tagged::{Tagged, tagged};
                let known = [$first_tag, $($tag,)*];
                match tagged(node, reader, &known)? {
                    Tagged { tag: $first_tag, payload } => {
                        $crate::scenario::text::read::choice!(
                            @variant reader, node, payload, $first_tag, $first $(, $first_type)?
                        )
                    }
                    $(Tagged { tag: $tag, payload } => {
                        $crate::scenario::text::read::choice!(
                            @variant reader, node, payload, $tag, $variant $(, $type)?
                        )
                    })*
                    Tagged { .. } => None,
                }
            }

            fn placeholder() -> Self {
                Self::$first $((<$first_type as $crate::scenario::text::read::Read>::placeholder()))?
            }

            fn schema_type() -> $crate::scenario::text::schema_type::SchemaType {
                use $crate::scenario::text::schema_type::{SchemaType, Tag, known, meaning};
                known(stringify!($name), meaning!($(#[$($attribute)*])*), || {
                    SchemaType::Choice(vec![
                        Tag {
                            tag: $first_tag,
                            meaning: meaning!($(#[$($of_first)*])*),
                            value: $crate::scenario::text::read::choice!(@schema_type $($first_type)?),
                        },
                        $(Tag {
                            tag: $tag,
                            meaning: meaning!($(#[$($of_tag)*])*),
                            value: $crate::scenario::text::read::choice!(@schema_type $($type)?),
                        },)*
                    ])
                })
            }
        }
    };
    (@schema_type $type:ty) => { Some(<$type as $crate::scenario::text::read::Read>::schema_type()) };
    (@schema_type) => { None };
    (@variant $reader:ident, $node:ident, $payload:ident, $tag:literal, $variant:ident, $type:ty) => {
        match $payload {
            Some(payload) => $reader.under::<$type>($tag, payload).map(Self::$variant),
            None => {
                let help = concat!("write `", $tag, ":` and give its value");
                $reader.expected($node, concat!("`", $tag, "` with a value"), help)
            }
        }
    };
    (@variant $reader:ident, $node:ident, $payload:ident, $tag:literal, $variant:ident) => {
        match $payload {
            None => Some(Self::$variant),
            Some(_) => {
                let help = concat!("write `", $tag, "` alone");
                $reader.expected($node, concat!("`", $tag, "` without a value"), help)
            }
        }
    };
}

pub(crate) use {choice, record};
