//! AWS Organizations: the accounts of an organization, and the units that each is in.
//!
//! The tree is walked from the top down, two lists for each unit: asking for the parents of each account would
//! take a call for every one of them. The way up from a unit that was asked for takes a call for each level, five
//! at the most, and no look at units that were not asked for.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account, AccountState, AccountStatus, OrganizationFeatureSet};
use futures::future::{try_join, try_join_all};

use super::limits::{Limited, ORGANIZATIONS};
use super::{ErrorKind, ServiceError, Session};
use crate::model::{AccountId, Action, OuId};

/// What AWS answers where the account is in no organization.
const NONE: &str = "AWSOrganizationsNotInUseException";
/// What it answers where a unit is not there.
const UNKNOWN: [&str; 4] = [
    "ParentNotFoundException",
    "OrganizationalUnitNotFoundException",
    "ChildNotFoundException",
    "RootNotFoundException",
];

/// So many accounts are looked up one by one.
const FEW: usize = 20;

/// What it answers where an account is not in the organization.
const NO_ACCOUNT: [&str; 2] = ["AccountNotFoundException", "ChildNotFoundException"];

/// The organization that an account is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id, such as `o-a1b2c3d4e5`.
    pub id: String,
    /// The account that manages it.
    pub management: AccountId,
    /// Whether it does more than share bills.
    pub all_features: bool,
}

/// An active account of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// Its name in the organization.
    pub name: Option<String>,
    /// The units that it is in, the nearest first and the root last.
    pub units: Vec<OuId>,
}

/// The accounts of an organization could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationError {
    /// The account is in none.
    #[error("account {account} is in no organization")]
    None {
        /// The account.
        account: AccountId,
    },
    /// There is no such unit.
    #[error("there is no unit `{unit}` in the organization")]
    UnknownUnit {
        /// What was asked for.
        unit: OuId,
    },
    /// There is no such account in it.
    #[error("account {account} is not among the active accounts of the organization")]
    UnknownAccount {
        /// What was asked for.
        account: AccountId,
    },
    /// It is suspended, or on its way in or out.
    #[error("account {account} is not active in the organization")]
    Inactive {
        /// What was asked for.
        account: AccountId,
    },
    /// A member that is no delegated administrator, or a permission is missing.
    #[error("account {account} may not list the accounts of its organization: {error}")]
    Denied {
        /// The account.
        account: AccountId,
        /// What AWS said.
        error: Box<ServiceError>,
    },
    /// AWS answered with another error, or not at all.
    #[error("cannot list the accounts of the organization: {0}")]
    Service(Box<ServiceError>),
}

impl OrganizationError {
    /// What the person can do, in one line.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::None { .. } => "name the accounts with `--accounts`",
            Self::UnknownUnit { .. } => {
                "`aws organizations list-organizational-units-for-parent` shows the ids of units"
            }
            Self::UnknownAccount { .. } | Self::Inactive { .. } => {
                "`aws organizations list-accounts` shows the accounts, each with its state"
            }
            Self::Denied { .. } => {
                "use the management account or a delegated administrator, or name the accounts with \
                 `--accounts`"
            }
            Self::Service(_) => "try again, or name the accounts with `--accounts`",
        }
    }
}

