//! Resource policies: which statements let in anyone.

use serde_json::Value;

use super::PolicyText;

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
    fn what_is_no_policy_is_not_an_empty_one() {
        for text in ["", "rubbish", "{}", "[]"] {
            assert_eq!(open_statements(&PolicyText::new(text)), None, "{text}");
        }
    }
}
