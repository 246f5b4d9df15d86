//! Every operation by an example: its name, its permissions, its target, and that it can be taken back.

use std::collections::BTreeSet;

use harden::change::{ALL_FACTS, Document, Inverse, Operation, PASS_ROLE, Risk};
use harden::model::{ASSUME_ROOT, Account, AccountId, Partition, Read};
use serde_json::{Value, json};

fn region() -> Value {
    json!("eu-west-1")
}

fn policy() -> Value {
    json!(r#"{"Version":"2012-10-17","Statement":[{"Sid":"HardenA","Effect":"Allow"}]}"#)
}

fn other_policy() -> Value {
    json!(r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny"}}"#)
}

fn own_policy() -> Value {
    json!({"name": "p", "policy": other_policy()})
}

fn password(length: u16) -> Value {
    json!({
        "minimum_length": length, "require_uppercase": true, "require_lowercase": true,
        "require_symbols": true, "require_numbers": true, "reuse_prevention": 24,
        "max_age_days": null, "allow_users_to_change": true, "hard_expiry": false,
    })
}

fn contact(name: &str) -> Value {
    json!({"name": name, "title": "on call", "email": "a@acme.dev", "phone": "+49 30 1"})
}

fn rule() -> Value {
    json!({
        "traffic": {"protocol": "tcp", "from": 22, "to": 22}, "source": {"cidr": "10.0.0.0/8"},
        "description": null, "tags": {"team": "web"},
    })
}

fn block(on: bool) -> Value {
    json!({"block_acls": on, "ignore_acls": on, "block_policy": on, "restrict": on})
}

fn trail(multi_region: bool) -> Value {
    json!({
        "bucket": "logs", "prefix": null, "multi_region": multi_region, "global_events": true,
        "validation": true,
        "logs": {
            "group": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
            "role": "arn:aws:iam::111122223333:role/r",
        },
        "key": "alias/k",
    })
}

fn alias() -> Value {
    json!({"region": "us-east-1", "name": "alias/k"})
}

fn alarm(period: u32) -> Value {
    json!({
        "watches": {"metric": {
            "metric": {"namespace": "n", "name": "m", "dimensions": {}}, "statistic": "Sum",
        }},
        "period": period, "evaluation_periods": 1, "datapoints_to_alarm": null, "threshold": 1.0,
        "comparison": "GreaterThanOrEqualToThreshold", "treat_missing_data": null,
        "actions_enabled": true,
        "alarm_actions": ["arn:aws:sns:eu-west-1:111122223333:t"],
    })
}

fn filter(pattern: &str) -> Value {
    let metric =
        json!({"namespace": "n", "name": "m", "value": "1", "default": null, "dimensions": {}});
    json!({"pattern": pattern, "metrics": [metric]})
}

fn recorder(global: bool) -> Value {
    json!({
        "role": "arn:aws:iam::111122223333:role/r", "records": "everything",
        "global_types": global, "mode": null,
    })
}

fn channel(bucket: &str) -> Value {
    json!({"bucket": bucket, "prefix": null, "topic": null, "key": null, "frequency": null})
}

fn flow_log() -> Value {
    json!({
        "traffic": "reject", "destination": "arn:aws:logs:eu-west-1:111122223333:log-group:g",
        "role": "arn:aws:iam::111122223333:role/r",
    })
}

/// One example of each, with documents that it fits.
#[expect(clippy::too_many_lines, reason = "a table: one entry for each operation")]
pub(crate) fn examples() -> Vec<(Operation, Vec<Document>)> {
    let described = json!({"described": "text"});
    let grant = json!({"to": {"account": "owner"}, "permission": "FULL_CONTROL"});
    let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let to = json!({"bucket": "target", "prefix": "logs/"});
    let table = [
        (
            json!({"op": "update-account-password-policy", "policy": password(14)}),
            json!([{"password_policy": null}, {"password_policy": password(8)}]),
        ),
        (
            json!({"op": "delete-account-password-policy"}),
            json!([{"password_policy": password(8)}]),
        ),
        (
            json!({"op": "update-access-key", "user": "team/al", "key": "AKIAEXAMPLE",
            "to": "inactive", "unused_since": "2026-01-02T03:04:05Z"}),
            json!([{"access_key": {"status": "active"}}]),
        ),
        (
            json!({"op": "update-access-key", "user": "team/al", "key": "AKIAEXAMPLE",
            "to": "active"}),
            json!([{"access_key": {"status": "inactive"}}]),
        ),
        (
            json!({"op": "delete-login-profile", "user": "team/al",
            "unused_since": "2026-01-02T03:04:05Z"}),
            json!([{"password": {}}]),
        ),
        (
            json!({"op": "delete-root-access-key", "key": "AKIAROOT",
            "unused_since": "2026-01-02T03:04:05Z"}),
            json!([
                {"access_key": {"status": "active"}}, {"access_key": {"status": "inactive"}},
            ]),
        ),
        (
            json!({"op": "put-alternate-contact", "contact": contact("new")}),
            json!([{"security_contact": null}, {"security_contact": contact("old")}]),
        ),
        (json!({"op": "delete-alternate-contact"}), json!([{"security_contact": contact("old")}])),
        (
            json!({"op": "enable-key-rotation", "region": region(), "key": key, "period_days": 365}),
            json!([{"key_rotation": "off"}, {"key_rotation": {"on": {"period_days": 90}}}]),
        ),
        (
            json!({"op": "disable-key-rotation", "region": region(), "key": key}),
            json!([{"key_rotation": {"on": {"period_days": 90}}}]),
        ),
        (
            json!({"op": "authorize-security-group-ingress", "region": region(), "group": "sg-1",
            "rules": [rule()]}),
            json!([{"inbound_rules": []}]),
        ),
        (
            json!({"op": "revoke-security-group-ingress", "region": region(), "group": "sg-1",
            "rules": [rule()]}),
            json!([{"inbound_rules": [rule()]}]),
        ),
        (
            json!({"op": "authorize-security-group-egress", "region": region(), "group": "sg-1",
            "rules": [rule()]}),
            json!([{"outbound_rules": []}]),
        ),
        (
            json!({"op": "revoke-security-group-egress", "region": region(), "group": "sg-1",
            "rules": [rule()]}),
            json!([{"outbound_rules": [rule()]}]),
        ),
        (
            json!({"op": "create-bucket", "region": region(), "bucket": "b", "tags": {"a": "b"}}),
            json!([{"presence": false}]),
        ),
        (
            json!({"op": "delete-bucket", "region": region(), "bucket": "b"}),
            json!([{"presence": true}]),
        ),
        (
            json!({"op": "put-bucket-policy", "region": region(), "bucket": "b", "policy": policy()}),
            json!([{"policy": null}, {"policy": other_policy()}]),
        ),
        (
            json!({"op": "delete-bucket-policy", "region": region(), "bucket": "b"}),
            json!([{"policy": policy()}]),
        ),
        (
            json!({"op": "put-public-access-block", "region": region(), "bucket": "b",
            "block": block(true)}),
            json!([{"public_access": null}, {"public_access": block(false)}]),
        ),
        (
            json!({"op": "delete-public-access-block", "region": region(), "bucket": "b"}),
            json!([{"public_access": block(true)}]),
        ),
        (
            json!({"op": "put-bucket-acl", "region": region(), "bucket": "b", "grants": []}),
            json!([{"acl": [grant]}]),
        ),
        (
            json!({"op": "put-bucket-logging", "region": region(), "bucket": "b", "to": to}),
            json!([{"access_log": null}, {"access_log": {"bucket": "x", "prefix": ""}}]),
        ),
        (
            json!({"op": "create-role", "role": "r", "trust": policy(), "tags": {"a": "b"}}),
            json!([{"policy": null}]),
        ),
        (json!({"op": "delete-role", "role": "r"}), json!([{"policy": policy()}])),
        (
            json!({"op": "put-role-policy", "role": "r", "name": "p", "policy": policy()}),
            json!([{"policy": null}, {"policy": other_policy()}]),
        ),
        (
            json!({"op": "delete-role-policy", "role": "r", "name": "p"}),
            json!([{"policy": policy()}]),
        ),
        (json!({"op": "create-group", "group": "g"}), json!([{"presence": false}])),
        (json!({"op": "delete-group", "group": "g"}), json!([{"presence": true}])),
        (
            json!({"op": "attach-group-policy", "group": "g", "policy": "arn:p"}),
            json!([{"attached": null}]),
        ),
        (
            json!({"op": "detach-group-policy", "group": "g", "policy": "arn:p"}),
            json!([{"attached": "arn:p"}]),
        ),
        (
            json!({"op": "put-group-policy", "group": "g", "name": "p", "policy": policy()}),
            json!([{"own_policy": null}, {"own_policy": own_policy()}]),
        ),
        (
            json!({"op": "delete-group-policy", "group": "g", "name": "p"}),
            json!([{"own_policy": own_policy()}]),
        ),
        (json!({"op": "add-user-to-group", "user": "u", "group": "g"}), json!([{"member": null}])),
        (
            json!({"op": "remove-user-from-group", "user": "u", "group": "g"}),
            json!([{"member": "g"}]),
        ),
        (
            json!({"op": "attach-user-policy", "user": "u", "policy": "arn:p", "group": "g"}),
            json!([{"attached": null}]),
        ),
        (
            json!({"op": "detach-user-policy", "user": "u", "policy": "arn:p", "group": "g"}),
            json!([{"attached": "arn:p"}]),
        ),
        (
            json!({
                "op": "put-user-policy", "user": "u", "name": "p", "policy": policy(), "group": "g",
            }),
            json!([{"own_policy": null}, {"own_policy": own_policy()}]),
        ),
        (
            json!({"op": "delete-user-policy", "user": "u", "name": "p", "group": "g"}),
            json!([{"own_policy": own_policy()}]),
        ),
        (
            json!({"op": "create-service-linked-role", "service": "config"}),
            json!([{"presence": false}]),
        ),
        (
            json!({"op": "delete-service-linked-role", "service": "config"}),
            json!([{"presence": true}]),
        ),
        (
            json!({"op": "create-log-group", "region": region(), "group": "g"}),
            json!([{"presence": false}]),
        ),
        (
            json!({"op": "delete-log-group", "region": region(), "group": "g"}),
            json!([{"presence": true}]),
        ),
        (
            json!({"op": "put-retention-policy", "region": region(), "group": "g", "days": 365}),
            json!([{"retention": null}, {"retention": 30}]),
        ),
        (
            json!({"op": "delete-retention-policy", "region": region(), "group": "g"}),
            json!([{"retention": 30}]),
        ),
        (
            json!({"op": "put-metric-filter", "region": region(), "group": "g", "filter": "f",
            "to": filter("new")}),
            json!([{"filter": null}, {"filter": filter("old")}]),
        ),
        (
            json!({"op": "delete-metric-filter", "region": region(), "group": "g", "filter": "f"}),
            json!([{"filter": filter("old")}]),
        ),
        (
            json!({"op": "create-key", "region": region(), "description": "text",
            "policy": policy()}),
            json!([{"policy": null}]),
        ),
        (
            json!({"op": "create-alias", "region": region(), "alias": "alias/k", "key": described}),
            json!([{"alias": null}]),
        ),
        (
            json!({"op": "delete-alias", "region": region(), "alias": "alias/k", "key": {"id": key}}),
            json!([{"alias": {"id": key}}]),
        ),
        (
            json!({"op": "put-key-policy", "region": region(), "key": key, "policy": policy()}),
            json!([{"policy": other_policy()}]),
        ),
        (
            json!({"op": "create-trail", "region": region(), "name": "t", "to": trail(true),
            "alias": alias(), "tags": {"a": "b"}}),
            json!([{"trail": null}]),
        ),
        (
            json!({"op": "update-trail", "region": region(), "name": "t", "to": trail(true),
            "alias": alias()}),
            json!([{"trail": trail(false)}]),
        ),
        (
            json!({"op": "delete-trail", "region": region(), "name": "t", "alias": alias()}),
            json!([{"trail": trail(true)}]),
        ),
        (
            json!({"op": "start-logging", "region": region(), "name": "t"}),
            json!([{"recording": false}, {"recording": true}]),
        ),
        (
            json!({"op": "stop-logging", "region": region(), "name": "t"}),
            json!([{"recording": true}]),
        ),
        (
            json!({"op": "put-metric-alarm", "region": region(), "alarm": "a", "to": alarm(300)}),
            json!([{"alarm": null}, {"alarm": alarm(60)}]),
        ),
        (
            json!({"op": "delete-alarms", "region": region(), "alarm": "a"}),
            json!([{"alarm": alarm(60)}]),
        ),
        (
            json!({"op": "create-topic", "region": region(), "topic": "t", "policy": policy()}),
            json!([{"policy": null}]),
        ),
        (
            json!({"op": "delete-topic", "region": region(), "topic": "t"}),
            json!([{"policy": policy()}]),
        ),
        (
            json!({"op": "set-topic-policy", "region": region(), "topic": "t", "policy": policy()}),
            json!([{"policy": other_policy()}]),
        ),
        (
            json!({"op": "subscribe", "region": region(), "topic": "t", "protocol": "email",
            "endpoint": "a@acme.dev"}),
            json!([{"presence": false}]),
        ),
        (
            json!({"op": "unsubscribe", "region": region(), "topic": "t", "protocol": "email",
            "endpoint": "a@acme.dev"}),
            json!([{"presence": true}]),
        ),
        (
            json!({"op": "put-configuration-recorder", "region": region(), "name": "default",
            "to": recorder(true)}),
            json!([{"recorder": null}, {"recorder": recorder(false)}]),
        ),
        (
            json!({"op": "delete-configuration-recorder", "region": region(), "name": "default"}),
            json!([{"recorder": recorder(false)}]),
        ),
        (
            json!({"op": "put-delivery-channel", "region": region(), "name": "default",
            "to": channel("new")}),
            json!([{"channel": null}, {"channel": channel("old")}]),
        ),
        (
            json!({"op": "delete-delivery-channel", "region": region(), "name": "default"}),
            json!([{"channel": channel("old")}]),
        ),
        (
            json!({"op": "start-configuration-recorder", "region": region(), "name": "default"}),
            json!([{"recording": false}, {"recording": true}]),
        ),
        (
            json!({"op": "stop-configuration-recorder", "region": region(), "name": "default"}),
            json!([{"recording": true}]),
        ),
        (
            json!({"op": "create-flow-logs", "region": region(), "vpc": "vpc-1",
            "to": flow_log(), "tags": {"a": "b"}}),
            json!([{"flow_log": null}]),
        ),
        (
            json!({"op": "delete-flow-logs", "region": region(), "vpc": "vpc-1",
            "to": flow_log()}),
            json!([{"flow_log": flow_log()}]),
        ),
    ];
    table
        .into_iter()
        .map(|(operation, documents)| {
            let read = serde_json::from_value(operation.clone());
            let read = read.unwrap_or_else(|error| panic!("{operation}: {error}"));
            (read, serde_json::from_value(documents).unwrap())
        })
        .collect()
}

fn account() -> Account {
    Account {
        id: AccountId::new("111122223333"),
        alias: None,
        partition: Partition::of_arn("arn:aws-cn:iam::1:root").unwrap(),
    }
}

#[test]
fn there_is_an_example_of_each_and_its_name_is_its_tag() {
    let mut named = BTreeSet::new();
    for (operation, _) in examples() {
        let value = serde_json::to_value(&operation).unwrap();
        assert_eq!(value["op"], operation.name());
        assert_eq!(serde_json::from_value::<Operation>(value.clone()).unwrap(), operation);
        // Serde lets through anything beside the tag where there is nothing else.
        let mut odd = value;
        let alone = odd.as_object().unwrap().len() == 1;
        odd["more"] = json!(1);
        let refused = serde_json::from_value::<Operation>(odd).is_err();
        assert!(refused || alone, "{}", operation.name());
        named.insert(operation.name());
    }
    let all: BTreeSet<&str> = ALL_FACTS.iter().map(|facts| facts.name).collect();
    assert_eq!(named, all);
    assert_eq!(all.len(), ALL_FACTS.len(), "a name stands twice");
}

#[test]
fn facts_are_whole() {
    for facts in ALL_FACTS {
        assert!(!facts.told.is_empty() && !facts.told.ends_with('.'), "{}", facts.name);
        assert!(!facts.recheck.is_empty(), "{}", facts.name);
    }
    // What takes something away only an undo does, but for what a control is about. No control asks for
    // anything to be let out.
    let about = [
        "delete-bucket-policy",
        "delete-login-profile",
        "delete-root-access-key",
        "unsubscribe",
        "detach-user-policy",
        "delete-user-policy",
    ];
    // And what a control takes away only an undo gives.
    let gives = ["attach-user-policy", "put-user-policy", "authorize-security-group-egress"];
    for facts in ALL_FACTS {
        let takes = ["delete-", "stop-", "disable-", "detach-", "remove-"]
            .iter()
            .any(|verb| facts.name.starts_with(verb));
        let only_undo = (takes && !about.contains(&facts.name)) || gives.contains(&facts.name);
        assert_eq!(facts.only_undo, only_undo, "{}", facts.name);
    }
}

#[test]
fn each_does_what_it_says_and_can_be_taken_back() {
    for (operation, documents) in examples() {
        for before in documents {
            let name = operation.name();
            let (after, undo) = operation.effect_on(&before).unwrap_or_else(|| panic!("{name}"));
            let Inverse::Run(inverse) = undo else {
                let for_ever = ["delete-login-profile", "delete-root-access-key", "delete-topic"];
                assert!(name == "create-key" || for_ever.contains(&name), "{name}");
                continue;
            };
            assert_eq!(inverse.target(), operation.target(), "{name}");
            let (back, redo) = inverse.effect_on(&after).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(back, before, "{name}");
            // Taken back once more it is as it was meant.
            if let Inverse::Run(again) = redo {
                assert_eq!(again.effect_on(&before).unwrap().0, after, "{name}");
            }
            let changes = after != before || matches!(before, Document::Recording(true));
            assert!(changes, "{name} does nothing");
        }
    }
}

/// What does not fit is refused, and not made to fit.
#[test]
fn what_does_not_fit_is_refused() {
    for (operation, documents) in examples() {
        let own = std::mem::discriminant(&documents[0]);
        for (_, others) in examples() {
            for other in others.iter().filter(|other| std::mem::discriminant(*other) != own) {
                assert!(operation.effect_on(other).is_none(), "{}", operation.name());
            }
        }
        let makes = operation.name().starts_with("create-");
        let deletes = operation.facts().only_undo && operation.name().starts_with("delete-");
        for before in documents {
            assert!(!makes || before.is_absent(), "{}", operation.name());
            let (after, _) = operation.effect_on(&before).unwrap();
            // A thing is made once, and deleted once.
            let again = operation.effect_on(&after);
            let whole = makes || (deletes && after.is_absent());
            let puts_nothing = ["delete-bucket-policy"].contains(&operation.name());
            assert!(!whole || puts_nothing || again.is_none(), "{}", operation.name());
        }
    }
}

#[test]
fn targets_and_permissions_are_well_formed() {
    let account = account();
    for (operation, _) in examples() {
        let (name, target) = (operation.name(), operation.target());
        let arn = target.arn(&account);
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        if arn != "*" {
            assert_eq!((fields[0], fields[1], fields.len()), ("arn", "aws-cn", 6), "{name}: {arn}");
            let (region, id) = (fields[3], fields[4]);
            let placed = fields[2] != "s3" && target.region().is_some();
            assert_eq!(region, if placed { "eu-west-1" } else { "" }, "{name}: {arn}");
            assert_eq!(id, if fields[2] == "s3" { "" } else { "111122223333" }, "{name}: {arn}");
        }
        assert!(!target.resource().is_empty(), "{name}");
        let permissions = operation.permissions(&account);
        let on = if name == "unsubscribe" { "*".to_owned() } else { arn };
        assert_eq!(permissions[0], (operation.action(), on), "{name}");
        for (action, on) in &permissions {
            assert!(action.as_str().contains(':'), "{name}: {action}");
            assert!(on == "*" || on.starts_with("arn:"), "{name}: {on}");
        }
        let (service, _) = operation
            .action()
            .as_str()
            .split_once(':')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        for action in operation.recheck_actions() {
            // The role of a service and the key of a trail are read elsewhere.
            let (other, _) = action.as_str().split_once(':').unwrap();
            assert!(other == service || other == "kms", "{name}: {action}");
        }
        let loses = [
            "delete-log-group",
            "delete-login-profile",
            "delete-root-access-key",
            "delete-topic",
            "unsubscribe",
        ];
        assert!(operation.facts().undo_risk < Risk::Destructive || loses.contains(&name));
    }
}

/// To be root of a member is a permission in another account: it is in no list of those that a role in the member
/// takes.
#[test]
fn being_root_is_a_permission_from_above() {
    let account = account();
    for (operation, _) in examples() {
        let is_root = operation.name() == "delete-root-access-key";
        assert_eq!(operation.facts().is_from_above(), is_root, "{}", operation.name());
        if is_root {
            let on = "arn:aws-cn:iam::111122223333:root".to_owned();
            assert_eq!(operation.permissions(&account), [(ASSUME_ROOT, on)]);
        }
    }
    let mut in_the_account =
        Operation::all_permissions().chain(Read::ALL.iter().flat_map(|read| read.actions()));
    assert!(in_the_account.all(|action| !action.as_str().contains("AssumeRoot")));
}

#[test]
fn a_role_that_is_handed_on_takes_a_permission_of_its_own() {
    let account = account();
    let passes: BTreeSet<&str> = examples()
        .iter()
        .filter(|(operation, _)| {
            let all = operation.permissions(&account);
            let mut passed = all.iter().filter(|(action, _)| action.as_str() == PASS_ROLE);
            passed.any(|(_, on)| on == "arn:aws:iam::111122223333:role/r")
        })
        .map(|(operation, _)| operation.name())
        .collect();
    let expected =
        ["create-flow-logs", "create-trail", "put-configuration-recorder", "update-trail"];
    assert_eq!(passes, expected.into_iter().collect());
    // It is handed to one service and to no other.
    let to: Vec<(&str, &str)> = ALL_FACTS
        .iter()
        .filter_map(|facts| Some((facts.name, facts.passes_role_to()?.principal())))
        .collect();
    let expected = [
        ("create-trail", "cloudtrail.amazonaws.com"),
        ("update-trail", "cloudtrail.amazonaws.com"),
        ("put-configuration-recorder", "config.amazonaws.com"),
        ("create-flow-logs", "vpc-flow-logs.amazonaws.com"),
    ];
    assert_eq!(to, expected);
}

#[test]
fn what_goes_with_a_thing_is_changed_after_it_was_made() {
    for (operation, _) in examples() {
        if let Some(with) = operation.goes_with() {
            assert!(operation.needs(&with), "{} {with:?}", operation.name());
        }
        assert!(!operation.needs(&operation.target()), "{}", operation.name());
    }
}

/// An absent thing has no lines, and any other has some.
#[test]
fn documents_can_be_read() {
    for (operation, documents) in examples() {
        for before in documents {
            let (after, _) = operation.effect_on(&before).unwrap();
            for document in [before, after] {
                let empty = match &document {
                    Document::InboundRules(rules) | Document::OutboundRules(rules) => {
                        rules.is_empty()
                    }
                    Document::Acl(grants) => grants.is_empty(),
                    Document::PublicAccess(block) => block.is_none(),
                    Document::AccessLog(to) => to.is_none(),
                    Document::PasswordPolicy(policy) => policy.is_none(),
                    Document::SecurityContact(contact) => contact.is_none(),
                    other => other.is_absent(),
                };
                assert_eq!(document.rows().is_empty(), empty, "{document:?}");
            }
        }
    }
}