/// The organization of the account; `None` where it is in none. Every member may ask.
pub async fn organization(session: &Session) -> Result<Option<Organization>, ServiceError> {
    let action = "organizations:DescribeOrganization";
    let answer = client(session).call(action, |org| org.describe_organization().send()).await;
    let found = match answer {
        Ok(answer) => answer.organization,
        Err(error) if error.code.as_deref() == Some(NONE) => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = found.and_then(|found| {
        Some(Organization {
            id: found.id?,
            management: AccountId::new(found.master_account_id?),
            all_features: found.feature_set == Some(OrganizationFeatureSet::All),
        })
    });
    let unsaid = || ServiceError::ours(Action::new(action), "an answer without an organization");
    found.map(Some).ok_or_else(unsaid)
}

/// The active accounts in the units and all below them, by their ids; without units, of the whole organization.
///
/// All of them or an error: an account that is left out would pass for one that needs nothing.
pub async fn members(session: &Session, units: &[OuId]) -> Result<Vec<Member>, OrganizationError> {
    let walk = Walk { client: client(session), account: &session.account.id };
    let mut level = if units.is_empty() { walk.roots().await? } else { walk.starts(units).await? };
    let mut found = BTreeMap::new();
    while !level.is_empty() {
        let answers = try_join_all(level.iter().map(|path| walk.look(path))).await?;
        level.clear();
        for (units, members) in answers {
            level.extend(units);
            found.extend(members.into_iter().map(|member| (member.id.clone(), member)));
        }
    }
    Ok(found.into_values().collect())
}

/// These accounts of the organization, by their ids: two calls for each, and one for each unit above it; of many, the
/// whole organization is listed.
///
/// All of them or an error.
pub async fn named(
    session: &Session,
    accounts: &[AccountId],
) -> Result<Vec<Member>, OrganizationError> {
    if accounts.len() > FEW {
        let mut all: BTreeMap<AccountId, Member> = BTreeMap::new();
        all.extend(members(session, &[]).await?.into_iter().map(|one| (one.id.clone(), one)));
        let find = |id: &AccountId| {
            let unknown = || OrganizationError::UnknownAccount { account: id.clone() };
            all.remove(id).ok_or_else(unknown)
        };
        return accounts.iter().map(find).collect();
    }
    let walk = Walk { client: client(session), account: &session.account.id };
    let (mut parents, mut found) = (BTreeMap::new(), BTreeMap::new());
    for account in accounts {
        found.insert(account.clone(), walk.member(account, &mut parents).await?);
    }
    Ok(found.into_values().collect())
}

fn client(session: &Session) -> Limited<Client> {
    session.limited(Client::new(&session.config), ORGANIZATIONS)
}

/// A unit and all above it, the root last.
type Path = Vec<OuId>;

struct Walk<'a> {
    client: Limited<Client>,
    account: &'a AccountId,
}

