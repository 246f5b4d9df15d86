//! KMS: turns rotation on and off.

use super::{Clients, ServiceError};
use crate::approval::Approval;
use crate::model::{KeyId, Region, Rotation};

/// Turns rotation on.
pub(super) async fn enable_rotation(
    clients: &Clients,
    region: &Region,
    key: &KeyId,
    period_days: u16,
    _: &Approval,
) -> Result<(), ServiceError> {
    // The usual period is what KMS takes by itself.
    let period = (period_days != Rotation::DEFAULT_PERIOD_DAYS).then(|| period_days.into());
    clients
        .kms(region)
        .call("kms:EnableKeyRotation", |kms| {
            let call = kms.enable_key_rotation().key_id(key.as_str());
            call.set_rotation_period_in_days(period).send()
        })
        .await
        .map(drop)
}

/// Turns rotation off.
pub(super) async fn disable_rotation(
    clients: &Clients,
    region: &Region,
    key: &KeyId,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .kms(region)
        .call("kms:DisableKeyRotation", |kms| {
            kms.disable_key_rotation().key_id(key.as_str()).send()
        })
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::fake;

    #[tokio::test]
    async fn the_usual_period_is_not_sent() {
        let fake = fake(|_| (200, "{}".to_owned()));
        let (region, key) = (Region::new("eu-west-1"), KeyId::new("1"));
        let approval = Approval::for_test();
        for days in [365, 180] {
            enable_rotation(&fake.clients, &region, &key, days, &approval).await.unwrap();
        }
        assert_eq!(fake.requests("RotationPeriodInDays").len(), 1);
        assert_eq!(fake.requests(r#""RotationPeriodInDays":180"#).len(), 1);
    }
}
