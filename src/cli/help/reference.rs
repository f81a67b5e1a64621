//! The reference of scenario files and the tables of measures, made from the declarations that read files
//! and measure replications, so that they cannot go stale.

use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{INCIDENT_MEASURES, MEASURES, Measure};
use crate::scenario::schema::File;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::read::Read;
use crate::scenario::text::schema_type::{Field, Known, SchemaType, Tag};

/// Forms that are described in words, with their units, and not taken apart wherever they occur.
const SIMPLE: [(&str, &str, &str); 10] = [
    ("Duration", "duration", "s, m, h, d"),
    ("AnyLaw", "duration or law", "s, m, h, d"),
    ("Rate", "rate", "/s, /min, /h, /d"),
    ("Share", "share", "%, or 0 to 1"),
    ("Timestamp", "date, time and zone", ""),
    ("Moment", "instant", "UTC"),
    ("ClockTime", "clock time", "local time"),
    ("Range", "two values", ""),
    ("Quantity", "number, or value with its unit", ""),
    ("DayKnots", "numbers by clock time", "local time"),
];

/// A page whose generated parts are generated: what stands between `<!-- generated: NAME -->` and
/// `<!-- /generated -->`.
pub(crate) fn filled(page: &str) -> String {
    const END: &str = "<!-- /generated -->";
    let mut parts = page.split("<!-- generated: ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").unwrap_or((part, ""));
        let after = rest.split_once(END).map_or("", |(_, after)| after);
        let made = generated(name).unwrap_or_default();
        text += &format!("<!-- generated: {name} -->\n\n{made}\n{END}{after}");
    }
    text
}

/// A part that is generated, by its name.
fn generated(name: &str) -> Option<String> {
    match name {
        "keys" => Some(keys()),
        "laws" => Some(laws()),
        "pool measures" => Some(measures(MEASURES)),
        "incident measures" => Some(measures(INCIDENT_MEASURES)),
        "dependency measures" => Some(measures(DEPENDENCY_MEASURES)),
        "class measures" => Some(measures(CLASS_MEASURES)),
        _ => None,
    }
}

/// A table of measures.
fn measures(measures: &[Measure]) -> String {
    let row = |it: &Measure| format!("| `{}` | {} | {} |\n", it.name, it.unit, it.meaning);
    let rows: String = measures.iter().map(row).collect();
    format!("| measure | unit | meaning |\n|---|---|---|\n{rows}")
}

/// A row of the reference.
struct Row {
    key: String,
    kind: String,
    unit: &'static str,
    default: String,
    meaning: String,
}

/// Every key of a scenario file: the keys that stand alone, then a table for each that holds others.
fn keys() -> String {
    let fields = fields_of(File::schema_type());
    let (mut alone, mut sections) = (Vec::new(), String::new());
    for field in &fields {
        let mut rows = Vec::new();
        children(field.key, &field.schema_type, &mut rows);
        alone.push(row("", field));
        if !rows.is_empty() {
            sections += &format!("\n### {}\n\n{}\n", field.key, field.meaning.trim());
            sections += &format!("\n{}", table(&rows));
        }
    }
    format!("### Top level\n\n{}{sections}", table(&alone))
}

/// The laws of durations.
fn laws() -> String {
    let mut rows = Vec::new();
    if let SchemaType::Known(known) = AnyLaw::schema_type() {
        children("LAW", &(known.schema_type)(), &mut rows);
    }
    table(&rows)
}

fn table(rows: &[Row]) -> String {
    let line = |it: &Row| {
        format!(
            "| {} | {} | {} | {} | {} |\n",
            it.key, it.kind, it.unit, it.default, it.meaning
        )
    };
    let lines: String = rows.iter().map(line).collect();
    format!("| key | type | unit | default | meaning |\n|---|---|---|---|---|\n{lines}")
}

/// The fields of a record.
fn fields_of(schema_type: SchemaType) -> Vec<Field> {
    match schema_type {
        SchemaType::Known(known) => fields_of((known.schema_type)()),
        SchemaType::Record(fields) => fields,
        _ => Vec::new(),
    }
}

/// The row of a field.
fn row(prefix: &str, field: &Field) -> Row {
    let default = match (field.required, field.default) {
        (true, _) => "required".to_owned(),
        (_, None) => "optional".to_owned(),
        (_, Some("{}" | "[]")) => "none".to_owned(),
        (_, Some(default)) => format!("`{default}`"),
    };
    let meaning = match field.meaning.trim() {
        "" => meaning_of(&field.schema_type),
        meaning => meaning,
    };
    Row {
        key: format!("`{prefix}{}`", field.key),
        kind: kind(&field.schema_type),
        unit: unit(&field.schema_type),
        default,
        meaning: meaning.to_owned(),
    }
}

