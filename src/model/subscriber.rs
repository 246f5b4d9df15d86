//! Whom a topic tells.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod endpoint;
mod pattern;

pub use pattern::SubscriberPattern;

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
    #[error("it is written `protocol:endpoint`, like `email:security@example.org`")]
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
    #[error("the ARN of a queue is needed: `arn:PARTITION:sqs:REGION:ACCOUNT:NAME`")]
    Sqs,
    /// A FIFO queue.
    #[error("a FIFO queue takes no messages from a topic that CloudWatch can publish to")]
    Fifo,
    /// No ARN of a function.
    #[error("the ARN of a function is needed: `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`")]
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
        endpoint::check(protocol, endpoint)?;
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
}
