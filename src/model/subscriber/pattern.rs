//! Whom a topic may tell.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{SubscriberError, parts};

/// The protocols that a topic may have subscribers with, by whomever they were made.
const PROTOCOLS: &[&str] = &[
    "*",
    "email",
    "email-json",
    "http",
    "https",
    "sms",
    "sqs",
    "lambda",
    "firehose",
    "application",
];

/// Subscribers that a topic may have: `protocol:endpoint`, where `*` is any run of characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriberPattern {
    protocol: String,
    endpoint: String,
}

impl SubscriberPattern {
    /// Whether it covers a subscriber.
    pub fn matches(&self, protocol: &str, endpoint: &str) -> bool {
        (self.protocol == "*" || self.protocol == protocol) && covers(&self.endpoint, endpoint)
    }
}

/// Whether the pieces between the stars stand in the text in this order, the outer ones at its ends.
fn covers(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The leftmost place of each piece leaves the most for those after it.
    for piece in middle.split('*') {
        match text.split_once(piece) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(last)
}

impl FromStr for SubscriberPattern {
    type Err = SubscriberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (protocol, endpoint) = parts(text)?;
        if !PROTOCOLS.contains(&protocol) {
            return Err(SubscriberError::PatternProtocol);
        }
        if endpoint.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(SubscriberError::Blank);
        }
        Ok(Self { protocol: protocol.to_owned(), endpoint: endpoint.to_owned() })
    }
}

impl fmt::Display for SubscriberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.protocol, self.endpoint))
    }
}

impl Serialize for SubscriberPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SubscriberPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::SubscriberError as E;
    use super::*;

    #[test]
    fn patterns_cover_what_they_say() {
        let pattern = |text: &str| text.parse::<SubscriberPattern>().unwrap();
        let here = pattern("sqs:arn:*:sqs:*:111122223333:*");
        assert!(here.matches("sqs", "arn:aws:sqs:eu-west-1:111122223333:alarms"));
        assert!(!here.matches("sqs", "arn:aws:sqs:eu-west-1:444455556666:alarms"));
        assert!(!here.matches("lambda", "arn:aws:sqs:eu-west-1:111122223333:alarms"));
        let ours = pattern("email:*@example.org");
        assert!(ours.matches("email", "a@example.org") && ours.matches("email", "@example.org"));
        assert!(!ours.matches("email", "a@example.org.evil.test"));
        assert!(!ours.matches("email", "a@notexample.org") && !ours.matches("email-json", "a@b.c"));
        let anybody = pattern("*:*");
        assert!(anybody.matches("sms", "+1") && anybody.matches("firehose", ""));
        assert!(pattern("sms:+49301").matches("sms", "+49301"));
        assert_eq!(serde_json::to_string(&here).unwrap(), format!("\"{here}\""));
    }

    #[test]
    fn stars_are_any_run() {
        let table = [
            ("a*a", "aa", true),
            ("a*a", "a", false),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "aab", false),
            ("a**b", "ab", true),
            ("*a*b*c*", "xaxbxcx", true),
            ("*a*b*c*", "xaxcxbx", false),
            ("a*b", "acbc", false),
            ("abc", "abcd", false),
            ("a?c", "abc", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        let error = |text: &str| text.parse::<SubscriberPattern>().err();
        assert_eq!(error("*@example.org"), Some(E::Form));
        assert_eq!(error("email:"), Some(E::Form));
        assert_eq!(error("https://*.example.org/*"), Some(E::BareUrl));
        assert_eq!(error("e*:*"), Some(E::PatternProtocol));
        assert_eq!(error("email:*@a.b "), Some(E::Blank));
        assert_eq!(error("email:\u{1b}*"), Some(E::Blank));
        assert!(serde_json::from_str::<SubscriberPattern>("\"*\"").is_err());
    }
}
