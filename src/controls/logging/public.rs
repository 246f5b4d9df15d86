//! 2.3: the buckets of the trails are closed to the public.

use std::collections::{BTreeMap, BTreeSet};

use super::elsewhere::Tally;
use super::remedy::TRAIL;
use super::seen::{Seen, Unjudged};
use crate::controls::words::{list, some};
use crate::controls::{Assess, Case, Check, Control, Inherits, Outcome, Remedy};
use crate::model::{
    ControlId, Gap, Level, OpenStatement, OwnBucket, PublicAccessBlock, Read, open_statements,
};

/// 2.3
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(2, 3),
    level: Level::One,
    scored: true,
    title: "The bucket of the trails is closed to the public",
    why: "The logs tell who does what and from where: a map for anyone who plans an attack.",
    assess: Assess::Automatic {
        reads: &[
            Read::Trails,
            Read::Buckets,
            Read::BucketAcl,
            Read::BucketPolicyStatus,
            Read::BucketPublicAccess,
        ],
        context: &[Read::BucketPolicy, Read::BucketOwnership],
        check: &Closed,
    },
    remedy: Remedy::Automatic(&TRAIL),
};

#[derive(Debug)]
struct Closed;

impl Check for Closed {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let seen = Seen::of(case);
        if seen.trails.is_empty() && seen.missing.is_empty() {
            let reason = "there is no trail, and so no bucket of one".to_owned();
            return Outcome::NotApplicable { reason };
        }
        let buckets = seen.buckets();
        let mut tally = Tally::new(CONTROL.id, seen.missing);
        for one in buckets {
            if one.is_answered(case, &mut tally) {
                continue;
            }
            let bucket = match one.look_up(case) {
                Ok(bucket) => bucket,
                Err(Unjudged::Finding(finding)) => {
                    tally.findings.push(finding);
                    continue;
                }
                Err(Unjudged::Missing(gap)) => {
                    tally.missing.push(gap);
                    continue;
                }
            };
            let look = look(bucket);
            if !look.open.is_empty() {
                tally.findings.push(one.finding(Some(&bucket.region), &list(&look.open)));
            }
            let gaps = look.gaps.into_iter().map(|gap| one.missing(Some(&bucket.region), gap));
            tally.missing.extend(gaps);
            tally.notes.extend(look.notes.into_iter().map(|note| format!("{}: {note}", one.name)));
        }
        tally.outcome()
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Judged)
    }
}

/// Whether a bucket is closed to the public.
pub(super) fn is_closed(bucket: &OwnBucket) -> Result<bool, Gap> {
    let look = look(bucket);
    match look.gaps.into_iter().next() {
        Some(gap) if look.open.is_empty() => Err(gap),
        _ => Ok(look.open.is_empty()),
    }
}

/// How open a bucket is.
#[derive(Debug, Default)]
struct Look {
    open: Vec<String>,
    gaps: Vec<Gap>,
    notes: Vec<String>,
}

fn look(bucket: &OwnBucket) -> Look {
    let mut look = Look::default();
    match bucket.public_access.known() {
        Ok(block) => {
            let block = block.unwrap_or_default();
            look.acl(bucket, block);
            look.policy(bucket, block);
        }
        // These settings can close what everything else leaves open: without them nothing is certain.
        Err(gap) => look.gaps.push(gap),
    }
    look
}

impl Look {
    fn acl(&mut self, bucket: &OwnBucket, block: PublicAccessBlock) {
        let grants = match bucket.acl.known() {
            Ok(grants) => grants,
            Err(gap) => return self.gaps.push(gap),
        };
        let mut public: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for grant in grants {
            if let Some(name) = grant.to.public() {
                public.entry(name).or_default().insert(&grant.permission);
            }
        }
        if public.is_empty() {
            return;
        }
        if block.ignore_acls || bucket.ignores_acls() {
            self.notes
                .push("its ACL is public, and counts for nothing as things are set".to_owned());
            return;
        }
        let open = public.iter().map(|(name, permissions)| {
            let permissions: Vec<String> = permissions.iter().map(ToString::to_string).collect();
            format!("its ACL grants {} to {name}", list(&permissions))
        });
        self.open.extend(open);
    }

