//! Statements of policies in words, with nothing left out.

use serde_json::Value;

use super::Row;

/// A statement as one line: its effect, and then who may do what, on what, if what.
pub(super) fn row(statement: &Value) -> Row {
    words(statement).unwrap_or_else(|| Row::new("statement", statement.to_string()))
}

/// `None` for what has a part that these words have no place for.
fn words(statement: &Value) -> Option<Row> {
    let fields = statement.as_object()?;
    let (mut who, mut what, mut on, mut conditions, mut sid) =
        (String::new(), String::new(), String::new(), Vec::new(), String::new());
    let mut effect = None;
    for (name, value) in fields {
        match name.as_str() {
            "Effect" => effect = value.as_str(),
            "Sid" => sid = format!(" ({})", value.as_str()?),
            "Principal" => who = format!("{} to ", principal(value)?),
            "NotPrincipal" => who = format!("anyone but {} to ", principal(value)?),
            "Action" => what = list(value)?,
            "NotAction" => what = format!("anything but {}", list(value)?),
            "Resource" => on = format!(" on {}", list(value)?),
            "NotResource" => on = format!(" on anything but {}", list(value)?),
            "Condition" => conditions = tests(value)?,
            _ => return None,
        }
    }
    let only_if = if conditions.is_empty() {
        String::new()
    } else {
        format!(" if {}", conditions.join(" and "))
    };
    let name = match effect? {
        "Allow" => "allow",
        "Deny" => "deny",
        _ => return None,
    };
    Some(Row::new(name, format!("{who}{what}{on}{only_if}{sid}")))
}

fn principal(value: &Value) -> Option<String> {
    if value == "*" {
        return Some("anyone".to_owned());
    }
    let kinds = value.as_object()?.iter().map(|(kind, who)| {
        let who = list(who)?;
        Some(match kind.as_str() {
            "AWS" if who == "*" => "anyone".to_owned(),
            "AWS" => who,
            _ => format!("{} {who}", kind.to_ascii_lowercase()),
        })
    });
    Some(kinds.collect::<Option<Vec<String>>>()?.join(", "))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the effects are two")]
fn list(value: &Value) -> Option<String> {
    match value {
        Value::Array(list) => {
            let list: Option<Vec<String>> = list.iter().map(one).collect();
            Some(list?.join(", "))
        }
        value => one(value),
    }
}

fn one(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn tests(value: &Value) -> Option<Vec<String>> {
    let mut tests = Vec::new();
    for (operator, keys) in value.as_object()? {
        for (key, values) in keys.as_object()? {
            tests.push(format!("{key} {operator} {}", list(values)?));
        }
    }
    Some(tests)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statements_are_told_whole() {
        let told = |statement: Value| {
            let Row { name, value } = row(&statement);
            format!("{name} {value}")
        };
        let ours = json!({
            "Sid": "A", "Effect": "Allow", "Principal": {"Service": "logs.example"},
            "Action": ["s3:Get", "s3:Put"], "Resource": "arn:b",
            "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"], "s3:x": "y"}},
        });
        assert_eq!(
            told(ours),
            "allow service logs.example to s3:Get, s3:Put on arn:b if aws:SourceAccount StringEquals \
             1, 2 and s3:x StringEquals y (A)"
        );
        let deny = json!({
            "Effect": "Deny", "Principal": "*", "NotAction": "s3:Get", "NotResource": "arn:b",
            "Condition": {"Bool": {"aws:SecureTransport": false}},
        });
        assert_eq!(
            told(deny),
            "deny anyone to anything but s3:Get on anything but arn:b if aws:SecureTransport Bool false"
        );
        let but = json!({"Effect": "Allow", "NotPrincipal": {"AWS": ["a", "b"]}, "Action": "*"});
        assert_eq!(told(but), "allow anyone but a, b to *");
    }

    #[test]
    fn what_has_no_words_is_shown_as_it_is() {
        for odd in [json!({"Effect": "Allow", "Else": 1}), json!({"Action": "*"}), json!(1)] {
            assert_eq!(row(&odd).value, odd.to_string());
        }
    }
}
