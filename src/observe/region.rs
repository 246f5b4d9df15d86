//! Reads one region.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all, join3};

use super::when;
use crate::aws::{Clients, ec2, kms, observed};
use crate::model::{Observed, PrefixListId, Read, Region, Regional, Source};

/// Reads what is asked for.
pub(super) async fn read_region(
    clients: &Clients,
    region: &Region,
    reads: &BTreeSet<Read>,
) -> Regional {
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
