//! 3.1 to 3.14: what must not happen unseen. One table, a row for each.

use super::alarm::{Alarm, Variant};
use crate::controls::Control;
use crate::model::Level;

/// `($.eventName = "A") || ($.eventName = "B")`
macro_rules! names {
    ($first:ident $($next:ident)*) => {
        concat!(
            "($.eventName = \"", stringify!($first), "\")"
            $(, " || ($.eventName = \"", stringify!($next), "\")")*
        )
    };
}

/// The pattern for calls with these names, of one service if it is given.
macro_rules! calls {
    ($source:literal: $($name:ident)+) => {
        concat!("{ ($.eventSource = \"", $source, "\") && (", names!($($name)+), ") }")
    };
    ($($name:ident)+) => {
        concat!("{ ", names!($($name)+), " }")
    };
}

const FROM_EC2: Option<&str> = Some(r#"{ $.eventSource = "ec2.amazonaws.com" }"#);

/// The alarms, in the order of the benchmark.
pub fn alarms() -> &'static [Alarm; 14] {
    ALARMS
}

const ALARMS: &[Alarm; 14] = &[
    Alarm {
        number: 1,
        level: Level::One,
        title: "Unauthorized API calls raise an alarm",
        why: "A run of refused calls is often somebody trying out what stolen credentials can do.",
        metric: "UnauthorizedApiCalls",
        pattern: r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
        accepted: &[Variant {
            edition: "v5.0.0",
            // As it is meant. As it is printed, precedence leaves out less, which covers this.
            pattern: r#"{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }"#,
            leaves_out: "refusals of AWS's delivery of logs, and of HeadBucket",
        }],
        catches: "Every call that AWS refuses for want of a permission, whoever made it.",
        noise: "Much: AWS services look into buckets that are closed to them, the console asks for \
                more than its user may see, new code lacks a permission.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 2,
        level: Level::One,
        title: "Console sign-in without MFA raises an alarm",
        why: "Such a sign-in rests on a password alone, and a password is easily stolen.",
        metric: "ConsoleSignInWithoutMfa",
        pattern: r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
        // Sign-ins have no session context, so this matches none. It matches the calls of every role.
        literal: Some(r#"{ $.userIdentity.sessionContext.attributes.mfaAuthenticated != "true" }"#),
        accepted: &[Variant {
            edition: "v2.0.0",
            pattern: r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#,
            leaves_out: "federated sign-ins, failed ones, and those of root, which 3.3 watches",
        }],
        // MFA is used or not, and IAM users do not sign in through an identity provider.
        assumes: Some(
            r#"{ ($.eventSource = "signin.amazonaws.com") && ($.eventType = "AwsConsoleSignIn") && (($.additionalEventData.MFAUsed = "Yes") || ($.additionalEventData.MFAUsed = "No")) && (($.userIdentity.type != "IAMUser") || ($.additionalEventData.SamlProviderArn NOT EXISTS)) }"#,
        ),
        catches: "Sign-ins to the console without an MFA that AWS knows of, failed ones too: of IAM \
                  users, of root, of federated users.",
        noise: "Every sign-in through an identity provider: AWS does not see the MFA of others.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 3,
        level: Level::One,
        title: "Use of root raises an alarm",
        why: "Root is rarely needed: each use is either planned or an emergency.",
        metric: "RootUsage",
        // Without parentheses: Security Hub compares this one as text.
        pattern: r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
        catches: "Whatever root does itself: sign-ins, work in the console, calls with access keys.",
        noise: "Nearly none. The few tasks that only root can do fire it.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 4,
        level: Level::One,
        title: "IAM policy changes raise an alarm",
        why: "A changed policy can give an intruder rights that last.",
        metric: "IamPolicyChanges",
        pattern: calls!(
            DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy
            PutGroupPolicy PutRolePolicy PutUserPolicy
            CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion
            AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy
            AttachGroupPolicy DetachGroupPolicy
        ),
        assumes: Some(r#"{ $.eventSource = "iam.amazonaws.com" }"#),
        catches: "Policies that are made, changed or deleted, or given to or taken from users, groups \
                  and roles. Not who may assume a role.",
        noise: "Deployments that bring roles with them. Calls of the same names to AWS IoT and AWS \
                Organizations.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 5,
        level: Level::One,
        title: "CloudTrail changes raise an alarm",
        why: "Those who want to stay unseen turn the recording off first.",
        metric: "CloudTrailChanges",
        pattern: calls!(CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging),
        assumes: Some(r#"{ $.eventSource = "cloudtrail.amazonaws.com" }"#),
        catches: "Trails that are made, changed, deleted, started or stopped. Not which events a trail \
                  selects.",
        noise: "Nearly none: trails are set up once. What harden changes in a trail fires it.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 6,
        level: Level::Two,
        title: "Failed console sign-ins raise an alarm",
        why: "Many failures in a short time point to somebody guessing passwords.",
        metric: "ConsoleSignInFailures",
        pattern: r#"{ ($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication") }"#,
        assumes: Some(
            r#"{ ($.eventSource = "signin.amazonaws.com") && ($.eventType = "AwsConsoleSignIn") && ($.responseElements.ConsoleLogin = "Failure") }"#,
        ),
        threshold: 10,
        catches: "Wrong passwords and wrong MFA codes at the console, ten within five minutes. Not user \
                  names that do not exist.",
        noise: "Nearly none: somebody who mistypes stays below ten.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 7,
        level: Level::Two,
        title: "Disabling or deleting a KMS key raises an alarm",
        why: "Data under a disabled key cannot be read, and under a deleted one never again. \
              Deletion waits for days: time to stop it.",
        metric: "KmsKeysDisabledOrDeleted",
        pattern: calls!("kms.amazonaws.com": DisableKey ScheduleKeyDeletion),
        catches: "KMS keys that are disabled or scheduled for deletion.",
        noise: "Nearly none. Test stacks that are taken down schedule the deletion of their keys.",
        blind_without: Some("kms.amazonaws.com"),
        ..Alarm::EMPTY
    },
    Alarm {
        number: 8,
        level: Level::One,
        title: "S3 bucket policy changes raise an alarm",
        why: "One statement can open a bucket to the world.",
        metric: "S3BucketPolicyChanges",
        pattern: calls!("s3.amazonaws.com":
            PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication
            DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication
        ),
        catches: "Changes to the policy, ACL, CORS rules, lifecycle or replication of a bucket. Not to \
                  its block of public access.",
        noise: "Deployments that make or change buckets.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 9,
        level: Level::Two,
        title: "AWS Config changes raise an alarm",
        why: "While nothing is recorded or delivered, changes to resources leave no history.",
        metric: "ConfigChanges",
        pattern: calls!("config.amazonaws.com":
            StopConfigurationRecorder DeleteDeliveryChannel
            PutDeliveryChannel PutConfigurationRecorder
        ),
        catches: "A recorder that is stopped, made or changed, and a delivery channel that is made, \
                  changed or deleted.",
        noise: "Nearly none: AWS Config is set up once in a region.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 10,
        level: Level::Two,
        title: "Security group changes raise an alarm",
        why: "One new rule can put a private service on the internet.",
        metric: "SecurityGroupChanges",
        pattern: calls!(
            AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress
            RevokeSecurityGroupIngress RevokeSecurityGroupEgress
            CreateSecurityGroup DeleteSecurityGroup
        ),
        assumes: FROM_EC2,
        catches: "Security groups that come or go, and rules that are added or revoked. Not rules that \
                  are edited in place: later editions add ModifySecurityGroupRules.",
        noise: "Deployments, and controllers that make load balancers. Putting 4.1, 4.2 or 4.4 right.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 11,
        level: Level::Two,
        title: "Network ACL changes raise an alarm",
        why: "A network ACL governs whole subnets: one entry can expose them or cut them off.",
        metric: "NetworkAclChanges",
        pattern: calls!(
            CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry
            ReplaceNetworkAclEntry ReplaceNetworkAclAssociation
        ),
        assumes: FROM_EC2,
        catches: "Network ACLs and entries that come, go or change, and subnets that get another ACL.",
        noise: "Deployments that make or change networks.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 12,
        level: Level::One,
        title: "Network gateway changes raise an alarm",
        why: "Traffic enters and leaves through gateways: a new one can be a way out for data.",
        metric: "NetworkGatewayChanges",
        pattern: calls!(
            CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway
            CreateInternetGateway DeleteInternetGateway DetachInternetGateway
        ),
        assumes: FROM_EC2,
        catches: "Internet gateways and customer gateways that come or go. Not NAT, VPN and transit \
                  gateways.",
        noise: "Deployments that make or take down networks.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 13,
        level: Level::One,
        title: "Route table changes raise an alarm",
        why: "A changed route can lead traffic past a firewall, or nowhere.",
        metric: "RouteTableChanges",
        pattern: calls!(
            CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation
            DeleteRouteTable DeleteRoute DisassociateRouteTable
        ),
        assumes: FROM_EC2,
        catches: "Routes and route tables that come, go or change, and subnets that lose theirs. Not \
                  a subnet's first own table.",
        noise: "Deployments that make or change networks. Calls of the same names to API Gateway.",
        ..Alarm::EMPTY
    },
    Alarm {
        number: 14,
        level: Level::One,
        title: "VPC changes raise an alarm",
        why: "A new peering connection can join a private network to that of a stranger.",
        metric: "VpcChanges",
        pattern: calls!(
            CreateVpc DeleteVpc ModifyVpcAttribute
            AcceptVpcPeeringConnection CreateVpcPeeringConnection
            DeleteVpcPeeringConnection RejectVpcPeeringConnection
            AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink
        ),
        assumes: FROM_EC2,
        catches: "VPCs that come, go or change, and their peering. ClassicLink, which AWS has retired, \
                  is in it because the benchmark asks for it.",
        noise: "Deployments that make or take down networks.",
        ..Alarm::EMPTY
    },
];

/// The controls, row by row.
#[expect(clippy::indexing_slicing, reason = "out of bounds would not compile")]
pub(super) const CONTROLS: &[Control; ALARMS.len()] = &{
    let mut controls = [ALARMS[0].control(); ALARMS.len()];
    let mut row = 1;
    while row < ALARMS.len() {
        controls[row] = ALARMS[row].control();
        row += 1;
    }
    controls
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::controls::monitoring::everyday::everyday;
    use crate::pattern::{Coverage, Liveness, Pattern, covers};

    fn parse(text: &str) -> Pattern {
        Pattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// All patterns of a row, with what they are.
    fn patterns(alarm: &Alarm) -> Vec<(&'static str, &'static str)> {
        let own = [("pattern", Some(alarm.pattern)), ("literal", alarm.literal)];
        let own = own.into_iter().filter_map(|(what, text)| text.map(|text| (what, text)));
        own.chain(alarm.accepted.iter().map(|variant| (variant.edition, variant.pattern))).collect()
    }

    /// The patterns as the tests of the language have them, line by line.
    fn recommended(name: &str) -> &'static str {
        let lines = include_str!("../../pattern/tests/benchmark.txt").lines();
        let mut named = lines.filter_map(|line| line.split_once(' '));
        named.find(|(other, _)| *other == name).unwrap().1
    }

    #[test]
    fn patterns_are_those_of_the_benchmark_in_canonical_form() {
        for alarm in ALARMS {
            let text = recommended(&format!("F{}", alarm.number));
            assert_eq!(parse(alarm.pattern), parse(text), "{}", alarm.id());
            // Security Hub compares the text of 3.3 with that of the benchmark.
            let form = if alarm.number == 3 { text.to_owned() } else { parse(text).to_string() };
            assert_eq!(alarm.pattern, form, "{}", alarm.id());
        }
        assert_eq!(ALARMS[1].literal, Some(recommended("F2-literal")));
        assert_eq!(parse(ALARMS[1].accepted[0].pattern), parse(recommended("F2-narrowed")));
        assert_eq!(parse(ALARMS[0].accepted[0].pattern), parse(recommended("F1-v5.0-meant")));
        assert_eq!(
            ALARMS[6].pattern,
            r#"{ ($.eventSource = "kms.amazonaws.com") && (($.eventName = "DisableKey") || ($.eventName = "ScheduleKeyDeletion")) }"#
        );
        assert_eq!(ALARMS[3].pattern.matches("$.eventName").count(), 16);
    }

    #[test]
    fn every_pattern_fits_and_says_something() {
        for alarm in ALARMS {
            for (what, text) in patterns(alarm) {
                let pattern = parse(text);
                let printed = pattern.to_string();
                assert_eq!(parse(&printed), pattern, "{} {what}", alarm.id());
                assert!(text.len() <= Pattern::LONGEST && printed.len() <= Pattern::LONGEST);
                assert!(matches!(pattern.liveness(), Liveness::Alive { .. }), "{what}");
                assert!(matches!(pattern.universality(), Coverage::No { .. }), "{what}");
                assert_eq!(covers(&pattern, &pattern), Coverage::Yes, "{what}");
                let all_day = everyday().iter().all(|event| pattern.matches(event));
                assert!(!all_day, "{} {what} matches what happens all day", alarm.id());
            }
        }
    }

    #[test]
    fn later_editions_match_less_and_nothing_else() {
        for alarm in ALARMS {
            let canonical = parse(alarm.pattern);
            for variant in alarm.accepted {
                let narrower = parse(variant.pattern);
                assert_eq!(covers(&canonical, &narrower), Coverage::Yes, "{}", variant.edition);
                for other in ALARMS {
                    let too_much = covers(&narrower, &parse(other.pattern));
                    assert!(matches!(too_much, Coverage::No { .. }), "{}", other.id());
                }
            }
        }
    }

    #[test]
    fn assumptions_leave_something_to_match() {
        for alarm in ALARMS {
            let Some(assumption) = alarm.assumes.map(parse) else { continue };
            assert!(!assumption.matches_everything(), "{}", alarm.id());
            for text in alarm.accepted.iter().map(|variant| variant.pattern).chain([alarm.pattern])
            {
                let both = parse(text).and(&assumption);
                assert!(matches!(both.liveness(), Liveness::Alive { .. }), "{}", alarm.id());
            }
        }
    }

    #[test]
    fn names_can_be_made_from_the_metric() {
        let metrics: BTreeSet<&str> = ALARMS.iter().map(|alarm| alarm.metric).collect();
        assert_eq!(metrics.len(), ALARMS.len());
        for metric in metrics {
            assert!(metric.starts_with(|c: char| c.is_ascii_uppercase()), "{metric}");
            assert!(metric.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{metric}");
        }
    }

    #[test]
    fn rows_are_whole() {
        for (alarm, number) in ALARMS.iter().zip(1..) {
            assert_eq!(alarm.number, number);
            assert_eq!(alarm.threshold, if number == 6 { 10 } else { 1 });
            assert_eq!(alarm.blind_without.is_some(), number == 7);
            assert_eq!(alarm.literal.is_some(), number == 2);
            for text in [alarm.catches, alarm.noise] {
                assert!(text.ends_with('.') && !text.contains("  "), "{text}");
                assert!((20..=200).contains(&text.len()), "{text}");
                assert!(text.matches(". ").count() <= 1, "{text}");
            }
        }
    }
}
