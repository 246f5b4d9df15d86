//! Everything read from one account at one time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AccountId, Alarms, Central, DefaultGroup, DeliveryChannel, FlowLog, FlowLogId, Group, GroupId,
    Iam, Interface, InterfaceId, Key, KeyId, LogGroup, Logging, Observed, Own, Partition,
    PrefixListId, Principal, Recorder, Region, Rule, RuleId, SecurityContact, Topic, TopicArn,
    TrailArn, Vpc, VpcId,
};

/// The format of saved snapshots that this version writes and reads.
pub const SNAPSHOT_FORMAT: &str = "harden.snapshot/1";

/// Everything read from one account at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// [`SNAPSHOT_FORMAT`].
    pub format: String,
    /// The version of harden that read it.
    pub harden: String,
    /// Whose it is.
    pub account: Account,
    /// The ARN of whoever read it.
    pub caller: String,
    /// Who stands behind the session that read it. Files of before it was looked at lack it.
    #[serde(default)]
    pub behind: Own,
    /// The region of the session: what has to be in one region, and is in none yet, is made there.
    #[serde(default)]
    pub home: Option<Region>,
    /// Whether only some of the enabled regions were asked for: what is not seen may be in the others.
    #[serde(default)]
    pub narrowed: bool,
    /// When the reading began. Ages are counted from here.
    pub taken_at: Timestamp,
    /// The regions enabled for the account, or those asked for.
    pub regions: Observed<BTreeSet<Region>>,
    /// Account-wide.
    pub iam: Iam,
    /// `GetAlternateContact` for security; `None` where nobody is registered. Files of before it was
    /// read lack it.
    #[serde(default)]
    pub contact: Observed<Option<SecurityContact>>,
    /// The trails, and what they deliver to. Added after the first snapshots.
    #[serde(default)]
    pub logging: Logging,
    /// The account that owns the organization's trails which are seen here, where it was looked at too. A
    /// rollout says so; one account alone cannot see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub central: Option<Central>,
    /// Region by region.
    pub regional: BTreeMap<Region, Regional>,
}

impl Snapshot {
    /// Whether a user or role is who runs harden: nothing of theirs is changed.
    pub fn is_own(&self, who: Principal<'_>) -> bool {
        self.behind.has(who) || Own::of(&self.account, &[&self.caller]).has(who)
    }
}

/// Which account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account id.
    #[serde(deserialize_with = "AccountId::whole")]
    pub id: AccountId,
    /// The account alias, if there is one and it could be read.
    pub alias: Option<String>,
    /// The partition.
    pub partition: Partition,
}

impl Account {
    /// The ARN of something in this account.
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition, self.id)
    }

    /// What a person types to confirm: the alias, or else the id.
    pub fn confirmation(&self) -> &str {
        self.alias.as_deref().unwrap_or(self.id.as_str())
    }
}

/// Everything read from one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regional {
    /// Customer-managed KMS keys.
    pub keys: Observed<BTreeMap<KeyId, Key>>,
    /// Every rule of every security group; groups without a rule are absent.
    pub rules: Observed<BTreeMap<GroupId, BTreeMap<RuleId, Rule>>>,
    /// The entries of the prefix lists that inbound rules name.
    pub prefix_lists: Observed<BTreeMap<PrefixListId, Observed<BTreeSet<String>>>>,
    /// Security groups; for display.
    pub groups: Observed<BTreeMap<GroupId, Group>>,
    /// The groups that VPCs have from the start.
    #[serde(default)]
    pub default_groups: Observed<BTreeMap<GroupId, DefaultGroup>>,
    /// Network interfaces; for display, and to tell what is in use.
    pub interfaces: Observed<BTreeMap<InterfaceId, Interface>>,
    /// The trails that are seen here, shadows of other regions' trails too.
    #[serde(default)]
    pub trails: Observed<BTreeSet<TrailArn>>,
    /// Recorders of AWS Config: AWS allows one.
    #[serde(default)]
    pub recorders: Observed<BTreeMap<String, Recorder>>,
    /// Delivery channels of AWS Config: AWS allows one.
    #[serde(default)]
    pub channels: Observed<BTreeMap<String, DeliveryChannel>>,
    /// Aliases that the baseline names, and their keys; `None`: there is no such alias.
    #[serde(default)]
    pub aliases: BTreeMap<String, Observed<Option<KeyId>>>,
    /// VPCs, those that other accounts share too.
    #[serde(default)]
    pub vpcs: Observed<BTreeMap<VpcId, Vpc>>,
    /// Flow logs, those of subnets and network interfaces too.
    #[serde(default)]
    pub flow_logs: Observed<BTreeMap<FlowLogId, FlowLog>>,
    /// Log groups that trails deliver to or the baseline names; `None`: there is no such group.
    #[serde(default)]
    pub log_groups: BTreeMap<String, Observed<Option<LogGroup>>>,
    /// The alarms, where there is a log group to watch.
    #[serde(default)]
    pub alarms: Observed<Alarms>,
    /// The topics that are listed here.
    #[serde(default)]
    pub topic_list: Observed<BTreeSet<TopicArn>>,
    /// Topics that are listed, that alarms name or that the baseline names; `None`: there is no such
    /// topic.
    #[serde(default)]
    pub topics: BTreeMap<TopicArn, Observed<Option<Topic>>>,
}

impl Regional {
    /// Nothing read yet.
    pub const UNREAD: Self = Self {
        keys: Observed::Unread,
        rules: Observed::Unread,
        prefix_lists: Observed::Unread,
        groups: Observed::Unread,
        default_groups: Observed::Unread,
        interfaces: Observed::Unread,
        trails: Observed::Unread,
        recorders: Observed::Unread,
        channels: Observed::Unread,
        aliases: BTreeMap::new(),
        vpcs: Observed::Unread,
        flow_logs: Observed::Unread,
        log_groups: BTreeMap::new(),
        alarms: Observed::Unread,
        topic_list: Observed::Unread,
        topics: BTreeMap::new(),
    };
}
