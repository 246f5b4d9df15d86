//! Resource and key policies as text: compared by what they say, merged statement by statement.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::policy::one_or_many;

/// A policy. Two are equal if they say the same: services give policies back in another form than they
/// took them in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyText(String);

impl PolicyText {
    /// Takes the text as AWS gave it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A policy of these statements.
    pub fn of(statements: &[Value]) -> Self {
        let statements: Vec<String> = statements.iter().map(ToString::to_string).collect();
        assemble(r#""2012-10-17""#, None, &statements)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What IAM counts of it: all but blanks.
    pub fn size(&self) -> usize {
        self.0.chars().filter(|c| !c.is_whitespace()).count()
    }

    /// One text for all policies that say the same.
    pub fn meaning(&self) -> String {
        self.canonical().map_or_else(
            || self.0.clone(),
            |(version, id, statements)| {
                Value::from(vec![version, id, statements.into()]).to_string()
            },
        )
    }

    /// The statements; `None` if the text is no policy.
    pub fn statements(&self) -> Option<Vec<Value>> {
        let document: Value = serde_json::from_str(&self.0).ok()?;
        Some(one_or_many(document.get("Statement")?).to_vec())
    }

    /// Whether it has every one of these statements.
    pub fn has(&self, wanted: &[Value]) -> bool {
        let Some(held) = self.statements() else { return false };
        let held: Vec<Value> = held.iter().map(canonical).collect();
        wanted.iter().all(|statement| held.contains(&canonical(statement)))
    }

    /// The policy with these statements, each in place of the one with its `Sid` if there is one. All
    /// others stay to the byte. `None` if the text is no policy.
    #[must_use]
    pub fn with(&self, ours: &[Value]) -> Option<Self> {
        let replaced = |statement: &Value| {
            let sid = statement.get("Sid");
            sid.is_some() && ours.iter().any(|one| one.get("Sid") == sid)
        };
        let parts: Parts = serde_json::from_str(&self.0).ok()?;
        let mut kept = parts.kept(|statement| !replaced(statement))?;
        kept.extend(ours.iter().map(ToString::to_string));
        Some(parts.around(&kept))
    }

    /// The policy without some of its statements; `Some(None)` if none is left, and `None` if the text is
    /// no policy.
    pub fn without(&self, drop: impl Fn(&Value) -> bool) -> Option<Option<Self>> {
        let parts: Parts = serde_json::from_str(&self.0).ok()?;
        let kept = parts.kept(|statement| !drop(statement))?;
        Some((!kept.is_empty()).then(|| parts.around(&kept)))
    }

    /// A principal that is deleted: AWS shows its id in place of its ARN, and takes no policy that has it.
    pub fn deleted_principal(&self) -> Option<String> {
        let is_id = |text: &str| {
            ["AROA", "AIDA"].iter().any(|kind| text.starts_with(kind))
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        let statements = self.statements().unwrap_or_default();
        let principals = statements
            .iter()
            .filter_map(|one| one.get("Principal").or_else(|| one.get("NotPrincipal"))?.get("AWS"));
        let names = principals.flat_map(one_or_many).filter_map(Value::as_str);
        names.into_iter().find(|name| is_id(name)).map(ToOwned::to_owned)
    }

    fn canonical(&self) -> Option<(Value, Value, Vec<Value>)> {
        let document: Value = serde_json::from_str(&self.0).ok()?;
        let version = document.get("Version").cloned();
        let id = document.get("Id").cloned().unwrap_or_default();
        let mut statements: Vec<Value> = self.statements()?.iter().map(canonical).collect();
        statements.sort_by_key(ToString::to_string);
        Some((version.unwrap_or_else(|| Value::from("2008-10-17")), id, statements))
    }
}

impl PartialEq for PolicyText {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || {
            let said = self.canonical();
            said.is_some() && said == other.canonical()
        }
    }
}

impl Eq for PolicyText {}

impl fmt::Display for PolicyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A policy taken apart, every statement as it was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Parts {
    version: Option<Box<RawValue>>,
    id: Option<Box<RawValue>>,
    statement: Box<RawValue>,
}

impl Parts {
    /// The statements that shall stay, as they were written.
    fn kept(&self, keep: impl Fn(&Value) -> bool) -> Option<Vec<String>> {
        let text = self.statement.get();
        let statements: Vec<Box<RawValue>> = if text.starts_with('[') {
            serde_json::from_str(text).ok()?
        } else {
            vec![serde_json::from_str(text).ok()?]
        };
        let mut kept = Vec::new();
        for statement in statements {
            let value: Value = serde_json::from_str(statement.get()).ok()?;
            if keep(&value) {
                kept.push(statement.get().to_owned());
            }
        }
        Some(kept)
    }

    /// The policy with these statements in place of its own.
    fn around(&self, statements: &[String]) -> PolicyText {
        let version = self.version.as_ref().map_or(r#""2008-10-17""#, |version| version.get());
        assemble(version, self.id.as_ref().map(|id| id.get()), statements)
    }
}

fn assemble(version: &str, id: Option<&str>, statements: &[String]) -> PolicyText {
    let id = id.map(|id| format!(r#""Id":{id},"#)).unwrap_or_default();
    let statements = statements.join(",");
    PolicyText(format!(r#"{{"Version":{version},{id}"Statement":[{statements}]}}"#))
}

/// A statement in the one form of all that say the same.
fn canonical(statement: &Value) -> Value {
    let Some(fields) = statement.as_object() else { return statement.clone() };
    let fields = fields.iter().map(|(name, value)| {
        let value = match name.as_str() {
            "Principal" | "NotPrincipal" if value.is_string() => {
                Value::Object(Map::from_iter([("AWS".to_owned(), sorted(value))]))
            }
            "Principal" | "NotPrincipal" => each(value, sorted),
            "Condition" => each(value, |keys| each(keys, sorted)),
            "Action" | "NotAction" | "Resource" | "NotResource" => sorted(value),
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn each(value: &Value, change: impl Fn(&Value) -> Value) -> Value {
    match value.as_object() {
        Some(fields) => {
            Value::Object(fields.iter().map(|(name, one)| (name.clone(), change(one))).collect())
        }
        None => value.clone(),
    }
}

/// A list of one is written with brackets or without, and its order says nothing.
fn sorted(value: &Value) -> Value {
    let mut list: Vec<Value> =
        one_or_many(value)
            .iter()
            // Conditions write booleans and numbers as text or as they are.
            .map(|one| {
                if one.is_boolean() || one.is_number() {
                    one.to_string().into()
                } else {
                    one.clone()
                }
            })
            .collect();
    list.sort_by_key(ToString::to_string);
    list.dedup();
    Value::Array(list)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(statements: &str) -> PolicyText {
        PolicyText::new(format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#))
    }

    #[test]
    fn what_says_the_same_is_equal() {
        let one = text(r#"{"Effect":"Allow","Principal":"*","Action":"s3:Get","Resource":"a"}"#);
        let other = text(
            r#"[ {"Resource":["a"], "Action":["s3:Get"], "Principal":{"AWS":["*"]}, "Effect":"Allow"} ]"#,
        );
        assert_eq!(one, other);
        let third = text(r#"[{"Effect":"Deny","Principal":"*","Action":"s3:Get","Resource":"a"}]"#);
        assert_ne!(one, third);
        assert_eq!(one.meaning(), other.meaning());
        assert_ne!(one.meaning(), third.meaning());
        assert_eq!(PolicyText::new("rubbish").meaning(), "rubbish");
        assert_ne!(one, PolicyText::new("rubbish"));
        assert_eq!(PolicyText::new("rubbish"), PolicyText::new("rubbish"));
    }

    #[test]
    fn foreign_statements_stay_to_the_byte() {
        let foreign = r#"{"Sid" : "Theirs",  "Effect":"Deny", "Principal":"*", "Action":"s3:*", "Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
        let before = text(&format!(r#"[ {foreign} , {{"Sid":"HardenA","Effect":"Allow"}} ]"#));
        let ours = [json!({"Sid": "HardenA", "Effect": "Deny"}), json!({"Sid": "HardenB"})];
        let after = before.with(&ours).unwrap();
        assert!(after.as_str().contains(foreign));
        assert_eq!(after.statements().unwrap().len(), 3);
        assert!(after.has(&ours));
        assert!(!before.has(&ours));
        // A second time changes nothing.
        assert_eq!(after.with(&ours).unwrap(), after);
        let back = after.without(|s| s.get("Sid").is_some_and(|sid| sid != "Theirs")).unwrap();
        assert!(back.unwrap().as_str().contains(foreign));
        assert_eq!(after.without(|_| true), Some(None));
    }

    #[test]
    fn a_deleted_principal_is_named() {
        let of = |who: &str| {
            let policy = text(&format!(r#"[{{"Effect":"Allow","Principal":{who}}}]"#));
            policy.deleted_principal()
        };
        let gone = Some("AROAEXAMPLE1234".to_owned());
        assert_eq!(of(r#"{"AWS":["arn:x:iam::1:root","AROAEXAMPLE1234"]}"#), gone);
        assert_eq!(of(r#"{"AWS":"111122223333"}"#), None);
        assert_eq!(of(r#""*""#), None);
    }

    #[test]
    fn version_and_id_stay_and_what_is_no_policy_is_left_alone() {
        let old = PolicyText::new(r#"{"Id":"x","Version":"2008-10-17","Statement":{"Sid":"a"}}"#);
        let after = old.with(&[json!({"Sid": "HardenA"})]).unwrap();
        let text =
            r#"{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"a"},{"Sid":"HardenA"}]}"#;
        assert_eq!(after.as_str(), text);
        assert!(PolicyText::new("{").with(&[]).is_none());
        assert!(PolicyText::new(r#"{"Other":1,"Statement":[]}"#).with(&[]).is_none());
    }
}
