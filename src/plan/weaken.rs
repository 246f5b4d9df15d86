//! What no plan from a baseline does, whatever a file says.
//!
//! A file may still claim what only the account knows: that a log group is new. That is looked at just before
//! the call.

use jiff::Timestamp;
use serde_json::Value;

use crate::change::{
    Change, Document, KeyState, Operation, RecorderConfig, Risk, Target, TrailConfig, is_younger,
};
use crate::model::{
    Account, DeliveryChannel, KeyStatus, PasswordPolicy, PolicyText, PublicAccessBlock, Records,
    Rotation, Service, is_open,
};

/// Whether a change makes a setting laxer, replaces what somebody chose, or takes something away that
/// only an undo takes away. What the plan itself has made before can be set up as it likes.
pub(super) fn weakens(
    change: &Change,
    earlier: &[Change],
    account: &Account,
    taken_at: Timestamp,
) -> bool {
    if change.operation.facts().only_undo || reaches_out(&change.operation, account) {
        return true;
    }
    match (&change.before, &change.after) {
        (Document::PasswordPolicy(before), Document::PasswordPolicy(after)) => {
            let before = before.as_ref().unwrap_or(&PasswordPolicy::IN_PLACE_OF_NONE);
            after.as_ref().is_some_and(|after| !after.is_as_strict_as(before))
        }
        (Document::KeyRotation(before), Document::KeyRotation(after)) => {
            *before != Rotation::Off && before != after
        }
        (Document::AccessKey(before), Document::AccessKey(after)) => {
            !shuts(&change.operation, change.risk, before.as_ref(), after.as_ref())
        }
        // A password goes, and comes back by no plan.
        (Document::Password(_), Document::Password(after)) => {
            after.is_some() || change.risk != Risk::Destructive
        }
        (Document::SecurityContact(before), _) => before.is_some(),
        (Document::Policy(before), Document::Policy(after)) => {
            let key = matches!(change.operation, Operation::CreateKey { .. }).then_some(account);
            opens(before.as_ref(), after.as_ref(), key)
        }
        (Document::Filter(before), Document::Filter(_)) => {
            before.is_some() && !change.resource.starts_with(OURS)
        }
        (Document::Alarm(before), Document::Alarm(Some(after))) => {
            let had =
                before.as_ref().map(|before| before.alarm_actions.as_slice()).unwrap_or_default();
            let topic = |arn: &String| arn.split(':').nth(2) == Some("sns") && is_of(account, arn);
            let (mut had_all, mut is) = (had.iter(), after.alarm_actions.iter());
            !change.resource.starts_with(OURS)
                || !had_all.all(|action| after.alarm_actions.contains(action))
                || !is.all(|action| had.contains(action) || topic(action))
        }
        (Document::Attached(_) | Document::OwnPolicy(_) | Document::Member(_), _) => {
            regroups_badly(change, earlier)
        }
        // Only what is labelled so may cut somebody off.
        (Document::Presence(true), Document::Presence(false)) => change.risk != Risk::Destructive,
        (Document::PublicAccess(before), Document::PublicAccess(after)) => {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            !is_as_closed(after, before)
        }
        (Document::Acl(before), Document::Acl(after)) => {
            after.iter().any(|grant| !before.contains(grant))
        }
        (Document::AccessLog(before), Document::AccessLog(after)) => {
            before.is_some() && before != after
        }
        (Document::Trail(Some(before)), Document::Trail(after)) => {
            after.as_ref().is_none_or(|after| !keeps(before, after))
        }
        (Document::Recording(before), Document::Recording(after)) => *before && !after,
        (Document::Recorder(Some(before)), Document::Recorder(after)) => {
            after.as_ref().is_none_or(|after| !records_as_much(before, after))
        }
        (Document::Channel(Some(before)), Document::Channel(after)) => {
            after.as_ref().is_none_or(|after| !delivers_alike(before, after))
        }
        (Document::Retention(before), Document::Retention(after)) => {
            let days = |kept: &Option<u16>| kept.unwrap_or(u16::MAX);
            let is_shorter = days(after) < days(before);
            let is_new = is_of_the_plan(change, earlier) || deletes_nothing(change, taken_at);
            is_shorter && !(before.is_none() && is_new)
        }
        _ => false,
    }
}

/// Whether an access key that was active is not afterwards, and the risk says so: whoever does not look at
/// its use may hit something that lives on it. A key of root is gone afterwards, and comes back by no plan.
fn shuts(
    operation: &Operation,
    risk: Risk,
    before: Option<&KeyState>,
    after: Option<&KeyState>,
) -> bool {
    if matches!(operation, Operation::DeleteRootAccessKey { .. }) {
        return after.is_none() && risk == Risk::Destructive;
    }
    let status = |state: Option<&KeyState>| state.map(|state| state.status);
    let looks = matches!(operation, Operation::UpdateAccessKey { unused_since: Some(_), .. });
    let least = if looks { Risk::Restrictive } else { Risk::Destructive };
    status(before) == Some(KeyStatus::Active)
        && status(after) == Some(KeyStatus::Inactive)
        && risk >= least
}

