//! Whether a filter pattern does the work of an alarm. Judged by what it matches, not by how it is written.

use std::fmt;

use serde_json::Value;

use super::alarm::{Alarm, Variant};
use super::everyday::everyday;
use super::missed::{Missed, Wanted, missed};
use crate::pattern::{Coverage, Family, Pattern, PatternError, Reason, covers};

/// What a filter pattern is to an alarm.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// It matches all that it should.
    Covers {
        /// The later edition by which this is enough, if it is not by [`Alarm::pattern`].
        variant: Option<&'static Variant>,
    },
    /// It matches all that it should, and what happens all day: its alarm never rests, and tells nobody of
    /// anything more.
    Broad {
        /// The name of such an event.
        event: String,
    },
    /// It does not match all that it should.
    Misses {
        /// What it misses, to go after "misses", such as `DeleteRolePolicy and PutRolePolicy`.
        words: String,
    },
    /// It does not match all that it should, and seems to be made for something else.
    Unrelated {
        /// What it misses.
        words: String,
    },
    /// There is no event that it matches.
    Dead,
    /// It breaks the grammar, or is too long.
    Invalid {
        /// How and where.
        error: PatternError,
    },
    /// It is a filter pattern that is not about the fields of JSON.
    NotJson {
        /// Of which kind it is.
        family: Family,
    },
    /// It is not known.
    Undecided {
        /// Why.
        reason: Reason,
    },
}

impl Fit {
    /// Whether it matches all that it should, be it too much.
    const fn is_enough(&self) -> bool {
        matches!(self, Self::Covers { .. } | Self::Broad { .. })
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Covers { variant: None } => f.write_str("matches all that it should"),
            Self::Covers { variant: Some(Variant { edition, leaves_out, .. }) } => {
                write!(f, "is enough by {edition}, without {leaves_out}")
            }
            Self::Broad { event } => {
                write!(f, "matches what happens all day, such as {event}: its alarm never rests")
            }
            Self::Misses { words } | Self::Unrelated { words } => write!(f, "misses {words}"),
            Self::Dead => f.write_str("matches nothing: its conditions exclude each other"),
            Self::Invalid { error } => error.fmt(f),
            Self::NotJson { family } => PatternError::OtherFamily(*family).fmt(f),
            Self::Undecided { reason } => write!(f, "cannot be judged: {reason}"),
        }
    }
}

/// Judges a filter pattern for an alarm: by the letter of v1.0.0 if `literal`, else by what it is meant for.
pub fn judge(alarm: &Alarm, candidate: &str, literal: bool) -> Fit {
    judged(alarm, candidate, literal).unwrap_or_else(|error| match error {
        PatternError::OtherFamily(family) => Fit::NotJson { family },
        PatternError::TooLong { .. } | PatternError::Syntax { .. } => Fit::Invalid { error },
    })
}

/// The error is the candidate's: that the patterns of the table can be read is tested.
fn judged(alarm: &Alarm, candidate: &str, literal: bool) -> Result<Fit, PatternError> {
    let candidate = Pattern::parse(candidate)?;
    if candidate.is_dead() {
        return Ok(Fit::Dead);
    }
    if let Some(text) = alarm.literal.filter(|_| literal) {
        return compared(&candidate, &Wanted::literal(text)?, None);
    }
    let fit = compared(&candidate, &Wanted::canonical(alarm)?, None)?;
    let variants = if literal { &[] } else { alarm.accepted };
    variants.iter().try_fold(fit, |fit, variant| {
        if fit.is_enough() {
            return Ok(fit);
        }
        let other = compared(&candidate, &Wanted::variant(alarm, variant)?, Some(variant))?;
        // Only a yes is better than not knowing.
        let is_open = matches!(fit, Fit::Undecided { .. }) && !other.is_enough();
        Ok(if is_open { fit } else { other })
    })
}

fn compared(
    candidate: &Pattern,
    wanted: &Wanted,
    variant: Option<&'static Variant>,
) -> Result<Fit, PatternError> {
    Ok(match covers(candidate, &wanted.assumed) {
        Coverage::Yes => broad(candidate, wanted).unwrap_or(Fit::Covers { variant }),
        Coverage::No { misses, words } => match missed(candidate, wanted, &misses, &words)? {
            Missed { words, is_related: true } => Fit::Misses { words },
            Missed { words, is_related: false } => Fit::Unrelated { words },
        },
        Coverage::Undecided { reason } => Fit::Undecided { reason },
    })
}

