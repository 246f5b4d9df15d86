//! Which subscribers of a topic are fine.

use crate::model::{Settings, Subscription};

/// Whether a subscriber is fine: all are where `sns.allowed` is not set. Whom the baseline subscribes itself
/// is fine in any case.
pub(super) fn is_fine(settings: &Settings, subscription: &Subscription) -> bool {
    let Subscription { protocol, endpoint, .. } = subscription;
    let Some(allowed) = &settings.sns.allowed else { return true };
    let named = settings.monitoring.notify.iter();
    named.into_iter().any(|one| one.protocol == *protocol && one.endpoint == *endpoint)
        || allowed.iter().any(|pattern| pattern.matches(protocol, endpoint))
}
