//! The way to the account: connecting, reading, and being stopped.

use std::collections::BTreeSet;
use std::path::Path;

use futures::StreamExt as _;

use super::context::{Context, now, user_file};
use super::entry::End;
use crate::apply::{Effect, Failure, Live};
use crate::approval::Approval;
use crate::aws::{self, Clients, Delay, Options, Reread, ServiceError, Session};
use crate::change::{Change, Document, Operation};
use crate::error::{CommandError, Kind};
use crate::files::read_text;
use crate::model::{Central, Read, Region, SNAPSHOT_FORMAT, Settings, Snapshot};
use crate::observe::{Request, observe};
use crate::report::VERSION;
use crate::ui::Bar;

/// How many targets are read again at once.
const REREADS_AT_ONCE: usize = 16;

/// An account within reach.
#[derive(Debug)]
pub(super) struct Online {
    pub(super) session: Session,
    pub(super) clients: Clients,
    /// What the account inherits from another of its organization, where many are worked on.
    pub(super) central: Option<Central>,
}

impl Online {
    /// An account that inherits nothing.
    pub(super) fn of(session: Session) -> Self {
        let clients = session.clients();
        Self { session, clients, central: None }
    }

    /// The same, with what it inherits.
    pub(super) fn inheriting(self, central: Option<Central>) -> Self {
        Self { central, ..self }
    }
}

/// Runs what needs the network, and listens for being asked to end.
pub(super) fn block_on<T>(
    context: &Context,
    work: impl Future<Output = Result<T, End>>,
) -> Result<T, End> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CommandError::from_error(Kind::Local, &e))?;
    runtime.spawn(context.stop.clone().listen(context.terminal));
    let result = runtime.block_on(work);
    // Calls that nobody waits for any more, such as those of an interrupted reading, end with us.
    runtime.shutdown_background();
    result
}

/// Finds out who is asking, and of which account.
pub(super) async fn connect(context: &Context) -> Result<Online, CommandError> {
    Ok(Online::of(session(context, &options(context)).await?))
}

/// What the command line says of the way to the account.
pub(super) fn options(context: &Context) -> Options {
    Options {
        profile: context.connection.profile.clone(),
        region: context.connection.region.clone(),
        endpoint_url: context.connection.endpoint_url.clone(),
        version: VERSION.to_owned(),
    }
}

/// A session by these options.
pub(super) async fn session(context: &Context, options: &Options) -> Result<Session, CommandError> {
    let session = context.stop.unless_asked(aws::connect(options)).await?.map_err(|error| {
        let hint = error.hint();
        CommandError::from_error(Kind::Session, &error).hint(hint)
    })?;
    tracing::info!(account = %session.account.id, caller = %session.caller, "signed in");
    Ok(session)
}

/// What is to be read of the account.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) reads: BTreeSet<Read>,
    /// What they name is looked for.
    pub(super) settings: &'a Settings,
    /// None means every enabled one.
    pub(super) regions: &'a [Region],
}

/// The account as saved, or as it is now.
pub(super) fn snapshot(
    context: &Context,
    file: Option<&Path>,
    asked: Asked<'_>,
) -> Result<Snapshot, End> {
    if let Some(path) = file {
        return Ok(saved(path)?);
    }
    block_on(context, async {
        let online = connect(context).await?;
        Ok(online.observe(context, asked).await?)
    })
}

/// A saved snapshot.
pub(super) fn saved(path: &Path) -> Result<Snapshot, CommandError> {
    let text = read_text(path).map_err(|e| user_file(&e))?;
    let what =
        || CommandError::new(Kind::User, format!("cannot use the snapshot `{}`", path.display()));
    let new_one = "make a new one with `harden snapshot`";
    // Only the format first: a whole tree of values would take several times the memory of the account.
    let head: Format = serde_json::from_str(&text).map_err(|e| {
        // Whole, but something else than an object.
        let cause = if e.is_data() {
            "it is not a snapshot of harden".to_owned()
        } else {
            format!("it breaks off or is damaged at line {}", e.line())
        };
        what().because(cause).hint(new_one)
    })?;
    match head.format.as_ref().and_then(serde_json::Value::as_str) {
        Some(SNAPSHOT_FORMAT) => {}
        Some(format) if format.starts_with("harden.snapshot/") => {
            return Err(what()
                .because(format!("this version does not know the format `{format}`"))
                .hint("it was made by a newer harden: use that one"));
        }
        _ => return Err(what().because("it is not a snapshot of harden").hint(new_one)),
    }
    serde_json::from_str(&text)
        .map_err(|e| what().because(format!("it is damaged: {e}")).hint(new_one))
}

