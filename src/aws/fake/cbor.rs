//! For tests: CloudWatch speaks CBOR, which the tests say and see as JSON.

use serde_json::{Map, Number, Value};

/// What marks the end of a list or map whose length was not told.
const BREAK: u8 = 0xff;

/// JSON as CBOR.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, value);
    bytes
}

fn put(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(on) => bytes.push(if *on { 0xf5 } else { 0xf4 }),
        Value::Number(number) => {
            if let Some(number) = number.as_u64() {
                head(bytes, 0, number);
            } else {
                bytes.push(0xfb);
                bytes.extend(number.as_f64().unwrap().to_be_bytes());
            }
        }
        Value::String(text) => put_text(bytes, text),
        Value::Array(values) => {
            head(bytes, 4, values.len().try_into().unwrap());
            for value in values {
                put(bytes, value);
            }
        }
        Value::Object(fields) => {
            head(bytes, 5, fields.len().try_into().unwrap());
            for (name, value) in fields {
                put_text(bytes, name);
                put(bytes, value);
            }
        }
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    head(bytes, 3, text.len().try_into().unwrap());
    bytes.extend(text.as_bytes());
}

/// The kind of what follows, and its number or length.
fn head(bytes: &mut Vec<u8>, kind: u8, number: u64) {
    bytes.push((kind << 5) | 0x1b);
    bytes.extend(number.to_be_bytes());
}

/// CBOR as JSON.
pub(super) fn decode(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    take(&mut rest)
}

fn take(rest: &mut &[u8]) -> Value {
    let first = byte(rest);
    let (kind, small) = (first >> 5, first & 0x1f);
    if kind == 7 {
        return match small {
            20 => Value::Bool(false),
            21 => Value::Bool(true),
            26 => float(f32::from_be_bytes(some(rest)).into()),
            27 => float(f64::from_be_bytes(some(rest))),
            _ => Value::Null,
        };
    }
    let length = match small {
        24 => Some(byte(rest).into()),
        25 => Some(u16::from_be_bytes(some(rest)).into()),
        26 => Some(u32::from_be_bytes(some(rest)).into()),
        27 => Some(u64::from_be_bytes(some(rest))),
        31 => None,
        small => Some(small.into()),
    };
    match kind {
        0 => Value::Number(length.unwrap().into()),
        3 => {
            let (text, after) = rest.split_at(length.unwrap().try_into().unwrap());
            *rest = after;
            Value::String(String::from_utf8(text.to_vec()).unwrap())
        }
        4 => Value::Array(many(rest, length, take)),
        5 => Value::Object(Map::from_iter(many(rest, length, |rest| {
            let name = take(rest).as_str().unwrap().to_owned();
            (name, take(rest))
        }))),
        // A tag says how to read what follows, which JSON cannot.
        6 => take(rest),
        other => panic!("kind {other} of CBOR"),
    }
}

/// As many as told, or as many as come before the end.
fn many<T>(rest: &mut &[u8], length: Option<u64>, one: impl Fn(&mut &[u8]) -> T) -> Vec<T> {
    let mut all = Vec::new();
    let more = |rest: &[u8], done: usize| match length {
        Some(length) => done < length.try_into().unwrap(),
        None => rest[0] != BREAK,
    };
    while more(rest, all.len()) {
        all.push(one(rest));
    }
    if length.is_none() {
        byte(rest);
    }
    all
}

fn float(number: f64) -> Value {
    Value::Number(Number::from_f64(number).unwrap())
}

fn byte(rest: &mut &[u8]) -> u8 {
    let [byte] = some(rest);
    byte
}

fn some<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (some, after) = rest.split_first_chunk::<N>().unwrap();
    *rest = after;
    *some
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_comes_back_as_it_went() {
        let value = json!({"a": [1, 2.5, true, null], "b": {"c": "d".repeat(300)}, "e": 70_000});
        assert_eq!(decode(&encode(&value)), value);
    }

    #[test]
    fn lengths_may_be_left_open() {
        // What the SDK sends: {_ "a": [_ 1], "b": false}
        let bytes = [0xbf, 0x61, b'a', 0x9f, 1, 0xff, 0x61, b'b', 0xf4, 0xff];
        assert_eq!(decode(&bytes), json!({"a": [1], "b": false}));
    }
}
