//! Which regions are enabled for the account.

use std::collections::BTreeSet;

use super::{Clients, ServiceError};
use crate::model::{Action, Region};

/// The regions enabled for the account.
pub(crate) async fn enabled(clients: &Clients) -> Result<BTreeSet<Region>, ServiceError> {
    let action = "ec2:DescribeRegions";
    let ec2 = clients.ec2(clients.home());
    let answer = ec2.call(action, |ec2| ec2.describe_regions().all_regions(false).send()).await?;
    // A region that is left out would pass unseen: one without a name makes the whole answer useless.
    let incomplete = || ServiceError::ours(Action::new(action), "an answer without regions");
    let regions: BTreeSet<Region> = answer
        .regions
        .unwrap_or_default()
        .into_iter()
        .filter(|region| is_enabled(region.opt_in_status.as_deref()))
        .map(|region| region.region_name.map(Region::new).ok_or_else(incomplete))
        .collect::<Result<_, _>>()?;
    if regions.is_empty() { Err(incomplete()) } else { Ok(regions) }
}

/// Asked for enabled regions, EC2 gives no others; emulators do. What is not said to be off is read.
fn is_enabled(opt_in: Option<&str>) -> bool {
    matches!(opt_in, None | Some("opt-in-not-required" | "opted-in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_must_be_opted_in() {
        assert!(is_enabled(Some("opt-in-not-required")) && is_enabled(Some("opted-in")));
        assert!(!is_enabled(Some("not-opted-in")) && is_enabled(None));
    }
}