/// Whether a group of others is touched, a policy of a group is replaced, or a user loses what the plan does
/// not give back by the group. What was in a group before the plan, it is looked at just before the call.
fn regroups_badly(change: &Change, earlier: &[Change]) -> bool {
    use Operation as Op;
    let required = |wanted: &Op| {
        let mut made = earlier.iter().filter(|other| change.requires.contains(&other.id));
        made.any(|other| other.operation == *wanted)
    };
    let is_new = |group: &String| {
        let create = Op::CreateGroup { group: group.clone() };
        earlier.iter().any(|other| other.operation == create)
    };
    let joins = |user: &String, group: &String| {
        required(&Op::AddUserToGroup { user: user.clone(), group: group.clone() })
    };
    let (group, loses) = match (&change.operation, &change.before) {
        (Op::AttachGroupPolicy { group, .. } | Op::AddUserToGroup { group, .. }, _) => {
            (group, false)
        }
        (Op::PutGroupPolicy { group, .. }, before) => (group, !before.is_absent()),
        (Op::DetachUserPolicy { user, policy, group }, _) => {
            let given = Op::AttachGroupPolicy { group: group.clone(), policy: policy.clone() };
            (group, is_new(group) && !(joins(user, group) && required(&given)))
        }
        (Op::DeleteUserPolicy { user, name, group }, Document::OwnPolicy(Some(was))) => {
            let given = Op::PutGroupPolicy {
                group: group.clone(),
                name: name.clone(),
                policy: was.policy.clone(),
            };
            (group, is_new(group) && !(joins(user, group) && required(&given)))
        }
        _ => return true,
    };
    loses || !group.starts_with(OURS)
}

/// Whether it gives a retention to a log group that is younger than that: no event goes.
fn deletes_nothing(change: &Change, taken_at: Timestamp) -> bool {
    let Operation::PutRetentionPolicy { days, made_since: Some(since), .. } = change.operation
    else {
        return false;
    };
    is_younger(since, days, taken_at)
}

/// Whether the plan makes the log group that a change is about.
fn is_of_the_plan(change: &Change, earlier: &[Change]) -> bool {
    let Target::Retention(region, group) = change.operation.target() else { return false };
    let made = Target::LogGroup(region, group);
    earlier.iter().any(|other| other.operation.target() == made)
}

/// Whether a policy loses a statement that does not let in anyone, or wins one that is not of ours.
/// Statements of our own are replaced, never dropped.
fn opens(before: Option<&PolicyText>, after: Option<&PolicyText>, key: Option<&Account>) -> bool {
    let statements = |policy: Option<&PolicyText>| match policy {
        None => Some(Vec::new()),
        Some(policy) => policy.statements(),
    };
    let (Some(was), Some(is)) = (statements(before), statements(after)) else { return true };
    let held = |one: &Value, of: Option<&PolicyText>| {
        of.is_some_and(|of| of.has(std::slice::from_ref(one)))
    };
    let replaced =
        |one: &Value| sid(one).is_some() && is.iter().any(|other| sid(other) == sid(one));
    was.iter().any(|one| !held(one, after) && !is_open(one) && !replaced(one))
        || is.iter().any(|one| !held(one, before) && !is_ours(one, key))
}

/// The name of a statement of ours.
fn sid(statement: &Value) -> Option<&str> {
    statement.get("Sid").and_then(Value::as_str).filter(|sid| sid.starts_with("Harden"))
}

/// Whether a statement is one that harden writes: it lets in services of AWS that deliver or publish; into
/// a key that is newly made, its account as well; and roles of these services may write logs.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named here is told by its target alone"
)]
fn is_ours(statement: &Value, key: Option<&Account>) -> bool {
    let all = |value: &Value, fine: &dyn Fn(&str) -> bool| match value {
        Value::Array(list) => list.iter().all(|one| one.as_str().is_some_and(fine)),
        one => one.as_str().is_some_and(fine),
    };
    let service = |name: &str| Service::ALL.iter().any(|known| known.principal() == name);
    let root = |arn: &str| key.is_some_and(|account| arn == account.arn("iam", "", "root"));
    let does = |action: &str| SERVICE_ACTIONS.contains(&action);
    let writes = |action: &str| LOG_ACTIONS.contains(&action);
    let fits = match statement.get("Principal").map(Value::as_object) {
        Some(Some(principals)) => principals.iter().all(|(kind, who)| match kind.as_str() {
            "Service" => {
                all(who, &service)
                    && statement.get("Action").is_some_and(|actions| all(actions, &does))
                    && (is_unbound(statement) || names_source(statement))
            }
            "AWS" => sid(statement) == Some("HardenKeyOwner") && all(who, &root),
            _ => false,
        }),
        Some(None) => false,
        None => statement.get("Action").is_some_and(|actions| all(actions, &writes)),
    };
    let allows = statement.get("Effect").is_some_and(|effect| effect == "Allow");
    let by_omission = ["NotPrincipal", "NotAction", "NotResource"];
    let plain = by_omission.iter().all(|field| statement.get(field).is_none());
    fits && allows && plain && sid(statement).is_some()
}

