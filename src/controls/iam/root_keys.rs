//! 1.12: root has no access key. Of a member of an organization, harden can list and delete root's keys from the
//! account that manages the organization; elsewhere root alone can.

use std::collections::BTreeMap;

use super::credentials::words::key_use;
use super::report::{Now, day, days};
use crate::change::{Operation, Risk};
use crate::controls::{
    Assess, Bundle, Case, Check, Control, Finding, Fix, Missing, NotPlanned, Outcome, Proposal,
    Remedy, Scope, Step, Wanted, Why,
};
use crate::model::{
    AccessKey, AccessKeyId, ControlId, CredentialReport, Gap, Iam, KeyUse, Level, Read,
};

const RESOURCE: &str = "root";
const ID: ControlId = ControlId::new(1, 12);

/// 1.12
pub(super) static CONTROL: Control = Control {
    id: ID,
    level: Level::One,
    scored: true,
    title: "Root has no access key",
    why: "Whoever holds root's key can do everything, and no policy of the account can stop it.",
    assess: Assess::Automatic {
        reads: &[Read::AccountSummary, Read::CredentialReport],
        context: &[Read::RootKeys],
        check: &NoAccessKey,
    },
    remedy: Remedy::Partly(&FIX, INSTRUCTION),
};

const INSTRUCTION: &str = "Sign in as root, open \"Security credentials\", move whatever uses the access key to a role, \
     then delete the key. No other identity of the account can do it; in a member of an organization, \
     `harden rollout` may: see `harden explain 1.12`.";

static FIX: Fix = Fix {
    name: "root-keys",
    // After the credentials of users: nothing else is as hard to get back.
    turn: 75,
    reads: &[],
    changes: "In a rollout over an organization with central management of root access, for its members: \
              iam:DeleteAccessKey for each access key of root, by sts:AssumeRoot with the task policy \
              IAMDeleteRootUserCredentials. Whoever rolls out takes sts:AssumeRoot in the account that manages \
              the organization, or in that of its delegated administrator for IAM; the role in the member takes \
              nothing. The last use is read again just before: a key that was used since the plan stays. The \
              keys of the managing account are never touched. More than `credentials.max_changes` in one plan \
              need their number typed, or `--max-credential-changes`.",
    breaks: "Whatever signs with the key, at once.",
    undo: "Impossible: a key that is deleted does not come back. It cannot be turned off first, for the task \
           policy does not allow it.",
    propose,
};

#[derive(Debug)]
struct NoAccessKey;

impl Check for NoAccessKey {
    /// The list of root's keys, where there is one, is newer than the summary and the report, which may be four
    /// hours old, and tells of each key: it decides. It is no way around the other two, though: where one of them
    /// could not be read, nothing passes.
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let iam = &case.snapshot.iam;
        let told = by_summary_and_report(iam);
        let Some(keys) = iam.root_keys.ok() else { return told };
        let findings: Vec<Finding> =
            by_list(keys).map(|told| Finding::of_account(RESOURCE, told)).into_iter().collect();
        let gap = match (iam.summary.known(), iam.credential_report.known().and_then(active_keys)) {
            (Err(gap), _) | (_, Err(gap)) => Some(gap),
            (Ok(_), Ok(_)) => None,
        };
        let notes = if findings.is_empty() && gap.is_none() { outdated(told) } else { Vec::new() };
        let missing = gap.into_iter().map(|gap| Missing { region: None, resource: None, gap });
        Outcome::Judged { findings, missing: missing.collect(), pending: Vec::new(), notes }
    }
}

/// Whether something tells of an access key of root: only then it is worth being root to look.
pub fn root_is_suspect(iam: &Iam) -> bool {
    matches!(by_summary_and_report(iam), Outcome::Judged { findings, .. } if !findings.is_empty())
}

