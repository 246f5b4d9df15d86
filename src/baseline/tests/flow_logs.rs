//! `[flow_logs]`: what it takes, and every way in which it can be wrong.

use super::errors::expect;
use super::load_text;
use crate::model::{FlowLogSettings, FlowTraffic};

#[test]
fn all_of_it_can_be_set() {
    let text = "[flow_logs]\ntraffic = \"all\"\nlog_group = \"/vpc/flow\"\nretention_days = 30\n\
                role = \"flow\"\n";
    let expected = FlowLogSettings {
        traffic: FlowTraffic::All,
        log_group: "/vpc/flow".to_owned(),
        retention_days: 30,
        role: "flow".to_owned(),
    };
    assert_eq!(load_text(text).unwrap().settings.flow_logs, expected);
    let reject = load_text("flow_logs.traffic = \"reject\"").unwrap().settings.flow_logs;
    assert_eq!(reject, FlowLogSettings::default());
}

#[test]
fn what_cannot_be_is_refused() {
    let group =
        "is not the name of a log group: it has letters, digits, `_`, `/`, `.`, `#` and `-`";
    let role =
        "is not the name of a role: it has letters, digits, `_`, `+`, `=`, `,`, `.`, `@` and `-`";
    expect(&[
        ("flow_logs = 1", "1: flow_logs: expected a table, found an integer"),
        ("[flow_logs]\ntraffic = 1", "2: flow_logs.traffic: expected a string, found an integer"),
        (
            "[flow_logs]\ntraffic = \"accept\"",
            "2: flow_logs.traffic: `accept` is not `reject` or `all`",
        ),
        ("[flow_logs]\nlog_group = \"a:b\"", &format!("2: flow_logs.log_group: `a:b` {group}")),
        (
            "[flow_logs]\nlog_group = \"aws/flow\"",
            "2: flow_logs.log_group: `aws/flow` is not free: AWS keeps log groups that begin with `aws/`",
        ),
        (
            "[flow_logs]\nretention_days = 31",
            "2: flow_logs.retention_days: CloudWatch Logs cannot keep events for 31 days",
        ),
        ("[flow_logs]\nrole = \"a/b\"", &format!("2: flow_logs.role: `a/b` {role}")),
        (
            "[flow_logs]\nlog_groups = 1",
            "2: unknown key `log_groups` in [flow_logs]; did you mean `log_group`?",
        ),
    ]);
}
