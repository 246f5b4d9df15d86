//! Refusals that time may heal: AWS is asked in one place for what it was told in another.

use super::{ErrorKind, ServiceError};

/// What a refusal may be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// That something made just now, such as a role, a policy or a key, is seen everywhere. Where nothing
    /// was made just now, the refusal is meant as it stands.
    Unseen,
    /// That another change of the same thing is done.
    Busy,
}

impl ServiceError {
    /// What the refusal may be waiting for; `None` where it is not for a matter of time.
    pub fn delay(&self) -> Option<Delay> {
        let Some(code) = self.code.as_deref() else {
            // Our own word for what a list does not hold.
            return (self.kind == ErrorKind::NotFound).then_some(Delay::Unseen);
        };
        if is_busy(self.action.as_str(), code) {
            return Some(Delay::Busy);
        }
        let unseen = if self.action.as_str() == "ec2:CreateFlowLogs" {
            // Of what it rests on, only the role is not seen at once: a VPC that is not there is gone.
            is_unknown_role(self)
        } else {
            self.kind == ErrorKind::NotFound || may_be_unseen(self.action.as_str(), code)
        };
        unseen.then_some(Delay::Unseen)
    }
}

fn is_busy(action: &str, code: &str) -> bool {
    match code {
        "OperationAborted"
        | "OperationAbortedException"
        | "ConcurrentModification"
        | "ConcurrentModificationException"
        | "EntityTemporarilyUnmodifiable"
        | "EntityTemporarilyUnmodifiableException" => true,
        // Elsewhere it tells of a conflict that stays.
        "ConflictException" => action.starts_with("cloudtrail:"),
        _ => false,
    }
}

/// Whether EC2 cannot take on a role for flow logs: its code for that is the one for every mistake.
fn is_unknown_role(error: &ServiceError) -> bool {
    error.message.contains("Unable to assume given IAM role")
}

/// Whether a call gets this code for what it rests on and AWS does not see yet, as well as for mistakes.
fn may_be_unseen(action: &str, code: &str) -> bool {
    match action {
        "cloudtrail:CreateTrail" | "cloudtrail:UpdateTrail" => matches!(
            code,
            "InsufficientS3BucketPolicyException"
                | "InvalidCloudWatchLogsRoleArnException"
                | "InvalidCloudWatchLogsLogGroupArnException"
                | "InsufficientEncryptionPolicyException"
                | "KmsKeyNotFoundException"
        ),
        "config:PutConfigurationRecorder" => code == "InvalidRoleException",
        "config:PutDeliveryChannel" => matches!(
            code,
            "InsufficientDeliveryPolicyException" | "NoAvailableConfigurationRecorderException"
        ),
        "config:StartConfigurationRecorder" => code == "NoAvailableDeliveryChannelException",
        // The recorder was stopped just now.
        "config:DeleteDeliveryChannel" => code == "LastDeliveryChannelDeleteFailedException",
        // Who or what was taken out of it just now.
        "iam:DeleteGroup" => code == "DeleteConflict",
        // A principal that was made just now.
        "kms:CreateKey" | "kms:PutKeyPolicy" => code == "MalformedPolicyDocumentException",
        "s3:PutBucketPolicy" => code == "MalformedPolicy",
        "s3:PutBucketLogging" => code == "InvalidTargetBucketForLogging",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::classify;
    use crate::model::Action;

    fn delay(action: &'static str, code: &str) -> Option<Delay> {
        let (kind, code) = (classify::kind(code, ""), Some(code.to_owned()));
        ServiceError { kind, code, ..ServiceError::ours(Action::new(action), "no") }.delay()
    }

    #[test]
    fn codes_tell_of_delays_by_the_call() {
        let (unseen, busy) = (Some(Delay::Unseen), Some(Delay::Busy));
        let table = [
            ("cloudtrail:CreateTrail", "InsufficientS3BucketPolicyException", unseen),
            ("cloudtrail:UpdateTrail", "InvalidCloudWatchLogsRoleArnException", unseen),
            ("cloudtrail:UpdateTrail", "InvalidCloudWatchLogsLogGroupArnException", unseen),
            ("cloudtrail:UpdateTrail", "InsufficientEncryptionPolicyException", unseen),
            ("cloudtrail:UpdateTrail", "KmsKeyNotFoundException", unseen),
            ("cloudtrail:UpdateTrail", "S3BucketDoesNotExistException", None),
            ("cloudtrail:UpdateTrail", "ConflictException", busy),
            ("account:PutAlternateContact", "ConflictException", None),
            ("config:PutDeliveryChannel", "InsufficientDeliveryPolicyException", unseen),
            ("config:PutDeliveryChannel", "NoSuchBucketException", None),
            ("config:PutConfigurationRecorder", "InvalidRoleException", unseen),
            ("config:PutDeliveryChannel", "NoAvailableConfigurationRecorderException", unseen),
            ("config:StartConfigurationRecorder", "NoAvailableDeliveryChannelException", unseen),
            ("config:DeleteDeliveryChannel", "LastDeliveryChannelDeleteFailedException", unseen),
            ("kms:PutKeyPolicy", "MalformedPolicyDocumentException", unseen),
            ("iam:CreateRole", "MalformedPolicyDocumentException", None),
            ("s3:PutBucketPolicy", "MalformedPolicy", unseen),
            ("s3:PutBucketLogging", "InvalidTargetBucketForLogging", unseen),
            ("s3:PutBucketPolicy", "OperationAborted", busy),
            ("logs:PutRetentionPolicy", "OperationAbortedException", busy),
            ("iam:PutRolePolicy", "ConcurrentModification", busy),
            ("iam:DeleteRole", "EntityTemporarilyUnmodifiable", busy),
            ("iam:DeleteGroup", "DeleteConflict", unseen),
            ("iam:DeleteRole", "DeleteConflict", None),
            // What was just made is not there yet.
            ("iam:PutRolePolicy", "NoSuchEntity", unseen),
            ("cloudtrail:GetTrailStatus", "TrailNotFoundException", unseen),
            ("s3:PutBucketPolicy", "AccessDenied", None),
            ("ec2:CreateFlowLogs", "InvalidVpcID.NotFound", None),
        ];
        for (action, code, expected) in table {
            assert_eq!(delay(action, code), expected, "{action} {code}");
        }
        assert_eq!(ServiceError::ours(Action::new("iam:CreateRole"), "no").delay(), None);
    }
}