/// What happens all day and is matched, though nobody asked for it: the letter of 3.2 does.
fn broad(candidate: &Pattern, wanted: &Wanted) -> Option<Fit> {
    let event = everyday()
        .into_iter()
        .find(|event| candidate.matches(event) && !wanted.assumed.matches(event))?;
    let name = event.get("eventName").and_then(Value::as_str).unwrap_or_default();
    Some(Fit::Broad { event: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::alarms;

    const V1_4: &str = r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }"#;

    fn row(number: usize) -> &'static Alarm {
        &alarms()[number - 1]
    }

    /// The fit of a pattern, which is without braces, in words.
    fn fit(number: usize, candidate: &str) -> String {
        judge(row(number), &format!("{{ {candidate} }}"), false).to_string()
    }

    /// The pattern of a row without braces.
    fn inner(number: usize) -> &'static str {
        row(number).pattern.trim_start_matches("{ ").trim_end_matches(" }")
    }

    const ENOUGH: &str = "matches all that it should";

    #[test]
    fn each_pattern_does_its_own_work_and_no_other() {
        for alarm in alarms() {
            for other in alarms() {
                let fit = judge(alarm, other.pattern, false);
                let is_own = alarm.number == other.number;
                let fits = fit == Fit::Covers { variant: None };
                let is_apart = matches!(fit, Fit::Unrelated { .. });
                assert_eq!((fits, is_apart), (is_own, !is_own), "{} {}", alarm.id(), other.id());
            }
            let letter = alarm.literal.unwrap_or(alarm.pattern);
            assert_eq!(judge(alarm, letter, true), Fit::Covers { variant: None }, "{}", alarm.id());
        }
    }

    #[test]
    fn the_same_in_other_words_is_enough() {
        let five = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"];
        let tests = five.map(|name| format!("$.eventName={name}"));
        let backwards: Vec<&str> = tests.iter().rev().map(String::as_str).collect();
        for same in [
            backwards.join(" || "),
            tests.join("||"),
            tests.join("  ||  ").replace('=', " = "),
            format!("(({}))", tests.each_ref().map(|test| format!("(({test}))")).join(" || ")),
            format!("{} || {}", tests.join("||"), tests.join("||")),
            format!("{} || $.eventName = PutEventSelectors", tests.join("||")),
            format!("{} || $.errorCode = \"Access*\"", inner(5)),
            "$.eventName = *Trail || $.eventName = \"*Logging\"".to_owned(),
            format!("({}) && $.eventName != ListTrails", inner(5)),
        ] {
            assert_eq!(fit(5, &same), ENOUGH, "{same}");
        }
    }

    #[test]
    fn wildcards_are_judged_by_what_they_match() {
        let deletes = ["DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "DeletePolicy"];
        let mut broader = inner(4).to_owned();
        for delete in deletes {
            broader = broader.replace(&format!("\"{delete}\""), "\"Delete*\"");
        }
        assert_eq!(fit(4, &broader), ENOUGH);
        assert_eq!(fit(4, "$.eventName = \"*Policy\" || $.eventName = *PolicyVersion"), ENOUGH);
        assert_eq!(
            fit(4, "$.eventName = *Policy"),
            "misses CreatePolicyVersion and DeletePolicyVersion"
        );
        let pair = r#"$.errorCode = "AccessDenied" || $.errorCode = "AccessDeniedException""#;
        assert_eq!(fit(1, pair), "misses events with errorCode = UnauthorizedOperation");
        let misses = fit(1, &format!("{pair} || $.errorCode = *UnauthorizedOperation"));
        assert_eq!(misses, "misses events with errorCode = AccessDeniedA");
    }

    #[test]
    fn what_is_missed_is_named() {
        let one = inner(4).replace("DeleteRolePolicy", "DeleteRole");
        let two = one.replace("PutUserPolicy", "PutUser");
        let both = "$.eventName = CreateVpc && $.eventName = DeleteVpc";
        let root = "$.userIdentity.type = Root";
        for (number, candidate, misses) in [
            (4, one.as_str(), "DeleteRolePolicy"),
            (4, &two, "DeleteRolePolicy and PutUserPolicy"),
            (
                4,
                "$.eventName = Put*",
                "DeleteGroupPolicy, DeleteRolePolicy, DeleteUserPolicy, CreatePolicy and 9 more",
            ),
            (
                4,
                &format!("({}) && $.errorCode NOT EXISTS", inner(4)),
                "DeleteGroupPolicy with errorCode = other",
            ),
            (4, &inner(4).replace("Name", "name"), "DeleteGroupPolicy with eventname = other"),
            (14, &format!("{} || {both}", inner(10)), "CreateVpc"),
            (
                3,
                &format!(
                    "{root} && $.userIdentity.invokedBy NOT EXISTS && $.eventType = AwsApiCall"
                ),
                "events with eventType = other",
            ),
            (3, &format!("{root} && $.eventName = ConsoleLogin"), "events with eventName = other"),
            (
                6,
                &format!("{} && $.userIdentity.type = IAMUser", inner(6)),
                "events with userIdentity.type = other",
            ),
            (
                2,
                &format!("{} && $.userIdentity.userName != \"bob, eve\"", inner(2)),
                "events with userIdentity.userName = \"bob, eve\"",
            ),
            (
                2,
                r#"$.userIdentity.sessionContext.attributes.mfaAuthenticated != "true""#,
                "events with userIdentity.sessionContext.attributes.mfaAuthenticated = true",
            ),
        ] {
            assert_eq!(fit(number, candidate), format!("misses {misses}"), "{candidate}");
        }
    }

    #[test]
    fn what_is_made_for_the_alarm_is_told_from_the_rest() {
        let is_related = |number, candidate: &str| {
            let fit = judge(row(number), &format!("{{ {candidate} }}"), false);
            let is_related = matches!(fit, Fit::Misses { .. });
            assert!(is_related || matches!(fit, Fit::Unrelated { .. }), "{candidate}: {fit}");
            is_related
        };
        assert!(is_related(4, "$.eventName = Put*"));
        assert!(is_related(4, "$.eventName = PutUserPolicy && $.errorCode NOT EXISTS"));
        assert!(is_related(4, &format!("({}) && $.eventSource = ec2", inner(4))));
        assert!(is_related(1, "$.errorCode = AccessDenied"));
        assert!(!is_related(4, "$.eventName = CreateUser"));
        assert!(!is_related(1, "$.errorCode = Throttling"));
    }

    #[test]
    fn patterns_without_use_are_told_apart() {
        let joined = row(4).pattern.replace("||", "&&");
        let narrowed = format!("{{ ({}) && $.a = x && $.a = y }}", inner(4));
        for dead in [joined, narrowed] {
            assert_eq!(judge(row(4), &dead, false), Fit::Dead, "{dead}");
        }
        let stray = judge(row(7), "{ ($.eventName = DisableKey) } }", false);
        assert_eq!(stray.to_string(), "unexpected `}` at column 32");
        let no_dot = judge(row(14), "{ ($eventName = CreateVpc) }", false);
        assert_eq!(
            no_dot.to_string(),
            "`$eventName` is not a selector: it begins with `$.` or `$[`, column 4"
        );
        let Fit::Invalid { error } = no_dot else { panic!("{no_dot}") };
        assert_eq!(error.column(), Some(4));
        let long = judge(row(14), &format!("{{ $.a = {} }}", "x".repeat(1_024)), false);
        assert!(matches!(long, Fit::Invalid { .. }), "{long}");
        for (text, family) in [("", Family::Everything), ("AccessDenied", Family::Terms)] {
            assert_eq!(judge(row(1), text, false), Fit::NotJson { family });
        }
        assert_eq!(fit(4, "$.eventName = %Policy%").split(':').next(), Some("cannot be judged"));
    }

    #[test]
    fn what_matches_everything_is_no_alarm() {
        let broad = |event: &str| Fit::Broad { event: event.to_owned() };
        assert_eq!(judge(row(1), V1_4, false), broad("DescribeInstances"));
        for (number, all, event) in [
            (4, "$.eventName = *", "DescribeInstances"),
            (4, "$.eventName != x || $.x NOT EXISTS", "DescribeInstances"),
            (4, "$.eventName != AssumeRole", "DescribeInstances"),
            (4, "$.eventName != Describe*", "CreateQueue"),
            (10, "$.eventSource = ec2.amazonaws.com", "DescribeInstances"),
        ] {
            assert_eq!(judge(row(number), &format!("{{ {all} }}"), false), broad(event), "{all}");
        }
        // Much, but not what goes on all day.
        assert_eq!(fit(4, "$.eventSource = iam.amazonaws.com"), ENOUGH);
        assert_eq!(fit(4, &format!("{} || $.eventName = Delete*", inner(4))), ENOUGH);
    }

    #[test]
    fn what_is_always_so_may_be_asked_for() {
        for alarm in alarms() {
            let (Some(assumption), number) = (alarm.assumes, usize::from(alarm.number)) else {
                continue;
            };
            let assumption = assumption.trim_start_matches("{ ").trim_end_matches(" }");
            let narrowed = format!("({}) && {assumption}", inner(number));
            assert_eq!(fit(number, &narrowed), ENOUGH, "{}", alarm.id());
            let elsewhere = narrowed.replace(".amazonaws.com", ".example.com");
            let misses = judge(alarm, &format!("{{ {elsewhere} }}"), false);
            assert!(matches!(&misses, Fit::Misses { words } if words.contains("eventSource = ")));
        }
        assert_eq!(
            fit(4, &format!("({}) && $.eventSource = ec2.amazonaws.com", inner(4))),
            "misses DeleteGroupPolicy with eventSource = iam.amazonaws.com"
        );
        let login = "$.eventName = ConsoleLogin";
        assert_eq!(
            fit(6, &format!("{login} && $.responseElements.ConsoleLogin = Failure")),
            ENOUGH
        );
        assert_eq!(fit(2, &format!("{login} && $.additionalEventData.MFAUsed = No")), ENOUGH);
        assert_eq!(
            fit(2, &format!("{login} && $.additionalEventData.MFAUsed = Yes")),
            "misses events with additionalEventData.MFAUsed = No"
        );
    }

    #[test]
    fn later_editions_will_do_but_not_by_the_letter() {
        for alarm in alarms() {
            for variant in alarm.accepted {
                let fit = judge(alarm, variant.pattern, false);
                assert_eq!(fit, Fit::Covers { variant: Some(variant) });
                assert_eq!(
                    fit.to_string(),
                    format!("is enough by {}, without {}", variant.edition, variant.leaves_out)
                );
                let by_letter = judge(alarm, variant.pattern, true);
                assert!(matches!(by_letter, Fit::Misses { .. } | Fit::Unrelated { .. }));
            }
        }
        let printed =
            V1_4.replacen("|| ($.s", "&& ($.s", 1).replacen("|| ($.eventN", "&& ($.eventN", 1);
        assert!(matches!(judge(row(1), &printed, false), Fit::Covers { variant: Some(_) }));
        let unfederated =
            format!("{} && $.additionalEventData.SamlProviderArn NOT EXISTS", inner(2));
        assert!(fit(2, &unfederated).starts_with("is enough by v2.0.0"));
        let narrower = format!("{} && $.sourceIPAddress != 10.*", row(1).accepted[0].pattern);
        assert!(matches!(judge(row(1), &narrower, false), Fit::Invalid { .. }));
        let narrower = format!("({}) && $.sourceIPAddress != 10.*", inner(1));
        assert_eq!(fit(1, &narrower), "misses events with sourceIPAddress = 10.");
        let modify = format!("{} || $.eventName = ModifySecurityGroupRules", inner(10));
        assert_eq!(fit(10, &modify), ENOUGH);
    }

    #[test]
    fn the_letter_of_3_2_is_for_those_who_ask_for_it() {
        let alarm = row(2);
        let letter = alarm.literal.unwrap();
        assert!(matches!(judge(alarm, letter, false), Fit::Unrelated { .. }));
        assert!(matches!(judge(alarm, alarm.pattern, true), Fit::Unrelated { .. }));
        let sessions = "$.userIdentity.sessionContext.attributes.mfaAuthenticated";
        let same = judge(alarm, &format!("{{ {sessions} != true || {sessions} IS NULL }}"), true);
        assert_eq!(same, Fit::Covers { variant: None });
    }
}
