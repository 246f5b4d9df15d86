//! Reads an account into a snapshot: which reads, in which regions, side by side.
//!
//! What is not asked for is not read; what cannot be read is recorded as such.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::{join, join_all, join3, join4, try_join};
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::aws::{Clients, ServiceError, Session, ec2, iam, kms, observed, regions, report};
use crate::model::{
    Iam, Observed, PrefixListId, Read, ReadScope, Region, Regional, SNAPSHOT_FORMAT, Snapshot,
    Source,
};

/// What to read.
#[derive(Clone, Debug)]
pub struct Request {
    /// The reads that somebody needs.
    pub reads: BTreeSet<Read>,
    /// The regions asked for; `None`: every enabled one.
    pub regions: Option<BTreeSet<Region>>,
    /// The version of harden.
    pub version: String,
    /// Now.
    pub taken_at: Timestamp,
}

/// How far the reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Parts read.
    pub done: usize,
    /// Parts to read: one for each region, one for the account.
    pub total: usize,
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
    let counter = Counter { done: AtomicUsize::new(0), total: AtomicUsize::new(1), progress };
    let account = async {
        let iam = read_account(clients, &request.reads).await;
        counter.one_more();
        Ok(iam)
    };
    // The account first: its credential report is what takes longest.
    let (iam, (regions, regional)) =
        try_join(account, read_regions(clients, request, &counter)).await?;
    Ok(Snapshot {
        format: SNAPSHOT_FORMAT.to_owned(),
        harden: request.version.clone(),
        account: session.account.clone(),
        caller: session.caller.clone(),
        taken_at: request.taken_at,
        regions,
        iam,
        regional,
    })
}

/// Counts parts for the one who waits.
struct Counter<'a> {
    done: AtomicUsize,
    total: AtomicUsize,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl Counter<'_> {
    fn expect(&self, more: usize) {
        self.total.fetch_add(more, Ordering::Relaxed);
        self.tell();
    }

    fn one_more(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        let [done, total] = [&self.done, &self.total].map(|n| n.load(Ordering::Relaxed));
        (self.progress)(Progress { done, total });
    }
}

/// Makes a read if somebody needs it.
async fn when<T>(wanted: bool, read: impl Future<Output = Result<T, ServiceError>>) -> Observed<T> {
    if wanted { observed(read.await) } else { Observed::Unread }
}

async fn read_account(clients: &Clients, reads: &BTreeSet<Read>) -> Iam {
    let wanted = |read| reads.contains(&read);
    let (credential_report, password_policy, summary, virtual_mfa_devices) = join4(
        when(wanted(Read::CredentialReport), report::credential_report(clients)),
        when(wanted(Read::PasswordPolicy), iam::password_policy(clients)),
        when(wanted(Read::AccountSummary), iam::account_summary(clients)),
        when(wanted(Read::VirtualMfaDevices), iam::virtual_mfa_devices(clients)),
    )
    .await;
    Iam { password_policy, summary, virtual_mfa_devices, credential_report }
}

/// The regions of the snapshot, and what is in each.
type Regions = (Observed<BTreeSet<Region>>, BTreeMap<Region, Regional>);

async fn read_regions(
    clients: &Clients,
    request: &Request,
    counter: &Counter<'_>,
) -> Result<Regions, ObserveError> {
    let needed = request.reads.iter().any(|read| read.scope() == ReadScope::Regional);
    let regions = choose(clients, request.regions.as_ref(), needed).await?;
    let to_read = match &regions {
        Observed::Known(regions) => regions.clone(),
        // Which regions there are is not known, but one certainly is.
        Observed::Denied { .. } | Observed::Failed { .. } | Observed::Unread => {
            [clients.home().clone()].into()
        }
    };
    let mut regional = BTreeMap::new();
    if !needed {
        return Ok((regions, regional));
    }
    counter.expect(to_read.len());
    // A task for each: taking apart the answers of large regions is work for every core.
    let mut tasks = JoinSet::new();
    for region in to_read {
        let (clients, reads) = (clients.clone(), request.reads.clone());
        tasks.spawn(async move {
            let read = read_region(&clients, &region, &reads).await;
            (region, read)
        });
    }
    while let Some(task) = tasks.join_next().await {
        // Nobody cancels these tasks: if one has no result, it has panicked.
        let (region, read) =
            task.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        regional.insert(region, read);
        counter.one_more();
    }
    Ok((regions, regional))
}

/// The regions to read, as far as they can be known.
async fn choose(
    clients: &Clients,
    asked: Option<&BTreeSet<Region>>,
    needed: bool,
) -> Result<Observed<BTreeSet<Region>>, ObserveError> {
    let Some(asked) = asked else {
        return Ok(when(needed, regions::enabled(clients)).await);
    };
    // If AWS does not tell which regions are enabled, those asked for are taken on trust: in a
    // region that is not enabled, every read fails by itself.
    if let Ok(enabled) = regions::enabled(clients).await
        && let Some(region) = asked.difference(&enabled).next()
    {
        return Err(ObserveError::RegionNotEnabled { region: region.clone(), enabled });
    }
    Ok(Observed::Known(asked.clone()))
}

async fn read_region(clients: &Clients, region: &Region, reads: &BTreeSet<Read>) -> Regional {
    let with_aliases = reads.contains(&Read::Aliases);
    let keys = when(reads.contains(&Read::Keys), kms::keys(clients, region, with_aliases));
    let (keys, network) = join(keys, read_network(clients, region, reads)).await;
    Regional { keys, ..network }
}

/// The rules, then what helps to understand those that may let in the world.
async fn read_network(clients: &Clients, region: &Region, reads: &BTreeSet<Read>) -> Regional {
    let wanted = |read| reads.contains(&read);
    let rules = when(wanted(Read::Rules), ec2::rules(clients, region)).await;
    let Some(known) = rules.ok() else { return Regional { rules, ..Regional::UNREAD } };
    let (mut lists, mut open) = (BTreeSet::new(), false);
    for rule in known.values().flat_map(BTreeMap::values).filter(|rule| !rule.egress) {
        if let Source::PrefixList(list) = &rule.source {
            lists.insert(list.clone());
        }
        open |= rule.source.is_world(true);
    }
    // What is behind a prefix list may be the world too.
    open |= !lists.is_empty();
    let lists = async { Ok(read_lists(clients, region, lists).await) };
    let groups =
        async { if open { ec2::groups(clients, region).await } else { Ok(BTreeMap::new()) } };
    let interfaces =
        async { if open { ec2::interfaces(clients, region).await } else { Ok(BTreeMap::new()) } };
    let (prefix_lists, groups, interfaces) = join3(
        when(wanted(Read::PrefixLists), lists),
        when(wanted(Read::Groups), groups),
        when(wanted(Read::Interfaces), interfaces),
    )
    .await;
    Regional { keys: Observed::Unread, rules, prefix_lists, groups, interfaces }
}

async fn read_lists(
    clients: &Clients,
    region: &Region,
    lists: BTreeSet<PrefixListId>,
) -> BTreeMap<PrefixListId, Observed<BTreeSet<String>>> {
    let entries = join_all(lists.into_iter().map(async |list| {
        let entries = observed(ec2::prefix_list(clients, region, &list).await);
        (list, entries)
    }));
    entries.await.into_iter().collect()
}
