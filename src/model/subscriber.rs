//! Whom a topic tells, and whom it may tell.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AccountId, Partition, Region};

/// The protocols that harden subscribes with.
const OURS: &[&str] = &["email", "email-json", "http", "https", "sms", "sqs", "lambda"];
/// Those that a topic may have subscribers with beside.
const OTHERS: &[&str] = &["firehose", "application"];

/// Somebody whom harden can subscribe to a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscriber {
    /// The protocol, as SNS spells it.
    pub protocol: String,
    /// The address, number, URL or ARN.
    pub endpoint: String,
}

/// Why a text names no subscriber, or no pattern of subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubscriberError {
    /// No protocol before the endpoint.
    #[error("written as `protocol:endpoint`, like `email:security@example.org`")]
    Form,
    /// A URL alone.
    #[error("the protocol stands before the URL, like `https:https://example.org/hook`")]
    BareUrl,
    /// None that SNS has, or not in its spelling.
    #[error(
        "the protocol is `email`, `email-json`, `http`, `https`, `sms`, `sqs` or `lambda`, in \
         lower case"
    )]
    Protocol,
    /// None that SNS has, in a pattern.
    #[error(
        "the protocol is `*`, `email`, `email-json`, `http`, `https`, `sms`, `sqs`, `lambda`, \
         `firehose` or `application`"
    )]
    PatternProtocol,
    /// A delivery stream.
    #[error("`firehose` needs a role that lets SNS write to the stream: harden makes none")]
    Firehose,
    /// A mobile device.
    #[error("`application` is one device that an app has registered: harden knows none")]
    Application,
    /// No address.
    #[error("an e-mail address is needed, like `security@example.org`")]
    Email,
    /// No URL, or of another scheme.
    #[error("a URL that begins with `http://` and a host is needed")]
    Http,
    /// No URL, or of another scheme.
    #[error("a URL that begins with `https://` and a host is needed")]
    Https,
    /// A URL with a user in it.
    #[error("a user or a password in the URL would be kept in plans and runs")]
    Secret,
    /// No number.
    #[error("a phone number is needed as in `+4930123456`: `+`, country code, 7 to 15 digits")]
    Sms,
    /// No ARN of a queue.
    #[error("the ARN of a queue is needed, like `arn:aws:sqs:eu-west-1:111122223333:alarms`")]
    Sqs,
    /// A FIFO queue.
    #[error("a FIFO queue takes no messages from a topic that CloudWatch can publish to")]
    Fifo,
    /// No ARN of a function.
    #[error(
        "the ARN of a function is needed, like \
         `arn:aws:lambda:eu-west-1:111122223333:function:alarms`"
    )]
    Lambda,
    /// Blanks or control characters.
    #[error("a pattern has neither blanks nor control characters")]
    Blank,
}

impl Subscriber {
    /// Whether somebody at the other end has to agree before anything is delivered. A queue or a
    /// function of another account would have to as well.
    pub fn needs_confirmation(&self) -> bool {
        matches!(self.protocol.as_str(), "email" | "email-json" | "http" | "https")
    }
}

impl FromStr for Subscriber {
    type Err = SubscriberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (protocol, endpoint) = parts(text)?;
        check(protocol, endpoint)?;
        Ok(Self { protocol: protocol.to_owned(), endpoint: endpoint.to_owned() })
    }
}

fn parts(text: &str) -> Result<(&str, &str), SubscriberError> {
    let (protocol, endpoint) = text.split_once(':').ok_or(SubscriberError::Form)?;
    if matches!(protocol, "http" | "https") && endpoint.starts_with("//") {
        return Err(SubscriberError::BareUrl);
    }
    if endpoint.is_empty() { Err(SubscriberError::Form) } else { Ok((protocol, endpoint)) }
}

