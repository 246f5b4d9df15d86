//! Reads an account into a snapshot: which reads, in which regions, side by side.
//!
//! What is not asked for is not read; what cannot be read is recorded as such.

mod baseline;
mod credentials;
mod logging;
mod monitoring;
mod progress;
mod region;
mod topics;

pub use progress::Progress;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all, join5, try_join};
use jiff::Timestamp;
use tokio::task::{JoinError, JoinSet};

use self::baseline::Reading;
use self::credentials::read_credentials;
use self::logging::{Seen, read_logging};
use self::monitoring::Monitoring;
use self::progress::Counter;
use self::region::read_region;
use crate::aws::{
    Clients, ServiceError, Session, contacts, iam, observed, people, regions, report, roles, root,
};
use crate::controls::root_is_suspect;
use crate::model::{
    Iam, Logging, Observed, Read, ReadScope, Region, Regional, Role, SNAPSHOT_FORMAT, Service,
    Settings, Snapshot,
};

/// What to read.
#[derive(Clone, Debug)]
pub struct Request {
    /// The reads that somebody needs.
    pub reads: BTreeSet<Read>,
    /// The regions asked for; `None`: every enabled one.
    pub regions: Option<BTreeSet<Region>>,
    /// The baseline's settings: what they name is looked for.
    pub settings: Settings,
    /// The version of harden.
    pub version: String,
    /// Now.
    pub taken_at: Timestamp,
}

/// The account was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// A region that was asked for cannot be read.
    #[error("region `{region}` is not enabled for this account")]
    RegionNotEnabled {
        /// The region.
        region: Region,
        /// Those that are enabled.
        enabled: BTreeSet<Region>,
    },
}

impl ObserveError {
    /// What the person can do, in one line.
    pub fn hint(&self) -> String {
        let Self::RegionNotEnabled { enabled, .. } = self;
        let enabled: Vec<&str> = enabled.iter().map(Region::as_str).collect();
        format!("enabled are {}", enabled.join(", "))
    }
}

