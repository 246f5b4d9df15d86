//! How many calls run at once, per service and region.
//!
//! AWS counts calls per account, region and service, so these queues are as separate as its buckets:
//! no region waits for another. Calls that are refused all the same are repeated by the SDK.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Semaphore;

use super::{Budget, ServiceError};
use crate::model::Action;

/// IAM: rates are unpublished and low, and one queue serves all regions.
pub(super) const IAM: usize = 4;
/// Account: rates are unpublished and low, and one queue serves all regions.
pub(super) const ACCOUNT: usize = 2;
/// Organizations: rates are unpublished and low, and one queue serves all regions.
pub(super) const ORGANIZATIONS: usize = 3;
/// KMS: `DescribeKey` 2000 and `GetKeyRotationStatus` 1000 a second, shared with the workloads.
pub(super) const KMS: usize = 16;
/// EC2: a bucket per API, refilled with about 20 calls a second and shared with the workloads.
pub(super) const EC2: usize = 6;
/// CloudTrail: ten calls that read a second.
pub(super) const CLOUDTRAIL: usize = 2;
/// Config: rates are unpublished. Three calls read a region.
pub(super) const CONFIG: usize = 3;
/// S3: rates of calls about buckets are unpublished.
pub(super) const S3: usize = 4;
/// CloudWatch Logs: five calls of a kind a second.
pub(super) const LOGS: usize = 2;
/// CloudWatch: nine calls that read alarms and three that write some a second.
pub(super) const CLOUDWATCH: usize = 2;
/// SNS: thirty calls that list a second.
pub(super) const SNS: usize = 3;

/// A client of one service in one region, and the queue in front of it.
#[derive(Debug)]
pub(super) struct Limited<C> {
    client: C,
    permits: Semaphore,
    budget: Option<Budget>,
}

impl<C> Limited<C> {
    pub(super) fn new(client: C, at_once: usize, budget: Option<Budget>) -> Self {
        Self { client, permits: Semaphore::new(at_once), budget }
    }

    /// Waits for its turn, then makes one call, or one series of pages.
    ///
    /// `action` is the permission the call takes. A series that breaks off in the middle is an
    /// error: there are no partial answers.
    pub(super) async fn call<T, E, F>(
        &self,
        action: &'static str,
        call: impl FnOnce(&C) -> F,
    ) -> Result<T, ServiceError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        self.ask(call).await.map_err(|error| ServiceError::of(Action::new(action), &error))
    }

    /// Waits for its turn, then makes one call whose refusal tells something too.
    pub(super) async fn ask<T, E, F>(
        &self,
        call: impl FnOnce(&C) -> F,
    ) -> Result<T, SdkError<E, HttpResponse>>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        // The semaphore is never closed.
        let _turn = self.permits.acquire().await;
        // Only now: a call that waits for its service leaves the place to those of other services. Nobody who
        // holds one waits for anything but AWS.
        let _place = match &self.budget {
            Some(budget) => budget.place().await,
            None => None,
        };
        // The futures of the SDK take kilobytes, too much to pass up through those of many regions.
        Box::pin(call(&self.client)).await
    }
}
