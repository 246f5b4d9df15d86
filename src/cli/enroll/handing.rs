//! A device that was made becomes the user's, or is deleted again.

use serde_json::json;

use super::super::entry::Ended;
use super::super::mfa::failed;
use super::desk::Desk;
use super::{PAUSES, left_behind, remove};
use crate::approval::Consent;
use crate::aws::mfa::{Deleted, Enabled};
use crate::aws::{self, Delay, ErrorKind, ServiceError};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::mfa::{Codes, NewDevice};
use crate::ui::{self, Bar, Next, Picture};

/// A device between being made and being the user's.
pub(super) struct Handing<'a> {
    pub(super) desk: &'a Desk<'a>,
    pub(super) consent: &'a Consent,
    pub(super) device: &'a NewDevice,
    /// An answer got lost: it may be the user's already.
    pub(super) doubt: bool,
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
    pub(super) async fn over(&mut self) -> Result<(), CommandError> {
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
    pub(super) fn done(&self) -> Ended {
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
    pub(super) async fn clean_up(&self, error: CommandError) -> Ended {
        let watch = self.desk.context.watch();
        let bar = Bar::spinner(&watch, "deleting the device that was made");
        let removed = remove(self.desk, &self.device.serial, self.consent).await;
        bar.clear();
        match removed {
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
