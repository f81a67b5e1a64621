//! The JSON Schema of a scenario file, for editors: the forms that reading declares, in the words
//! of draft 2020-12.

use serde_json::{Map, Value, json};

use crate::scenario::schema::File;
use crate::scenario::text::node::{self, Node};
use crate::scenario::text::read::Read;
use crate::scenario::text::schema_type::{Field, SchemaType, Tag, Text};
use crate::scenario::text::yaml;

/// The schema of a scenario file.
pub(crate) fn schema() -> Value {
    let mut known = Map::new();
    let file = described(&File::schema_type(), &mut known);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "drawdown scenario",
        "$ref": file["$ref"],
        "$defs": known,
    })
}

/// A form as a schema; each form that has a name goes to `known`, once.
fn described(schema_type: &SchemaType, known: &mut Map<String, Value>) -> Value {
    match schema_type {
        SchemaType::Known(it) => {
            if !known.contains_key(it.name) {
                // A placeholder while it is described, in case it contains itself.
                known.insert(it.name.to_owned(), Value::Null);
                let mut schema = described(&(it.schema_type)(), known);
                explain(&mut schema, it.meaning);
                known.insert(it.name.to_owned(), schema);
            }
            json!({"$ref": format!("#/$defs/{}", it.name)})
        }
        SchemaType::Record(fields) => record(fields, known),
        SchemaType::Choice(tags) => choice(tags, known),
        SchemaType::Keyed(key, value) => json!({
            "type": "object",
            "propertyNames": {"pattern": key.pattern},
            "additionalProperties": described(value, known),
        }),
        SchemaType::List(least, item) => {
            let mut list = json!({"type": "array", "items": described(item, known)});
            if 0 < *least {
                list["minItems"] = json!(least);
            }
            list
        }
        SchemaType::Pair(end) => json!({
            "type": "array",
            "items": described(end, known),
            "minItems": 2,
            "maxItems": 2,
        }),
        SchemaType::Text(Text { pattern, examples }) => {
            let mut text = json!({"type": "string", "pattern": pattern});
            if !examples.is_empty() {
                text["examples"] = json!(examples);
            }
            text
        }
        SchemaType::Word(word) => json!({"const": word}),
        SchemaType::Number(low, high) if low.is_finite() && high.is_finite() => {
            json!({"type": "number", "minimum": number(*low), "maximum": number(*high)})
        }
        SchemaType::Number(..) => json!({"type": "number"}),
        SchemaType::Whole(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        SchemaType::Truth => json!({"type": "boolean"}),
        SchemaType::Either(forms) => {
            let any: Vec<Value> = forms
                .iter()
                .map(|schema_type| described(schema_type, known))
                .collect();
            json!({"anyOf": any})
        }
        SchemaType::Anything => json!({}),
    }
}

fn record(fields: &[Field], known: &mut Map<String, Value>) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut schema = described(&field.schema_type, known);
            explain(&mut schema, field.meaning);
            if let Some(default) = field.default {
                let node = yaml::parse(default, 0).expect("a default is YAML");
                schema["default"] = plain(&node);
            }
            (field.key.to_owned(), schema)
        })
        .collect();
    let required = fields.iter().filter(|field| field.required);
    let required: Vec<&str> = required.map(|field| field.key).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn choice(tags: &[Tag], known: &mut Map<String, Value>) -> Value {
    let (with_value, words): (Vec<&Tag>, Vec<&Tag>) =
        tags.iter().partition(|tag| tag.value.is_some());
    let words: Vec<&str> = words.iter().map(|tag| tag.tag).collect();
    let properties: Map<String, Value> = with_value
        .iter()
        .filter_map(|tag| Some((tag.tag.to_owned(), described(tag.value.as_ref()?, known))))
        .collect();
    let word = json!({"enum": words});
    let one = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    });
    match (words.is_empty(), with_value.is_empty()) {
        (false, false) => json!({"anyOf": [word, one]}),
        (_, true) => word,
        (true, _) => one,
    }
}

fn explain(schema: &mut Value, meaning: &str) {
    let meaning = meaning.trim();
    if !meaning.is_empty() {
        schema["description"] = json!(meaning);
    }
}

/// A value of a file without the places at which it stands.
fn plain(node: &Node) -> Value {
    match &node.value {
        node::Value::Null => Value::Null,
        node::Value::Bool(value) => json!(value),
        node::Value::Number(value) => number(*value),
        node::Value::Text(text) => json!(text),
        node::Value::List(items) => items.iter().map(plain).collect(),
        node::Value::Map(entries) => {
            let entry = |entry: &node::Entry| (entry.key.clone(), plain(&entry.value));
            Value::Object(entries.iter().map(entry).collect())
        }
    }
}

/// A number as a person writes it: `2`, and not `2.0`.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= 1e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}
