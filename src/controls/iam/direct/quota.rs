//! How much IAM lets an account have, told with the arithmetic where it is too little.

use crate::controls::Why;
use crate::controls::obstacle::Obstacle;
use crate::model::{IamQuotas, Policies, User};

/// Whether a user may be in one group more.
pub(super) fn fits_user(name: &str, user: &User, quotas: &IamQuotas) -> Result<(), Obstacle> {
    let most = told(quotas.groups_per_user, "how many groups a user may be in")?;
    let is = user.groups.len();
    within(is + 1, most, || {
        format!(
            "{name} is in {is} groups and would be in {}, and IAM allows {most}: take {name} out of one",
            is + 1
        )
    })
}

/// Whether a group may have what sits on a user.
pub(super) fn fits_policies(
    name: &str,
    policies: &Policies,
    quotas: &IamQuotas,
) -> Result<(), Obstacle> {
    let attached = policies.attached.len();
    if attached > 0 {
        let most = told(quotas.policies_per_group, "how many policies a group may have")?;
        within(attached, most, || {
            format!(
                "{attached} managed policies are attached to {name}, and IAM allows {most} on a group: \
                 put what some of them say into one policy"
            )
        })?;
    }
    let size = policies.inline_size();
    if size > 0 {
        let most = told(quotas.group_policy_size, "how long the policies of a group may be")?;
        within(size, most, || {
            format!(
                "the inline policies of {name} have {size} characters without blanks, and IAM allows \
                 {most} on a group: make a managed policy of one of them"
            )
        })?;
    }
    Ok(())
}

/// Whether there may be one group more than so many.
pub(super) fn fits_groups(is: usize, quotas: &IamQuotas) -> Result<(), Obstacle> {
    let most = told(quotas.most_groups, "how many groups there may be")?;
    within(is + 1, most, || {
        format!(
            "there would be {} groups in the account, and IAM allows {most}: delete one, or ask AWS for \
             more",
            is + 1
        )
    })
}

fn told(quota: Option<u32>, what: &str) -> Result<u32, Obstacle> {
    quota.ok_or_else(|| {
        Obstacle::new(Why::Unknown, format!("iam:GetAccountSummary does not tell {what}"))
    })
}

fn within(number: usize, most: u32, why: impl FnOnce() -> String) -> Result<(), Obstacle> {
    let fits = u32::try_from(number).is_ok_and(|number| number <= most);
    if fits { Ok(()) } else { Err(Obstacle::new(Why::Unsupported, why())) }
}
