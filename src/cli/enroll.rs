//! `harden mfa enroll`: from a user without a device to a user with one, or back to where it began.
//!
//! Between the call that makes the device and the one that gives it to the user there is a person. Whatever
//! happens there, the device does not stay behind: what was made is deleted again unless it is the user's.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::args::Enroll as Args;
use super::context::Context;
use super::entry::Ended;
use super::mfa::failed;
use super::session::{Online, block_on, connect};
use super::stop::stopped;
use crate::approval::Consent;
use crate::aws::mfa::{Deleted, Enabled};
use crate::aws::{self, Delay, ErrorKind, ServiceError};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::mfa::{
    Codes, Device, MOST_DEVICES, NewDevice, WhoError, check_user, choose_name, user_of_arn,
};
use crate::model::VirtualMfaDevice;
use crate::ui::{self, Keys, Next, Person, Picture};

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
    block_on(context, async {
        tokio::spawn(context.stop.clone().heed_hangup());
        let online = connect(context).await?;
        let user = match &args.user {
            Some(user) => user.clone(),
            None => own_name(&online.session.caller)?,
        };
        let dumb = args.term.as_deref().is_none_or(|term| term == "dumb");
        let desk = Desk { context, online: &online, keys, dumb };
        let consent = desk.consent(&user).await?;
        let device = desk.make(&consent).await?;
        let mut handing = Handing { desk: &desk, consent: &consent, device: &device, doubt: false };
        match handing.over().await {
            Ok(()) => handing.done(),
            Err(error) => handing.clean_up(error).await,
        }
    })
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

/// Where a person and AWS are within reach.
struct Desk<'a> {
    context: &'a Context,
    online: &'a Online,
    /// How the terminal took keys before the first question.
    keys: Keys,
    /// The terminal cannot draw.
    dumb: bool,
}

impl Desk<'_> {
    /// Asks the person something. Being asked to end meanwhile is an answer too.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(Person) -> Result<T, dialoguer::Error> + Send + 'static,
    ) -> Result<T, CommandError> {
        if self.context.stop.is_asked() {
            return Err(stopped());
        }
        let terminal = &self.context.terminal;
        let person = Person { colour: terminal.colours_talk(), columns: terminal.columns };
        let asked = tokio::task::spawn_blocking(move || question(person));
        let answer = tokio::select! {
            answer = asked => answer,
            () = self.context.stop.asked() => {
                // The prompt still waits for a key, and ends with us.
                self.keys.put_back();
                let _ = terminal.show_cursor();
                return Err(stopped());
            }
        };
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(dialoguer::Error::IO(error))) => {
                let _ = terminal.show_cursor();
                if error.kind() == std::io::ErrorKind::Interrupted {
                    return Err(stopped());
                }
                Err(CommandError::new(Kind::Local, "cannot ask").because(error.to_string()))
            }
            Err(error) => Err(CommandError::from_error(Kind::Local, &error)),
        }
    }

    fn tell(&self, text: &str) -> Result<(), CommandError> {
        self.context.terminal.tell(text).map_err(|error| unheard(&error))
    }

    fn present(&self, text: &str) -> Result<(), CommandError> {
        self.context.terminal.present(text).map_err(|error| unheard(&error))
    }

    /// Waits, unless somebody asks for the end.
    async fn pause(&self, pause: Duration) -> Result<(), CommandError> {
        self.context.stop.unless_asked(sleep(pause)).await
    }

    /// Looks at the user and asks whether a device shall be made.
    async fn consent(&self, user: &str) -> Result<Consent, CommandError> {
        let account = &self.online.session.account;
        let held = self.context.stop.unless_asked(aws::mfa::devices_of(&self.online.clients, user));
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
            self.tell(&format!("user `{user}` has already: {}", told(&held)))?;
        }
        let one = if held.is_empty() { "a virtual MFA device" } else { "one more MFA device" };
        let name = match &account.alias {
            Some(alias) => format!("{} ({alias})", account.id),
            None => account.id.to_string(),
        };
        let question = format!("Enrol {one} for user `{user}` of account {name}?");
        let says = self.ask(move |person| person.agrees(&question)).await?;
        Consent::given(user, says)
            .ok_or_else(|| CommandError::new(Kind::Declined, "declined: nothing was changed"))
    }

    /// Makes a device that is nobody's yet.
    async fn make(&self, consent: &Consent) -> Result<NewDevice, CommandError> {
        let clients = &self.online.clients;
        let known = self.context.stop.unless_asked(aws::mfa::all_virtual(clients));
        let mut known =
            known.await?.map_err(|error| failed("cannot list the virtual MFA devices", &error))?;
        if let Some(nobodys) = choose_name(consent.user(), &known).nobodys {
            self.tell(&format!(
                "the device {nobodys} is nobody's: harden has not made it and leaves it as it is"
            ))?;
        }
        for _ in 0..TRIES {
            let name = choose_name(consent.user(), &known).name;
            let serial = self.online.session.account.arn("iam", "", &format!("mfa/{name}"));
            tracing::info!(action = "iam:CreateVirtualMFADevice", %serial, "calling");
            match aws::mfa::create(clients, &name, consent).await {
                Ok(Some(device)) => return Ok(device),
                // Somebody was faster.
                Ok(None) => known.push(VirtualMfaDevice { serial, user: None }),
                // It was not there before the call: if it is now, the call made it.
                Err(error) if error.ambiguous => match self.remove(&serial, consent).await {
                    Ok(_) => self.tell("the answer of AWS got lost: once more")?,
                    Err(cause) => {
                        let (why, cause) = (error.to_string(), cause.to_string());
                        return Err(left_behind(&serial, &why, &cause));
                    }
                },
                Err(error) if error.kind == ErrorKind::Throttled => {
                    self.pause(Duration::from_secs(2)).await?;
                }
                Err(error) => {
                    return Err(failed(&format!("cannot make the MFA device `{name}`"), &error));
                }
            }
            if self.context.stop.is_asked() {
                return Err(stopped());
            }
        }
        Err(CommandError::new(Kind::Service, "cannot make an MFA device: each try failed"))
    }

    /// Deletes a device that harden made. Ends only once that is done, or certain not to be.
    async fn remove(&self, serial: &str, consent: &Consent) -> Result<Deleted, ServiceError> {
        let mut absent = false;
        let mut pauses = PAUSES.iter();
        loop {
            tracing::info!(action = "iam:DeleteVirtualMFADevice", serial, "calling");
            let deleted = aws::mfa::delete(&self.online.clients, serial, consent).await;
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
}

/// A device between being made and being the user's.
struct Handing<'a> {
    desk: &'a Desk<'a>,
    consent: &'a Consent,
    device: &'a NewDevice,
    /// An answer got lost: it may be the user's already.
    doubt: bool,
}

