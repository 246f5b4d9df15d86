//! What a session as root of a member account is for: AWS gives none for everything.

use super::Partition;

/// What a session as root of a member account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootTask {
    /// To look at what root signs in and signs with.
    Audit,
    /// To delete that.
    Delete,
}

impl RootTask {
    /// The name of AWS's policy for it.
    pub const fn policy(self) -> &'static str {
        match self {
            Self::Audit => "IAMAuditRootUserCredentials",
            Self::Delete => "IAMDeleteRootUserCredentials",
        }
    }

    /// The ARN of that policy.
    pub fn arn(self, partition: &Partition) -> String {
        format!("arn:{partition}:iam::aws:policy/root-task/{}", self.policy())
    }
}