/// The one field of a file that is looked at before all others.
#[derive(serde::Deserialize)]
struct Format {
    #[serde(default)]
    format: Option<serde_json::Value>,
}

impl Online {
    /// Reads the account.
    pub(super) async fn observe(
        &self,
        context: &Context,
        Asked { reads, settings, regions }: Asked<'_>,
    ) -> Result<Snapshot, CommandError> {
        let request = Request {
            reads,
            regions: (!regions.is_empty()).then(|| regions.iter().cloned().collect()),
            settings: settings.clone(),
            version: VERSION.to_owned(),
            taken_at: now(),
        };
        let bar = Bar::spinner(&context.watch(), "reading the account");
        let progress = |progress: crate::observe::Progress| {
            bar.say(&format!("reading the account: {} of {}", progress.done, progress.total));
        };
        let reading = observe(&self.session, &self.clients, &request, &progress);
        let snapshot = context.stop.unless_asked(reading).await;
        bar.clear();
        let snapshot = snapshot?.map_err(|error| {
            let hint = error.hint();
            CommandError::from_error(Kind::User, &error).hint(hint)
        })?;
        Ok(Snapshot { central: self.central.clone(), ..snapshot })
    }

    /// Reads the targets of changes again, in the order of the changes.
    pub(super) async fn reread_all<'a>(
        &self,
        context: &Context,
        changes: Vec<&'a Change>,
    ) -> Result<Vec<(&'a Change, Result<Document, String>)>, CommandError> {
        let reading = futures::stream::iter(changes)
            .map(async |change| {
                let now = aws::reread(&change.operation, &self.clients).await;
                (change, now.map(|now| now.document).map_err(|error| error.to_string()))
            })
            .buffered(REREADS_AT_ONCE)
            .collect();
        context.stop.unless_asked(reading).await
    }
}

impl Live for Clients {
    type Target = Reread;
    type Error = ServiceError;

    async fn reread(&self, operation: &Operation) -> Result<(Document, Reread), ServiceError> {
        let now = aws::reread(operation, self).await?;
        Ok((now.document.clone(), now))
    }

    async fn execute(
        &self,
        operation: &Operation,
        target: &Reread,
        approval: &Approval,
    ) -> Result<(), ServiceError> {
        tracing::info!(
            operation = operation.name(),
            resource = operation.target().resource(),
            "calling"
        );
        aws::execute(operation, target, self, approval, now()).await
    }
}

impl Failure for ServiceError {
    fn effect(&self) -> Effect {
        use aws::ErrorKind::{
            BadCredentials, ClockSkew, Denied, Expired, NoCredentials, NotFound, Other,
            RegionDisabled, Throttled, Timeout, Unreachable,
        };
        match (self.delay(), self.kind) {
            _ if self.ambiguous => Effect::Doubtful,
            (Some(Delay::Unseen), _) => Effect::NotYet,
            (Some(Delay::Busy), _) => Effect::Busy,
            (None, Throttled) => Effect::Throttled,
            // Not there any more, or there already.
            (None, NotFound | Other) => Effect::Misfit,
            (
                None,
                Denied | Expired | BadCredentials | NoCredentials | ClockSkew | RegionDisabled
                | Unreachable | Timeout,
            ) => Effect::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::model::Action;

    fn effect(kind: ErrorKind, code: &str, ambiguous: bool) -> Effect {
        let (action, code) = (Action::new("cloudtrail:UpdateTrail"), Some(code.to_owned()));
        let message = "no".to_owned();
        ServiceError { action, kind, code, message, request_id: None, ambiguous }.effect()
    }

    #[test]
    fn errors_tell_of_the_effect_of_a_call() {
        use ErrorKind::{Denied, NotFound, Other, Throttled};
        let role = "InvalidCloudWatchLogsRoleArnException";
        assert_eq!(effect(Other, role, false), Effect::NotYet);
        assert_eq!(effect(Other, role, true), Effect::Doubtful);
        assert_eq!(effect(Other, "ConflictException", false), Effect::Busy);
        assert_eq!(effect(NotFound, "TrailNotFoundException", false), Effect::NotYet);
        assert_eq!(effect(Throttled, "ThrottlingException", false), Effect::Throttled);
        assert_eq!(effect(Denied, "AccessDeniedException", false), Effect::Refused);
        assert_eq!(effect(Other, "TrailAlreadyExistsException", false), Effect::Misfit);
    }
}