/// What came of two codes.
enum Step {
    /// The device is the user's.
    Done,
    /// It is not, for this reason, and other codes may do.
    Again(&'static str),
}

impl Handing<'_> {
    /// Shows the code and takes codes, until the device is the user's.
    async fn over(&mut self) -> Result<(), CommandError> {
        let mut likely = self.show()?;
        loop {
            match self.desk.ask(move |person| person.next(likely)).await? {
                Next::Codes => {}
                Next::Secret => {
                    let terminal = &self.desk.context.terminal;
                    self.desk.present(&ui::secret(&self.device.seed, terminal.columns))?;
                    likely = Next::Codes;
                    continue;
                }
                Next::GiveUp => return Err(CommandError::new(Kind::Declined, "given up")),
            }
            let Some(codes) = self.desk.ask(|person| person.codes()).await? else { continue };
            match self.enable(&codes).await? {
                Step::Done => return Ok(()),
                Step::Again(why) => self.desk.tell(why)?,
            }
        }
    }

    /// Draws the QR code where there is room for it; says what is likely to come next.
    fn show(&self) -> Result<Next, CommandError> {
        let desk = self.desk;
        let (terminal, account) = (&desk.context.terminal, &desk.online.session.account);
        let name = self.device.serial.rsplit('/').next().unwrap_or_default();
        let uri = self.device.seed.uri(name, account.confirmation());
        let room = |picture: &Picture| !desk.dumb && picture.columns <= terminal.columns;
        let Some(picture) = Picture::of(&uri, terminal.colours_talk()).ok().filter(room) else {
            desk.tell("there is no room for a QR code here: type the secret into the app")?;
            return Ok(Next::Secret);
        };
        desk.present(picture.text())?;
        let rows = terminal_size::terminal_size().map(|(_, height)| usize::from(height.0));
        if rows.is_some_and(|rows| rows < picture.rows) {
            desk.tell("the terminal has fewer rows than the code: scroll up, or type the secret")?;
        }
        Ok(Next::Codes)
    }