    /// AWS's own judgement decides, which looks into conditions. An `Allow` for anyone without any is
    /// public whatever AWS says, or does not say.
    fn policy(&mut self, bucket: &OwnBucket, block: PublicAccessBlock) {
        let text = bucket.policy.ok().and_then(Option::as_ref);
        let open = text.and_then(open_statements).unwrap_or_default();
        let plain = open.iter().any(|statement| !statement.conditional);
        let judged = bucket.policy_is_public.known();
        // Without AWS's word nothing passes, whatever else is known.
        self.gaps.extend(judged.clone().err());
        match judged {
            Ok(false) if !plain => {
                if !open.is_empty() {
                    let named = names(&open);
                    let note = "allows anyone, under a condition that AWS does not call public";
                    self.notes.push(format!("its policy {named} {note}"));
                }
            }
            Err(_) if !plain => {}
            _ if block.restrict => {
                let note = "its policy is public, and counts for nothing as things are set";
                self.notes.push(note.to_owned());
            }
            _ => {
                // Beside a statement that lets in anyone at all, one with a condition is not to blame.
                let open: Vec<OpenStatement> =
                    open.into_iter().filter(|one| !plain || !one.conditional).collect();
                self.open.push(format!("its policy {}allows anyone", spaced(&names(&open))));
            }
        }
    }
}

fn spaced(names: &str) -> String {
    if names.is_empty() { String::new() } else { format!("{names} ") }
}

