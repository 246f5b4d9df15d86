//! `harden mfa`: who has which devices. Enrolling one is in `enroll`.

use futures::StreamExt as _;
use futures::TryStreamExt as _;
use serde_json::json;

use super::args::{Mfa as Args, MfaVerb};
use super::context::{Context, now};
use super::enroll;
use super::entry::Ended;
use super::session::{Online, block_on, connect};
use crate::aws::{self, ErrorKind, ServiceError};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::mfa::{Candidate, Device, Listed, candidates, listed};
use crate::report::VERSION;
use crate::ui::{self, Bar};

/// How many users are asked about at once.
const ASKED_AT_ONCE: usize = 8;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    match &args.verb {
        MfaVerb::Enroll(args) => enroll::run(context, args),
        MfaVerb::List => list(context),
    }
}

fn list(context: &Context) -> Ended {
    let (session, report, users) = block_on(context, async {
        let online = connect(context).await?;
        let bar = Bar::spinner(&context.watch(), "reading MFA devices");
        let read = context.stop.unless_asked(read(&online)).await;
        bar.clear();
        let (report, users) = read??;
        Ok((online.session, report, users))
    })?;
    let answer = json!({
        "format": "harden.mfa/1",
        "harden": VERSION,
        "account": session.account,
        "caller": session.caller,
        "taken_at": now(),
        "credential_report": report,
        "users": users,
    });
    context.terminal.answer(&answer, |columns| ui::devices(&users, report, columns))?;
    Ok(Exit::Done)
}

/// Everybody with a password or a device, and the time of the report that tells of passwords.
async fn read(online: &Online) -> Result<(jiff::Timestamp, Vec<Listed>), CommandError> {
    let clients = &online.clients;
    let report = async {
        let report = aws::report::credential_report(clients).await;
        report.map_err(|error| failed("cannot read the credential report", &error))
    };
    let assigned = async {
        let assigned = aws::iam::virtual_mfa_devices(clients).await;
        assigned.map_err(|error| failed("cannot list the virtual MFA devices", &error))
    };
    let (report, assigned) = futures::try_join!(report, assigned)?;
    let asked = futures::stream::iter(candidates(&report, &assigned))
        .map(async |candidate| ask(online, candidate).await)
        .buffered(ASKED_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    Ok((report.generated_at, listed(asked)))
}

async fn ask(
    online: &Online,
    candidate: Candidate,
) -> Result<(Candidate, Option<Vec<Device>>), CommandError> {
    if !candidate.ask {
        return Ok((candidate, Some(Vec::new())));
    }
    let devices =
        aws::mfa::devices_of(&online.clients, &candidate.user).await.map_err(|error| {
            failed(&format!("cannot list the MFA devices of user `{}`", candidate.user), &error)
        })?;
    Ok((candidate, devices))
}

/// A call that everything else hangs on.
pub(super) fn failed(what: &str, error: &ServiceError) -> CommandError {
    let failed = CommandError::new(Kind::Service, what).because(error.to_string());
    if error.kind == ErrorKind::Denied {
        return failed.hint("`harden policy --mfa` prints the permissions that it takes");
    }
    failed
}