fn check(protocol: &str, endpoint: &str) -> Result<(), SubscriberError> {
    use SubscriberError as E;
    match protocol {
        "email" | "email-json" => is_email(endpoint).then_some(()).ok_or(E::Email),
        "http" => check_url(endpoint, "http://", E::Http),
        "https" => check_url(endpoint, "https://", E::Https),
        "sms" => is_e164(endpoint).then_some(()).ok_or(E::Sms),
        "sqs" => check_queue(endpoint),
        "lambda" => is_function(endpoint).then_some(()).ok_or(E::Lambda),
        "firehose" => Err(E::Firehose),
        "application" => Err(E::Application),
        _ => Err(E::Protocol),
    }
}

/// The common shape of addresses: no quotes, a host with a dot.
fn is_email(text: &str) -> bool {
    let local = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
        part.len() <= 64 && part.split('.').all(|p| !p.is_empty() && p.chars().all(fits))
    };
    let label = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=63).contains(&part.len())
            && part.chars().all(fits)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            local(name) && host.contains('.') && host.split('.').all(label)
        })
}

fn check_url(text: &str, scheme: &str, otherwise: SubscriberError) -> Result<(), SubscriberError> {
    let rest = text.strip_prefix(scheme).ok_or(otherwise)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(SubscriberError::Secret);
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    let named = |c: char| c.is_ascii_alphanumeric() || ".-[]:".contains(c);
    let good = text.chars().all(|c| c.is_ascii_graphic())
        && host.contains(|c: char| c.is_ascii_alphanumeric())
        && host.chars().all(named)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    good.then_some(()).ok_or(otherwise)
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

fn check_queue(arn: &str) -> Result<(), SubscriberError> {
    let name = resource(arn, "sqs").ok_or(SubscriberError::Sqs)?;
    if name.strip_suffix(".fifo").is_some_and(|name| is_name(name, 75)) {
        return Err(SubscriberError::Fifo);
    }
    is_name(name, 80).then_some(()).ok_or(SubscriberError::Sqs)
}

/// A function, with or without a version or an alias.
fn is_function(arn: &str) -> bool {
    let named = resource(arn, "lambda").and_then(|resource| resource.strip_prefix("function:"));
    named.is_some_and(|named| match named.split_once(':') {
        Some((name, version)) => {
            is_name(name, 64) && (version == "$LATEST" || is_name(version, 128))
        }
        None => is_name(named, 64),
    })
}

fn is_name(text: &str, most: usize) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=most).contains(&text.len()) && text.chars().all(fits)
}

/// What an ARN of a service says after partition, region and account.
fn resource<'a>(arn: &'a str, service: &str) -> Option<&'a str> {
    let partition = Partition::of_arn(arn)?;
    let mut fields = arn.splitn(6, ':').skip(2);
    let (of, region, account) = (fields.next()?, fields.next()?, fields.next()?);
    let plain = |c: char| c.is_ascii_lowercase() || c == '-';
    let good = partition.as_str().starts_with("aws")
        && partition.as_str().chars().all(plain)
        && of == service
        && region.parse::<Region>().is_ok()
        && AccountId::new(account).is_well_formed();
    fields.next().filter(|_| good)
}

impl fmt::Display for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.protocol, self.endpoint))
    }
}