/// The statements by name, in brackets.
fn names(statements: &[OpenStatement]) -> String {
    let names: Vec<String> = statements.iter().map(|one| one.name.clone()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("(statement {one})"),
        _ => format!("(statements {})", some(&names, 3)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{
        account, assess, denied, findings, with_bucket, with_own_bucket,
    };
    use super::*;
    use crate::model::{Bucket, Grant, Grantee, Observed, PolicyText, Region};

    const ALL_CLOSED: PublicAccessBlock = PublicAccessBlock {
        block_acls: true,
        ignore_acls: true,
        block_policy: true,
        restrict: true,
    };

    fn outcome(change: impl FnOnce(&mut OwnBucket)) -> Outcome {
        assess(&Closed, &with_own_bucket(change))
    }

    fn grant(group: &str) -> Observed<Vec<Grant>> {
        let to = Grantee::Group(format!("http://acs.example/groups/{group}"));
        Observed::Known(vec![Grant { to, permission: "READ".to_owned() }])
    }

    fn policy(statement: &str) -> Observed<Option<PolicyText>> {
        Observed::Known(Some(PolicyText::new(format!(r#"{{"Statement":[{statement}]}}"#))))
    }

    fn notes(outcome: &Outcome) -> &[String] {
        let Outcome::Judged { notes, .. } = outcome else { panic!() };
        notes
    }

    #[test]
    fn acls_may_name_the_public() {
        assert_eq!(outcome(|_| {}), Outcome::PASS);
        assert_eq!(outcome(|bucket| bucket.acl = grant("s3/LogDelivery")), Outcome::PASS);
        for (group, who) in [
            ("global/AllUsers", "anyone"),
            ("global/AuthenticatedUsers", "anyone with an AWS account"),
        ] {
            let open = outcome(|bucket| bucket.acl = grant(group));
            let expected = format!("its ACL grants READ to {who}");
            assert_eq!(findings(&open)[0].summary, expected);
            assert_eq!(findings(&open)[0].region, Some(Region::new("us-west-2")));
            let ignored = outcome(|bucket| {
                bucket.acl = grant(group);
                bucket.public_access = Observed::Known(Some(ALL_CLOSED));
            });
            assert!(findings(&ignored).is_empty());
            assert!(notes(&ignored)[0].contains("counts for nothing"));
            let enforced = outcome(|bucket| {
                bucket.acl = grant(group);
                bucket.ownership = Observed::Known(Some("BucketOwnerEnforced".to_owned()));
            });
            assert!(findings(&enforced).is_empty());
        }
    }

    #[test]
    fn aws_decides_which_policy_is_public() {
        let anyone = r#"{"Sid":"Web","Effect":"Allow","Principal":"*","Action":"s3:GetObject"}"#;
        let open = outcome(|bucket| {
            bucket.policy = policy(anyone);
            bucket.policy_is_public = Observed::Known(true);
        });
        assert_eq!(findings(&open)[0].summary, "its policy (statement Web) allows anyone");
        let restricted = outcome(|bucket| {
            bucket.policy = policy(anyone);
            bucket.policy_is_public = Observed::Known(true);
            bucket.public_access = Observed::Known(Some(ALL_CLOSED));
        });
        assert!(findings(&restricted).is_empty());
        assert!(notes(&restricted)[0].contains("counts for nothing"));
        // The text is only for the words.
        let hidden = outcome(|bucket| {
            bucket.policy = denied("s3:GetBucketPolicy");
            bucket.policy_is_public = Observed::Known(true);
        });
        assert_eq!(findings(&hidden)[0].summary, "its policy allows anyone");
    }

    #[test]
    fn denying_everyone_opens_nothing_and_a_pinned_condition_is_a_note() {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*"}"#;
        assert_eq!(outcome(|bucket| bucket.policy = policy(deny)), Outcome::PASS);
        let pinned = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
            "Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}"#;
        let pinned = outcome(|bucket| bucket.policy = policy(pinned));
        assert!(findings(&pinned).is_empty());
        assert!(
            notes(&pinned)[0].contains("(statement number 1) allows anyone, under a condition")
        );
    }

    #[test]
    fn allowing_all_but_some_is_public_whatever_aws_says() {
        let but = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"x"},"Action":"s3:GetObject"}"#;
        for said in [Observed::Known(false), denied("s3:GetBucketPolicyStatus")] {
            let open = outcome(|bucket| {
                bucket.policy = policy(but);
                bucket.policy_is_public = said;
            });
            let Outcome::Judged { findings, .. } = open else { panic!() };
            assert_eq!(findings.len(), 1);
        }
    }

    /// Closed by the block, whatever AWS would say of the policy; still no pass without that word.
    #[test]
    fn without_the_status_nothing_passes() {
        let open = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}"#;
        let outcome = outcome(|bucket| {
            bucket.policy = policy(open);
            bucket.policy_is_public = denied("s3:GetBucketPolicyStatus");
            bucket.public_access = Observed::Known(Some(ALL_CLOSED));
        });
        let Outcome::Judged { findings, missing, .. } = outcome else { panic!() };
        assert_eq!((findings.len(), missing.len()), (0, 1));
    }

    #[test]
    fn each_denied_part_is_unknown() {
        let parts: [fn(&mut OwnBucket); 3] = [
            |bucket| bucket.acl = denied("s3:GetBucketAcl"),
            |bucket| bucket.policy_is_public = denied("s3:GetBucketPolicyStatus"),
            |bucket| {
                bucket.acl = grant("global/AllUsers");
                bucket.public_access = denied("s3:GetBucketPublicAccessBlock");
            },
        ];
        for part in parts {
            let Outcome::Judged { findings, missing, .. } = outcome(part) else { panic!() };
            assert_eq!((findings.len(), missing.len()), (0, 1));
        }
    }

    #[test]
    fn gone_foreign_and_none() {
        let gone = assess(&Closed, &with_bucket(Observed::Known(Bucket::Absent)));
        assert!(findings(&gone)[0].summary.contains("can be sent the logs of main"));
        let foreign = Bucket::Foreign { region: Region::new("us-west-2") };
        let Outcome::Judged { findings, missing, .. } =
            assess(&Closed, &with_bucket(Observed::Known(foreign)))
        else {
            panic!()
        };
        assert!(findings.is_empty());
        assert_eq!(missing[0].gap.reason, "kept by another account");
        let none = assess(&Closed, &account(vec![]));
        assert!(matches!(none, Outcome::NotApplicable { .. }));
    }
}
