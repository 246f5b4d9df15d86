//! What AWS demands before it takes a call, written down here once more, so that a mistake in the product
//! does not excuse itself. See [`walk`].

use std::collections::{BTreeMap, BTreeSet};

use harden::change::{
    Change, ChangeId, Document, GroupRule, KeyName, LogDelivery, Operation, Target, TrailConfig,
};
use harden::model::{
    Bucket, BucketName, KeyArn, MetricAlarm, Observed, OwnBucket, PolicyText, RETENTION_DAYS,
    Region, Regional, Snapshot, Source, TopicArn, TrailArn, TrailKey, Watched, is_open,
    may_be_public,
};
use harden::plan::Plan;

/// Walks a plan: no step needs what a later one makes, and each can be made when all that it requires has
/// been made and nothing else, for changes of several regions are made side by side.
pub(crate) fn walk(snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    let mut seen: BTreeSet<&ChangeId> = BTreeSet::new();
    for (place, change) in plan.changes.iter().enumerate() {
        let id = &change.id;
        if let Some(missing) = change.requires.iter().find(|required| !seen.contains(*required)) {
            return Err(format!("{id} requires {missing}, which does not stand before it"));
        }
        if !seen.insert(id) {
            return Err(format!("{id} stands twice"));
        }
        let own = change.operation.target();
        let twice = plan.changes.iter().take(place).any(|other| other.operation.target() == own);
        if twice && !matches!(own, Target::Inbound(..) | Target::Outbound(..)) {
            return Err(format!("{id} changes again what an earlier one has changed"));
        }
        for other in plan.changes.iter().skip(place + 1).filter(|other| makes(other)) {
            let target = other.operation.target();
            if target != own && change.operation.needs(&target) {
                return Err(format!("{id} needs {}, which stands after it", other.id));
            }
        }
        alone(snapshot, plan, change).map_err(|why| format!("{id}: {why}"))?;
    }
    Ok(())
}

/// Whether there is something after it that was not there before.
fn makes(change: &Change) -> bool {
    use Document as Doc;
    matches!(
        change.before,
        Doc::Presence(false)
            | Doc::Policy(None)
            | Doc::Attached(None)
            | Doc::OwnPolicy(None)
            | Doc::Member(None)
            | Doc::Filter(None)
            | Doc::Alias(None)
            | Doc::Trail(None)
            | Doc::Alarm(None)
            | Doc::Recorder(None)
            | Doc::Channel(None)
            | Doc::FlowLog(None)
    )
}

