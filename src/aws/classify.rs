//! What an error of AWS means, by its code and, where codes are shared, by its message.

use super::ErrorKind;

/// Words of messages that blame the clock, in lower case.
const SKEW: [&str; 5] =
    ["signature expired", "not yet current", "15 minutes", "date stamp", "too skewed"];

/// How our words for a refusal begin.
const REFUSAL: &str = "not authorized to perform";

/// The kind of an error that a service answered with.
pub(super) fn kind(code: &str, message: &str) -> ErrorKind {
    let message = message.to_ascii_lowercase();
    if blames_clock(code, &message) {
        return ErrorKind::ClockSkew;
    }
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "NotAuthorized" => ErrorKind::Denied,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
            ErrorKind::Expired
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => ErrorKind::BadCredentials,
        "OptInRequired" | "RegionDisabledException" => ErrorKind::RegionDisabled,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "EC2ThrottledException"
        | "TooManyRequestsException"
        | "BandwidthLimitExceeded"
        | "PriorRequestNotComplete"
        | "SlowDown" => ErrorKind::Throttled,
        _ if is_not_found(code) => ErrorKind::NotFound,
        _ => ErrorKind::Other,
    }
}

/// A wrong clock and a wrong key share codes; only the message tells them apart.
fn blames_clock(code: &str, message: &str) -> bool {
    match code {
        "RequestTimeTooSkewed" => true,
        "RequestExpired"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "AuthFailure" => SKEW.iter().any(|words| message.contains(words)),
        _ => false,
    }
}

fn is_not_found(code: &str) -> bool {
    // EC2 has one such code for each kind of thing.
    code.ends_with(".NotFound")
        || matches!(
            code,
            "NoSuchEntity"
                | "NoSuchEntityException"
                | "NotFound"
                | "NotFoundException"
                | "ResourceNotFound"
                | "ResourceNotFoundException"
                | "TrailNotFoundException"
                | "NoSuchConfigurationRecorderException"
                | "NoSuchDeliveryChannelException"
                | "NoSuchBucket"
        )
}

/// Our words for a refusal: the permission that AWS names, and its reason.
///
/// `None` where AWS did not say it in the usual form. Who was refused is known already, and the
/// resource is that of the read or change that failed.
pub(super) fn refusal(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    let reason = [" because ", " with an explicit deny"]
        .iter()
        .find_map(|start| rest.split_once(start).map(|(_, tail)| format!("{start}{tail}")))
        .unwrap_or_default();
    Some(format!("{REFUSAL} {action}{reason}"))
}

/// Whether a message in our words names the permission that is missing.
pub(super) fn names_permission(message: &str) -> bool {
    message.starts_with(REFUSAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        let table = [
            ("AccessDenied", "", ErrorKind::Denied),
            ("AccessDeniedException", "", ErrorKind::Denied),
            ("UnauthorizedOperation", "", ErrorKind::Denied),
            ("AuthorizationErrorException", "", ErrorKind::Denied),
            ("ExpiredToken", "The security token is expired", ErrorKind::Expired),
            ("ExpiredTokenException", "", ErrorKind::Expired),
            ("RequestExpired", "Request has expired.", ErrorKind::Expired),
            ("InvalidClientTokenId", "", ErrorKind::BadCredentials),
            ("UnrecognizedClientException", "", ErrorKind::BadCredentials),
            ("AuthFailure", "not able to validate the credentials", ErrorKind::BadCredentials),
            ("InvalidAccessKeyId", "", ErrorKind::BadCredentials),
            ("OptInRequired", "", ErrorKind::RegionDisabled),
            ("RequestLimitExceeded", "", ErrorKind::Throttled),
            ("NoSuchEntity", "", ErrorKind::NotFound),
            ("InvalidPrefixListID.NotFound", "", ErrorKind::NotFound),
            ("NotFoundException", "", ErrorKind::NotFound),
            ("TrailNotFoundException", "", ErrorKind::NotFound),
            ("NoSuchConfigurationRecorderException", "", ErrorKind::NotFound),
            ("NotFound", "", ErrorKind::NotFound),
            ("ResourceNotFound", "", ErrorKind::NotFound),
            ("NoSuchBucket", "", ErrorKind::NotFound),
            ("InvalidParameterValue", "", ErrorKind::Other),
        ];
        for (code, message, expected) in table {
            assert_eq!(kind(code, message), expected, "{code}");
        }
    }

    #[test]
    fn the_message_tells_a_wrong_clock_from_a_wrong_key() {
        let late = "Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z";
        let early = "Signature not yet current: 20260101T003000Z is still later than …";
        let wrong = "The request signature we calculated does not match the one you provided";
        for code in ["SignatureDoesNotMatch", "InvalidSignatureException"] {
            assert_eq!(kind(code, late), ErrorKind::ClockSkew);
            assert_eq!(kind(code, early), ErrorKind::ClockSkew);
            assert_eq!(kind(code, wrong), ErrorKind::BadCredentials);
        }
        assert_eq!(kind("RequestTimeTooSkewed", ""), ErrorKind::ClockSkew);
        let stamp = "more than 15 minutes after the date stamp on the request";
        assert_eq!(kind("RequestExpired", stamp), ErrorKind::ClockSkew);
    }

    #[test]
    fn refusals_keep_the_permission_and_the_reason() {
        let user = "User: arn:aws:iam::111122223333:user/a is not authorized to perform: ";
        let table = [
            ("iam:GetUser on resource: *", "not authorized to perform iam:GetUser"),
            (
                "kms:ListKeys because no identity-based policy allows the kms:ListKeys action",
                "not authorized to perform kms:ListKeys because no identity-based policy allows \
                 the kms:ListKeys action",
            ),
            (
                "ec2:DescribeRegions with an explicit deny in a service control policy",
                "not authorized to perform ec2:DescribeRegions with an explicit deny in a service \
                 control policy",
            ),
        ];
        for (tail, expected) in table {
            assert_eq!(refusal(&format!("{user}{tail}")).as_deref(), Some(expected));
        }
        assert_eq!(refusal("Access Denied"), None);
    }
}
