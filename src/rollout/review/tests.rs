use super::*;
use crate::change::{Document, Operation};
use crate::model::PasswordPolicy;
use crate::plan::tests_support::plan_of_two;

/// A plan for this account, of the two changes of the small plan.
fn plan(account: &str) -> Plan {
    let mut plan = plan_of_two();
    plan.head.account.id = AccountId::new(account);
    plan.sealed()
}

/// A plan that raises the password policy from this length.
fn from_length(account: &str, characters: u16) -> Plan {
    let mut plan = plan(account);
    let mut change = plan.changes.remove(0);
    let was = PasswordPolicy { minimum_length: characters, ..PasswordPolicy::IN_PLACE_OF_NONE };
    let policy = PasswordPolicy { minimum_length: 14, ..was.clone() };
    change.before = Document::PasswordPolicy(Some(was));
    change.after = Document::PasswordPolicy(Some(policy.clone()));
    change.operation = Operation::UpdateAccountPasswordPolicy { policy };
    change.impact = vec![format!("of {account}")];
    plan.changes = vec![change];
    plan.sealed()
}

fn review(plans: &[Plan]) -> Review {
    let mut gathering = Gathering::default();
    for plan in plans {
        gathering.add(Condensed::of(plan));
    }
    gathering.finish()
}

#[test]
fn equal_changes_are_one_group() {
    let review = review(&[plan("222222222222"), plan("111111111111")]);
    assert_eq!(review.groups.len(), 2);
    for group in &review.groups {
        let ids: Vec<&str> = group.accounts.iter().map(AccountId::as_str).collect();
        assert_eq!((ids, group.changes), (vec!["111111111111", "222222222222"], 2));
        assert!(group.lines.iter().all(|line| line.accounts.len() == 2), "{group:#?}");
    }
    // As each plan has them: first in, then out.
    let operations: Vec<&str> = review.groups.iter().map(|group| group.operation).collect();
    let made: Vec<&str> = plan_of_two().changes.iter().map(|c| c.operation.name()).collect();
    assert_eq!(operations, made);
    assert_eq!((review.totals.accounts, review.totals.accounts_with_changes), (2, 2));
    assert_eq!(review.totals.by_risk.values().sum::<usize>(), 4);
}

#[test]
fn values_that_differ_are_told_apart() {
    let review = review(&[
        from_length("111111111111", 8),
        from_length("222222222222", 6),
        from_length("333333333333", 8),
    ]);
    let [group] = review.groups.as_slice() else { panic!("{review:#?}") };
    let told: Vec<(&str, &str, usize)> = group
        .lines
        .iter()
        .map(|line| (line.name.as_str(), line.before.as_deref().unwrap(), line.accounts.len()))
        .collect();
    assert_eq!(told, [("minimum length", "6", 1), ("minimum length", "8", 2)]);
    // Each tells of itself, and so all the same.
    let [said] = group.impact.as_slice() else { panic!("{group:#?}") };
    assert_eq!((said.text.as_str(), said.accounts.len()), ("of {account}", 3));
}

#[test]
fn the_order_of_plans_does_not_matter() {
    let plans = ["111111111111", "222222222222", "333333333333"];
    let text = |order: [usize; 3]| {
        let plans = order.map(|at| from_length(plans[at], if at == 1 { 6 } else { 8 }));
        serde_json::to_string(&review(&plans)).unwrap()
    };
    assert_eq!(text([0, 1, 2]), text([2, 1, 0]));
    assert_eq!(text([0, 1, 2]), text([1, 0, 2]));
}
