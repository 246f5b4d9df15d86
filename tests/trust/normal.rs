//! Readings of different accounts, made comparable: without what has another name each time it is made.

use serde_json::{Map, Value};

/// The same without ids of the account, of what is in it, and times.
pub(crate) fn normal(reading: &Value, account: &str) -> Value {
    match reading {
        Value::String(text) => plain(text, account).into(),
        Value::Array(all) => all.iter().map(|one| normal(one, account)).collect(),
        Value::Object(fields) => {
            let renamed = fields.keys().any(|name| plain(name, "") != *name);
            let fields =
                fields.iter().map(|(name, one)| (plain(name, account), normal(one, account)));
            if !renamed {
                return fields.collect::<Map<String, Value>>().into();
            }
            // Several may now have the same name, and they stand in the order of those of before.
            let mut all: Vec<Value> =
                fields.map(|(name, one)| vec![name.into(), one].into()).collect();
            all.sort_by_key(ToString::to_string);
            all.into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => reading.clone(),
    }
}

fn plain(text: &str, account: &str) -> String {
    let text = if account.is_empty() { text.to_owned() } else { text.replace(account, "ACCOUNT") };
    if is_time(&text) {
        return "TIME".to_owned();
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let (mut plain, mut rest) = (String::new(), text.as_str());
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len()).max(c.len_utf8());
        let (token, after) = rest.split_at(end);
        plain += if is_id(token) { "ID" } else { token };
        rest = after;
    }
    plain
}

fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 19 && bytes[4] == b'-' && bytes[10] == b'T' && bytes[0] == b'2'
}

/// Such as `vpc-0123456789abcdef0`, a UUID, or `AROA` and 16 more.
fn is_id(token: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> = token.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_uuid = lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hex(part));
    let is_ec2 = matches!(lengths[..], [2..=6, 8 | 17]) && is_hex(parts[1]);
    let is_iam = token.len() >= 16
        && token.starts_with('A')
        && token.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && token.bytes().any(|b| b.is_ascii_digit());
    is_uuid || is_ec2 || is_iam
}

#[test]
fn ids_and_times_are_left_out_and_all_else_stays() {
    let left = |text: &str| plain(text, "100000000001");
    for (text, expected) in [
        ("vpc-0123456789abcdef0", "ID"),
        (
            "arn:aws:kms:eu-west-1:100000000001:key/12345678-1234-1234-1234-123456789abc",
            "arn:aws:kms:eu-west-1:ACCOUNT:key/ID",
        ),
        ("AKIAIOSFODNN7EXAMPLE", "ID"),
        ("2026-11-25T23:08:10Z", "TIME"),
        ("harden-trail-100000000001-eu-west-1", "harden-trail-ACCOUNT-eu-west-1"),
        ("alias/app-data", "alias/app-data"),
        ("ü 100%", "ü 100%"),
    ] {
        assert_eq!(left(text), expected);
    }
}

#[test]
fn things_with_ids_are_compared_whatever_their_ids_and_counted() {
    let one = serde_json::json!({ "sg-0123456789abcdef0": 2, "sg-1123456789abcdef0": 1 });
    let same = serde_json::json!({ "sg-2123456789abcdef0": 1, "sg-3123456789abcdef0": 2 });
    let fewer = serde_json::json!({ "sg-2123456789abcdef0": 1 });
    assert_eq!(normal(&one, "100000000001"), normal(&same, "100000000001"));
    assert_ne!(normal(&one, "100000000001"), normal(&fewer, "100000000001"));
}
