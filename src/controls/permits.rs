//! Whether a policy lets a service do something for the account, as far as the policy alone tells.

use serde_json::Value;

use super::words::{globs, likes};
use crate::model::{AccountId, PolicyText, Service};

/// What a service does for the account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) service: Service,
    pub(super) action: &'a str,
    /// On what; `None`: on what the policy belongs to, by whatever name.
    pub(super) resource: Option<&'a str>,
    pub(super) account: &'a AccountId,
    /// The ARN of that for which it does so.
    pub(super) source: &'a str,
}

/// What a policy says to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    /// No statement certainly allows it.
    Silent,
    /// This statement denies it, or may.
    No {
        /// Its `Sid`, or else its place in the policy.
        statement: String,
    },
}

/// What a policy says to a call. What cannot be told of a statement that allows does not count; of one
/// that denies, it does.
pub(super) fn answer(policy: &PolicyText, call: &Call<'_>) -> Answer {
    if let Some(statement) = denial(policy, call, |meant| meant != Some(false)) {
        Answer::No { statement }
    } else if allows(policy, call) {
        Answer::Yes
    } else {
        Answer::Silent
    }
}

/// Whether a statement certainly allows a call.
pub(super) fn allows(policy: &PolicyText, call: &Call<'_>) -> bool {
    with(policy, "Allow").any(|(_, one)| call.is_meant(&one) == Some(true))
}

/// The statement that certainly denies a call, if one does.
pub(super) fn denies(policy: &PolicyText, call: &Call<'_>) -> Option<String> {
    denial(policy, call, |meant| meant == Some(true))
}

fn denial(
    policy: &PolicyText,
    call: &Call<'_>,
    counts: fn(Option<bool>) -> bool,
) -> Option<String> {
    let (number, one) = with(policy, "Deny").find(|(_, one)| counts(call.is_meant(one)))?;
    let sid = one.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
    Some(sid.map_or_else(|| format!("number {number}"), ToOwned::to_owned))
}

/// The statements with an effect, and their places.
fn with(policy: &PolicyText, effect: &str) -> impl Iterator<Item = (usize, Value)> {
    let statements = (1..).zip(policy.statements().unwrap_or_default());
    statements.filter(move |(_, one)| one.get("Effect").is_some_and(|is| is == effect))
}

impl Call<'_> {
    /// Whether a statement is about this call; `None` if that cannot be told.
    fn is_meant(&self, statement: &Value) -> Option<bool> {
        let about = self.is_by(statement)
            && element(statement, "Action", |action| globs(action, self.action))
            && self.resource.is_none_or(|resource| {
                element(statement, "Resource", |pattern| likes(pattern, resource))
            });
        if !about {
            return Some(false);
        }
        let conditions = statement.get("Condition").and_then(Value::as_object);
        let conditions = conditions.into_iter().flatten().flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(move |(key, values)| self.holds(operator, key, values))
        });
        let held: Vec<Option<bool>> = conditions.collect();
        if held.contains(&Some(false)) {
            return Some(false);
        }
        (!held.contains(&None)).then_some(true)
    }

    fn is_by(&self, statement: &Value) -> bool {
        let names = |who: &Value| {
            who == "*"
                || who.get("AWS").is_some_and(|list| texts(list).any(|name| name == "*"))
                || who.get("Service").is_some_and(|list| {
                    texts(list).any(|name| name == "*" || name == self.service.principal())
                })
        };
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(who), _) => names(who),
            (None, Some(others)) => !names(others),
            (None, None) => false,
        }
    }

    /// Whether a condition holds; `None` if that cannot be told.
    fn holds(&self, operator: &str, key: &str, values: &Value) -> Option<bool> {
        let (operator, or_absent) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let held = self.held(key)?;
        if operator == "Null" {
            return Some(texts(values).any(|value| (value == "true") == held.is_none()));
        }
        let (positive, test): (bool, fn(&str, &str) -> bool) = match operator {
            "StringEquals" => (true, |value, held| value == held),
            "StringNotEquals" => (false, |value, held| value == held),
            "StringEqualsIgnoreCase" | "Bool" => (true, str::eq_ignore_ascii_case),
            "StringNotEqualsIgnoreCase" => (false, str::eq_ignore_ascii_case),
            "StringLike" | "ArnLike" | "ArnEquals" => (true, likes),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (false, likes),
            _ => return None,
        };
        Some(match held {
            Some(held) => texts(values).any(|value| test(&value, held)) == positive,
            None => or_absent || !positive,
        })
    }

    /// What a call of this kind says of itself: `None` if that is not known, `Some(None)` for what only
    /// other kinds say.
    #[expect(clippy::option_option, reason = "to be silent is not to be unknown")]
    fn held(&self, key: &str) -> Option<Option<&str>> {
        let key = key.to_ascii_lowercase();
        Some(match key.as_str() {
            "aws:sourceaccount" | "aws:sourceowner" => Some(self.account.as_str()),
            "aws:sourcearn" => Some(self.source),
            // AWS Config delivers only what the owner of the bucket may do everything with.
            "s3:x-amz-acl" => Some("bucket-owner-full-control"),
            "aws:securetransport" | "aws:principalisawsservice" => Some("true"),
            "aws:principalservicename" => Some(self.service.principal()),
            "aws:sourcevpc" | "aws:sourcevpce" => None,
            other if other.starts_with("aws:principal") || other.starts_with("sns:") => None,
            _ => return None,
        })
    }
}