impl Serialize for Subscriber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subscriber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

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
        if !(protocol == "*" || OURS.contains(&protocol) || OTHERS.contains(&protocol)) {
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

    fn error(text: &str) -> Option<SubscriberError> {
        text.parse::<Subscriber>().err()
    }

    fn arn(service: &str, resource: &str) -> String {
        format!("{service}:arn:aws:{service}:eu-west-1:111122223333:{resource}")
    }

    #[test]
    fn subscribers_of_every_protocol() {
        let good = [
            "email:security+aws@example.org",
            "email-json:o'neil@a-b.example.co.uk",
            "http:http://example.org",
            "https:https://hooks.example.org:8443/aws?team=a,b&x=@1#top",
            "https:https://[2001:db8::1]:8443/",
            "https:https://[2001:db8::1]",
            "sms:+4930123456",
            &arn("sqs", "alarms"),
            "sqs:arn:aws-us-gov:sqs:us-gov-west-1:111122223333:a_b-C",
            &arn("lambda", "function:alarms"),
            &arn("lambda", "function:alarms:live"),
            &arn("lambda", "function:alarms:$LATEST"),
        ];
        for text in good {
            let subscriber: Subscriber = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(subscriber.to_string(), text);
            let json = serde_json::to_string(&subscriber).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Subscriber>(&json).unwrap(), subscriber);
        }
        let asks = |text: &str| text.parse::<Subscriber>().unwrap().needs_confirmation();
        assert_eq!(good.map(asks).map(u8::from), [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_no_subscriber_says_why() {
        let long = format!("email:{}@example.org", "a".repeat(65));
        let table = [
            ("", E::Form),
            ("security@example.org", E::Form),
            ("email:", E::Form),
            ("https://example.org/hook", E::BareUrl),
            ("mail:a@b.c", E::Protocol),
            ("EMAIL:a@b.c", E::Protocol),
            (":a@b.c", E::Protocol),
            ("firehose:arn:aws:firehose:eu-west-1:111122223333:deliverystream/a", E::Firehose),
            ("application:arn:aws:sns:eu-west-1:111122223333:endpoint/APNS/a/b", E::Application),
            ("http:https://example.org", E::Http),
            ("http:http://", E::Http),
            ("https:http://example.org", E::Https),
            ("https:example.org", E::Https),
            ("https:https://:443/", E::Https),
            ("https:https://example.org:0/", E::Https),
            ("https:https://example.org:https/", E::Https),
            ("https:https://example.org/a b", E::Https),
            ("https:https://exämple.org/", E::Https),
            ("https:https://harden:secret@example.org/", E::Secret),
            ("sms:004930123456", E::Sms),
            ("sms:+0930123456", E::Sms),
            ("sms:+49 30 123456", E::Sms),
            ("sms:+123456", E::Sms),
            ("sms:+1234567890123456", E::Sms),
            (&long, E::Email),
        ];
        for (text, expected) in table {
            assert_eq!(error(text), Some(expected), "{text}");
        }
        for address in [
            "a",
            "a@b",
            "@b.c",
            "a@.c",
            "a@b.",
            "a@b..c",
            "a@-b.c",
            "a@b-.c",
            "a@b@c.d",
            "a b@c.d",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "ä@b.c",
            "a@b.c\n",
            "a@b.c,d@e.f",
        ] {
            assert_eq!(error(&format!("email:{address}")), Some(E::Email), "{address}");
        }
        assert!(serde_json::from_str::<Subscriber>("\"email:a\"").is_err());
    }

    #[test]
    fn arns_are_of_their_service() {
        assert_eq!(error(&arn("sqs", "alarms.fifo")), Some(E::Fifo));
        for queue in [&arn("sqs", ""), &arn("sqs", "a:b"), &arn("sqs", "a.b"), &arn("sqs", ".fifo")]
        {
            assert_eq!(error(queue), Some(E::Sqs), "{queue}");
        }
        for queue in [
            "alarms",
            "https://sqs.eu-west-1.amazonaws.com/111122223333/alarms",
            "arn:aws:sns:eu-west-1:111122223333:alarms",
            "arn:aws:sqs::111122223333:alarms",
            "arn:aws:sqs:eu-west-1:1111:alarms",
            "arn:aws:sqs:eu-west-1:111122223333",
            "arn:AWS:sqs:eu-west-1:111122223333:alarms",
            "arn:gcp:sqs:eu-west-1:111122223333:alarms",
            "arn::sqs:eu-west-1:111122223333:alarms",
            "urn:aws:sqs:eu-west-1:111122223333:alarms",
        ] {
            assert_eq!(error(&format!("sqs:{queue}")), Some(E::Sqs), "{queue}");
        }
        for resource in ["alarms", "function:", "function:a:", "function:a:b:c", "layer:a"] {
            assert_eq!(error(&arn("lambda", resource)), Some(E::Lambda), "{resource}");
        }
    }

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
