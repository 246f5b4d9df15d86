//! Which regions are enabled for the account.

use std::collections::BTreeSet;

use super::{Clients, ServiceError};
use crate::model::{Action, Region};

/// The regions enabled for the account.
pub(crate) async fn enabled(clients: &Clients) -> Result<BTreeSet<Region>, ServiceError> {
    let action = "ec2:DescribeRegions";
    let ec2 = clients.ec2(clients.home());
    let answer = ec2.call(action, |ec2| ec2.describe_regions().all_regions(false).send()).await?;
    let regions: BTreeSet<Region> = answer
        .regions
        .unwrap_or_default()
        .into_iter()
        .filter(|region| is_enabled(region.opt_in_status.as_deref()))
        .filter_map(|region| region.region_name.map(Region::new))
        .collect();
    if regions.is_empty() {
        return Err(ServiceError::ours(Action::new(action), "an answer without regions"));
    }
    Ok(regions)
}

/// Asked for enabled regions, EC2 gives no others; emulators do.
fn is_enabled(opt_in: Option<&str>) -> bool {
    matches!(opt_in, Some("opt-in-not-required" | "opted-in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_must_be_opted_in() {
        assert!(is_enabled(Some("opt-in-not-required")) && is_enabled(Some("opted-in")));
        assert!(!is_enabled(Some("not-opted-in")) && !is_enabled(None));
    }
}
