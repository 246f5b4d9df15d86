//! Resource policies: which statements let in anyone.

use serde_json::Value;

use super::{Cidr, PolicyText};

/// A statement that allows something to anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStatement {
    /// Its `Sid`, or else its place in the policy.
    pub name: String,
    /// Whether a condition may narrow it.
    pub conditional: bool,
}

/// The statements of a policy that allow something to anyone, whatever their conditions; `None` if the
/// text is no policy.
///
/// A `Deny` for everyone, as in "only over TLS", opens nothing. An `Allow` for all but some does.
pub fn open_statements(policy: &PolicyText) -> Option<Vec<OpenStatement>> {
    let document: Value = serde_json::from_str(policy.as_str()).ok()?;
    let statements = one_or_many(document.get("Statement")?);
    let open = statements.iter().zip(1..).filter(|(statement, _)| is_open(statement));
    Some(open.map(|(statement, number)| describe(statement, number)).collect())
}

/// Policies write a list of one without brackets.
pub(super) fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice)
}

/// Whether a statement allows something to anyone, whatever its conditions.
pub fn is_open(statement: &Value) -> bool {
    let anyone = |value: &Value| one_or_many(value).iter().any(|one| one == "*");
    let principal = statement.get("Principal");
    let named = principal
        .is_some_and(|principal| principal == "*" || principal.get("AWS").is_some_and(anyone));
    let by_omission = statement.get("NotPrincipal").is_some();
    statement.get("Effect").is_some_and(|effect| effect == "Allow") && (named || by_omission)
}

/// Whether AWS may call a statement public: it allows something to anyone, and no condition pins down who
/// or from where.
pub fn may_be_public(statement: &Value) -> bool {
    let conditions = statement.get("Condition").and_then(Value::as_object);
    is_open(statement) && !conditions.into_iter().flatten().any(|(how, keys)| pins(how, keys))
}

/// The operators that can pin a value down. With `IfExists` a request without the key would get in.
const PINNING: [&str; 6] =
    ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"];

/// The keys that tell who asks, or from where.
const TELLING: [&str; 11] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceip",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:userid",
    "s3:dataaccesspointaccount",
];

/// Whether a block of a condition pins a request down, by each of its values.
fn pins(how: &str, keys: &Value) -> bool {
    let telling = |key: &str| TELLING.contains(&key.to_ascii_lowercase().as_str());
    let fixed = |value: &Value| value.as_str().is_some_and(is_fixed);
    let mut keys = keys.as_object().into_iter().flatten().filter(|(key, _)| telling(key));
    PINNING.contains(&how) && keys.any(|(_, values)| one_or_many(values).iter().all(fixed))
}

/// Without a wildcard or a variable, but for ARNs of a fixed account; an address range that is not broad.
fn is_fixed(value: &str) -> bool {
    let wild = |text: &str| text.contains(['*', '?', '$']);
    if let Ok(cidr) = value.parse::<Cidr>() {
        return cidr.prefix_len() >= if cidr.is_ipv6() { 32 } else { 8 };
    }
    let account = value.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    let of_one_account = account.is_some_and(|account| !account.is_empty() && !wild(account));
    !value.is_empty() && (!wild(value) || of_one_account)
}

fn describe(statement: &Value, number: usize) -> OpenStatement {
    let sid = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
    let condition = statement.get("Condition").and_then(Value::as_object);
    OpenStatement {
        name: sid.map_or_else(|| format!("number {number}"), ToOwned::to_owned),
        conditional: condition.is_some_and(|condition| !condition.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(statement: &str) -> Vec<OpenStatement> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        open_statements(&PolicyText::new(text)).unwrap()
    }

    #[test]
    fn anyone_is_written_in_many_ways() {
        for principal in [
            r#""Principal":"*""#,
            r#""Principal":{"AWS":"*"}"#,
            r#""Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]}"#,
            r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
        ] {
            let allow = format!(r#"{{"Effect":"Allow",{principal},"Action":"s3:*"}}"#);
            assert_eq!(open(&allow).len(), 1, "{principal}");
            assert!(open(&allow.replace("Allow", "Deny")).is_empty(), "{principal}");
        }
        for principal in [
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
            r#""Principal":{"Service":"cloudtrail.example"}"#,
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}"#,
        ] {
            let allow = format!(r#"{{"Effect":"Allow",{principal}}}"#);
            assert!(open(&allow).is_empty(), "{principal}");
        }
    }

    #[test]
    fn statements_have_names_and_conditions() {
        let two = open(
            r#"[{"Sid":"Web","Effect":"Allow","Principal":"*","Condition":{}},
                {"Effect":"Allow","Principal":"*",
                 "Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]"#,
        );
        let named = |name: &str, conditional| OpenStatement { name: name.to_owned(), conditional };
        assert_eq!(two, [named("Web", false), named("number 2", true)]);
    }

    #[test]
    fn conditions_pin_down_who_asks_or_do_not() {
        let public = |condition: &str| {
            let text =
                format!(r#"{{"Effect":"Allow","Principal":"*","Condition":{{{condition}}}}}"#);
            may_be_public(&serde_json::from_str(&text).unwrap())
        };
        for pinned in [
            r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            r#""StringEquals":{"AWS:PrincipalOrgID":["o-1","o-2"]}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}"#,
            r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::source"}"#,
            r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.7"]}"#,
            r#""Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpce":"vpce-1"}"#,
        ] {
            assert!(!public(pinned), "{pinned}");
        }
        for loose in [
            "",
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            r#""StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}"#,
            r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#,
            r#""StringEquals":{"aws:SourceAccount":["111122223333","*"]}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111122223333"}"#,
            r#""StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#,
            r#""IpAddress":{"aws:SourceIp":"0.0.0.0/1"}"#,
            r#""IpAddress":{"aws:SourceIp":"2001::/16"}"#,
        ] {
            assert!(public(loose), "{loose}");
        }
        let named = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"}}"#;
        assert!(!may_be_public(&serde_json::from_str(named).unwrap()));
    }

    #[test]
    fn what_is_no_policy_is_not_an_empty_one() {
        for text in ["", "rubbish", "{}", "[]"] {
            assert_eq!(open_statements(&PolicyText::new(text)), None, "{text}");
        }
    }
}
