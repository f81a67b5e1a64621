//! JSON, item by item: the items of an array, or values one after another, so that a large log is never held as a
//! tree.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{Deserialize, IgnoredAny, SeqAccess, Visitor};
use serde_json::Deserializer;

pub(crate) use serde_json::Value;

/// What an item is given to; false ends the reading.
type See<'a> = &'a mut dyn FnMut(Value) -> bool;

struct Items<'a>(See<'a>);

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut going_on = true;
        while going_on {
            match items.next_element::<Value>()? {
                Some(item) => going_on = (self.0)(item),
                None => return Ok(()),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Calls `see` with each item of an array, or with each value of several.
///
/// # Errors
/// Where it is no JSON: line, column and reason.
pub(crate) fn items(bytes: &[u8], see: See<'_>) -> Result<(), String> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let read = match first {
        Some(b'[') => {
            let mut reader = Deserializer::from_slice(bytes);
            let read = reader.deserialize_seq(Items(see));
            read.and_then(|()| reader.end())
        }
        _ => {
            let mut values = Deserializer::from_slice(bytes).into_iter::<Value>();
            loop {
                match values.next() {
                    Some(Ok(item)) => {
                        if !see(item) {
                            break Ok(());
                        }
                    }
                    Some(Err(error)) => break Err(error),
                    None => break Ok(()),
                }
            }
        }
    };
    read.map_err(|error| error.to_string())
}

/// A whole document of a known shape.
///
/// # Errors
/// Where it has another shape: line, column and reason.
pub(crate) fn document<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Value>, Result<(), String>) {
        let mut seen = Vec::new();
        let done = items(text.as_bytes(), &mut |item| {
            seen.push(item);
            true
        });
        (seen, done)
    }

    #[test]
    fn arrays_and_lines_are_read_item_by_item() {
        for text in [
            "[{\"a\": 1}, {\"a\": 2}]",
            "{\"a\": 1}\n{\"a\": 2}\n",
            " {\"a\":1}{\"a\":2}",
        ] {
            let (seen, done) = read(text);
            assert_eq!((seen.len(), done), (2, Ok(())), "{text}");
            assert_eq!(seen[1]["a"], 2);
        }
        assert_eq!(read(""), (Vec::new(), Ok(())));
    }

    #[test]
    fn what_is_no_json_has_a_place() {
        let (seen, done) = read("[{\"a\": 1},\n {\"a\": }]");
        assert_eq!(seen.len(), 1);
        assert!(done.expect_err("no JSON").contains("line 2"));
        assert!(read("[1] 2").1.is_err());
    }
}
