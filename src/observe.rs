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
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, ec2_error, fake, iam_error};
    use crate::model::Action;

    /// Denies everything but the regions.
    fn closed(request: &str) -> (u16, String) {
        if !request.contains("Action=DescribeRegions") {
            return ec2_error(403, "UnauthorizedOperation", "You are not authorized.");
        }
        let region = |name: &str, status: &str| {
            format!(
                "<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
            )
        };
        let items = region("eu-west-1", "opt-in-not-required")
            + &region("me-south-1", "not-opted-in")
            + &region("af-south-1", "opted-in");
        let name = "DescribeRegionsResponse";
        (200, format!("<{name}><regionInfo>{items}</regionInfo></{name}>"))
    }

    async fn read(
        fake: &Fake,
        reads: &[Read],
        regions: Option<&[&str]>,
    ) -> Result<Snapshot, ObserveError> {
        read_by(&fake.session, reads, regions).await
    }

    async fn read_by(
        session: &Session,
        reads: &[Read],
        regions: Option<&[&str]>,
    ) -> Result<Snapshot, ObserveError> {
        let request = Request {
            reads: reads.iter().copied().collect(),
            regions: regions.map(|regions| regions.iter().copied().map(Region::new).collect()),
            settings: Settings::default(),
            version: "0.1.0".to_owned(),
            taken_at: Timestamp::UNIX_EPOCH,
        };
        observe(session, &session.clients(), &request, &|_| ()).await
    }

    fn denied<T>(action: &'static str) -> Observed<T> {
        Observed::Denied { action: Action::new(action) }
    }

    #[tokio::test]
    async fn enabled_regions_are_read_and_what_is_denied_is_denied() {
        let fake = fake(closed);
        let snapshot = read(&fake, &[Read::Rules, Read::PasswordPolicy], None).await.unwrap();
        let regions: Vec<&str> = snapshot.regional.keys().map(Region::as_str).collect();
        assert_eq!(regions, ["af-south-1", "eu-west-1"]);
        for regional in snapshot.regional.values() {
            assert_eq!(regional.rules, denied("ec2:DescribeSecurityGroupRules"));
            assert_eq!(regional.keys, Observed::Unread);
        }
        assert_eq!(snapshot.iam.summary, Observed::Unread);
        assert_eq!(fake.requests("").len(), 4);
    }

    #[tokio::test]
    async fn without_the_list_of_regions_one_is_read() {
        let fake = fake(|_| ec2_error(403, "UnauthorizedOperation", "You are not authorized."));
        let snapshot = read(&fake, &[Read::Rules], None).await.unwrap();
        assert_eq!(snapshot.regions, denied("ec2:DescribeRegions"));
        let regions: Vec<&str> = snapshot.regional.keys().map(Region::as_str).collect();
        assert_eq!(regions, ["eu-west-1"]);

        let snapshot = read(&fake, &[Read::Rules], Some(&["us-east-1"])).await.unwrap();
        assert_eq!(snapshot.regions, Observed::Known([Region::new("us-east-1")].into()));
        assert_eq!(snapshot.regional.len(), 1);
    }

    #[tokio::test]
    async fn a_region_that_is_not_enabled_is_refused() {
        let error = read(&fake(closed), &[Read::Rules], Some(&["me-south-1"])).await.unwrap_err();
        assert_eq!(error.to_string(), "region `me-south-1` is not enabled for this account");
        assert_eq!(error.hint(), "enabled are af-south-1, eu-west-1");
    }

    #[tokio::test]
    async fn account_wide_reads_need_no_region() {
        let fake = fake(|_| iam_error(404, "NoSuchEntity", "none"));
        let snapshot = read(&fake, &[Read::PasswordPolicy], None).await.unwrap();
        assert_eq!(snapshot.iam.password_policy, Observed::Known(None));
        assert_eq!((snapshot.regions, snapshot.regional.len()), (Observed::Unread, 0));
        assert_eq!(fake.requests("").len(), 1);
    }

    /// Nobody is root to look where nothing tells of a key, or nobody can be.
    #[tokio::test]
    async fn root_is_looked_at_from_above_and_only_where_something_tells_of_a_key() {
        let wrapped = |name: &str, result: &str| {
            (200, format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
        };
        for (present, from_above, sessions) in [(1, true, 1), (0, true, 0), (1, false, 0)] {
            let own = fake(move |request| {
                if request.contains("Action=GetAccountSummary") {
                    let entry = |name: &str, value: u8| {
                        format!("<entry><key>{name}</key><value>{value}</value></entry>")
                    };
                    let entries =
                        entry("AccountMFAEnabled", 1) + &entry("AccountAccessKeysPresent", present);
                    return wrapped(
                        "GetAccountSummary",
                        &format!("<SummaryMap>{entries}</SummaryMap>"),
                    );
                }
                iam_error(403, "AccessDenied", "no")
            });
            let above = fake(|_| iam_error(403, "AccessDenied", "no"));
            let mut management = above.session.clone();
            management.account.id = crate::model::AccountId::new("444455556666");
            let id = management.account.id.clone();
            let session = own.session.clone();
            let session =
                if from_above { session.of_member(&management.clients(), &id) } else { session };
            let reads = [Read::AccountSummary, Read::CredentialReport, Read::RootKeys];
            let snapshot = read_by(&session, &reads, None).await.unwrap();
            let expected = if sessions == 1 { denied("sts:AssumeRoot") } else { Observed::Unread };
            assert_eq!(snapshot.iam.root_keys, expected);
            assert_eq!(above.requests("Action=AssumeRoot").len(), sessions);
        }
    }

    #[tokio::test]
    async fn the_roles_that_services_need_are_read() {
        let fake = fake(|_| iam_error(404, "NoSuchEntity", "none"));
        let snapshot = read(&fake, &[Read::Roles], None).await.unwrap();
        let roles: Vec<&str> = snapshot.iam.roles.keys().map(String::as_str).collect();
        assert_eq!(roles, ["AWSServiceRoleForConfig", "harden-cloudtrail"]);
        assert!(snapshot.iam.roles.values().all(|role| *role == Observed::Known(None)));
        assert_eq!(fake.requests("").len(), 2);
        let snapshot = read(&fake, &[Read::FlowLogRole], None).await.unwrap();
        let roles: Vec<&str> = snapshot.iam.roles.keys().map(String::as_str).collect();
        assert_eq!(roles, ["harden-flow-logs"]);
        let denied = crate::aws::fake::fake(|_| iam_error(403, "AccessDenied", "no"));
        let snapshot = read(&denied, &[Read::Roles], None).await.unwrap();
        let refused = &snapshot.iam.roles["harden-cloudtrail"];
        assert!(matches!(refused, Observed::Denied { .. }));
    }
}
