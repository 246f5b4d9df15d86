//! Which accounts a rollout is about.

use std::collections::BTreeMap;

use super::enter::base_session;
use crate::aws::{self, Organization, OrganizationError, Session};
use crate::cli::args::rollout::Who;
use crate::cli::context::{Context, variable, with_hint};
use crate::cli::session::{options, session};
use crate::error::{CommandError, Kind};
use crate::files::read_written;
use crate::model::{AccountId, OuId};
use crate::rollout::{
    AccountList, DEFAULT_ROLE, RolloutFile, Shard, Target, Way, external_id_fault, is_ids,
    role_fault,
};
use crate::ui;

/// The accounts, and whoever enters them.
#[derive(Debug)]
pub(super) struct Crowd {
    /// The session that the others are had by; none where each has a profile of its own.
    pub(super) base: Option<Session>,
    /// The organization of that session, if the accounts are listed from it.
    pub(super) organization: Option<Organization>,
    /// All of them, by id.
    pub(super) targets: Vec<Target>,
    /// The role that is taken on in each.
    pub(super) role: String,
    /// What the roles ask for.
    pub(super) external_id: Option<String>,
    /// How many profiles led nowhere; that was said.
    pub(super) refused: usize,
}

/// What can be said of the accounts before any call.
#[derive(Debug)]
pub(super) enum Asked {
    Organization(Vec<OuId>),
    /// Of the organization, and no others.
    OfOrganization(Vec<AccountId>),
    Accounts(Vec<AccountId>),
    Profiles(Vec<String>),
}

impl Asked {
    /// Reads the flags.
    pub(super) fn of(who: &Who) -> Result<Self, CommandError> {
        check_entrance(who)?;
        if who.organization && !who.accounts.is_empty() {
            return accounts(&who.accounts).map(Self::OfOrganization);
        }
        if who.organization {
            let units: Vec<OuId> = who.ou.iter().map(OuId::new).collect();
            return match units.iter().find(|unit| !unit.is_well_formed()) {
                None => Ok(Self::Organization(units)),
                Some(bad) => Err(CommandError::new(Kind::User, format!("`{bad}` is not the id of a unit"))
                    .hint("ids of organizational units look like `ou-ab12-11111111`, that of the root like `r-ab12`")),
            };
        }
        if !who.accounts.is_empty() {
            return accounts(&who.accounts).map(Self::Accounts);
        }
        if who.profiles.is_empty() {
            let what = "no accounts are named";
            return Err(CommandError::new(Kind::User, what)
                .hint("pass `--organization`, `--accounts` or `--profiles`"));
        }
        let mut names = who.profiles.clone();
        names.sort();
        match names.windows(2).find(|pair| pair.first() == pair.last()) {
            None => Ok(Self::Profiles(who.profiles.clone())),
            Some(pair) => {
                let name = pair.first().map(String::as_str).unwrap_or_default();
                let what = format!("the profile `{name}` is named twice");
                Err(CommandError::new(Kind::User, what))
            }
        }
    }
}

fn accounts(named: &[String]) -> Result<Vec<AccountId>, CommandError> {
    let mut list = AccountList::default();
    for value in named {
        let added = if is_ids(value) {
            list.add_ids("--accounts", value)
        } else {
            let path = std::path::Path::new(value);
            let text = read_written(path).map_err(|error| {
                CommandError::new(Kind::User, format!("cannot read the list of accounts `{value}`"))
                    .because(error.to_string())
                    .hint("name account ids, or a file with an id on each line")
            })?;
            list.add_file(value, &text)
        };
        added.map_err(|error| CommandError::from_error(Kind::User, &error))?;
    }
    Ok(list.into_ids())
}

/// The shard that is asked for.
pub(super) fn shard(text: Option<&str>) -> Result<Option<Shard>, CommandError> {
    let shard = text.map(|text| Shard::parse(text, &variable)).transpose();
    shard.map_err(|error| with_hint(CommandError::from_error(Kind::User, &error), error.hint()))
}

/// Complains of a role or an external id that AWS would take nowhere.
pub(super) fn check_entrance(who: &Who) -> Result<(), CommandError> {
    let role = who.role.as_deref().map(|role| ("--role", role, role_fault(role)));
    let id = who.external_id.as_deref().map(|id| ("--external-id", id, external_id_fault(id)));
    for (flag, value, fault) in role.into_iter().chain(id) {
        if let Some(fault) = fault {
            let what = format!("`{flag} {}` cannot be used", ui::text::safe(value));
            return Err(CommandError::new(Kind::User, what).because(fault));
        }
    }
    Ok(())
}

/// The role that accounts are entered with, and what it asks for.
pub(super) fn entrance(who: &Who, file: &RolloutFile) -> (String, Option<String>) {
    let role = who.role.as_ref().or(file.role.as_ref()).cloned();
    let external_id = who.external_id.clone().or_else(|| file.external_id.clone());
    (role.unwrap_or_else(|| DEFAULT_ROLE.to_owned()), external_id)
}

