//! IAM policies as documents, each no longer than IAM takes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::Action;

/// The most characters of a managed policy. IAM counts no white space.
pub(super) const MOST_CHARACTERS: usize = 6_144;

/// A policy, in the order people write one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

/// What may be done, on what.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    sid: String,
    effect: &'static str,
    action: BTreeSet<Action>,
    resource: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
}

/// Values by key by operator.
pub(super) type Condition = BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<&'static str>>>;

/// A statement that allows.
pub(super) fn statement(
    sid: &str,
    action: BTreeSet<Action>,
    resource: BTreeSet<String>,
    condition: Option<Condition>,
) -> Statement {
    Statement { sid: sid.to_owned(), effect: "Allow", action, resource, condition }
}

impl Document {
    /// As many documents as it takes: none for nothing, for IAM takes none without a statement.
    pub(super) fn of(statements: Vec<Statement>) -> Vec<Self> {
        let mut documents: Vec<Self> = Vec::new();
        for part in statements.into_iter().flat_map(Statement::parts) {
            match documents.last_mut() {
                Some(last) if last.has_room_for(&part) => last.statement.push(part),
                _ => documents.push(Self::new(vec![part])),
            }
        }
        documents
    }

    fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    fn has_room_for(&self, statement: &Statement) -> bool {
        // And a comma.
        length(self) + length(statement) < MOST_CHARACTERS
    }
}

impl Statement {
    /// The same, as statements each of which has room in a document of its own.
    fn parts(self) -> Vec<Self> {
        let whole = Document::new(vec![self.clone()]);
        if length(&whole) <= MOST_CHARACTERS || self.resource.len() < 2 {
            return vec![self];
        }
        let mut first = self.resource;
        let middle = first.iter().nth(first.len() / 2).cloned().unwrap_or_default();
        let second = first.split_off(&middle);
        let half = |letter: char, resource| Self {
            sid: format!("{}{letter}", self.sid),
            action: self.action.clone(),
            condition: self.condition.clone(),
            effect: self.effect,
            resource,
        };
        [half('a', first), half('b', second)].into_iter().flat_map(Self::parts).collect()
    }
}

/// As IAM counts.
fn length(of: &impl Serialize) -> usize {
    let text = serde_json::to_string(of).unwrap_or_default();
    text.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(resources: usize) -> Statement {
        let action = BTreeSet::from([Action::new("s3:GetBucketAcl")]);
        let name = |n| format!("arn:aws:s3:::a-bucket-with-a-long-name-{n:04}");
        statement("HardenPlan1", action, (0..resources).map(name).collect(), None)
    }

    fn resources(documents: &[Document]) -> Vec<&String> {
        let statements = documents.iter().flat_map(|document| &document.statement);
        statements.flat_map(|statement| &statement.resource).collect()
    }

    #[test]
    fn what_has_room_stays_in_one() {
        let documents = Document::of(vec![of(2), of(3)]);
        assert_eq!((documents.len(), documents[0].statement.len()), (1, 2));
        assert!(Document::of(Vec::new()).is_empty());
    }

    #[test]
    fn no_document_is_longer_than_iam_takes_and_nothing_is_lost() {
        for count in [100, 200, 1000] {
            let whole = of(count);
            let documents = Document::of(vec![of(1), whole.clone(), of(1)]);
            assert!(documents.len() > count / 150, "{}", documents.len());
            assert!(documents.iter().all(|one| length(one) <= MOST_CHARACTERS));
            let mut all = resources(&documents);
            all.sort_unstable();
            all.dedup();
            assert_eq!(all, whole.resource.iter().collect::<Vec<_>>());
            let sids = documents.iter().flat_map(|one| &one.statement).map(|one| &one.sid);
            let sids: Vec<&String> = sids.collect();
            assert!(sids.iter().all(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric())));
        }
    }

    #[test]
    fn statements_go_on_in_the_next_document() {
        let documents = Document::of(vec![of(60), of(60), of(60)]);
        assert!(documents.len() >= 2);
        assert!(documents.iter().all(|one| length(one) <= MOST_CHARACTERS));
        assert_eq!(resources(&documents).len(), 180);
    }

    #[test]
    fn the_limit_itself_has_room() {
        let mut long = of(1);
        let rest = MOST_CHARACTERS - length(&Document::new(vec![long.clone()]));
        long.sid.push_str(&"x".repeat(rest));
        assert_eq!(Document::of(vec![long.clone()]).len(), 1);
        assert_eq!(length(&Document::new(vec![long])), MOST_CHARACTERS);
    }
}
