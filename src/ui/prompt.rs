//! Questions to the person at the terminal.

use std::collections::BTreeSet;

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, MultiSelect, Select};

use super::plan::{credentials_go, ranges};
use super::runs::{title, what};
use super::text::{count, cut, safe};
use crate::approval::{Answer, Ask, AskMany};
use crate::change::{Change, ChangeId};
use crate::model::Account;
use crate::plan::Plan;

/// The person at the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Whether prompts may be coloured.
    pub colour: bool,
    /// The columns of the terminal: a longer line would spoil the redrawing of a list.
    pub columns: usize,
}

impl Person {
    pub(super) fn theme(&self) -> Box<dyn Theme> {
        if self.colour { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) }
    }
}

impl Ask for Person {
    type Error = dialoguer::Error;

    fn which(&mut self, plan: &Plan) -> Result<Answer, Self::Error> {
        let theme = self.theme();
        let all = count(plan.changes.len(), "change", "changes");
        let chosen = Select::with_theme(&*theme)
            .with_prompt("Which changes shall be made?")
            .items([
                format!("all ({all})"),
                "pick from a list".to_owned(),
                "one by one".to_owned(),
                "none".to_owned(),
            ])
            .default(3)
            .interact_opt()?;
        match chosen {
            Some(0) => Ok(Answer::All),
            Some(1) => pick(&*theme, plan, self.columns),
            Some(2) => one_by_one(&*theme, plan),
            _ => Ok(Answer::Nothing),
        }
    }

    fn name(&mut self, plan: &Plan, account: &Account) -> Result<String, Self::Error> {
        let expected = account.confirmation();
        let what = match &account.alias {
            Some(_) => "alias",
            None => "id",
        };
        let changes = count(plan.changes.len(), "change", "changes");
        Input::with_theme(&*self.theme())
            .with_prompt(format!("Type the account {what} `{}` to make {changes}", safe(expected)))
            .allow_empty(true)
            .interact_text()
    }

    fn number(&mut self, plan: &Plan) -> Result<String, Self::Error> {
        let (going, limit) = (plan.credential_changes(), plan.credential_limit());
        Input::with_theme(&*self.theme())
            .with_prompt(format!(
                "{}, more than `credentials.max_changes` ({limit}). Their number",
                credentials_go(going)
            ))
            .allow_empty(true)
            .interact_text()
    }
}

impl AskMany for Person {
    type Error = dialoguer::Error;

    fn accounts(&mut self, number: usize) -> Result<String, Self::Error> {
        let accounts = count(number, "account", "accounts");
        Input::with_theme(&*self.theme())
            .with_prompt(format!("Type the number of accounts, {number}, to change {accounts}"))
            .allow_empty(true)
            .interact_text()
    }

    fn credentials(&mut self, number: usize) -> Result<String, Self::Error> {
        Input::with_theme(&*self.theme())
            .with_prompt(format!(
                "{}, in some account more than `credentials.max_changes`. Their number",
                credentials_go(number)
            ))
            .allow_empty(true)
            .interact_text()
    }
}

fn label(change: &Change) -> String {
    let controls = ranges(change.controls.iter().copied());
    let risk = change.risk;
    safe(&format!("{controls}  [{risk}]  {}  {}", title(change), what(change)))
}

fn pick(theme: &dyn Theme, plan: &Plan, columns: usize) -> Result<Answer, dialoguer::Error> {
    // A mark stands in front of each.
    let short = |change| cut(&label(change), columns.saturating_sub(8));
    let labels: Vec<String> = plan.changes.iter().map(short).collect();
    let picked = MultiSelect::with_theme(theme)
        .with_prompt("Space picks, enter ends. What a picked change requires comes along")
        .items(&labels)
        .report(false)
        .interact_opt()?;
    let ids = picked.unwrap_or_default().into_iter();
    Ok(Answer::Pick(ids.filter_map(|at| plan.changes.get(at)).map(|c| c.id.clone()).collect()))
}

fn one_by_one(theme: &dyn Theme, plan: &Plan) -> Result<Answer, dialoguer::Error> {
    let mut picked: BTreeSet<ChangeId> = BTreeSet::new();
    for change in &plan.changes {
        let yes =
            Confirm::with_theme(theme).with_prompt(label(change)).default(false).interact_opt()?;
        match yes {
            Some(true) => {
                picked.insert(change.id.clone());
            }
            Some(false) => {}
            None => return Ok(Answer::Nothing),
        }
    }
    Ok(Answer::Pick(picked))
}