    /// Sends two codes. Whatever comes of that is certain in the end, or an error.
    async fn enable(&mut self, codes: &Codes) -> Result<Step, CommandError> {
        let (clients, serial) = (&self.desk.online.clients, &self.device.serial);
        let mut pauses = PAUSES.iter();
        loop {
            tracing::info!(action = "iam:EnableMFADevice", %serial, "calling");
            let error = match aws::mfa::enable(clients, serial, codes, self.consent).await {
                Ok(Enabled::Yes) => return Ok(Step::Done),
                Ok(Enabled::WrongCodes) => {
                    return Ok(Step::Again(
                        "AWS does not take these codes: type two that the app shows one after the \
                         other, and see that the clock of the phone is right",
                    ));
                }
                Ok(Enabled::Before) => return self.look().await,
                Err(error) => error,
            };
            if error.ambiguous {
                self.doubt = true;
                return self.look().await;
            }
            // The user or the device was changed or made just now.
            if error.kind != ErrorKind::Throttled && error.delay().is_none() {
                return Err(self.not_enabled(&error));
            }
            match pauses.next() {
                Some(pause) => {
                    self.desk.tell("AWS is still busy with the user or the device: waiting")?;
                    self.desk.pause(*pause).await?;
                }
                // The codes are too old by now.
                None if error.delay() != Some(Delay::Unseen) => {
                    return Ok(Step::Again("AWS is busy: wait a minute, then type new codes"));
                }
                None => return Err(self.not_enabled(&error)),
            }
        }
    }

    fn not_enabled(&self, error: &ServiceError) -> CommandError {
        failed(&format!("cannot give the MFA device to user `{}`", self.consent.user()), error)
    }

    /// Looks whether the device is the user's: IAM may take a moment to show it.
    async fn look(&self) -> Result<Step, CommandError> {
        let (clients, user) = (&self.desk.online.clients, self.consent.user());
        let mut pauses = PAUSES.iter().take(2);
        loop {
            let held = aws::mfa::devices_of(clients, user).await.map_err(|error| {
                failed(&format!("cannot tell whether user `{user}` has the MFA device"), &error)
            })?;
            let held = held.unwrap_or_default();
            if held.iter().any(|device| device.serial == self.device.serial) {
                return Ok(Step::Done);
            }
            let Some(pause) = pauses.next() else { break };
            self.desk.pause(*pause).await?;
        }
        Ok(Step::Again("the answer of AWS got lost and the device is not enabled: type new codes"))
    }

    /// The answer: the user has the device.
    fn done(&self) -> Ended {
        let (user, serial) = (self.consent.user(), &self.device.serial);
        let context = self.desk.context;
        let answer = json!({
            "format": "harden.enrollment/1",
            "account": self.desk.online.session.account,
            "user": user,
            "serial": serial,
        });
        let text = format!("User `{user}` has the MFA device {serial} from now on.");
        context.terminal.answer(&answer, |columns| ui::sentence(&text, columns))?;
        context.terminal.note(
            "whoever sees the QR code or the secret above can make the same codes: clear the terminal",
        )?;
        Ok(Exit::Done)
    }

    /// Deletes the device again, and tells how it ended.
    async fn clean_up(&self, error: CommandError) -> Ended {
        match self.desk.remove(&self.device.serial, self.consent).await {
            // The lost call was carried out, and AWS deletes no device that is somebody's.
            Ok(Deleted::InUse) if self.doubt => self.done(),
            Ok(Deleted::InUse) => {
                let cause = "somebody has it";
                Err(left_behind(&self.device.serial, &error.what, cause).into())
            }
            Ok(Deleted::Yes | Deleted::Absent) => Err(nothing_left(error).into()),
            Err(cause) => {
                let cause = cause.to_string();
                Err(left_behind(&self.device.serial, &error.what, &cause).into())
            }
        }
    }
}

/// The same error, with what became of the device.
fn nothing_left(error: CommandError) -> CommandError {
    const GONE: &str = "the device that was made is deleted again";
    match error.kind {
        Kind::Interrupted => CommandError::new(Kind::Interrupted, format!("stopped: {GONE}")),
        Kind::Declined => CommandError::new(Kind::Declined, format!("given up: {GONE}")),
        Kind::User | Kind::Session | Kind::Service | Kind::Stale | Kind::Local => {
            let what = format!("{}: {GONE}", error.what);
            CommandError { what, ..error }
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

fn unheard(error: &std::io::Error) -> CommandError {
    CommandError::new(Kind::Local, "cannot write to the terminal").because(error.to_string())
}
