//! Accounts as people leave them.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, Tag, TagSpecification,
    UserIdGroupPair,
};
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use serde_json::json;

use super::account::Account;

/// Everything that the controls of this version look at, in a bad state.
pub(crate) async fn mess(account: &Account, regions: &[&str]) {
    people(account).await;
    weak_password_policy(account).await;
    careless_root(account);
    for region in regions {
        keys(account, region).await;
        groups(account, region).await;
    }
}

/// Root with a key and a virtual MFA device.
pub(crate) fn careless_root(account: &Account) {
    account.settle(json!({
        "root": {
            "mfa_enabled": true,
            "virtual_mfa": true,
            "password_enabled": true,
            "keys": [{ "active": true, "rotated": 800, "last_used": 3 }],
        },
    }));
}

/// Three users with passwords, two of them old.
pub(crate) async fn people(account: &Account) {
    let iam = account.iam("us-east-1");
    for user in ["alice", "bob", "carol"] {
        iam.create_user().user_name(user).send().await.unwrap();
        let profile = iam.create_login_profile().user_name(user).password("Correct-Horse-9");
        profile.send().await.unwrap();
    }
    account.settle(json!({
        "users": {
            "alice": { "created": 900, "password_last_changed": 400, "password_last_used": 1 },
            "bob": { "created": 500, "password_last_changed": 120, "password_last_used": 100 },
            "carol": { "created": 20, "password_last_changed": 20, "password_last_used": 2 },
        },
    }));
}

/// Short passwords that live for half a year.
pub(crate) async fn weak_password_policy(account: &Account) {
    account
        .iam("us-east-1")
        .update_account_password_policy()
        .minimum_password_length(8)
        .require_lowercase_characters(true)
        .require_numbers(true)
        .allow_users_to_change_password(true)
        .max_password_age(180)
        .send()
        .await
        .unwrap();
}

/// Keys that rotate, that do not, and that cannot.
pub(crate) async fn keys(account: &Account, region: &str) {
    let kms = account.kms(region);
    let named = async |alias: &str| {
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        let alias = kms.create_alias().alias_name(format!("alias/{alias}")).target_key_id(&key);
        alias.send().await.unwrap();
        key
    };
    named("app-data").await;
    named("backups").await;
    let rotating = named("payments").await;
    kms.enable_key_rotation().key_id(rotating).send().await.unwrap();
    let disabled = named("old-reports").await;
    kms.disable_key().key_id(disabled).send().await.unwrap();
    let leaving = named("leaving").await;
    kms.schedule_key_deletion().key_id(leaving).pending_window_in_days(30).send().await.unwrap();
    kms.create_key()
        .key_spec(KeySpec::Rsa2048)
        .key_usage(KeyUsageType::SignVerify)
        .send()
        .await
        .unwrap();
}

/// Groups that are open in every way, and some that only look so.
pub(crate) async fn groups(account: &Account, region: &str) {
    let vpc = default_vpc(account, region).await;
    let bastion = group(account, region, &vpc, "bastion").await;
    let both = tcp(22, 22)
        .ip_ranges(range("0.0.0.0/0", "anywhere"))
        .ip_ranges(range("10.0.0.0/8", "office"));
    allow(account, region, &bastion, both.build(), &[("team", "platform")]).await;
    attach(account, region, &vpc, &bastion, "bastion host").await;

    let app = group(account, region, &vpc, "app").await;
    allow(
        account,
        region,
        &app,
        tcp(0, 1024).ip_ranges(range("0.0.0.0/0", "all the low ports")).build(),
        &[],
    )
    .await;

    let desktops = group(account, region, &vpc, "desktops").await;
    let v6 = Ipv6Range::builder().cidr_ipv6("::/0").build();
    allow(account, region, &desktops, tcp(3389, 3389).ipv6_ranges(v6).build(), &[]).await;
    allow(
        account,
        region,
        &desktops,
        tcp(443, 443).ip_ranges(range("0.0.0.0/0", "web")).build(),
        &[],
    )
    .await;

    let legacy = group(account, region, &vpc, "legacy").await;
    let everything = IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(range("0.0.0.0/0", "temporary, remove by 2019"));
    allow(account, region, &legacy, everything.build(), &[]).await;

    let harmless = group(account, region, &vpc, "harmless").await;
    for (protocol, from, to) in [("icmp", 8, 22), ("udp", 22, 22), ("47", -1, -1)] {
        let permission = IpPermission::builder()
            .ip_protocol(protocol)
            .from_port(from)
            .to_port(to)
            .ip_ranges(range("0.0.0.0/0", ""));
        allow(account, region, &harmless, permission.build(), &[]).await;
    }
    let friend = UserIdGroupPair::builder().group_id(&bastion).build();
    allow(account, region, &harmless, tcp(22, 22).user_id_group_pairs(friend).build(), &[]).await;

    let listed = group(account, region, &vpc, "listed").await;
    let list = prefix_list(account, region).await;
    let from_list = PrefixListId::builder().prefix_list_id(list).build();
    allow(account, region, &listed, tcp(22, 22).prefix_list_ids(from_list).build(), &[]).await;
}

