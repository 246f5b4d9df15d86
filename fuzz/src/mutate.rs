//! Changes to a JSON document that leave it JSON: bytes alone would hardly ever get past the parser.

use serde_json::{Value, json};

/// Changes one place of a document; `None` if it is none, or has become too long.
pub fn json(text: &[u8], seed: u32, longest: usize) -> Option<Vec<u8>> {
    let mut dice = Dice(seed | 1);
    let mut document: Value = serde_json::from_slice(text).ok()?;
    for _ in 0..=dice.below(3) {
        change(&mut document, &mut dice);
    }
    let text = serde_json::to_vec(&document).ok()?;
    (text.len() <= longest).then_some(text)
}

/// The same for one of the lines of a journal, which may also be said twice, left out or moved.
pub fn lines(text: &[u8], seed: u32, longest: usize) -> Option<Vec<u8>> {
    let mut dice = Dice(seed | 1);
    let mut lines: Vec<Vec<u8>> =
        text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = dice.below(lines.len());
    let line = lines.get(at)?.clone();
    match dice.below(5) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(dice.below(lines.len()), line),
        _ => {
            let mut line = json(&line, dice.next(), longest)?;
            line.push(b'\n');
            lines[at] = line;
        }
    }
    let text = lines.concat();
    (text.len() <= longest).then_some(text)
}

fn change(document: &mut Value, dice: &mut Dice) {
    let mut places = vec![String::new()];
    list(document, "", &mut places);
    let place = &places[dice.below(places.len())];
    let other = document.pointer(&places[dice.below(places.len())]).cloned();
    let Some(value) = document.pointer_mut(place) else { return };
    match (dice.below(5), &mut *value) {
        (0, Value::Array(items)) if !items.is_empty() => {
            items.remove(dice.below(items.len()));
        }
        (1, Value::Array(items)) if !items.is_empty() => {
            let item = items[dice.below(items.len())].clone();
            items.insert(dice.below(items.len()), item);
        }
        (0, Value::Object(fields)) if !fields.is_empty() => {
            let name = fields.keys().nth(dice.below(fields.len())).cloned();
            name.and_then(|name| fields.remove(&name));
        }
        (1, Value::Object(fields)) if !fields.is_empty() => {
            let some = fields.values().nth(dice.below(fields.len())).cloned();
            fields.insert(odd_text(dice), some.unwrap_or_default());
        }
        (0 | 1, Value::Number(number)) => {
            let near =
                number.as_i64().unwrap_or_default().wrapping_add(1 - 2 * (dice.next() & 1) as i64);
            *value = json!(near);
        }
        (2, _) => *value = other.unwrap_or_default(),
        (3, Value::String(text)) => text.push_str(&odd_text(dice)),
        _ => *value = odd_value(dice),
    }
}

/// The places of a document, as pointers.
fn list(value: &Value, at: &str, places: &mut Vec<String>) {
    let mut add = |name: &str, inner: &Value| {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places.push(place.clone());
        list(inner, &place, places);
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| add(&number.to_string(), item));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, field)| add(name, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn odd_value(dice: &mut Dice) -> Value {
    match dice.below(10) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(u64::MAX),
        5 => json!(1e308),
        6 => json!([]),
        7 => json!({}),
        8 => json!("-262143-01-01T00:00:00Z"),
        _ => Value::String(odd_text(dice)),
    }
}

fn odd_text(dice: &mut Dice) -> String {
    const TEXTS: [&str; 18] = [
        "",
        "*",
        "**",
        "0",
        "\u{1b}[2J\u{202e}",
        "a\r\n b",
        "\u{e9}\u{301}\u{1f512}",
        "0.0.0.0/0",
        "::/0",
        "arn:aws:iam::111122223333:root",
        "arn::::::",
        "/",
        "%7B",
        "{\"Statement\":[{}]}",
        "{($.a=\"*\")&&(($.b!=1)||($.c NOT EXISTS))}",
        "9999-12-31T23:59:59Z",
        "-009999-01-02T01:59:59Z",
        "111122223333",
    ];
    if dice.below(20) == 0 {
        return "\u{e4}x".repeat(2000);
    }
    TEXTS[dice.below(TEXTS.len())].to_owned()
}

/// Xorshift: the same seed makes the same change.
struct Dice(u32);

impl Dice {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end.max(1)
    }
}
