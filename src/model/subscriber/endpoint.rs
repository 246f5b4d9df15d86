//! What the endpoint of each protocol looks like.

use super::super::{AccountId, Partition, Region};
use super::SubscriberError;

/// Whether harden can subscribe this endpoint.
pub(super) fn check(protocol: &str, endpoint: &str) -> Result<(), SubscriberError> {
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
