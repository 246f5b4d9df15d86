//! Reads one region.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all, join3, join4};

use super::when;
use crate::aws::{Clients, config, ec2, flow_logs, kms, observed, sns};
use crate::model::{
    DeliveryChannel, GroupId, Observed, PrefixListId, Read, Recorder, Region, Regional, Source,
};

/// Reads what is asked for.
pub(super) async fn read_region(
    clients: &Clients,
    region: &Region,
    reads: &BTreeSet<Read>,
) -> Regional {
    let with_aliases = reads.contains(&Read::Aliases);
    let keys = when(reads.contains(&Read::Keys), kms::keys(clients, region, with_aliases));
    let topics = when(reads.contains(&Read::Topics), sns::topic_list(clients, region));
    let vpcs = when(reads.contains(&Read::Vpcs), flow_logs::vpcs(clients, region));
    let flow_logs = when(reads.contains(&Read::FlowLogs), flow_logs::flow_logs(clients, region));
    let ((keys, topic_list), network, (recorders, channels), (vpcs, flow_logs)) = join4(
        join(keys, topics),
        read_network(clients, region, reads),
        read_config(clients, region, reads),
        join(vpcs, flow_logs),
    )
    .await;
    Regional { keys, recorders, channels, vpcs, flow_logs, topic_list, ..network }
}

/// What AWS Config records, and where it goes.
async fn read_config(
    clients: &Clients,
    region: &Region,
    reads: &BTreeSet<Read>,
) -> (Observed<BTreeMap<String, Recorder>>, Observed<BTreeMap<String, DeliveryChannel>>) {
    let recorders = async {
        if !reads.contains(&Read::Recorders) {
            return Observed::Unread;
        }
        let (recorders, statuses) =
            join(config::recorders(clients, region), config::recorder_status(clients, region))
                .await;
        config::with_status(recorders, &statuses)
    };
    let wanted = reads.contains(&Read::DeliveryChannels);
    join(recorders, when(wanted, config::channels(clients, region))).await
}

/// The rules, then what helps to understand those that may let in the world.
async fn read_network(clients: &Clients, region: &Region, reads: &BTreeSet<Read>) -> Regional {
    let wanted = |read| reads.contains(&read);
    let default_groups = when(wanted(Read::DefaultGroups), ec2::default_groups(clients, region));
    let (rules, default_groups) =
        join(when(wanted(Read::Rules), ec2::rules(clients, region)), default_groups).await;
    let Some(known) = rules.ok() else {
        return Regional { rules, default_groups, ..Regional::UNREAD };
    };
    let (mut lists, mut open) = (BTreeSet::new(), false);
    for rule in known.values().flat_map(BTreeMap::values).filter(|rule| !rule.egress) {
        if let Source::PrefixList(list) = &rule.source {
            lists.insert(list.clone());
        }
        open |= rule.source.is_world(true);
    }
    // What is behind a prefix list may be the world too.
    open |= !lists.is_empty();
    // A default group without a rule is as it shall be, whatever it is attached to.
    let with_rules = |id: &GroupId| known.get(id).is_some_and(|rules| !rules.is_empty());
    let used = default_groups.ok().is_some_and(|groups| groups.keys().any(with_rules));
    let lists = async { Ok(read_lists(clients, region, lists).await) };
    let groups =
        async { if open { ec2::groups(clients, region).await } else { Ok(BTreeMap::new()) } };
    let interfaces = async {
        if open || used { ec2::interfaces(clients, region).await } else { Ok(BTreeMap::new()) }
    };
    let (prefix_lists, groups, interfaces) = join3(
        when(wanted(Read::PrefixLists), lists),
        when(wanted(Read::Groups), groups),
        when(wanted(Read::Interfaces), interfaces),
    )
    .await;
    Regional { rules, prefix_lists, groups, default_groups, interfaces, ..Regional::UNREAD }
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
