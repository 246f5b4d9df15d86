//! Every way in which `[monitoring]` and `[sns]` can be wrong.

use super::errors::expect;
use super::load_text;
use crate::model::Patterns;

/// A key of `[monitoring]`, with the values it does not take and why.
fn refused(key: &str, cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        let text = format!("[monitoring]\n{key} = {value}");
        expect(&[(&text, &format!("2: monitoring.{key}: {expected}"))]);
    }
}

#[test]
fn topics_and_namespaces() {
    let long = |count: usize| format!("\"{}\"", "a".repeat(count));
    let letters = "is not the name of a topic: it has letters, digits, `_` and `-`";
    refused(
        "topic",
        &[
            ("\"\"", "must not be empty"),
            (&long(257), "a length of 257 is above AWS's 256"),
            ("\"an alarm\"", &format!("`an alarm` {letters}")),
            ("\"a.b\"", &format!("`a.b` {letters}")),
            (
                "\"alarms.fifo\"",
                "`alarms.fifo` is not the name of a topic for alarms: a FIFO topic sends no e-mail",
            ),
        ],
    );
    let letters = "it has letters, digits, blanks, `.`, `_`, `/`, `#` and `-`";
    refused(
        "namespace",
        &[
            ("\"\"", "must not be empty"),
            (&long(256), "a length of 256 is above AWS's 255"),
            ("\"a:b\"", &format!("`a:b` is not a namespace: {letters}")),
            ("\"a*\"", &format!("`a*` is not a namespace: {letters}")),
            ("\"$a\"", &format!("`$a` is not a namespace: {letters}")),
            ("\"a \"", "`a ` is not a namespace: it has no blank at its ends"),
            (
                "\"AWS/CloudTrail\"",
                "`AWS/CloudTrail` is not free: AWS keeps namespaces that begin with `AWS/`",
            ),
        ],
    );
    for good in ["topic = \"a_B-1\"", "namespace = \"Acme CIS/v1.0#a_b-c\"", "namespace = \"AWS\""]
    {
        assert!(load_text(&format!("monitoring.{good}")).is_ok(), "{good}");
    }
}

#[test]
fn subscribers() {
    let notify = |values: &str, expected: &str| {
        let text = format!("[monitoring]\nnotify = [\n{values}]");
        expect(&[(&text, &format!("3: monitoring.notify: {expected}"))]);
    };
    expect(&[(
        "[monitoring]\nnotify = \"email:a@b.c\"",
        "2: monitoring.notify: expected an array, found a string",
    )]);
    notify("1", "expected `protocol:endpoint` in quotes, found an integer");
    let table = [
        (
            "security@example.org",
            "it is written `protocol:endpoint`, like `email:security@example.org`",
        ),
        (
            "https://a.test/b",
            "the protocol stands before the URL, like `https:https://example.org/hook`",
        ),
        (
            "pager:me",
            "the protocol is `email`, `email-json`, `http`, `https`, `sms`, `sqs` or `lambda`, in lower case",
        ),
        (
            "firehose:a",
            "`firehose` needs a role that lets SNS write to the stream: harden makes none",
        ),
        (
            "application:a",
            "`application` is one device that an app has registered: harden knows none",
        ),
        ("email:security", "an e-mail address is needed, like `security@example.org`"),
        ("email-json:a b@c.d", "an e-mail address is needed, like `security@example.org`"),
        ("http:https://a.test", "a URL that begins with `http://` and a host is needed"),
        ("https:a.test", "a URL that begins with `https://` and a host is needed"),
        (
            "https:https://a:b@c.test",
            "a user or a password in the URL would be kept in plans and runs",
        ),
        (
            "sms:030123456",
            "a phone number is needed as in `+4930123456`: `+`, country code, 7 to 15 digits",
        ),
        ("sqs:alarms", "the ARN of a queue is needed: `arn:PARTITION:sqs:REGION:ACCOUNT:NAME`"),
        (
            "sqs:arn:aws-cn:sqs:cn-north-1:111122223333:a.fifo",
            "a FIFO queue takes no messages from a topic that CloudWatch can publish to",
        ),
        (
            "lambda:alarms",
            "the ARN of a function is needed: `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`",
        ),
    ];
    for (value, expected) in table {
        notify(&format!("\"{value}\""), &format!("`{value}` is not a subscriber: {expected}"));
    }
    notify("\"sms:+4930123456\", \"sms:+4930123456\"", "`sms:+4930123456` is listed twice");
}

#[test]
fn allowed_subscribers() {
    let allowed = |values: &str, expected: &str| {
        let text = format!("[sns]\nallowed = [\n{values}]");
        expect(&[(&text, &format!("3: sns.allowed: {expected}"))]);
    };
    allowed("true", "expected `protocol:endpoint` in quotes, found a boolean");
    let is_not = "is not a pattern of subscribers:";
    allowed(
        "\"*\"",
        &format!(
            "`*` {is_not} it is written `protocol:endpoint`, like `email:security@example.org`"
        ),
    );
    allowed(
        "\"mail:*\"",
        &format!(
            "`mail:*` {is_not} the protocol is `*`, `email`, `email-json`, `http`, `https`, `sms`, \
             `sqs`, `lambda`, `firehose` or `application`"
        ),
    );
    allowed(
        "\"email: *\"",
        &format!("`email: *` {is_not} a pattern has neither blanks nor control characters"),
    );
    allowed("\"email:*\", \"sms:*\", \"email:*\"", "`email:*` is listed twice");
    expect(&[
        ("sns.allowed = \"*:*\"", "1: sns.allowed: expected an array, found a string"),
        ("[sns]\nallow = []", "2: unknown key `allow` in [sns]; did you mean `allowed`?"),
        ("monitoring = 1", "1: monitoring: expected a table, found an integer"),
        (
            "[monitoring]\ntopics = 1",
            "2: unknown key `topics` in [monitoring]; did you mean `topic`?",
        ),
    ]);
}

#[test]
fn patterns() {
    refused(
        "patterns",
        &[
            ("1", "expected a string, found an integer"),
            ("\"v1\"", "`v1` is not `repaired` or `literal`"),
        ],
    );
    let literal = load_text("monitoring.patterns = \"literal\"").unwrap();
    assert_eq!(literal.settings.monitoring.patterns, Patterns::Literal);
}
