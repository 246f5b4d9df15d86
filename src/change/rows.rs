//! Documents as lines for a person. An absent thing has no lines.

mod cloudwatch;

use jiff::Timestamp;

use self::cloudwatch::{alarm_rows, filter_rows};
use super::statement;
use super::{
    Document, FlowLogConfig, GroupRule, KeyName, KeyState, PasswordState, RecorderConfig, Row,
    TrailConfig,
};
use crate::model::{
    DeliveryChannel, FlowTraffic, Grant, Grantee, LogTarget, PasswordPolicy, PolicyText,
    PublicAccessBlock, Records, Rotation, SecurityContact,
};

impl Document {
    /// The document as lines for a person.
    pub fn rows(&self) -> Vec<Row> {
        match self {
            Self::PasswordPolicy(policy) => of(policy.as_ref(), password),
            Self::SecurityContact(contact) => of(contact.as_ref(), contact_rows),
            Self::KeyRotation(rotation) => vec![Row::new("rotation", rotated(*rotation))],
            Self::InboundRules(rules) => {
                rules.iter().map(|rule| Row::new("allow", rule_value(rule, "from"))).collect()
            }
            Self::OutboundRules(rules) => {
                rules.iter().map(|rule| Row::new("allow", rule_value(rule, "to"))).collect()
            }
            Self::Presence(there) => {
                if *there {
                    vec![Row::new("exists", "yes")]
                } else {
                    Vec::new()
                }
            }
            Self::AccessKey(state) => of(state.as_ref(), key_rows),
            Self::Password(state) => of(state.as_ref(), password_rows),
            Self::Policy(policy) => of(policy.as_ref(), statements),
            Self::Attached(policy) => of(policy.as_ref(), |arn| vec![Row::new("policy", arn)]),
            Self::OwnPolicy(policy) => of(policy.as_ref(), |own| {
                let name = Row::new("inline policy", &own.name);
                std::iter::once(name).chain(statements(&own.policy)).collect()
            }),
            Self::Member(group) => of(group.as_ref(), |group| vec![Row::new("in group", group)]),
            Self::PublicAccess(block) => of(block.as_ref(), |block| public_access(*block)),
            Self::Acl(grants) => grants.iter().map(grant).collect(),
            Self::AccessLog(target) => of(target.as_ref(), access_log),
            Self::Retention(days) => {
                let kept = days.map_or("for ever".to_owned(), |days| format!("{days} days"));
                vec![Row::new("kept", kept)]
            }
            Self::Filter(filter) => of(filter.as_ref(), filter_rows),
            Self::Alias(key) => of(key.as_ref(), |key| {
                vec![Row::new(
                    "names",
                    match key {
                        KeyName::Id(id) => format!("key {id}"),
                        KeyName::Described(text) => format!("the key described \"{text}\""),
                    },
                )]
            }),
            Self::Trail(trail) => of(trail.as_ref(), trail_rows),
            Self::Recording(on) => vec![Row::new("recording", on_off(*on))],
            Self::Alarm(alarm) => of(alarm.as_ref(), alarm_rows),
            Self::Recorder(recorder) => of(recorder.as_ref(), recorder_rows),
            Self::Channel(channel) => of(channel.as_ref(), channel_rows),
            Self::FlowLog(flow_log) => of(flow_log.as_ref(), flow_log_rows),
        }
    }
}