/// Reads the account.
pub async fn observe(
    session: &Session,
    clients: &Clients,
    request: &Request,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Snapshot, ObserveError> {
    let counter = Counter::new(progress);
    let account = async {
        let wanted = request.reads.contains(&Read::SecurityContact);
        let contact = when(wanted, contacts::security_contact(clients));
        let read = join(read_iam(session, clients, request), contact).await;
        counter.one_more();
        Ok(read)
    };
    // The account first: its credential report is what takes longest.
    let ((iam, contact), Everywhere { regions, narrowed, regional, logging }) =
        try_join(account, read_regions(session, clients, request, &counter)).await?;
    Ok(Snapshot {
        format: SNAPSHOT_FORMAT.to_owned(),
        harden: request.version.clone(),
        account: session.account.clone(),
        caller: session.caller.clone(),
        behind: session.own.clone(),
        home: Some(clients.home().clone()),
        narrowed,
        taken_at: request.taken_at,
        regions,
        iam,
        contact,
        logging,
        central: None,
        regional,
    })
}

/// Makes a read if somebody needs it.
async fn when<T>(wanted: bool, read: impl Future<Output = Result<T, ServiceError>>) -> Observed<T> {
    if wanted { observed(read.await) } else { Observed::Unread }
}

async fn read_iam(session: &Session, clients: &Clients, request: &Request) -> Iam {
    let wanted = |read| request.reads.contains(&read);
    // Whom the report tells of is known only once it is there.
    let users = async {
        let report = when(wanted(Read::CredentialReport), report::credential_report(clients)).await;
        let credentials = read_credentials(session, clients, request, &report).await;
        (report, credentials)
    };
    let people = when(wanted(Read::People), people::people(clients));
    let rest = join5(
        users,
        when(wanted(Read::PasswordPolicy), iam::password_policy(clients)),
        when(wanted(Read::AccountSummary), iam::account_summary(clients)),
        when(wanted(Read::VirtualMfaDevices), iam::virtual_mfa_devices(clients)),
        read_roles(clients, request),
    );
    let (people, rest) = join(people, rest).await;
    let ((credential_report, credentials), password_policy, summary, virtual_mfa_devices, roles) =
        rest;
    let mut iam = Iam {
        password_policy,
        summary,
        virtual_mfa_devices,
        credential_report,
        credentials,
        root_keys: Observed::Unread,
        roles,
        people,
    };
    // Whether there is anything to look at is known only by now.
    if wanted(Read::RootKeys) && root_is_suspect(&iam) {
        let signs = |id: &_| session.own_keys.has(id);
        let keys = root::access_keys(clients, signs).await.transpose();
        iam.root_keys = keys.map_or(Observed::Unread, observed);
    }
    iam
}

/// The roles that the baseline names, whose policies are named like themselves, and the one that AWS makes
/// for AWS Config.
async fn read_roles(
    clients: &Clients,
    request: &Request,
) -> BTreeMap<String, Observed<Option<Role>>> {
    let wanted = |read| request.reads.contains(&read);
    let settings = &request.settings;
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    if wanted(Read::Roles) {
        names.insert(Service::Config.linked_role(), Vec::new());
        names.insert(&settings.trail.role, vec![&settings.trail.role]);
    }
    if wanted(Read::FlowLogRole) {
        names.insert(&settings.flow_logs.role, vec![&settings.flow_logs.role]);
    }
    let read = join_all(names.into_iter().map(async |(name, policies)| {
        let role = observed(roles::role(clients, name, &policies).await);
        (name.to_owned(), role)
    }));
    read.await.into_iter().collect()
}

/// The regions of the snapshot, what is in each, and what spans them.
struct Everywhere {
    regions: Observed<BTreeSet<Region>>,
    narrowed: bool,
    regional: BTreeMap<Region, Regional>,
    logging: Logging,
}

async fn read_regions(
    session: &Session,
    clients: &Clients,
    request: &Request,
    counter: &Counter<'_>,
) -> Result<Everywhere, ObserveError> {
    let needed = request.reads.iter().any(|read| read.scope() == ReadScope::Regional);
    let (regions, narrowed) = choose(clients, request.regions.as_ref(), needed).await?;
    let to_read = match &regions {
        Observed::Known(regions) => regions.clone(),
        // Which regions there are is not known, but one certainly is.
        Observed::Denied { .. } | Observed::Failed { .. } | Observed::Unread => {
            [clients.home().clone()].into()
        }
    };
    let to_read = if needed { to_read } else { BTreeSet::new() };
    let trails = request.reads.contains(&Read::Trails);
    let baseline = baseline::is_needed(&request.reads);
    let monitoring = monitoring::is_needed(&request.reads);
    let more = [trails, baseline, monitoring].into_iter().filter(|more| *more).count();
    counter.expect(1 + to_read.len() + more);
    // Trails span regions: they are read beside them, and not within.
    let spanning = tokio::spawn({
        let (clients, reads, to_read) = (clients.clone(), request.reads.clone(), to_read.clone());
        async move {
            if trails { read_logging(&clients, &to_read, &reads).await } else { Default::default() }
        }
    });
    let mut regional = read_each(clients, to_read, &request.reads, counter).await;
    let (mut logging, seen): (Logging, Seen) = finished(spanning.await);
    if trails {
        counter.one_more();
    }
    for (region, trails) in seen {
        if let Some(regional) = regional.get_mut(&region) {
            regional.trails = trails;
        }
    }
    // What this names depends on what was found before.
    if baseline {
        let (logging, regional) = (&mut logging, &mut regional);
        let account = &session.account;
        Reading { clients, account, request, logging, regional }.complete().await;
        counter.one_more();
    }
    if monitoring {
        let (logging, regional) = (&logging, &mut regional);
        Monitoring { clients, request, logging, regional }.complete().await;
        counter.one_more();
    }
    Ok(Everywhere { regions, narrowed, regional, logging })
}

/// A task for each region: taking apart the answers of large ones is work for every core.
async fn read_each(
    clients: &Clients,
    regions: BTreeSet<Region>,
    reads: &BTreeSet<Read>,
    counter: &Counter<'_>,
) -> BTreeMap<Region, Regional> {
    let mut tasks = JoinSet::new();
    for region in regions {
        let (clients, reads) = (clients.clone(), reads.clone());
        tasks.spawn(async move {
            let read = read_region(&clients, &region, &reads).await;
            (region, read)
        });
    }
    let mut regional = BTreeMap::new();
    while let Some(task) = tasks.join_next().await {
        let (region, read) = finished(task);
        regional.insert(region, read);
        counter.one_more();
    }
    regional
}

/// Nobody cancels these tasks: if one has no result, it has panicked.
fn finished<T>(task: Result<T, JoinError>) -> T {
    task.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// The regions to read, as far as they can be known, and whether there may be others.
async fn choose(
    clients: &Clients,
    asked: Option<&BTreeSet<Region>>,
    needed: bool,
) -> Result<(Observed<BTreeSet<Region>>, bool), ObserveError> {
    let Some(asked) = asked else {
        return Ok((when(needed, regions::enabled(clients)).await, false));
    };
    // If AWS does not tell which regions are enabled, those asked for are taken on trust: in a
    // region that is not enabled, every read fails by itself.
    let enabled = regions::enabled(clients).await.ok();
    let narrowed = enabled.as_ref() != Some(asked);
    if let Some(enabled) = enabled
        && let Some(region) = asked.difference(&enabled).next()
    {
        return Err(ObserveError::RegionNotEnabled { region: region.clone(), enabled });
    }
    Ok((Observed::Known(asked.clone()), narrowed))
}

#[cfg(test)]
mod tests;
