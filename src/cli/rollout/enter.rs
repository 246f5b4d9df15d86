//! The way into one account of a rollout.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::Base;
use crate::aws::{self, Budget, Session};
use crate::cli::context::Context;
use crate::cli::session::{Online, options, session};
use crate::error::{CommandError, Kind};
use crate::model::AccountId;
use crate::rollout::{Manifest, Target, Way};

/// How long to wait between two attempts to enter an account that is new.
const PAUSE: Duration = Duration::from_secs(5);

/// So many calls a second.
fn budget(calls_per_second: u32) -> Option<Budget> {
    NonZeroU32::new(calls_per_second).map(Budget::per_second)
}

fn within(session: Session, budget: Option<&Budget>) -> Session {
    match budget {
        Some(budget) => session.within(budget),
        None => session,
    }
}

/// The session that roles are taken on with: what is called by it on behalf of all accounts has one budget.
pub(super) async fn base_session(
    context: &Context,
    calls_per_second: u32,
) -> Result<Session, CommandError> {
    let session = session(context, &options(context)).await?;
    Ok(within(session, budget(calls_per_second).as_ref()))
}

/// How accounts are entered.
#[derive(Debug)]
pub(super) struct Door<'a> {
    /// None where every account has a profile of its own.
    pub(super) base: Option<&'a Session>,
    pub(super) external_id: Option<&'a str>,
    /// The most calls a second in one account.
    pub(super) calls_per_second: u32,
    /// Until when roles are waited for that are not there yet.
    pub(super) patience: Option<Instant>,
    /// The account that manages the organization of the others, where that of `base` is it or administers for it.
    pub(super) management: Option<&'a AccountId>,
}

impl<'a> Door<'a> {
    /// The way into the accounts of a rollout that was planned.
    pub(super) fn of(manifest: &'a Manifest, base: &'a Base) -> Self {
        Self {
            base: base.session.as_ref(),
            external_id: manifest.external_id.as_deref(),
            calls_per_second: manifest.pace.calls_per_second,
            patience: None,
            management: base.management.as_ref(),
        }
    }

    /// Enters an account.
    pub(super) async fn enter(
        &self,
        context: &Context,
        target: &Target,
    ) -> Result<Online, CommandError> {
        let budget = budget(self.calls_per_second);
        let base = || {
            let what = "there is no session to take on a role with";
            self.base.ok_or_else(|| CommandError::new(Kind::Session, what))
        };
        let session = match &target.way {
            Way::Profile(name) => {
                let options = aws::Options { profile: Some(name.clone()), ..options(context) };
                within(session(context, &options).await?, budget.as_ref())
            }
            // Into its own account nobody has to take on a role. Its calls are counted with those for roles.
            Way::Own => base()?.clone(),
            Way::Role(_) if base()?.account.id == target.id => base()?.clone(),
            Way::Role(role) => {
                let how = aws::Entry {
                    account: target.id.clone(),
                    role: role.clone(),
                    external_id: self.external_id.map(str::to_owned),
                    session_name: "rollout".to_owned(),
                    budget,
                };
                self.take_on(context, base()?, &how).await?
            }
        };
        if session.account.id != target.id {
            let what = format!("came to account {} instead of {}", session.account.id, target.id);
            return Err(CommandError::new(Kind::Session, what));
        }
        Ok(Online::of(session))
    }

    async fn take_on(
        &self,
        context: &Context,
        base: &Session,
        how: &aws::Entry,
    ) -> Result<Session, CommandError> {
        let entering = async {
            match self.patience {
                None => aws::enter(base, how).await,
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    aws::enter_patiently(base, how, left, PAUSE).await
                }
            }
        };
        let entered = context.stop.unless_asked(entering).await?.map_err(|error| {
            let hint = error.hint();
            CommandError::from_error(Kind::Session, &error).hint(hint)
        })?;
        Ok(match self.management {
            Some(management) => entered.of_member(&base.clients(), management),
            None => entered,
        })
    }
}
