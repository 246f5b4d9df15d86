//! An example event in a few words.

use serde_json::{Map, Value};

use super::ast::Step;
use super::tree::Tree;
use super::values::Kind;

/// The values that matter, such as `eventName = DeleteRolePolicy, no errorCode`.
pub(super) fn words(tree: &Tree, kinds: &[&Kind], asked: &[bool]) -> String {
    let (object, array) = (Value::Object(Map::new()), Value::Array(Vec::new()));
    let places = tree.nodes.iter().zip(kinds).zip(asked);
    let told = places.filter_map(|((node, kind), asked)| match kind {
        Kind::Flat(value) => Some(told(&node.steps, Some(value))),
        Kind::Missing if *asked => Some(told(&node.steps, None)),
        Kind::Object if *asked => Some(told(&node.steps, Some(&object))),
        Kind::Array if *asked => Some(told(&node.steps, Some(&array))),
        Kind::Missing | Kind::Object | Kind::Array => None,
    });
    let told = told.collect::<Vec<_>>().join(", ");
    if told.is_empty() { "any event".to_owned() } else { told }
}

/// What a selector finds.
pub(super) fn told(steps: &[Step], found: Option<&Value>) -> String {
    let path = path(steps);
    match found {
        None => format!("no {path}"),
        Some(Value::Object(_)) => format!("{path} is an object"),
        Some(Value::Array(_)) => format!("{path} is an array"),
        Some(value) => format!("{path} = {}", shown(value)),
    }
}

/// A selector without its `$.`.
pub(super) fn path(steps: &[Step]) -> String {
    let path: String = steps.iter().map(ToString::to_string).collect();
    path.strip_prefix('.').map_or(path.clone(), ToOwned::to_owned)
}

/// A value, without quotes if none are needed to see where it ends.
fn shown(value: &Value) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    match value.as_str() {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        _ => value.to_string(),
    }
}
