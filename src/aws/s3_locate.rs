//! S3: where a bucket is, and whether it may be another account's.

use aws_smithy_runtime_api::client::result::SdkError;

use super::{Clients, ServiceError};
use crate::model::{Action, BucketName, Region};

pub(super) const HEAD: &str = "s3:ListBucket";

/// Where a bucket is.
pub(super) struct Found {
    pub(super) region: Region,
    /// Because it is another's, or for want of a permission: S3 does not say.
    pub(super) refused: bool,
}

/// Asks for nothing but the region, which S3 tells in refusals too.
pub(super) async fn locate(
    clients: &Clients,
    near: &Region,
    name: &BucketName,
) -> Result<Option<Found>, ServiceError> {
    let mut at = near.clone();
    // Whose a bucket is, S3 only looks at where it is.
    for _ in 0..2 {
        match head(clients, &at, name).await? {
            Head::Absent => return Ok(None),
            Head::Here(found) => return Ok(Some(found)),
            Head::Elsewhere(region) => at = region,
        }
    }
    Err(ServiceError::ours(Action::new(HEAD), "no region says that the bucket is there"))
}

/// What one region says of a bucket.
enum Head {
    Absent,
    Here(Found),
    Elsewhere(Region),
}

async fn head(clients: &Clients, at: &Region, name: &BucketName) -> Result<Head, ServiceError> {
    let answer = clients
        .s3(at)
        .ask(|s3| {
            let owner = clients.account().as_str();
            s3.head_bucket().bucket(name.as_str()).expected_bucket_owner(owner).send()
        })
        .await;
    let error = match answer {
        Ok(head) => {
            let region = head.bucket_region.map_or_else(|| at.clone(), Region::new);
            return Ok(Head::Here(Found { region, refused: false }));
        }
        Err(error) => error,
    };
    if let SdkError::ServiceError(context) = &error {
        let status = context.raw().status().as_u16();
        let region = context.raw().headers().get("x-amz-bucket-region").map(Region::new);
        match (status, region) {
            (404, _) => return Ok(Head::Absent),
            (403, Some(region)) => return Ok(Head::Here(Found { region, refused: true })),
            (301 | 307 | 400, Some(region)) if region != *at => return Ok(Head::Elsewhere(region)),
            // An answer to HEAD has no body that could tell more.
            (403, None) => return Err(ServiceError::denied(Action::new(HEAD))),
            _ => {}
        }
    }
    Err(ServiceError::of(Action::new(HEAD), &error))
}
