//! Baselines: which controls, which settings, which waivers.
use crate::model::{ControlId, Waiver};
/// x
pub fn waiver_for<'a>(
    waivers: &'a [Waiver],
    control: ControlId,
    resource: &str,
    region: Option<&str>,
) -> Option<&'a Waiver> {
    waivers.iter().find(|w| {
        w.control == control
            && w.resource == resource
            && (w.region.is_none() || w.region.as_deref() == region)
    })
}
