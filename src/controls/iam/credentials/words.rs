//! What a person is told of keys and passwords that go, and of those that stay.

use jiff::Timestamp;

use super::super::report::{Now, day};
use super::Rest;
use crate::controls::{NotPlanned, Why};
use crate::model::{AccessKeyId, ControlId, KeyUse, ReportRow, UsedFor, UserName};

pub(super) fn key_title(user: &UserName, id: &AccessKeyId) -> String {
    format!("access key {id} of {}", user.name())
}

pub(super) fn password_title(user: &UserName) -> String {
    format!("password of {}", user.name())
}

/// When, by which service and where a key was last used, and when it was made.
pub(in crate::controls::iam) fn key_use(
    now: Now<'_>,
    made: Timestamp,
    last: Option<&KeyUse>,
) -> String {
    let made_on = format!("made on {}, {}", day(made), ago(now, made));
    match last {
        None => format!("never used; {made_on}"),
        Some(KeyUse { at, used_for }) => {
            let what = used_for.as_ref().map_or_else(String::new, |UsedFor { service, region }| {
                format!(", for {service} in {region}")
            });
            format!("last used on {}, {}{what}; {made_on}", day(*at), ago(now, *at))
        }
    }
}

/// When, by which service and where a key was last used, and what that means.
pub(super) fn key_impact(
    now: Now<'_>,
    user: &UserName,
    made: Timestamp,
    last: Option<&KeyUse>,
    rest: Rest,
) -> Vec<String> {
    let told = key_use(now, made, last);
    let name = user.name();
    let means = match rest {
        Rest::Long => format!("whatever still signs with it as {name} fails"),
        Rest::Broken => format!(
            "it was used when it was too old already: whatever comes back to sign with it as {name} fails"
        ),
        Rest::None => format!(
            "it is in use: whatever signs with it as {name} fails at once. Make a new key and move it \
             there first"
        ),
    };
    vec![told, means]
}

/// The same of a password.
pub(super) fn password_impact(now: Now<'_>, user: &UserName, row: &ReportRow) -> Vec<String> {
    let told = match (row.password_last_used.at(), row.password_last_changed.at()) {
        (Some(last), Some(set)) if set > last => {
            format!("last used on {}, {}; set anew on {}", day(last), ago(now, last), day(set))
        }
        (Some(last), _) => format!("last used on {}, {}", day(last), ago(now, last)),
        (None, Some(set)) => format!("never used, set on {}, {}", day(set), ago(now, set)),
        (None, None) => "never used".to_owned(),
    };
    let name = user.name();
    vec![
        told,
        format!(
            "{name} can no longer sign in to the console; the password cannot be given back, an \
             administrator can only set a new one"
        ),
    ]
}

fn ago(now: Now<'_>, time: Timestamp) -> String {
    match now.age(time).as_hours() / 24 {
        ..=0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// Of whoever runs harden.
pub(super) fn own(control: ControlId, user: &UserName, found: &str) -> NotPlanned {
    let name = user.name();
    let detail = format!(
        "{found}; harden runs as {name} and changes nothing of its own. Somebody else has to: another \
         administrator, with `harden apply --control {control}`"
    );
    by_itself(control, user, detail)
}

/// Of the key that harden signs with, whoever the caller says to be.
pub(super) fn signs(control: ControlId, user: &UserName) -> NotPlanned {
    let detail = format!(
        "harden signs with an access key of {}, and leaves it alone. Somebody else has to turn it off: \
         another administrator, with `harden apply --control {control}`",
        user.name()
    );
    by_itself(control, user, detail)
}

fn by_itself(control: ControlId, user: &UserName, detail: String) -> NotPlanned {
    let resource = Some(user.name().to_owned());
    NotPlanned { control, resource, region: None, why: Why::Caller, detail }
}