/// With what it requires and nothing else.
fn alone(snapshot: &Snapshot, plan: &Plan, change: &Change) -> Result<(), String> {
    let mut state = snapshot.clone();
    let picked = plan.only(&[change.id.clone()].into());
    for one in &picked.changes {
        let now = one.operation.document(&state).map_err(|e| e.to_string())?;
        if now != one.before {
            return Err(format!("{} finds {now:?}, not {:?}", one.id, one.before));
        }
        if one.id == change.id {
            takes(&one.operation, &state)?;
        }
        one.operation.simulate(&mut state).map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn demand(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// Whether AWS takes the call.
fn takes(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    of_users(operation, on)?;
    in_s3(operation, on)?;
    in_ec2(operation, on)?;
    in_base(operation, on)?;
    among_people(operation, on)?;
    in_trails(operation, on)?;
    in_flow_logs(operation, on)?;
    in_config(operation, on)
}

/// What IAM looks at, and what it does not: it would cut off whoever asks.
fn of_users(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    if let Operation::DeleteRootAccessKey { key, .. } = operation {
        let keys = on.iam.root_keys.ok().ok_or("nobody is root")?;
        let key = keys.get(key).ok_or("NoSuchEntity: the key of root")?;
        return demand(!key.signs, "harden signs with it");
    }
    let Some(user) = operation.credential() else { return Ok(()) };
    let caller = on.caller.rsplit('/').next().unwrap_or_default();
    demand(user.name() != caller, "it is the caller's own")?;
    let live = on.iam.credentials.get(user.name()).ok_or("NoSuchEntity: the user")?;
    match operation.access_key() {
        Some(key) => {
            let key = live.keys.ok().and_then(|keys| keys.get(key));
            demand(!key.ok_or("NoSuchEntity: the key")?.signs, "harden signs with it")
        }
        None => demand(live.password.ok().is_some_and(Option::is_some), "NoSuchEntity: a password"),
    }
}

/// What S3 looks at.
fn in_s3(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    use Operation as Op;
    match operation {
        Op::CreateBucket { bucket, .. } => demand(own(on, bucket).is_err(), "it is there"),
        Op::PutBucketPolicy { bucket, policy, .. } => {
            let own = own(on, bucket)?;
            let statements = policy.statements().ok_or("MalformedPolicy")?;
            demand(!statements.is_empty() && policy.as_str().len() <= 20_480, "MalformedPolicy")?;
            let blocks = own.public_access.ok().copied().flatten().is_some_and(|b| b.block_policy);
            // What was public before and stays is not ours to explain.
            let before = own.policy.ok().and_then(Option::as_ref);
            let known = |one: &serde_json::Value| {
                before.is_some_and(|before| before.has(std::slice::from_ref(one)))
            };
            let public = statements.iter().any(|one| may_be_public(one) && !known(one));
            demand(!(blocks && public), "BlockPublicPolicy")
        }
        Op::DeleteBucketPolicy { bucket, .. } | Op::PutPublicAccessBlock { bucket, .. } => {
            own(on, bucket).map(|_| ())
        }
        Op::PutBucketAcl { bucket, grants, .. } => {
            demand(!own(on, bucket)?.ignores_acls(), "AccessControlListNotSupported")?;
            demand(grants.iter().all(|grant| grant.to.public().is_none()), "BlockPublicAcls")
        }
        Op::PutBucketLogging { region, bucket, to } => {
            let source = own(on, bucket)?;
            let Some(to) = to else { return Ok(()) };
            let target = own(on, &to.bucket)?;
            demand(to.bucket != *bucket, "it would log into itself")?;
            demand(target.region == *region && source.region == *region, "CrossLocationLogging")?;
            let arn = format!("arn:aws:s3:::{bucket}");
            demand(mentions(target, &["logging.s3.amazonaws.com", &arn]), "no policy for its logs")
        }
        _ => Ok(()),
    }
}

/// What EC2 looks at.
fn in_ec2(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    use Operation as Op;
    let (egress, region, group, rules, adds) = match operation {
        Op::AuthorizeSecurityGroupIngress { region, group, rules } => {
            (false, region, group, rules, true)
        }
        Op::AuthorizeSecurityGroupEgress { region, group, rules } => {
            (true, region, group, rules, true)
        }
        Op::RevokeSecurityGroupIngress { region, group, rules } => {
            (false, region, group, rules, false)
        }
        Op::RevokeSecurityGroupEgress { region, group, rules } => {
            (true, region, group, rules, false)
        }
        _ => return Ok(()),
    };
    demand(!rules.is_empty(), "MissingParameter: no rule")?;
    let none = BTreeMap::new();
    let held = at(on, region)?.rules.ok().ok_or("no list of rules")?.get(group).unwrap_or(&none);
    for (place, rule) in rules.iter().enumerate() {
        let same =
            |other: &GroupRule| (&other.traffic, &other.source) == (&rule.traffic, &rule.source);
        demand(!rules.iter().take(place).any(same), "InvalidParameterValue: twice in one call")?;
        let mut there = held.iter().filter(|(_, held)| {
            (held.egress, &held.traffic, &held.source) == (egress, &rule.traffic, &rule.source)
        });
        let there = there.next();
        if adds {
            demand(there.is_none(), "InvalidPermission.Duplicate")?;
            demand(
                !matches!(rule.source, Source::Other(_)),
                "InvalidParameterValue: no other end",
            )?;
            // All rules of a call are tagged alike.
            demand(rules.iter().all(|other| other.tags == rule.tags), "other tags")?;
        } else {
            let (id, held) = there.ok_or("InvalidSecurityGroupRuleId.NotFound")?;
            demand(rule.id.as_ref().is_none_or(|named| named == id), "another id")?;
            demand(held.owner == on.account.id, "UnauthorizedOperation: a group of another")?;
        }
    }
    Ok(())
}

/// What IAM, KMS and CloudWatch look at.
fn in_base(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    use Operation as Op;
    match operation {
        Op::PutRolePolicy { role, .. } => demand(role_there(on, role), "NoSuchEntity"),
        Op::CreateRole { role, .. } => demand(!role_there(on, role), "EntityAlreadyExists"),
        Op::CreateServiceLinkedRole { service } => {
            demand(!role_there(on, service.linked_role()), "has been taken")
        }
        Op::CreateLogGroup { region, group, .. } => {
            demand(!group_there(on, region, group), "ResourceAlreadyExistsException")
        }
        Op::PutRetentionPolicy { region, group, days, .. } => {
            demand(group_there(on, region, group), "ResourceNotFoundException")?;
            demand(RETENTION_DAYS.contains(days), "InvalidParameterException")
        }
        Op::PutMetricFilter { region, group, .. } => {
            demand(group_there(on, region, group), "ResourceNotFoundException")
        }
        Op::CreateAlias { region, alias, key } => {
            demand(alias_of(on, region, alias).is_none(), "AlreadyExistsException")?;
            let keys = at(on, region)?.keys.ok().ok_or("no list of keys")?;
            let found = keys.iter().any(|(id, one)| match key {
                KeyName::Id(named) => id == named,
                KeyName::Described(text) => {
                    one.detail.ok().is_some_and(|detail| detail.description == *text)
                }
            });
            demand(found, "NotFoundException")
        }
        Op::EnableKeyRotation { region, key, .. } => {
            let id =
                if key.is_alias() { alias_of(on, region, key.as_str()) } else { Some(key.clone()) };
            let key = id.and_then(|id| at(on, region).ok()?.keys.ok()?.get(&id));
            let detail = key.and_then(|key| key.detail.ok()).ok_or("NotFoundException")?;
            demand(detail.can_rotate() && detail.state == "Enabled", "UnsupportedOperation")
        }
        Op::PutMetricAlarm { region, to, .. } => alarm(on, region, to),
        Op::Subscribe { region, topic, .. } | Op::SetTopicPolicy { region, topic, .. } => {
            demand(topic_there(on, region, topic), "NotFound")
        }
        _ => Ok(()),
    }
}

/// What IAM looks at of users and groups, and that nobody wins or loses a right by the call.
fn among_people(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    use Operation as Op;
    let (Op::CreateGroup { group }
    | Op::AttachGroupPolicy { group, .. }
    | Op::PutGroupPolicy { group, .. }
    | Op::AddUserToGroup { group, .. }
    | Op::DetachUserPolicy { group, .. }
    | Op::DeleteUserPolicy { group, .. }) = operation
    else {
        return Ok(());
    };
    let people = on.iam.people.ok().ok_or("no list of users")?;
    let quotas = &on.iam.summary.ok().ok_or("no quotas")?.quotas;
    let least = |most: Option<u32>, is: usize| {
        most.is_some_and(|most| is < usize::try_from(most).unwrap_or_default())
    };
    if let Op::CreateGroup { .. } = operation {
        let alike = people.groups.keys().any(|name| name.eq_ignore_ascii_case(group));
        demand(!alike, "EntityAlreadyExists")?;
        demand(group.len() <= 128, "ValidationError")?;
        return demand(least(quotas.most_groups, people.groups.len()), "LimitExceeded: groups");
    }
    let held = &people.groups.get(group).ok_or("NoSuchEntity")?.policies;
    let nobody = people.users.values().all(|user| !user.groups.contains(group));
    let user = |name: &String| {
        let own = on.caller.contains(":user/") && on.caller.ends_with(&format!("/{name}"));
        demand(!own, "whoever runs harden")?;
        people.users.get(name).ok_or_else(|| "NoSuchEntity".to_owned())
    };
    match operation {
        Op::AttachGroupPolicy { .. } => {
            demand(nobody, "somebody wins rights")?;
            demand(least(quotas.policies_per_group, held.attached.len()), "LimitExceeded: attached")
        }
        Op::PutGroupPolicy { name, policy, .. } => {
            demand(nobody, "somebody wins rights")?;
            demand(!held.inline.contains_key(name), "it is overwritten")?;
            let all: usize = held.inline.values().chain([policy]).map(blankless).sum();
            demand(least(quotas.group_policy_size, all - 1), "LimitExceeded: size")
        }
        Op::AddUserToGroup { user: name, .. } => {
            let user = user(name)?;
            demand(least(quotas.groups_per_user, user.groups.len()), "LimitExceeded: user")?;
            let wins = |arn: &String| !user.policies.attached.contains(arn);
            demand(!held.attached.iter().any(wins), "the user wins rights")?;
            let same = |(name, text)| user.policies.inline.get(name) == Some(text);
            demand(held.inline.iter().all(same), "the user wins rights")
        }
        Op::DetachUserPolicy { user: name, policy, .. } => {
            demand(user(name)?.groups.contains(group), "the user loses rights")?;
            demand(held.attached.contains(policy), "the user loses rights")
        }
        Op::DeleteUserPolicy { user: name, name: policy, .. } => {
            let user = user(name)?;
            demand(user.groups.contains(group), "the user loses rights")?;
            let (own, by_group) = (user.policies.inline.get(policy), held.inline.get(policy));
            demand(by_group.is_some() && own == by_group, "the user loses rights")
        }
        _ => Ok(()),
    }
}

fn blankless(policy: &PolicyText) -> usize {
    policy.as_str().chars().filter(|c| !c.is_whitespace()).count()
}

/// CloudWatch takes an alarm on a metric that nothing feeds and for a topic that is not there: it is silent.
fn alarm(on: &Snapshot, region: &Region, to: &MetricAlarm) -> Result<(), String> {
    demand(to.alarm_actions.len() <= 5, "ValidationError")?;
    let topics = to.alarm_actions.iter().filter_map(|action| action.split_once(":sns:"));
    for (_, topic) in topics.filter(|(_, topic)| topic.contains(&format!(":{}:", on.account.id))) {
        let name = topic.rsplit(':').next().unwrap_or_default();
        demand(topic_there(on, region, name), format!("no topic {name}"))?;
    }
    let Watched::Metric { metric, .. } = &to.watches else { return Ok(()) };
    let groups = at(on, region)?.log_groups.values();
    let groups = groups.filter_map(|group| group.ok().and_then(Option::as_ref));
    let filters = groups.filter_map(|group| group.filters.ok()).flatten();
    let mut fed = filters.flat_map(|(_, filter)| &filter.metrics);
    let feeds = fed.any(|fed| fed.namespace == metric.namespace && fed.name == metric.name);
    demand(feeds, "nothing feeds its metric")
}

/// What CloudTrail looks at.
fn in_trails(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    use Operation as Op;
    match operation {
        Op::CreateTrail { region, name, to, alias, .. } => {
            let seen = at(on, region)?.trails.ok().ok_or("no list of trails")?;
            demand(seen.len() < 5, "MaximumNumberOfTrailsExceededException")?;
            let taken = |arn: &TrailArn| arn.as_str().ends_with(&format!("/{name}"));
            demand(!seen.iter().any(taken), "TrailAlreadyExistsException")?;
            trail(
                on,
                (region, name),
                to,
                None,
                alias.as_ref().map(|a| (&a.region, a.name.as_str())),
            )
        }
        Op::UpdateTrail { region, name, to, alias } => {
            let arn = TrailArn::new(on.account.arn(
                "cloudtrail",
                region.as_str(),
                &format!("trail/{name}"),
            ));
            let was = on.logging.trails.get(&arn).ok_or("TrailNotFoundException")?;
            demand(was.home == *region, "InvalidHomeRegionException")?;
            let was = TrailConfig::of(was);
            trail(
                on,
                (region, name),
                to,
                Some(&was),
                alias.as_ref().map(|a| (&a.region, a.name.as_str())),
            )
        }
        Op::StartLogging { region, name } => {
            let arn = on.account.arn("cloudtrail", region.as_str(), &format!("trail/{name}"));
            demand(on.logging.trails.contains_key(&TrailArn::new(arn)), "TrailNotFoundException")
        }
        _ => Ok(()),
    }
}

/// What EC2 looks at where it makes a flow log, and CloudWatch Logs where it delivers.
fn in_flow_logs(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    let Operation::CreateFlowLogs { region, vpc, to, .. } = operation else { return Ok(()) };
    let regional = at(on, region)?;
    let vpcs = regional.vpcs.ok().ok_or("no list of VPCs")?;
    let there = vpcs.get(vpc).ok_or("InvalidVpcId.NotFound")?;
    demand(there.owner == on.account.id, "UnauthorizedOperation: the VPC is shared")?;
    let others = regional.flow_logs.ok().ok_or("no list of flow logs")?;
    let same = others
        .values()
        .any(|other| other.resource == vpc.as_str() && other.destination == to.destination);
    demand(!same, "FlowLogAlreadyExists")?;
    let fields: Vec<&str> = to.destination.split(':').collect();
    let ["arn", _, "logs", place, account, "log-group", group] = fields[..] else {
        return Err(format!("LogDestination: {}", to.destination));
    };
    demand(place == region.as_str() && account == on.account.id.as_str(), "another region")?;
    demand(group_there(on, region, group), "no such log group: it would have no retention")?;
    let role = to.role.as_ref().ok_or("InvalidParameter: no role")?;
    let (_, name) = role.rsplit_once('/').ok_or("a role without a name")?;
    let role = on.iam.roles.get(name).and_then(Observed::ok).and_then(Option::as_ref);
    let role = role.ok_or("Unable to assume given IAM role")?;
    let trusts = role.trust.as_str().contains("vpc-flow-logs.amazonaws.com");
    demand(trusts, "Unable to assume given IAM role")?;
    let may = role.inline.values().any(|policy| {
        let has = |word: &str| policy.as_str().contains(word);
        has("logs:PutLogEvents") && has(&format!(":log-group:{group}:*"))
    });
    demand(may, "Access error")
}

/// What AWS Config looks at.
fn in_config(operation: &Operation, on: &Snapshot) -> Result<(), String> {
    use Operation as Op;
    match operation {
        Op::PutConfigurationRecorder { region, name, to } => {
            let others = at(on, region)?.recorders.ok().ok_or("no list of recorders")?;
            demand(others.keys().all(|other| other == name), "MaxNumberOfConfigurationRecorders")?;
            let role = to.role.as_ref().ok_or("InvalidRoleException")?;
            let linked = role.contains("/aws-service-role/");
            let there = on
                .iam
                .roles
                .iter()
                .any(|(known, _)| role.ends_with(known) && role_there(on, known));
            demand(!linked || there, "InvalidRoleException")?;
            demand(
                !to.global_types || to.records == harden::model::Records::Everything,
                "InvalidRecordingGroupException",
            )
        }
        Op::PutDeliveryChannel { region, name, to } => {
            let regional = at(on, region)?;
            let others = regional.channels.ok().ok_or("no list of channels")?;
            demand(others.keys().all(|other| other == name), "MaxNumberOfDeliveryChannels")?;
            let recorders = regional.recorders.ok().ok_or("no list of recorders")?;
            demand(!recorders.is_empty(), "NoAvailableConfigurationRecorderException")?;
            let bucket = to.bucket.as_ref().ok_or("NoSuchBucketException")?;
            match on.logging.bucket(bucket) {
                Ok(Bucket::Absent) => Err("NoSuchBucketException".to_owned()),
                Ok(Bucket::Ours(own)) => {
                    demand(lets_in(own, "config.amazonaws.com", ""), "InsufficientDeliveryPolicy")
                }
                // It works for other regions.
                Ok(Bucket::Foreign { .. }) => Ok(()),
                Err(gap) => Err(gap.reason),
            }
        }
        Op::StartConfigurationRecorder { region, name } => {
            let regional = at(on, region)?;
            let recorders = regional.recorders.ok().ok_or("no list of recorders")?;
            demand(recorders.contains_key(name), "NoSuchConfigurationRecorderException")?;
            let channels = regional.channels.ok().ok_or("no list of channels")?;
            let channel = channels.values().next().ok_or("NoAvailableDeliveryChannelException")?;
            let bucket = channel.bucket.as_ref().ok_or("NoSuchBucketException")?;
            // It starts, and fails with what it delivers.
            match on.logging.bucket(bucket) {
                Ok(Bucket::Ours(own)) => {
                    demand(lets_in(own, "config.amazonaws.com", ""), "no way in")
                }
                Ok(Bucket::Foreign { .. }) => Ok(()),
                Ok(Bucket::Absent) => Err("the bucket is gone".to_owned()),
                Err(gap) => Err(gap.reason),
            }
        }
        _ => Ok(()),
    }
}

/// The same when a trail is made or changed.
fn trail(
    on: &Snapshot,
    (region, name): (&Region, &str),
    to: &TrailConfig,
    was: Option<&TrailConfig>,
    alias: Option<(&Region, &str)>,
) -> Result<(), String> {
    let arn = on.account.arn("cloudtrail", region.as_str(), &format!("trail/{name}"));
    let bucket_region = match on.logging.bucket(&to.bucket) {
        Ok(Bucket::Absent) => return Err("S3BucketDoesNotExistException".to_owned()),
        Ok(Bucket::Ours(own)) => {
            if let Some(policy) = own.policy.ok()
                && policy.as_ref().is_none_or(|policy| policy.statements().is_some())
            {
                let lets = lets_in(own, "cloudtrail.amazonaws.com", &arn);
                demand(lets, "InsufficientS3BucketPolicyException")?;
            }
            Some(own.region.clone())
        }
        Ok(Bucket::Foreign { region }) => Some(region.clone()),
        Err(_) => None,
    };
    if to.logs != was.and_then(|was| was.logs.clone()) {
        logs(on, region, to.logs.as_ref().ok_or("the log group goes")?)?;
    }
    if to.key.is_some() && to.key != was.and_then(|was| was.key.clone()) {
        let id = match (to.key.as_deref(), alias) {
            (Some(key), Some((at, alias))) if key == alias => {
                let id = alias_of(on, at, alias).ok_or("KmsKeyNotFoundException: no alias")?;
                KeyArn::new(on.account.arn("kms", at.as_str(), &format!("key/{id}")))
            }
            (key, _) => KeyArn::new(key.unwrap_or_default()),
        };
        demand(id.region() == bucket_region, "KmsKeyNotFoundException: another region")?;
        let key = on.logging.keys.get(&id).and_then(Observed::ok).and_then(Option::as_ref);
        let TrailKey { customer_managed, state, policy } = key.ok_or("KmsKeyNotFoundException")?;
        demand(*customer_managed && state == "Enabled", "KmsException")?;
        let policy = policy.ok().map(PolicyText::as_str).unwrap_or_default();
        let lets = ["cloudtrail.amazonaws.com", "kms:GenerateDataKey*", &arn];
        demand(lets.iter().all(|word| policy.contains(word)), "InsufficientEncryptionPolicy")?;
    }
    Ok(())
}

fn logs(on: &Snapshot, home: &Region, to: &LogDelivery) -> Result<(), String> {
    let role = to.role.as_ref().ok_or("InvalidCloudWatchLogsRoleArnException")?;
    let fields: Vec<&str> = to.group.split(':').collect();
    let ["arn", _, "logs", region, account, "log-group", group, "*"] = fields[..] else {
        return Err(format!("InvalidCloudWatchLogsLogGroupArnException: {}", to.group));
    };
    demand(region == home.as_str() && account == on.account.id.as_str(), "another region")?;
    let known = at(on, home)?.log_groups.get(group);
    let known = known.and_then(Observed::ok).and_then(Option::as_ref);
    let delivers = |arn: &Option<String>| arn.as_ref() == Some(&to.group);
    // Another trail delivers there: it is there, and so is its role.
    if on.logging.trails.values().any(|trail| delivers(&trail.log_group)) {
        return Ok(());
    }
    demand(known.is_some_and(|group| group.class == "STANDARD"), "no such log group")?;
    let (_, name) = role.rsplit_once('/').ok_or("a role without a name")?;
    let role = on.iam.roles.get(name).and_then(Observed::ok).and_then(Option::as_ref);
    let role = role.ok_or("no such role")?;
    demand(role.trust.as_str().contains("cloudtrail.amazonaws.com"), "Access denied: trust")?;
    let streams = format!(":log-group:{group}:log-stream:");
    let may = role.inline.values().any(|policy| {
        policy.as_str().contains(&streams) && policy.as_str().contains("logs:PutLogEvents")
    });
    demand(may, "Access denied: permissions")
}

fn own<'a>(on: &'a Snapshot, name: &BucketName) -> Result<&'a OwnBucket, String> {
    match on.logging.bucket(name) {
        Ok(Bucket::Ours(own)) => Ok(own),
        other => Err(format!("NoSuchBucket {name}: {other:?}")),
    }
}

fn mentions(own: &OwnBucket, words: &[&str]) -> bool {
    let policy = own.policy.ok().and_then(Option::as_ref).map(PolicyText::as_str);
    words.iter().all(|word| policy.unwrap_or_default().contains(word))
}

/// Whether a statement lets a service write, or anyone, and asks for no other source.
fn lets_in(own: &OwnBucket, service: &str, source: &str) -> bool {
    let statements = own.policy.ok().and_then(Option::as_ref).and_then(PolicyText::statements);
    statements.unwrap_or_default().iter().any(|one| {
        let text = one.to_string();
        let writes = text.contains("s3:PutObject\"") || text.contains("s3:*");
        let named = text.contains(service) || is_open(one);
        writes && named && (!text.contains("SourceArn") || text.contains(source))
    })
}

fn at<'a>(on: &'a Snapshot, region: &Region) -> Result<&'a Regional, String> {
    on.regional.get(region).ok_or_else(|| format!("region {region}"))
}

fn role_there(on: &Snapshot, name: &str) -> bool {
    on.iam.roles.get(name).and_then(Observed::ok).is_some_and(Option::is_some)
}

fn group_there(on: &Snapshot, region: &Region, name: &str) -> bool {
    let group = on.regional.get(region).and_then(|regional| regional.log_groups.get(name));
    group.and_then(Observed::ok).is_some_and(Option::is_some)
}

fn topic_there(on: &Snapshot, region: &Region, name: &str) -> bool {
    let arn = TopicArn::new(on.account.arn("sns", region.as_str(), name));
    let topic = on.regional.get(region).and_then(|regional| regional.topics.get(&arn));
    topic.and_then(Observed::ok).is_some_and(Option::is_some)
}

fn alias_of(on: &Snapshot, region: &Region, alias: &str) -> Option<harden::model::KeyId> {
    on.regional.get(region)?.aliases.get(alias)?.ok()?.clone()
}