/// The summary and the report must agree that there is no key; either can tell that there is one.
fn by_summary_and_report(iam: &Iam) -> Outcome {
    let summary = iam.summary.known().map(|summary| summary.root_access_key_present);
    let active = iam.credential_report.known().and_then(active_keys);
    match (summary, active) {
        (summary, Ok(active)) if !active.is_empty() => {
            let keys = active.join(" and ");
            let also = match summary {
                Ok(false) => " by the credential report, and the account summary shows none",
                Ok(true) | Err(_) => "",
            };
            Outcome::fail(RESOURCE, format!("{keys} of root is active{also}"))
        }
        (Ok(true), Ok(_)) => Outcome::fail(
            RESOURCE,
            "root has an access key; the credential report shows none that is active",
        ),
        (Ok(true), Err(_)) => Outcome::fail(RESOURCE, "root has an access key"),
        (Err(gap), _) | (_, Err(gap)) => Outcome::unknown(gap),
        (Ok(false), Ok(_)) => Outcome::PASS,
    }
}

/// The keys of root that the report calls active, in words. One that is active is told of, whatever the report
/// does not tell of the other.
fn active_keys(report: &CredentialReport) -> Result<Vec<String>, Gap> {
    let unclear =
        |what: &str| Gap { action: None, reason: format!("the credential report {what}") };
    let root = report.root.as_ref().ok_or_else(|| unclear("has no row for root"))?;
    let numbered = || root.access_keys.iter().zip(1..);
    let active: Vec<String> = numbered()
        .filter(|(key, _)| key.active == Some(true))
        .map(|(key, number)| match key.last_rotated.at() {
            Some(at) => format!("access key {number} (of {})", day(at)),
            None => format!("access key {number}"),
        })
        .collect();
    if active.is_empty() && numbered().any(|(key, _)| key.active.is_none()) {
        return Err(unclear("does not tell whether root's access keys are active"));
    }
    Ok(active)
}

/// The keys by their ids, if there are any.
fn by_list(keys: &BTreeMap<AccessKeyId, AccessKey>) -> Option<String> {
    let told = keys.iter().map(|(id, key)| {
        let status = key.status.word();
        format!("access key {id} (of {}) of root is {status}", day(key.made))
    });
    (!keys.is_empty()).then(|| told.collect::<Vec<_>>().join("; "))
}

/// What is told of keys that are not listed any more.
fn outdated(told: Outcome) -> Vec<String> {
    let Outcome::Judged { findings, .. } = told else { return Vec::new() };
    let of =
        |summary: String| format!("no access key of root is listed any more, though {summary}");
    findings.into_iter().map(|finding| of(finding.summary)).collect()
}

/// A key that was used within so many days is in use.
const IN_USE_DAYS: u16 = 7;

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    for finding in wanted.values().flatten() {
        let Some(keys) = case.snapshot.iam.root_keys.ok() else {
            let by_hand = format!("{}. {INSTRUCTION}", finding.summary);
            proposal.not_planned.push(left(Why::Manual, by_hand));
            continue;
        };
        for (id, key) in keys {
            match key.last_used.known() {
                _ if key.signs => {
                    let own = format!("harden signs with access key {id} of root. {INSTRUCTION}");
                    proposal.not_planned.push(left(Why::Caller, own));
                }
                Ok(last) => proposal.bundles.push(deletion(case, id, key, last.as_ref())),
                Err(gap) => {
                    let what = "the last use of access key";
                    let unread = format!("{what} {id} of root could not be read: {}", gap.reason);
                    proposal.not_planned.push(left(Why::Unknown, unread));
                }
            }
        }
    }
    proposal
}

fn deletion(case: &Case<'_>, id: &AccessKeyId, key: &AccessKey, last: Option<&KeyUse>) -> Bundle {
    let now = Now::of(case);
    let is_in_use = last.is_some_and(|last| now.age(last.at) < days(IN_USE_DAYS));
    let account = &case.snapshot.account.id;
    let means = if !key.is_active() {
        "it is inactive: nothing signs with it any more".to_owned()
    } else if is_in_use {
        format!(
            "it is in use: whatever signs with it as root of {account} fails at once. Move it to a role \
             first; if it signs again before the key goes, the key stays"
        )
    } else {
        format!("whatever still signs with it as root of {account} fails")
    };
    let impact =
        vec![key_use(now, key.made, last), means, "the key cannot be given back".to_owned()];
    let unused_since = last.map_or(key.made, |last| last.at);
    let operation = Operation::DeleteRootAccessKey { key: id.clone(), unused_since };
    let step = Step { operation, risk: Risk::Destructive, impact, cost: None };
    Bundle { controls: vec![ID], title: format!("access key {id} of root"), steps: vec![step] }
}

