//! Whether the policy of a bucket lets in what delivers to it.

use crate::controls::Why;
use crate::controls::obstacle::Obstacle;
use crate::controls::permits::{Call, allows, denies};
use crate::model::{Account, BucketName, PolicyText, Service};

/// What delivers to a bucket of the account, or is to: a trail, or AWS Config in a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivering<'a> {
    pub(super) account: &'a Account,
    pub(super) bucket: &'a BucketName,
    pub(super) prefix: Option<&'a str>,
    pub(super) service: Service,
    /// Its ARN.
    pub(super) source: &'a str,
}

impl Delivering<'_> {
    /// Whether statements certainly let it in, whatever others deny.
    pub(super) fn is_let_in(&self, policy: &PolicyText) -> bool {
        self.calls(|call| allows(policy, call)).into_iter().all(|allowed| allowed)
    }

    /// Nothing that is added to a policy helps against what it denies.
    pub(super) fn is_not_denied(&self, policy: &PolicyText) -> Result<(), Obstacle> {
        let denied = self.calls(|call| denies(policy, call)).into_iter().flatten().next();
        let Some(statement) = denied else { return Ok(()) };
        let (bucket, who) = (self.bucket, self.service.principal());
        let detail = format!(
            "statement {statement} of the policy of bucket {bucket} denies what {who} has to do there, and \
             harden takes no denial away: let it in there first"
        );
        Err(Obstacle::new(Why::Manual, detail))
    }

    /// What comes of each call that it makes.
    fn calls<T>(&self, of: impl Fn(&Call<'_>) -> T) -> [T; 2] {
        let account = &self.account.id;
        let arn = format!("arn:{}:s3:::{}", self.account.partition, self.bucket);
        let path = self.prefix.map_or(String::new(), |prefix| format!("{prefix}/"));
        let folder = if self.service == Service::Config { "Config" } else { "CloudTrail" };
        let object = format!("{arn}/{path}AWSLogs/{account}/{folder}/x");
        let call = |action, resource: &str| {
            let (service, source, resource) = (self.service, self.source, Some(resource));
            of(&Call { service, action, resource, account, source })
        };
        [call("s3:GetBucketAcl", &arn), call("s3:PutObject", &object)]
    }
}