impl Walk<'_> {
    async fn roots(&self) -> Result<Vec<Path>, OrganizationError> {
        let action = "organizations:ListRoots";
        let pages: Vec<_> = self
            .client
            .call(action, |org| org.list_roots().into_paginator().send().try_collect())
            .await
            .map_err(|error| self.explain(error, None))?;
        whole(action, pages.last().and_then(|page| page.next_token()))?;
        let roots = pages.into_iter().flat_map(|page| page.roots.unwrap_or_default());
        roots.map(|root| Ok(vec![id(action, root.id)?])).collect()
    }

    /// Where to begin: at each unit but those below others that were asked for as well.
    async fn starts(&self, units: &[OuId]) -> Result<Vec<Path>, OrganizationError> {
        let units: BTreeSet<&OuId> = units.iter().collect();
        let mut parents = BTreeMap::new();
        let mut paths = Vec::new();
        for unit in &units {
            paths.push(self.path(unit, &mut parents).await?);
        }
        paths.retain(|path| !path.iter().skip(1).any(|above| units.contains(above)));
        Ok(paths)
    }

    /// The way up. What is known of one unit is not asked for another.
    async fn path(
        &self,
        unit: &OuId,
        parents: &mut BTreeMap<OuId, OuId>,
    ) -> Result<Path, OrganizationError> {
        let mut path = vec![unit.clone()];
        let mut at = unit.clone();
        while !is_root(&at) {
            let above = if let Some(above) = parents.get(&at) {
                above.clone()
            } else {
                let above = self.parent(at.as_str()).await;
                above.map_err(|error| self.explain(error, Some(&at)))?
            };
            parents.insert(at, above.clone());
            path.push(above.clone());
            at = above;
        }
        Ok(path)
    }

    /// An account, and the way up from it.
    async fn member(
        &self,
        account: &AccountId,
        parents: &mut BTreeMap<OuId, OuId>,
    ) -> Result<Member, OrganizationError> {
        let explain = |error: ServiceError| {
            if error.code.as_deref().is_some_and(|code| NO_ACCOUNT.contains(&code)) {
                return OrganizationError::UnknownAccount { account: account.clone() };
            }
            self.explain(error, None)
        };
        let action = "organizations:DescribeAccount";
        let answer = self
            .client
            .call(action, |org| org.describe_account().account_id(account.as_str()).send())
            .await
            .map_err(explain)?;
        let described = answer.account.ok_or_else(|| unnamed(action))?;
        if !is_active(&described) {
            return Err(OrganizationError::Inactive { account: account.clone() });
        }
        let parent = self.parent(account.as_str()).await.map_err(explain)?;
        let units = self.path(&parent, parents).await?;
        Ok(Member { id: account.clone(), name: described.name, units })
    }

    /// What an account or a unit is right below.
    async fn parent(&self, child: &str) -> Result<OuId, ServiceError> {
        let action = "organizations:ListParents";
        let call = self.client.call(action, |org| {
            org.list_parents().child_id(child).into_paginator().send().try_collect()
        });
        let pages: Vec<_> = call.await?;
        let mut parents = pages.into_iter().flat_map(|page| page.parents.unwrap_or_default());
        let parent = parents.find_map(|parent| parent.id);
        let unnamed = || ServiceError::ours(Action::new(action), "an entry without an id");
        parent.map(OuId::new).ok_or_else(unnamed)
    }

    /// The units right below a unit, and the active accounts that are in it and in none of them.
    async fn look(&self, path: &Path) -> Result<(Vec<Path>, Vec<Member>), OrganizationError> {
        let Some(unit) = path.first() else { return Ok(<_>::default()) };
        let (units, accounts) = try_join(self.units(unit), self.accounts(unit)).await?;
        let below = |unit| [vec![unit], path.clone()].concat();
        let member = |(id, name)| Member { id, name, units: path.clone() };
        Ok((units.into_iter().map(below).collect(), accounts.into_iter().map(member).collect()))
    }

    async fn units(&self, parent: &OuId) -> Result<Vec<OuId>, OrganizationError> {
        let action = "organizations:ListOrganizationalUnitsForParent";
        let pages: Vec<_> = self
            .client
            .call(action, |org| {
                let list = org.list_organizational_units_for_parent().parent_id(parent.as_str());
                list.into_paginator().send().try_collect()
            })
            .await
            .map_err(|error| self.explain(error, Some(parent)))?;
        whole(action, pages.last().and_then(|page| page.next_token()))?;
        let units =
            pages.into_iter().flat_map(|page| page.organizational_units.unwrap_or_default());
        units.map(|unit| id(action, unit.id)).collect()
    }

    async fn accounts(
        &self,
        parent: &OuId,
    ) -> Result<Vec<(AccountId, Option<String>)>, OrganizationError> {
        let action = "organizations:ListAccountsForParent";
        let pages: Vec<_> = self
            .client
            .call(action, |org| {
                let list = org.list_accounts_for_parent().parent_id(parent.as_str());
                list.into_paginator().send().try_collect()
            })
            .await
            .map_err(|error| self.explain(error, Some(parent)))?;
        whole(action, pages.last().and_then(|page| page.next_token()))?;
        let accounts = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
        let active = accounts.filter(is_active);
        active
            .map(|account| {
                let id = account.id.ok_or_else(|| unnamed(action))?;
                Ok((AccountId::new(id), account.name))
            })
            .collect()
    }

    fn explain(&self, error: ServiceError, unit: Option<&OuId>) -> OrganizationError {
        let code = error.code.as_deref().unwrap_or_default();
        let account = self.account.clone();
        match unit {
            Some(unit) if UNKNOWN.contains(&code) => {
                OrganizationError::UnknownUnit { unit: unit.clone() }
            }
            _ if code == NONE => OrganizationError::None { account },
            _ if error.kind == ErrorKind::Denied => {
                OrganizationError::Denied { account, error: error.into() }
            }
            _ => OrganizationError::Service(error.into()),
        }
    }
}

fn id(action: &'static str, id: Option<String>) -> Result<OuId, OrganizationError> {
    id.map(OuId::new).ok_or_else(|| unnamed(action))
}

/// The SDK leaves off without a word where a page refers to itself.
fn whole(action: &'static str, next: Option<&str>) -> Result<(), OrganizationError> {
    if next.is_none_or(str::is_empty) {
        return Ok(());
    }
    let error = ServiceError::ours(Action::new(action), "a list that does not come to its end");
    Err(OrganizationError::Service(error.into()))
}

fn unnamed(action: &'static str) -> OrganizationError {
    let error = ServiceError::ours(Action::new(action), "an entry without an id");
    OrganizationError::Service(error.into())
}

/// Nothing is above a root, and AWS refuses to be asked.
fn is_root(unit: &OuId) -> bool {
    unit.as_str().starts_with("r-")
}

/// The state says more than the older status, and takes its place.
fn is_active(account: &Account) -> bool {
    match &account.state {
        Some(state) => *state == AccountState::Active,
        None => account.status == Some(AccountStatus::Active),
    }
}

#[cfg(test)]
mod tests;