/// Whether an element of a statement, or the one that leaves out, names something.
fn element(statement: &Value, name: &str, test: impl Fn(&str) -> bool) -> bool {
    match (statement.get(name), statement.get(format!("Not{name}"))) {
        (Some(list), _) => texts(list).any(|one| test(&one)),
        (None, Some(list)) => !texts(list).any(|one| test(&one)),
        (None, None) => false,
    }
}

/// A list of one is written with brackets or without, and a boolean with quotes or without.
fn texts(value: &Value) -> impl Iterator<Item = String> {
    let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::statements::alarm_topic;
    use crate::model::fixture::{account, region, unread};

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alarms";

    fn ask(statements: &str) -> Answer {
        let call = Call {
            service: Service::CloudWatch,
            action: "sns:Publish",
            resource: Some(TOPIC),
            account: &account(),
            source: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:root",
        };
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        answer(&PolicyText::new(text), &call)
    }

    fn allow(rest: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"sns:Publish","Resource":"{TOPIC}",{rest}}}"#)
    }

    const ALL: &str = r#"{"Effect":"Allow","Action":"sns:*","Resource":"*","Principal":"*"}"#;
    const SERVICE: &str = r#""Principal":{"Service":"cloudwatch.amazonaws.com"}"#;

    #[test]
    fn ours_and_the_default_let_cloudwatch_in() {
        let ours = alarm_topic(&unread().account, &region(), "alarms").to_string();
        assert_eq!(ask(&ours), Answer::Yes);
        let default = r#""Principal":{"AWS":"*"},"Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}"#;
        assert_eq!(ask(&allow(default)), Answer::Yes);
        assert_eq!(ask(&allow(&default.replace("1111", "4444"))), Answer::Silent);
        assert_eq!(ask(ALL), Answer::Yes);
        assert_eq!(ask(&allow(SERVICE)), Answer::Yes);
    }

    #[test]
    fn what_is_not_about_the_call_does_not_count() {
        for rest in [
            r#""Principal":{"Service":"events.amazonaws.com"}"#,
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
            r#""NotPrincipal":{"Service":["cloudwatch.amazonaws.com"]}"#,
        ] {
            assert_eq!(ask(&allow(rest)), Answer::Silent, "{rest}");
        }
        assert_eq!(ask(&allow(SERVICE).replace("sns:Publish", "sns:Subscribe")), Answer::Silent);
        assert_eq!(ask(&allow(SERVICE).replace(":alarms", ":others")), Answer::Silent);
        let not = allow(SERVICE).replace("Action", "NotAction");
        assert_eq!(ask(&not), Answer::Silent);
        assert_eq!(ask(&not.replace("sns:Publish", "sns:Subscribe")), Answer::Yes);
        assert_eq!(ask(""), Answer::Silent);
    }

    #[test]
    fn conditions_are_weighed() {
        let under = |condition: &str| {
            ask(&allow(&format!(r#"{SERVICE},"Condition":{{{condition}}}"#))) == Answer::Yes
        };
        for (condition, holds) in [
            (r#""StringEquals":{"aws:SourceAccount":["444455556666","111122223333"]}"#, true),
            (r#""StringEquals":{"aws:SourceAccount":"444455556666"}"#, false),
            (r#""ArnLike":{"AWS:SourceArn":"arn:aws:cloudwatch:*:111122223333:alarm:*"}"#, true),
            (r#""ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:*:alarm:other"}"#, false),
            (r#""StringNotEquals":{"aws:SourceAccount":"111122223333"}"#, false),
            (r#""Bool":{"aws:SecureTransport":true}"#, true),
            (r#""StringEquals":{"sns:Protocol":"email"}"#, false),
            (r#""StringEqualsIfExists":{"sns:Protocol":"email"}"#, true),
            (r#""StringNotEquals":{"aws:PrincipalOrgID":"o-1"}"#, true),
            (r#""Null":{"aws:SourceArn":"false"}"#, true),
            (r#""Null":{"aws:SourceArn":"true"}"#, false),
            (r#""DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}"#, false),
            (r#""StringEquals":{"aws:SourceOrgID":"o-1"}"#, false),
        ] {
            assert_eq!(under(condition), holds, "{condition}");
        }
    }

    #[test]
    fn a_denial_outweighs_unless_it_is_about_something_else() {
        let deny = |rest: &str| {
            let deny = r#"{"Sid":"Shut","Effect":"Deny","Action":"sns:*","Resource":"*""#;
            ask(&format!("{ALL},{deny},{rest}}}"))
        };
        let shut = || Answer::No { statement: "Shut".to_owned() };
        assert_eq!(deny(r#""Principal":"*""#), shut());
        assert_eq!(deny(SERVICE), shut());
        let tls = r#""Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#;
        assert_eq!(deny(tls), Answer::Yes);
        let organization =
            r#""Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
        assert_eq!(deny(organization), shut());
        let but_services =
            organization.replace("}}", r#"},"Bool":{"aws:PrincipalIsAWSService":"false"}}"#);
        assert_eq!(deny(&but_services), Answer::Yes);
        // It may be meant.
        let since = r#""Principal":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#;
        assert_eq!(deny(since), shut());
        let nameless = ask(&format!(
            r#"{ALL},{{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}}"#
        ));
        assert_eq!(nameless, Answer::No { statement: "number 2".to_owned() });
    }
}
