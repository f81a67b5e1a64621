//! What a file may hold, as a description that can be printed. Every type that is read describes
//! itself here, from the declaration that reads it, so that no key is written twice.

/// What a value of the file may be.
pub(crate) enum Form {
    /// A form with a name, which is described once however often it occurs. What it stands for is
    /// only asked when needed, so that forms may contain themselves.
    Known(Known),
    /// A map of these keys and no others.
    Record(Vec<Field>),
    /// Exactly one tag.
    Choice(Vec<Tag>),
    /// Values by keys of a pattern.
    Keyed(Text, Box<Form>),
    /// At least so many values of one form.
    List(usize, Box<Form>),
    /// Two values, the lower first.
    Pair(Box<Form>),
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
    Either(Vec<Form>),
    /// Whatever can be written.
    Anything,
}

/// A form with a name.
pub(crate) struct Known {
    pub name: &'static str,
    pub meaning: &'static str,
    pub form: fn() -> Form,
}

/// A key of a record.
pub(crate) struct Field {
    pub key: &'static str,
    pub meaning: &'static str,
    pub required: bool,
    /// As it would stand in the file.
    pub default: Option<&'static str>,
    pub form: Form,
}

/// A tag of a choice: a word, or a key with a value.
pub(crate) struct Tag {
    pub tag: &'static str,
    pub value: Option<Form>,
}

/// A pattern of a text, as a regular expression, and texts that match it.
pub(crate) struct Text {
    pub pattern: String,
    pub examples: &'static [&'static str],
}

/// A form with a name.
pub(crate) fn known(name: &'static str, meaning: &'static str, form: fn() -> Form) -> Form {
    Form::Known(Known {
        name,
        meaning,
        form,
    })
}

impl Text {
    /// A pattern of the whole text; blanks around it mean nothing.
    pub fn new(pattern: &str, examples: &'static [&'static str]) -> Self {
        Self {
            pattern: format!(r"^\s*(?:{pattern})\s*$"),
            examples,
        }
    }
}

/// What the doc comments among attributes say.
macro_rules! meaning {
    ($(#[$($attribute:tt)*])*) => {
        concat!($($crate::scenario::form::meaning!(@line $($attribute)*)),*)
    };
    (@line doc = $line:literal) => { $line };
    (@line $($other:tt)*) => { "" };
}

pub(crate) use meaning;