fn of<T>(thing: Option<&T>, rows: impl Fn(&T) -> Vec<Row>) -> Vec<Row> {
    thing.map_or_else(Vec::new, rows)
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn yes(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

fn or_none(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "none".to_owned())
}

fn rotated(rotation: Rotation) -> String {
    match rotation {
        Rotation::Off => "off".to_owned(),
        Rotation::On { period_days } => format!("every {period_days} days"),
    }
}

fn rule_value(rule: &GroupRule, way: &str) -> String {
    let mut parts = vec![format!("{} {way} {}", rule.traffic, rule.source)];
    let description = rule.description.as_deref().filter(|text| !text.is_empty());
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    parts.extend(description.map(|text| format!("\"{}\"", quoted(text))));
    parts.extend(rule.tags.iter().map(|(key, value)| format!("{key}={value}")));
    parts.join("  ")
}

fn key_rows(state: &KeyState) -> Vec<Row> {
    let again = state.used_again.as_ref().map(|last| Row::new("used again", last.to_string()));
    std::iter::once(Row::new("status", state.status.word())).chain(again).collect()
}

fn password_rows(state: &PasswordState) -> Vec<Row> {
    let at =
        |what, time: Timestamp| Row::new(what, time.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let used = state.used_again.map(|time| at("used again", time));
    let set = state.set_again.map(|time| at("set again", time));
    std::iter::once(Row::new("password", "set")).chain(used).chain(set).collect()
}

fn contact_rows(contact: &SecurityContact) -> Vec<Row> {
    let SecurityContact { name, title, email, phone } = contact;
    [("name", name), ("title", title), ("e-mail", email), ("phone", phone)]
        .into_iter()
        .map(|(name, value)| Row::new(name, value))
        .collect()
}

fn password(policy: &PasswordPolicy) -> Vec<Row> {
    let required = |on: bool| if on { "required" } else { "not required" }.to_owned();
    let days = policy.max_age_days.map_or("never".to_owned(), |days| format!("after {days} days"));
    let reuse = policy.reuse_prevention.map_or("none".to_owned(), |n| n.to_string());
    vec![
        Row::new("minimum length", policy.minimum_length.to_string()),
        Row::new("upper-case letter", required(policy.require_uppercase)),
        Row::new("lower-case letter", required(policy.require_lowercase)),
        Row::new("symbol", required(policy.require_symbols)),
        Row::new("number", required(policy.require_numbers)),
        Row::new("passwords remembered", reuse),
        Row::new("expires", days),
        Row::new("users may change it", yes(policy.allow_users_to_change)),
        Row::new("expiry locks out", yes(policy.hard_expiry)),
    ]
}

/// Each statement on a line of its own, whole.
fn statements(policy: &PolicyText) -> Vec<Row> {
    match policy.statements() {
        Some(list) => list.iter().map(statement::row).collect(),
        None => vec![Row::new("text", policy.as_str())],
    }
}

fn public_access(block: PublicAccessBlock) -> Vec<Row> {
    vec![
        Row::new("refuse public ACLs", yes(block.block_acls)),
        Row::new("ignore public ACLs", yes(block.ignore_acls)),
        Row::new("refuse public policies", yes(block.block_policy)),
        Row::new("restrict public policies", yes(block.restrict)),
    ]
}

fn grant(grant: &Grant) -> Row {
    let to = match &grant.to {
        Grantee::Group(uri) => uri,
        Grantee::Account(id) => id,
    };
    Row::new("grant", format!("{} to {to}", grant.permission))
}

fn access_log(target: &LogTarget) -> Vec<Row> {
    vec![
        Row::new("logged in bucket", target.bucket.to_string()),
        Row::new("under", format!("\"{}\"", target.prefix)),
    ]
}

fn trail_rows(trail: &TrailConfig) -> Vec<Row> {
    let logs = trail.logs.as_ref();
    vec![
        Row::new("bucket", trail.bucket.to_string()),
        Row::new("prefix", or_none(trail.prefix.as_ref())),
        Row::new("all regions", yes(trail.multi_region)),
        Row::new("global services", yes(trail.global_events)),
        Row::new("log files signed", yes(trail.validation)),
        Row::new("log group", or_none(logs.map(|logs| &logs.group))),
        Row::new("role for it", or_none(logs.and_then(|logs| logs.role.as_ref()))),
        Row::new("KMS key", or_none(trail.key.as_ref())),
    ]
}

fn recorder_rows(recorder: &RecorderConfig) -> Vec<Row> {
    let list = |types: &std::collections::BTreeSet<String>| {
        types.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let records = match &recorder.records {
        Records::Everything => "every type".to_owned(),
        Records::AllBut(types) => format!("every type but {}", list(types)),
        Records::Only(types) => format!("only {}", list(types)),
    };
    let mut rows = vec![
        Row::new("records", records),
        Row::new("global types", yes(recorder.global_types)),
        Row::new("role", or_none(recorder.role.as_ref())),
    ];
    if let Some(mode) = &recorder.mode {
        rows.push(Row::new("mode", &mode.frequency));
        rows.extend(
            mode.overrides
                .iter()
                .map(|one| Row::new("but", format!("{} {}", one.frequency, list(&one.types)))),
        );
    }
    rows
}

fn channel_rows(channel: &DeliveryChannel) -> Vec<Row> {
    let mut rows = vec![Row::new(
        "bucket",
        channel.bucket.as_ref().map_or("none".to_owned(), ToString::to_string),
    )];
    let more = [
        ("prefix", &channel.prefix),
        ("topic", &channel.topic),
        ("KMS key", &channel.key),
        ("snapshots", &channel.frequency),
    ];
    rows.extend(more.into_iter().filter_map(|(name, value)| Some(Row::new(name, value.as_ref()?))));
    rows
}

fn flow_log_rows(flow_log: &FlowLogConfig) -> Vec<Row> {
    let records = match flow_log.traffic {
        FlowTraffic::Reject => "rejected traffic",
        FlowTraffic::All => "all traffic",
    };
    vec![
        Row::new("records", records),
        Row::new("delivers to", &flow_log.destination),
        Row::new("role for it", or_none(flow_log.role.as_ref())),
    ]
}
