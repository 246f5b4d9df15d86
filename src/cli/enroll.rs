//! `harden mfa enroll`: from a user without a device to a user with one, or back to where it began.
//!
//! Between the call that makes the device and the one that gives it to the user there is a person. Whatever
//! happens there, the device does not stay behind: what was made is deleted again unless it is the user's.

mod desk;
mod handing;

use std::time::Duration;

use tokio::time::sleep;

use self::desk::Desk;
use self::handing::Handing;
use super::args::Enroll as Args;
use super::context::Context;
use super::entry::Ended;
use super::mfa::failed;
use super::session::{block_on, connect};
use super::stop::stopped;
use crate::approval::Consent;
use crate::aws::mfa::Deleted;
use crate::aws::{self, Delay, ErrorKind, ServiceError};
use crate::error::{CommandError, Kind};
use crate::mfa::{Device, MOST_DEVICES, NewDevice, WhoError, check_user, choose_name, user_of_arn};
use crate::model::VirtualMfaDevice;

/// Between tries of a call that may go well a little later. Codes live for half a minute.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// How often a device is made under another name, or again after an answer got lost.
const TRIES: usize = 5;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    if let Some(user) = &args.user {
        check_user(user).map_err(|error| {
            CommandError::new(Kind::User, format!("`{user}` is not the name of a user"))
                .because(error.to_string())
                .hint("devices of root are enrolled by root, on the console")
        })?;
    }
    if !context.terminal.can_ask() {
        let what = "a device is enrolled by whoever holds it, at a terminal: this is not one";
        return Err(CommandError::new(Kind::Declined, what).into());
    }
    let keys = context.terminal.keys();
    let ended = block_on(context, async {
        tokio::spawn(context.stop.clone().heed_hangup());
        let online = connect(context).await?;
        let user = match &args.user {
            Some(user) => user.clone(),
            None => own_name(&online.session.caller)?,
        };
        let dumb = args.term.as_deref().is_none_or(|term| term == "dumb");
        let desk = Desk { context, online: &online, keys: &keys, dumb };
        let consent = ask_consent(&desk, &user).await?;
        let device = make(&desk, &consent).await?;
        let mut handing = Handing { desk: &desk, consent: &consent, device: &device, doubt: false };
        match handing.over().await {
            Ok(()) => handing.done(),
            Err(error) => handing.clean_up(error).await,
        }
    });
    if context.stop.is_asked() {
        // A prompt that came just after the signal took the terminal once more.
        keys.put_back();
    }
    ended
}

/// The user that the credentials are of.
fn own_name(caller: &str) -> Result<String, CommandError> {
    let name = user_of_arn(caller).map_err(|error| {
        let hint = match error {
            WhoError::Root => "for a user of the account, name the user: `harden mfa enroll USER`",
            WhoError::NoUser => "name the user: `harden mfa enroll USER`",
        };
        CommandError::from_error(Kind::User, &error).hint(hint)
    })?;
    Ok(name.to_owned())
}

/// Looks at the user and asks whether a device shall be made.
async fn ask_consent(desk: &Desk<'_>, user: &str) -> Result<Consent, CommandError> {
    let account = &desk.online.session.account;
    let held = desk.context.stop.unless_asked(aws::mfa::devices_of(&desk.online.clients, user));
    let held = held.await?.map_err(|error| {
        failed(&format!("cannot list the MFA devices of user `{user}`"), &error)
    })?;
    let held = held.ok_or_else(|| {
        let what = format!("there is no user `{user}` in account {}", account.id);
        CommandError::new(Kind::User, what)
    })?;
    if held.len() >= MOST_DEVICES {
        let what = format!("user `{user}` has {} MFA devices already", held.len());
        let hint = "AWS lets nobody have more: remove one first, on the console";
        return Err(CommandError::new(Kind::User, what).hint(hint));
    }
    if !held.is_empty() {
        desk.tell(&format!("user `{user}` has already: {}", told(&held)))?;
    }
    let one = if held.is_empty() { "a virtual MFA device" } else { "one more MFA device" };
    let name = match &account.alias {
        Some(alias) => format!("{} ({alias})", account.id),
        None => account.id.to_string(),
    };
    let question = format!("Enrol {one} for user `{user}` of account {name}?");
    let says = desk.ask(move |person| person.agrees(&question)).await?;
    Consent::given(user, says)
        .ok_or_else(|| CommandError::new(Kind::Declined, "declined: nothing was changed"))
}

