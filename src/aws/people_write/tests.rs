use serde_json::{Value, json};

use super::*;
use crate::aws::Delay;
use crate::aws::fake::{Fake, fake, iam_error};

const TEXT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
const ENCODED: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
const OTHER: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%7D%7D";

fn operation(mut of: Value) -> Operation {
    let call = of["op"].as_str().unwrap().to_owned();
    let mut fill = |field: &str, value: &str| of[field] = value.into();
    fill("group", "g");
    if call.contains("user") {
        fill("user", "u");
    }
    match call.as_str() {
        "put-group-policy" | "put-user-policy" => {
            fill("name", "p");
            fill("policy", TEXT);
        }
        "delete-group-policy" | "delete-user-policy" => fill("name", "p"),
        "attach-group-policy"
        | "detach-group-policy"
        | "attach-user-policy"
        | "detach-user-policy" => fill("policy", "arn:p"),
        _ => {}
    }
    serde_json::from_value(of).unwrap()
}

fn named(op: &str) -> Operation {
    operation(json!({ "op": op }))
}

/// What the account has of user `u` and group `g`.
#[derive(Clone, Copy)]
struct State {
    /// Who is in the group; `None`: there is no group.
    members: Option<&'static [&'static str]>,
    of_group: &'static [&'static str],
    of_user: &'static [&'static str],
    inline_of_group: Option<&'static str>,
    inline_of_user: Option<&'static str>,
}

const BEFORE: State = State {
    members: Some(&[]),
    of_group: &["arn:p"],
    of_user: &["arn:p", "arn:q"],
    inline_of_group: Some(ENCODED),
    inline_of_user: Some(ENCODED),
};
const JOINED: State = State { members: Some(&["u"]), ..BEFORE };

