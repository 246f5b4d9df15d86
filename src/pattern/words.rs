//! An example event in a few words.

use serde_json::Value;

use super::tree::{Node, Tree};
use super::values::Kind;

/// The values that matter, such as `eventName = DeleteRolePolicy, no errorCode`.
pub(super) fn words(tree: &Tree, kinds: &[&Kind], asked: &[bool]) -> String {
    let places = tree.nodes.iter().zip(kinds).zip(asked);
    let told = places.filter_map(|((node, kind), asked)| match kind {
        Kind::Flat(value) => Some(format!("{} = {}", path(node), shown(value))),
        Kind::Missing if *asked => Some(format!("no {}", path(node))),
        Kind::Object if *asked => Some(format!("{} is an object", path(node))),
        Kind::Array if *asked => Some(format!("{} is an array", path(node))),
        Kind::Missing | Kind::Object | Kind::Array => None,
    });
    let told = told.collect::<Vec<_>>().join(", ");
    if told.is_empty() { "any event".to_owned() } else { told }
}

/// A selector without its `$.`.
fn path(node: &Node) -> String {
    let path: String = node.steps.iter().map(ToString::to_string).collect();
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