/// What the statements of harden let services do.
const SERVICE_ACTIONS: [&str; 9] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey*",
    "s3:GetBucketAcl",
    "s3:ListBucket",
    "s3:PutObject",
    "sns:Publish",
    "sts:AssumeRole",
    "kms:GenerateDataKey",
];

/// What roles of harden do in CloudWatch Logs.
const LOG_ACTIONS: [&str; 4] = [
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
];

/// Whether a statement is one of those that AWS asks for without naming for whom the service acts.
fn is_unbound(statement: &Value) -> bool {
    let action = statement.get("Action").and_then(Value::as_str);
    matches!(action, Some("sts:AssumeRole" | "kms:Decrypt"))
}

/// Whether a service may do it only for something or somebody that is named.
fn names_source(statement: &Value) -> bool {
    let operators = ["StringEquals", "ArnLike", "ArnEquals"];
    let keys = operators.iter().filter_map(|operator| statement.get("Condition")?.get(*operator));
    let mut names = keys.filter_map(Value::as_object).flat_map(|keys| keys.keys());
    names.any(|key| {
        ["aws:sourcearn", "aws:sourceaccount"].contains(&key.to_ascii_lowercase().as_str())
    })
}

/// What the names of harden's own filters and alarms begin with.
const OURS: &str = "harden-";

/// Whether something newly made delivers to what is not of the account.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others name nothing beside their target")]
fn reaches_out(operation: &Operation, account: &Account) -> bool {
    match operation {
        // What a trail has already may be of another account, and stays.
        Operation::CreateTrail { to, .. } => {
            let logs = to.logs.iter().flat_map(|logs| logs.role.iter().chain([&logs.group]));
            let key = to.key.iter().filter(|key| key.starts_with("arn:"));
            logs.chain(key).any(|arn| !is_of(account, arn))
        }
        Operation::CreateFlowLogs { to, .. } => {
            to.role.iter().chain([&to.destination]).any(|arn| !is_of(account, arn))
        }
        _ => false,
    }
}

/// Whether an ARN is one of the account.
pub(super) fn is_of(account: &Account, arn: &str) -> bool {
    let mut fields = arn.split(':').skip(1);
    let partition = fields.next() == Some(account.partition.as_str());
    partition && fields.nth(2) == Some(account.id.as_str())
}

const fn is_as_closed(after: PublicAccessBlock, before: PublicAccessBlock) -> bool {
    (after.block_acls || !before.block_acls)
        && (after.ignore_acls || !before.ignore_acls)
        && (after.block_policy || !before.block_policy)
        && (after.restrict || !before.restrict)
}

fn keeps(before: &TrailConfig, after: &TrailConfig) -> bool {
    (after.multi_region || !before.multi_region)
        && (after.global_events || !before.global_events)
        && (after.validation || !before.validation)
        && after.bucket == before.bucket
        && after.prefix == before.prefix
        && (before.logs.is_none() || after.logs == before.logs)
        && (before.key.is_none() || after.key == before.key)
}

fn records_as_much(before: &RecorderConfig, after: &RecorderConfig) -> bool {
    (after.records == before.records || after.records == Records::Everything)
        && (after.global_types || !before.global_types)
        && (before.role.is_none() || after.role == before.role)
        && after.mode == before.mode
}

/// Whether a channel keeps all that it has: what is missing may be added.
fn delivers_alike(before: &DeliveryChannel, after: &DeliveryChannel) -> bool {
    fn keeps<T: PartialEq>(before: Option<&T>, after: Option<&T>) -> bool {
        before.is_none() || before == after
    }
    keeps(before.bucket.as_ref(), after.bucket.as_ref())
        && keeps(before.prefix.as_ref(), after.prefix.as_ref())
        && keeps(before.topic.as_ref(), after.topic.as_ref())
        && keeps(before.key.as_ref(), after.key.as_ref())
        && keeps(before.frequency.as_ref(), after.frequency.as_ref())
}