/// Makes a device that is nobody's yet.
async fn make(desk: &Desk<'_>, consent: &Consent) -> Result<NewDevice, CommandError> {
    let clients = &desk.online.clients;
    let known = desk.context.stop.unless_asked(aws::mfa::all_virtual(clients));
    let mut known =
        known.await?.map_err(|error| failed("cannot list the virtual MFA devices", &error))?;
    if let Some(nobodys) = choose_name(consent.user(), &known).nobodys {
        desk.tell(&format!(
            "the device {nobodys} is nobody's: harden has not made it and leaves it as it is"
        ))?;
    }
    for _ in 0..TRIES {
        let name = choose_name(consent.user(), &known).name;
        let serial = desk.online.session.account.arn("iam", "", &format!("mfa/{name}"));
        tracing::info!(action = "iam:CreateVirtualMFADevice", %serial, "calling");
        match aws::mfa::create(clients, &name, consent).await {
            Ok(Some(device)) => return Ok(device),
            // Somebody was faster.
            Ok(None) => known.push(VirtualMfaDevice { serial, user: None }),
            // It was not there before the call: if it is now, the call made it.
            Err(error) if error.ambiguous => match remove(desk, &serial, consent).await {
                Ok(_) => desk.tell("the answer of AWS got lost: once more")?,
                Err(cause) => {
                    let (why, cause) = (error.to_string(), cause.to_string());
                    return Err(left_behind(&serial, &why, &cause));
                }
            },
            Err(error) if may_pass(&error) => {
                desk.pause(Duration::from_secs(2)).await?;
            }
            Err(error) => {
                return Err(failed(&format!("cannot make the MFA device `{name}`"), &error));
            }
        }
        if desk.context.stop.is_asked() {
            return Err(stopped());
        }
    }
    Err(CommandError::new(Kind::Service, "cannot make an MFA device: each try failed"))
}

/// Deletes a device that harden made. Ends only once that is done, or certain not to be.
async fn remove(desk: &Desk<'_>, serial: &str, consent: &Consent) -> Result<Deleted, ServiceError> {
    let mut absent = false;
    let mut pauses = PAUSES.iter();
    loop {
        tracing::info!(action = "iam:DeleteVirtualMFADevice", serial, "calling");
        let deleted = aws::mfa::delete(&desk.online.clients, serial, consent).await;
        match deleted {
            // It may be so new that this part of IAM does not know it yet.
            Ok(Deleted::Absent) if !absent => absent = true,
            Ok(deleted) => return Ok(deleted),
            Err(error) if may_pass(&error) => {
                // If it was deleted all the same, it is absent the next time.
                absent |= error.ambiguous;
                if pauses.len() == 0 {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        if let Some(pause) = pauses.next() {
            sleep(*pause).await;
        }
    }
}

/// What is said where a device may stay behind, with the way to get rid of it.
fn left_behind(serial: &str, why: &str, cause: &str) -> CommandError {
    let what = format!("the MFA device {serial} may be left behind, nobody's and of no use");
    CommandError::new(Kind::Service, what)
        .because(format!("{why}; deleting it failed: {cause}"))
        .hint("delete it; AWS refuses to if a user has it after all:")
        .command(format!("aws iam delete-virtual-mfa-device --serial-number {serial}"))
}

/// Whether the same call may go well a little later.
fn may_pass(error: &ServiceError) -> bool {
    error.ambiguous || error.kind == ErrorKind::Throttled || error.delay() == Some(Delay::Busy)
}

/// The devices, in one sentence.
fn told(devices: &[Device]) -> String {
    let words = devices.iter().map(|device| format!("{} {}", device.kind.word(), device.serial));
    words.collect::<Vec<_>>().join(", ")
}