/// The default VPC of a region.
pub(crate) async fn default_vpc(account: &Account, region: &str) -> String {
    let vpcs = account.ec2(region).describe_vpcs().send().await.unwrap().vpcs.unwrap();
    vpcs.into_iter().next().unwrap().vpc_id.unwrap()
}

/// A new group.
pub(crate) async fn group(account: &Account, region: &str, vpc: &str, name: &str) -> String {
    let group = account
        .ec2(region)
        .create_security_group()
        .group_name(name)
        .description("made by somebody in a hurry")
        .vpc_id(vpc)
        .send()
        .await
        .unwrap();
    group.group_id.unwrap()
}

/// A range with a description.
pub(crate) fn range(cidr: &str, description: &str) -> IpRange {
    let description = (!description.is_empty()).then(|| description.to_owned());
    IpRange::builder().cidr_ip(cidr).set_description(description).build()
}

/// TCP ports.
pub(crate) fn tcp(from: i32, to: i32) -> aws_sdk_ec2::types::builders::IpPermissionBuilder {
    IpPermission::builder().ip_protocol("tcp").from_port(from).to_port(to)
}

/// Adds an inbound permission; every rule of it gets the tags.
pub(crate) async fn allow(
    account: &Account,
    region: &str,
    group: &str,
    permission: IpPermission,
    tags: &[(&str, &str)],
) {
    let mut call = account
        .ec2(region)
        .authorize_security_group_ingress()
        .group_id(group)
        .ip_permissions(permission);
    if !tags.is_empty() {
        let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build());
        let tags: Vec<Tag> = tags.collect();
        let specification = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroupRule)
            .set_tags(Some(tags));
        call = call.tag_specifications(specification.build());
    }
    call.send().await.unwrap();
}

/// A network interface in a group, by its id.
pub(crate) async fn attach(
    account: &Account,
    region: &str,
    vpc: &str,
    group: &str,
    description: &str,
) -> String {
    let ec2 = account.ec2(region);
    let of_vpc = aws_sdk_ec2::types::Filter::builder().name("vpc-id").values(vpc).build();
    let subnets = ec2.describe_subnets().filters(of_vpc).send().await.unwrap().subnets.unwrap();
    let subnet = subnets.into_iter().next().unwrap().subnet_id.unwrap();
    let interface = ec2
        .create_network_interface()
        .subnet_id(subnet)
        .groups(group)
        .description(description)
        .send()
        .await
        .unwrap();
    interface.network_interface.unwrap().network_interface_id.unwrap()
}

async fn prefix_list(account: &Account, region: &str) -> String {
    let entry = aws_sdk_ec2::types::AddPrefixListEntry::builder().cidr("0.0.0.0/0").build();
    let list = account
        .ec2(region)
        .create_managed_prefix_list()
        .prefix_list_name("everybody")
        .max_entries(5)
        .address_family("IPv4")
        .entries(entry)
        .send()
        .await
        .unwrap();
    list.prefix_list.unwrap().prefix_list_id.unwrap()
}