/// Rows for everything below a key.
fn children(key: &str, schema_type: &SchemaType, rows: &mut Vec<Row>) {
    match schema_type {
        SchemaType::Known(known) if simple(known).is_none() => {
            children(key, &(known.schema_type)(), rows)
        }
        SchemaType::Record(fields) => {
            let prefix = format!("{key}.");
            for field in fields {
                rows.push(row(&prefix, field));
                children(&format!("{prefix}{}", field.key), &field.schema_type, rows);
            }
        }
        SchemaType::Choice(tags) => tags.iter().for_each(|it| choice(key, it, rows)),
        SchemaType::Keyed(_, schema_type) => {
            let name = match &**schema_type {
                SchemaType::Known(known) if known.name == "DayKnots" => "DAYS",
                SchemaType::Anything => "PATH",
                _ => "NAME",
            };
            named(&format!("{key}.{name}"), schema_type, rows);
        }
        SchemaType::List(_, item) => match is_choice(item) {
            true => children(key, item, rows),
            false => children(&format!("{key}.N"), item, rows),
        },
        SchemaType::Either(forms) => {
            let one = forms.iter().any(is_choice);
            // A choice and a list of the same choices are described once.
            let described = forms
                .iter()
                .filter(|it| !(one && matches!(it, SchemaType::List(..))));
            described.for_each(|it| children(key, it, rows));
        }
        _ => {}
    }
}

/// Rows for a value under a name of the user's.
fn named(key: &str, schema_type: &SchemaType, rows: &mut Vec<Row>) {
    let before = rows.len();
    children(key, schema_type, rows);
    if rows.len() == before {
        rows.push(Row {
            key: format!("`{key}`"),
            kind: kind(schema_type),
            unit: unit(schema_type),
            default: "required".to_owned(),
            meaning: meaning_of(schema_type).to_owned(),
        });
    }
}

/// Rows for a choice: a word, or a key with a value.
fn choice(key: &str, tag: &Tag, rows: &mut Vec<Row>) {
    let value = tag.value.as_ref();
    let written = match value {
        Some(_) => format!("{key}.{}", tag.tag),
        None => format!("{key}: {}", tag.tag),
    };
    rows.push(Row {
        key: format!("`{written}`"),
        kind: value.map_or_else(|| "word".to_owned(), kind),
        unit: value.map_or("", unit),
        default: String::new(),
        meaning: tag.meaning.trim().to_owned(),
    });
    if let Some(value) = value {
        children(&written, value, rows);
    }
}

fn is_choice(schema_type: &SchemaType) -> bool {
    match schema_type {
        SchemaType::Known(known) if simple(known).is_none() => is_choice(&(known.schema_type)()),
        schema_type => matches!(schema_type, SchemaType::Choice(_)),
    }
}

/// What a form is called, and its unit, where it is not taken apart.
fn simple(known: &Known) -> Option<(&'static str, &'static str)> {
    let found = SIMPLE.iter().find(|(name, ..)| *name == known.name);
    found.map(|(_, kind, unit)| (*kind, *unit))
}

fn meaning_of(schema_type: &SchemaType) -> &'static str {
    match schema_type {
        SchemaType::Known(known) => known.meaning.trim(),
        SchemaType::Anything => "What to put at this path.",
        _ => "",
    }
}

/// The type of a value, in words.
fn kind(schema_type: &SchemaType) -> String {
    let words = match schema_type {
        SchemaType::Known(known) => match simple(known) {
            Some((words, _)) => words,
            None => return kind(&(known.schema_type)()),
        },
        SchemaType::Record(_) => "map",
        SchemaType::Choice(_) => "choice",
        SchemaType::Keyed(_, schema_type) if matches!(**schema_type, SchemaType::Anything) => {
            "values by path"
        }
        SchemaType::Keyed(..) => "map by name",
        SchemaType::List(_, item) => return format!("list of: {}", kind(item)),
        SchemaType::Pair(_) => "two values",
        SchemaType::Text(_) => "text",
        SchemaType::Word(word) => return format!("`{word}`"),
        SchemaType::Number(..) => "number",
        SchemaType::Whole(1, 1) => "`1`",
        SchemaType::Whole(..) => "whole number",
        SchemaType::Truth => "`true` or `false`",
        SchemaType::Either(forms) => {
            let kinds: Vec<String> = forms.iter().map(kind).collect();
            return kinds.join(" or ");
        }
        SchemaType::Anything => "any value",
    };
    words.to_owned()
}

/// The units of a value.
fn unit(schema_type: &SchemaType) -> &'static str {
    match schema_type {
        SchemaType::Known(known) => match simple(known) {
            Some((_, unit)) => unit,
            None => unit(&(known.schema_type)()),
        },
        SchemaType::List(_, item) => unit(item),
        SchemaType::Either(forms) => {
            let mut units = forms.iter().map(unit);
            units.find(|unit| !unit.is_empty()).unwrap_or("")
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_meaning() {
        for line in (keys() + &laws())
            .lines()
            .filter(|line| line.starts_with('|'))
        {
            assert!(!line.ends_with("|  |"), "{line}");
        }
    }

    #[test]
    fn generated_parts_are_filled_in() {
        let page = "a\n<!-- generated: laws -->\nold\n<!-- /generated -->\nb\n";
        let filled = filled(page);
        assert!(
            filled.starts_with("a\n<!-- generated: laws -->\n\n| key |"),
            "{filled}"
        );
        assert!(filled.ends_with("\n<!-- /generated -->\nb\n"), "{filled}");
        assert!(!filled.contains("old"), "{filled}");
        assert_eq!(super::filled(&filled), filled);
    }
}
