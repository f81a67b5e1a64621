//! The schema of the file. Every type that is read describes
//! itself here, from the declaration that reads it, so that no key is declared twice.

use crate::scenario::text::units::duration;

/// The type of a value of the file.
pub(crate) enum SchemaType {
    /// A named type, which is described only once. Its definition is
    /// evaluated lazily, so that types may be recursive.
    Known(Known),
    /// A map of these keys and no others.
    Record(Vec<Field>),
    /// Exactly one tag.
    Choice(Vec<Tag>),
    /// Values by keys of a pattern.
    Keyed(Text, Box<SchemaType>),
    /// A list of values of one type, with a minimum length.
    List(usize, Box<SchemaType>),
    /// Two values, the lower first.
    Pair(Box<SchemaType>),
    /// A text of a certain pattern.
    Text(Text),
    /// This word.
    Word(&'static str),
    /// A number from the first to the second.
    Number(f64, f64),
    /// A whole number from the first to the second.
    Whole(u32, u32),
    /// `true` or `false`.
    Truth,
    /// Any of several.
    Either(Vec<SchemaType>),
    /// Any value.
    Anything,
}

/// A named type.
pub(crate) struct Known {
    pub name: &'static str,
    pub meaning: &'static str,
    pub schema_type: fn() -> SchemaType,
}

/// A key of a record.
pub(crate) struct Field {
    pub key: &'static str,
    pub meaning: &'static str,
    pub required: bool,
    /// As written in a file.
    pub default: Option<&'static str>,
    pub schema_type: SchemaType,
}

/// A tag of a choice: a word, or a key with a value.
pub(crate) struct Tag {
    pub tag: &'static str,
    pub meaning: &'static str,
    pub value: Option<SchemaType>,
}

/// A pattern of a text, as a regular expression, and texts that match it.
pub(crate) struct Text {
    pub pattern: String,
    pub examples: &'static [&'static str],
}

/// A named type.
pub(crate) fn known(
    name: &'static str,
    meaning: &'static str,
    schema_type: fn() -> SchemaType,
) -> SchemaType {
    SchemaType::Known(Known {
        name,
        meaning,
        schema_type,
    })
}

impl Text {
    /// A pattern of the whole text; blanks around it are ignored.
    pub fn new(pattern: &str, examples: &'static [&'static str]) -> Self {
        Self {
            pattern: format!(r"^\s*(?:{pattern})\s*$"),
            examples,
        }
    }
}

impl SchemaType {
    /// An example of this type on one line; the `place` in a record distinguishes durations,
    /// the shorter first.
    fn example(&self, place: usize) -> String {
        let first = |text: &Text| {
            text.examples
                .get(place % text.examples.len().max(1))
                .copied()
        };
        match self {
            Self::Known(known) => (known.schema_type)().example(place),
            Self::Record(fields) => record_example(fields, None),
            Self::Choice(tags) => match &tags[0].value {
                Some(schema_type) => format!("{{{}: {}}}", tags[0].tag, schema_type.example(0)),
                None => tags[0].tag.to_owned(),
            },
            Self::Keyed(_, schema_type) => format!("{{name: {}}}", schema_type.example(0)),
            Self::List(_, schema_type) => format!("[{}]", schema_type.example(0)),
            Self::Pair(schema_type) => {
                format!("[{}, {}]", schema_type.example(0), schema_type.example(1))
            }
            Self::Text(text) => first(text).unwrap_or("text").to_owned(),
            Self::Word(word) => (*word).to_owned(),
            Self::Number(low, _) => low.max(1.0).to_string(),
            Self::Whole(low, _) => (*low).max(1).to_string(),
            Self::Truth => "true".to_owned(),
            Self::Either(forms) => forms
                .last()
                .map_or_else(String::new, |schema_type| schema_type.example(place)),
            Self::Anything => "1".to_owned(),
        }
    }

    /// The map that a record expects, where a single value was `given`.
    pub fn map_example(&self, given: &str) -> String {
        match self {
            Self::Known(known) => (known.schema_type)().map_example(given),
            Self::Record(fields) => record_example(fields, Some(given)),
            _ => self.example(0),
        }
    }

    fn is_duration(&self) -> bool {
        match self {
            Self::Known(known) if known.name == "Duration" => true,
            Self::Known(known) if known.name == "AnyLaw" => true,
            _ => false,
        }
    }
}

/// An example of a record: its required keys; or two durations, if it has none.
fn record_example(fields: &[Field], given: Option<&str>) -> String {
    let mut shown: Vec<&Field> = fields.iter().filter(|field| field.required).collect();
    if shown.is_empty() {
        let bare = |field: &&Field| field.default.is_none() && field.schema_type.is_duration();
        shown = fields.iter().filter(bare).take(2).collect();
    }
    let lengths = || shown.iter().filter(|field| field.schema_type.is_duration());
    // The given value is most likely the only duration.
    let given = given.filter(|text| duration(text).is_some() && lengths().count() == 1);
    let mut place = 0;
    let entry = |field: &&Field| {
        let value = match given.filter(|_| field.schema_type.is_duration()) {
            Some(given) => given.to_owned(),
            None => field.schema_type.example(place),
        };
        place += usize::from(field.schema_type.is_duration());
        format!("{}: {value}", field.key)
    };
    let entries: Vec<String> = shown.iter().map(entry).collect();
    format!("{{{}}}", entries.join(", "))
}

/// What the doc comments among attributes say.
macro_rules! meaning {
    ($(#[$($attribute:tt)*])*) => {
        concat!($($crate::scenario::text::schema_type::meaning!(@line $($attribute)*)),*)
    };
    (@line doc = $line:literal) => { $line };
    (@line $($other:tt)*) => { "" };
}

pub(crate) use meaning;