fn answer(state: State, request: &str) -> (u16, String) {
    let action = request.split("Action=").nth(1).unwrap().split('&').next().unwrap();
    let list = |tag: &str, of: &[&str], entry: &dyn Fn(&str) -> String| {
        let members: String =
            of.iter().map(|one| ["<member>", &entry(one), "</member>"].concat()).collect();
        Some(format!("<{tag}>{members}</{tag}>"))
    };
    let user = |name: &str| {
        format!(
            "<UserName>{name}</UserName><Path>/</Path><UserId>1</UserId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        )
    };
    let group = |name: &str| {
        format!(
            "<GroupName>{name}</GroupName><Path>/</Path><GroupId>1</GroupId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        )
    };
    let arn = |arn: &str| format!("<PolicyName>p</PolicyName><PolicyArn>{arn}</PolicyArn>");
    let policy = |text: Option<&str>, of: &str| {
        Some(format!(
            "<{of}>x</{of}><PolicyName>p</PolicyName><PolicyDocument>{}</PolicyDocument>",
            text?
        ))
    };
    let there = state.members.is_some();
    let body = match action {
        "GetGroup" => state.members.and_then(|members| {
            Some(format!("<Group>{}</Group>{}", group("g"), list("Users", members, &user)?))
        }),
        "ListAttachedGroupPolicies" if there => list("AttachedPolicies", state.of_group, &arn),
        "ListAttachedUserPolicies" => list("AttachedPolicies", state.of_user, &arn),
        "ListGroupPolicies" if there => {
            let names: &[&str] = if state.inline_of_group.is_some() { &["p"] } else { &[] };
            list("PolicyNames", names, &str::to_owned)
        }
        "GetGroupPolicy" => policy(state.inline_of_group, "GroupName"),
        "GetUserPolicy" => policy(state.inline_of_user, "UserName"),
        "ListGroupsForUser" => {
            let is_in = state.members.is_some_and(|members| members.contains(&"u"));
            let groups: &[&str] = if is_in { &["other", "g"] } else { &["other"] };
            list("Groups", groups, &group)
        }
        "CreateGroup" => Some(format!("<Group>{}</Group>", group("g"))),
        action if action.starts_with("List") || action.starts_with("Get") => None,
        _ => Some(String::new()),
    };
    match body {
        Some(body) => (
            200,
            format!("<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"),
        ),
        None => iam_error(404, "NoSuchEntity", "none"),
    }
}

fn with(state: State) -> Fake {
    fake(move |request| answer(state, request))
}

async fn run(fake: &Fake, operation: &Operation) -> Result<(), ServiceError> {
    let now = reread(operation, &fake.clients).await?;
    execute(operation, &now, &fake.clients, &Approval::for_test()).await
}

/// The requests that write.
fn writes(fake: &Fake) -> Vec<String> {
    let all = fake.requests("Action=").into_iter();
    let all = all.map(|request| request.split("\r\n\r\n").nth(1).unwrap().to_owned());
    all.filter(|body| !body.starts_with("Action=List") && !body.starts_with("Action=Get")).collect()
}

#[tokio::test]
async fn each_call_says_what_the_operation_says() {
    let (policy, name) = ("PolicyArn=arn%3Ap", "PolicyName=p");
    let document = format!("PolicyDocument={ENCODED}");
    let (user, group) = ("UserName=u", "GroupName=g");
    for (op, state, parts) in [
        ("create-group", BEFORE, &[group][..]),
        ("delete-group", BEFORE, &[group]),
        ("attach-group-policy", BEFORE, &[group, policy]),
        ("detach-group-policy", BEFORE, &[group, policy]),
        ("put-group-policy", BEFORE, &[group, name, &document]),
        ("delete-group-policy", BEFORE, &[group, name]),
        ("add-user-to-group", BEFORE, &[group, user]),
        ("remove-user-from-group", JOINED, &[group, user]),
        ("attach-user-policy", JOINED, &[user, policy]),
        ("detach-user-policy", JOINED, &[user, policy]),
        ("put-user-policy", JOINED, &[user, name, &document]),
        ("delete-user-policy", JOINED, &[user, name]),
    ] {
        let fake = with(state);
        assert_eq!(run(&fake, &named(op)).await, Ok(()), "{op}");
        let sent = writes(&fake);
        assert_eq!(sent.len(), 1, "{op}: {sent:?}");
        let action = named(op).action();
        let call = format!("Action={}&", action.as_str().strip_prefix("iam:").unwrap());
        assert!(sent[0].starts_with(&call), "{sent:?}");
        for part in parts {
            assert!(sent[0].split('&').any(|sent| sent == *part), "{op}: {part} in {sent:?}");
        }
    }
}

#[tokio::test]
async fn targets_are_read_as_they_are() {
    let gone = State {
        members: None,
        of_group: &[],
        of_user: &[],
        inline_of_group: None,
        inline_of_user: None,
    };
    let own = Document::OwnPolicy(Some(OwnPolicy {
        name: "p".to_owned(),
        policy: PolicyText::new(TEXT),
    }));
    let attached = Document::Attached(Some("arn:p".to_owned()));
    for (op, there, absent) in [
        ("create-group", Document::Presence(true), Document::Presence(false)),
        ("attach-group-policy", attached.clone(), Document::Attached(None)),
        ("put-group-policy", own.clone(), Document::OwnPolicy(None)),
        ("add-user-to-group", Document::Member(Some("g".to_owned())), Document::Member(None)),
        ("detach-user-policy", attached, Document::Attached(None)),
        ("delete-user-policy", own, Document::OwnPolicy(None)),
    ] {
        for (state, expected) in [(JOINED, there), (gone, absent)] {
            let read = reread(&named(op), &with(state).clients).await.unwrap();
            assert_eq!(read.document, expected, "{op}");
        }
    }
}

/// Nothing is sent, and the refusal tells why. What may not be seen yet can be waited for.
#[tokio::test]
async fn nobody_wins_or_loses_a_right() {
    let others = State { members: Some(&["mallory", "trudy"]), ..BEFORE };
    let more = State { of_group: &["arn:p", "arn:admin"], ..JOINED };
    let told = "group g has policies that do not sit on u as well";
    let table = [
        (
            "attach-group-policy",
            others,
            "group g has users, whose rights would change: mallory, trudy",
            false,
        ),
        ("put-group-policy", others, "group g has users", false),
        ("detach-group-policy", others, "group g has users", true),
        ("delete-group-policy", others, "group g has users", true),
        ("add-user-to-group", State { members: Some(&[]), ..more }, told, false),
        ("add-user-to-group", State { inline_of_user: None, ..BEFORE }, told, false),
        ("add-user-to-group", State { inline_of_user: Some(OTHER), ..BEFORE }, told, false),
        ("remove-user-from-group", more, told, true),
        ("detach-user-policy", BEFORE, "u is not seen in group g", true),
        ("detach-user-policy", State { members: None, ..BEFORE }, "u is not seen in group g", true),
        (
            "detach-user-policy",
            State { of_group: &["arn:q"], ..JOINED },
            "group g is not seen to have arn:p",
            true,
        ),
        ("delete-user-policy", BEFORE, "u is not seen in group g", true),
        (
            "delete-user-policy",
            State { inline_of_group: None, ..JOINED },
            "group g is not seen to have policy p as the user has it",
            true,
        ),
        (
            "delete-user-policy",
            State { inline_of_group: Some(OTHER), ..JOINED },
            "group g is not seen to have policy p",
            true,
        ),
    ];
    for (op, state, words, may_pass) in table {
        let fake = with(state);
        let error = run(&fake, &named(op)).await.unwrap_err();
        assert!(error.to_string().starts_with(words), "{op}: {error}");
        assert_eq!(error.delay(), may_pass.then_some(Delay::Unseen), "{op}");
        assert!(!error.ambiguous, "{op}");
        assert_eq!(writes(&fake), [""; 0], "{op}");
    }
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_done() {
    for denied in ["ListGroupsForUser", "ListAttachedGroupPolicies"] {
        let fake = fake(move |request| {
            if request.contains(&format!("Action={denied}&")) {
                iam_error(403, "AccessDenied", "no")
            } else {
                answer(JOINED, request)
            }
        });
        let error = run(&fake, &named("detach-user-policy")).await.unwrap_err();
        assert_eq!(
            (error.kind, error.action.as_str()),
            (ErrorKind::Denied, &*format!("iam:{denied}"))
        );
        assert_eq!(writes(&fake), [""; 0]);
    }
}