fn left(why: Why, detail: String) -> NotPlanned {
    NotPlanned { control: ID, resource: Some(RESOURCE.to_owned()), region: None, why, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        AccountSummary, Action, IamQuotas, KeyRow, KeyStatus, Observed, ReportRow, Settings,
        Snapshot, UsedFor, When, fixture,
    };

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    fn account(summary: bool, report: impl Into<Option<ReportRow>>) -> Snapshot {
        let mut snapshot = fixture::unread();
        snapshot.iam.summary = Observed::Known(AccountSummary {
            root_mfa_enabled: true,
            root_access_key_present: summary,
            root_password_present: None,
            quotas: IamQuotas::default(),
        });
        let generated_at = snapshot.taken_at;
        let report = CredentialReport { generated_at, root: report.into(), users: Vec::new() };
        snapshot.iam.credential_report = Observed::Known(report);
        snapshot
    }

    /// Root by the report, with one key that is active or not.
    fn root(active: bool) -> ReportRow {
        let told = super::super::report::tests_support::row();
        let made = When::At(at("2024-09-16T00:00:00Z"));
        let key = KeyRow { active: Some(active), last_rotated: made, ..KeyRow::NONE };
        ReportRow { access_keys: [key, KeyRow::NONE], ..told }
    }

    fn key(status: KeyStatus, last_used: Observed<Option<KeyUse>>) -> AccessKey {
        AccessKey { status, made: at("2024-09-16T00:00:00Z"), last_used, signs: false }
    }

    fn used(time: &str) -> Observed<Option<KeyUse>> {
        let used_for = UsedFor { service: "s3".to_owned(), region: "eu-west-1".to_owned() };
        Observed::Known(Some(KeyUse { at: at(time), used_for: Some(used_for) }))
    }

    fn listed(mut snapshot: Snapshot, keys: Vec<AccessKey>) -> Snapshot {
        let named = |(n, key)| (AccessKeyId::new(format!("AKIAROOT{n}")), key);
        snapshot.iam.root_keys = Observed::Known((1..).zip(keys).map(named).collect());
        snapshot
    }

    fn judged(snapshot: &Snapshot) -> String {
        let outcome = NoAccessKey.assess(&Case { snapshot, settings: &Settings::default() });
        let Outcome::Judged { findings, missing, notes, .. } = outcome else { panic!() };
        let found = findings.iter().map(|finding| format!("fail: {}", finding.summary));
        let gaps = missing.iter().map(|missing| format!("unknown: {}", missing.gap.reason));
        let noted = notes.iter().map(|note| format!("pass: {note}"));
        let all: Vec<String> = found.chain(gaps).chain(noted).collect();
        if all.is_empty() { "pass".to_owned() } else { all.join(" / ") }
    }

    fn proposed(snapshot: &Snapshot) -> Proposal {
        let settings = Settings::default();
        let case = Case { snapshot, settings: &settings };
        let Outcome::Judged { findings, .. } = NoAccessKey.assess(&case) else { panic!() };
        let wanted = [(ID, findings.iter().collect())].into();
        propose(&case, &wanted, &Scope::whole())
    }

    #[test]
    fn without_the_report_only_a_key_in_the_summary_is_known() {
        let denied = || Observed::Denied { action: Action::new("iam:GetCredentialReport") };
        for (summary, expected) in [(false, "unknown"), (true, "fail")] {
            let mut snapshot = account(summary, None);
            assert!(judged(&snapshot).starts_with(expected), "a report without root's row");
            snapshot.iam.credential_report = denied();
            assert!(judged(&snapshot).starts_with(expected));
            assert_eq!(root_is_suspect(&snapshot.iam), summary);
        }
    }

    #[test]
    fn the_list_is_newer_than_the_report_and_no_way_around_it() {
        let told = account(false, root(true));
        let words = "access key 1 (of 2024-09-16) of root is active by the credential report, and the account summary shows none";
        assert_eq!(judged(&told), format!("fail: {words}"));
        let gone = listed(told.clone(), vec![]);
        let note = "no access key of root is listed any more, though";
        assert_eq!(judged(&gone), format!("pass: {note} {words}"));
        let both = [KeyStatus::Active, KeyStatus::Inactive].map(|one| key(one, Observed::Unread));
        let there = listed(account(false, root(false)), both.to_vec());
        assert_eq!(
            judged(&there),
            "fail: access key AKIAROOT1 (of 2024-09-16) of root is active; \
             access key AKIAROOT2 (of 2024-09-16) of root is inactive"
        );
        // What was not read in the first place is not made up for.
        for part in [0, 1] {
            let mut blind = gone.clone();
            let action = Action::new("x:Y");
            match part {
                0 => blind.iam.summary = Observed::Denied { action },
                _ => blind.iam.credential_report = Observed::Denied { action },
            }
            assert_eq!(judged(&blind), "unknown: x:Y is denied");
        }
        // And a list that could not be had changes nothing.
        let mut denied = told.clone();
        denied.iam.root_keys = Observed::Denied { action: crate::model::ASSUME_ROOT };
        assert_eq!(judged(&denied), judged(&told));
    }

    #[test]
    fn only_listed_keys_are_deleted() {
        let told = account(true, root(true));
        let proposal = proposed(&told);
        assert!(proposal.bundles.is_empty());
        let [left] = proposal.not_planned.as_slice() else { panic!() };
        assert_eq!((left.why, left.resource.as_deref()), (Why::Manual, Some("root")));
        assert!(left.detail.ends_with(INSTRUCTION) && left.detail.starts_with("access key 1"));

        let last = "2026-01-02T03:04:05Z";
        let never = Observed::Known(None);
        let keys = vec![key(KeyStatus::Active, used(last)), key(KeyStatus::Inactive, never)];
        let mut snapshot = listed(told, keys);
        let proposal = proposed(&snapshot);
        assert_eq!(proposal.not_planned, []);
        let steps: Vec<&Step> = proposal.bundles.iter().flat_map(|bundle| &bundle.steps).collect();
        let [first, second] = steps.as_slice() else { panic!() };
        let id = |n| AccessKeyId::new(format!("AKIAROOT{n}"));
        let delete = |n, unused_since| Operation::DeleteRootAccessKey { key: id(n), unused_since };
        assert_eq!(first.operation, delete(1, at(last)));
        assert_eq!(second.operation, delete(2, at("2024-09-16T00:00:00Z")));
        assert!(steps.iter().all(|step| step.risk == Risk::Destructive));
        let text = |step: &Step| step.impact.join("; ");
        assert!(text(first).starts_with("last used on 2026-01-02, "), "{}", text(first));
        assert!(text(first).contains("for s3 in eu-west-1"), "{}", text(first));
        assert!(text(first).contains("still signs with it as root of 111122223333 fails"));
        assert!(text(second).starts_with("never used; made on 2024-09-16"), "{}", text(second));
        assert!(text(second).contains("it is inactive"), "{}", text(second));
        for step in steps {
            step.operation.simulate(&mut snapshot).unwrap();
        }
        assert!(judged(&snapshot).starts_with("pass: "), "{}", judged(&snapshot));
        // The summary tells of no key either: 1.13 goes by that.
        assert!(!snapshot.iam.summary.ok().unwrap().root_access_key_present);
    }

    #[test]
    fn a_key_in_use_is_told_as_such_and_one_of_unknown_use_stays() {
        let told = account(true, root(true));
        let today = told.taken_at.to_string();
        let busy = listed(told.clone(), vec![key(KeyStatus::Active, used(&today))]);
        let impact = proposed(&busy).bundles[0].steps[0].impact.join("; ");
        assert!(impact.contains("it is in use") && impact.contains("the key stays"), "{impact}");
        let action = Action::new("iam:GetAccessKeyLastUsed");
        let denied = Observed::Denied { action };
        let unclear = listed(told.clone(), vec![key(KeyStatus::Active, denied)]);
        let proposal = proposed(&unclear);
        assert!(proposal.bundles.is_empty() && proposal.not_planned[0].why == Why::Unknown);
        let own = AccessKey { signs: true, ..key(KeyStatus::Active, used(&today)) };
        let proposal = proposed(&listed(told, vec![own]));
        assert!(proposal.bundles.is_empty() && proposal.not_planned[0].why == Why::Caller);
    }
}