/// Finds the accounts.
pub(super) async fn find(
    context: &Context,
    who: &Who,
    asked: Asked,
    file: &RolloutFile,
) -> Result<Crowd, CommandError> {
    let (role, external_id) = entrance(who, file);
    let (base, organization, mut targets) = match asked {
        Asked::Profiles(names) => {
            let (targets, refused) = of_profiles(context, names).await?;
            let (base, organization) = (None, None);
            return Ok(Crowd { base, organization, targets, role, external_id, refused });
        }
        Asked::Accounts(ids) => {
            let base = base_session(context, file.calls_per_second.into()).await?;
            let plain = |id: AccountId| target(&base, id, None, Vec::new(), &role);
            let targets = ids.into_iter().map(plain).collect();
            (Some(base), None, targets)
        }
        Asked::Organization(units) => {
            let base = base_session(context, file.calls_per_second.into()).await?;
            let members = aws::members(&base, &units);
            let (organization, targets) = of_organization(context, &base, members, &role).await?;
            (Some(base), Some(organization), targets)
        }
        Asked::OfOrganization(ids) => {
            let base = base_session(context, file.calls_per_second.into()).await?;
            let members = aws::named(&base, &ids);
            let (organization, targets) = of_organization(context, &base, members, &role).await?;
            (Some(base), Some(organization), targets)
        }
    };
    targets.sort_by(|a: &Target, b| a.id.cmp(&b.id));
    Ok(Crowd { base, organization, targets, role, external_id, refused: 0 })
}

fn target(
    base: &Session,
    id: AccountId,
    name: Option<String>,
    units: Vec<OuId>,
    role: &str,
) -> Target {
    // Into its own account nobody has to take on a role.
    let way = if id == base.account.id { Way::Own } else { Way::Role(role.to_owned()) };
    Target { id, name, units, way }
}

async fn of_organization(
    context: &Context,
    base: &Session,
    members: impl Future<Output = Result<Vec<aws::Member>, OrganizationError>>,
    role: &str,
) -> Result<(Organization, Vec<Target>), CommandError> {
    let failed = |error: &OrganizationError| {
        let kind = match error {
            OrganizationError::UnknownUnit { .. }
            | OrganizationError::UnknownAccount { .. }
            | OrganizationError::Inactive { .. }
            | OrganizationError::None { .. } => Kind::User,
            OrganizationError::Denied { .. } | OrganizationError::Service(_) => Kind::Service,
        };
        CommandError::from_error(kind, error).hint(error.hint())
    };
    let listing = async {
        let organization = aws::organization(base).await;
        let organization = organization.map_err(|e| OrganizationError::Service(Box::new(e)))?;
        let none = || OrganizationError::None { account: base.account.id.clone() };
        Ok((organization.ok_or_else(none)?, members.await?))
    };
    let listed: Result<_, OrganizationError> = context.stop.unless_asked(listing).await?;
    let (organization, members) = listed.map_err(|error| failed(&error))?;
    let of = |member: aws::Member| target(base, member.id, member.name, member.units, role);
    let targets: Vec<Target> = members.into_iter().map(of).collect();
    if targets.is_empty() {
        let what = "there is no active account in these units";
        return Err(CommandError::new(Kind::User, what));
    }
    Ok((organization, targets))
}

/// Each profile leads to an account of its own.
async fn of_profiles(
    context: &Context,
    names: Vec<String>,
) -> Result<(Vec<Target>, usize), CommandError> {
    let mut refused = Vec::new();
    let mut seen: BTreeMap<AccountId, String> = BTreeMap::new();
    let mut targets = Vec::new();
    for name in names {
        let options = aws::Options { profile: Some(name.clone()), ..options(context) };
        let session = match session(context, &options).await {
            Ok(session) => session,
            Err(error) if error.kind == Kind::Interrupted => return Err(error),
            // The others are none the worse for it.
            Err(error) => {
                refused.push(error);
                continue;
            }
        };
        let id = session.account.id.clone();
        if let Some(other) = seen.insert(id.clone(), name.clone()) {
            let what = format!("the profiles `{other}` and `{name}` are both of account {id}");
            return Err(CommandError::new(Kind::User, what).hint("leave one of them out"));
        }
        let alias = session.account.alias.clone();
        targets.push(Target { id, name: alias, units: Vec::new(), way: Way::Profile(name) });
    }
    let last = refused.pop_if(|_| targets.is_empty());
    for error in &refused {
        let _ = context.terminal.error(error);
    }
    if let Some(last) = last {
        return Err(last);
    }
    targets.sort_by(|a: &Target, b| a.id.cmp(&b.id));
    Ok((targets, refused.len()))
}

impl Crowd {
    /// The account that manages the others, if the session is of it or of one that administers for it: nobody
    /// else is given the list of accounts.
    pub(super) fn management(&self) -> Option<&AccountId> {
        self.organization.as_ref().map(|organization| &organization.management)
    }
}
