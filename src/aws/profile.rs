//! What the selected profile says, for better errors than the SDK's.

use std::collections::BTreeSet;

use aws_config::profile::ProfileSet;
use aws_types::os_shim_internal::{Env, Fs};

use super::text::{one_line, root_cause};
use super::{Renewal, SessionError};
use crate::model::AccessKeyId;

/// What is worth knowing of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// Its name: as asked for, from `AWS_PROFILE`, or `default`.
    pub(super) name: String,
    /// How its session is renewed.
    pub(super) renewal: Renewal,
    /// It wants a code from an MFA device.
    pub(super) mfa: bool,
    /// `AWS_ENDPOINT_URL`, or the profile's `endpoint_url`.
    pub(super) endpoint_url: Option<String>,
    /// The access keys of the environment, and of the profiles that it takes its credentials from.
    pub(super) keys: Vec<AccessKeyId>,
    /// The ARNs of the roles that it, and the profiles that it takes its credentials from, take on.
    pub(super) roles: Vec<String>,
    /// Whether a variable or the profile says how often a call is made again.
    pub(super) says_retries: bool,
}

/// Reads the files and variables of the AWS configuration, as the SDK does.
pub(super) async fn load(name: Option<&str>) -> Result<Profile, SessionError> {
    read(&Fs::real(), &Env::real(), name).await
}

async fn read(fs: &Fs, env: &Env, name: Option<&str>) -> Result<Profile, SessionError> {
    let wanted = name.map(|name| name.to_owned().into());
    let set = aws_config::profile::load(fs, env, &<_>::default(), wanted)
        .await
        .map_err(|error| SessionError::BadConfig { reason: root_cause(&error) })?;
    let selected = set.selected_profile();
    // A person who names no profile may do without files.
    let must_exist = name.is_some() || selected != "default";
    if must_exist && set.get_profile(selected).is_none() {
        return Err(SessionError::UnknownProfile { name: one_line(selected) });
    }
    // The SDK ignores an URL that does not parse, and turns to the real AWS instead.
    let endpoint_url = env.get("AWS_ENDPOINT_URL").ok();
    Ok(Profile {
        name: one_line(selected),
        renewal: renewal(&set),
        mfa: set.get("mfa_serial").is_some(),
        endpoint_url: endpoint_url.or_else(|| set.get("endpoint_url").map(str::to_owned)),
        keys: keys(&set, env),
        roles: chain(&set, "role_arn"),
        says_retries: says_retries(&set, env),
    })
}

/// Every key that may have been used on the way to the credentials.
fn keys(set: &ProfileSet, env: &Env) -> Vec<AccessKeyId> {
    let of_env = env.get("AWS_ACCESS_KEY_ID").ok();
    let of_profiles = chain(set, "aws_access_key_id");
    of_env.into_iter().chain(of_profiles).map(AccessKeyId::new).collect()
}

/// What the profiles on the way to the credentials say under a key. The chain of profiles may be a circle,
/// which is for the SDK to complain of.
fn chain(set: &ProfileSet, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = Some(set.selected_profile());
    while let Some(name) = next.filter(|name| seen.insert(*name)) {
        let profile = set.get_profile(name);
        let get = |key| profile.and_then(|profile| profile.get(key));
        found.extend(get(key).map(str::to_owned));
        next = get("source_profile");
    }
    found
}

fn says_retries(set: &ProfileSet, env: &Env) -> bool {
    let of_env = ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"];
    let of_profile = ["max_attempts", "retry_mode"];
    of_env.iter().any(|name| env.get(name).is_ok())
        || of_profile.iter().any(|name| set.get(name).is_some())
}

/// How the session of the selected profile, or of the one it takes its credentials from, is renewed.
fn renewal(set: &ProfileSet) -> Renewal {
    let base = set.get("source_profile").unwrap_or(set.selected_profile());
    let has = |key| set.get_profile(base).is_some_and(|profile| profile.get(key).is_some());
    if has("sso_session") || has("sso_start_url") {
        Renewal::Sso(one_line(base))
    } else if has("login_session") {
        Renewal::Login(one_line(base))
    } else {
        Renewal::Unknown
    }
}

/// Whether the SDK can use an endpoint URL.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    plain && !host.is_empty() && ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "
        [profile audit]
        sso_session = corp
        [profile role]
        source_profile = audit
        role_arn = arn:aws:iam::111122223333:role/audit
        mfa_serial = arn:aws:iam::111122223333:mfa/a
        endpoint_url = http://localhost:1
        [profile deep]
        source_profile = keyed
        role_arn = arn:aws:iam::111122223333:role/deep
        [profile keyed]
        source_profile = deep
        aws_access_key_id = AKIA1
        aws_secret_access_key = none
        [profile impatient]
        max_attempts = 1
        [profile console]
        login_session = arn:aws:iam::111122223333:user/a
        ";

    async fn of(name: Option<&str>, env: &[(&str, &str)]) -> Result<Profile, SessionError> {
        let lines: Vec<&str> = CONFIG.lines().map(str::trim).collect();
        let fs = Fs::from_slice(&[("config", &lines.join("\n"))]);
        let env = [env, &[("AWS_CONFIG_FILE", "config")]].concat();
        read(&fs, &Env::from_slice(&env), name).await
    }

    #[tokio::test]
    async fn sessions_are_renewed_where_they_come_from() {
        let renewal = async |name| of(Some(name), &[]).await.unwrap().renewal;
        assert_eq!(renewal("audit").await, Renewal::Sso("audit".to_owned()));
        assert_eq!(renewal("role").await, Renewal::Sso("audit".to_owned()));
        assert_eq!(renewal("console").await, Renewal::Login("console".to_owned()));
    }

    #[tokio::test]
    async fn a_profile_that_is_named_must_exist() {
        for (name, env) in [(Some("nobody"), [("A", "")]), (None, [("AWS_PROFILE", "nobody")])] {
            let error = of(name, &env).await.unwrap_err();
            assert!(matches!(error, SessionError::UnknownProfile { name } if name == "nobody"));
        }
        assert_eq!(of(None, &[]).await.unwrap().name, "default");
    }

    #[tokio::test]
    async fn the_environment_wins_over_the_profile() {
        let url = async |env: &[_]| of(Some("role"), env).await.unwrap().endpoint_url;
        assert_eq!(url(&[]).await.as_deref(), Some("http://localhost:1"));
        assert_eq!(url(&[("AWS_ENDPOINT_URL", "x")]).await.as_deref(), Some("x"));
    }

    #[tokio::test]
    async fn keys_behind_a_role_are_known() {
        let keys = async |name: &str, env: &[_]| {
            let found = of(Some(name), env).await.unwrap().keys;
            found.iter().map(|key| key.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(keys("keyed", &[]).await, ["AKIA1"]);
        assert_eq!(keys("deep", &[]).await, ["AKIA1"]);
        assert_eq!(keys("audit", &[]).await, [""; 0]);
        assert_eq!(keys("deep", &[("AWS_ACCESS_KEY_ID", "AKIA2")]).await, ["AKIA2", "AKIA1"]);
    }

    #[tokio::test]
    async fn roles_on_the_way_are_known() {
        let roles = async |name: &str| of(Some(name), &[]).await.unwrap().roles;
        assert_eq!(roles("role").await, ["arn:aws:iam::111122223333:role/audit"]);
        assert_eq!(roles("keyed").await, ["arn:aws:iam::111122223333:role/deep"]);
        assert_eq!(roles("console").await, [""; 0]);
    }

    #[tokio::test]
    async fn what_is_said_of_retries_counts() {
        let says = async |env: &[_]| of(Some("role"), env).await.unwrap().says_retries;
        assert!(!says(&[]).await && says(&[("AWS_MAX_ATTEMPTS", "2")]).await);
        assert!(says(&[("AWS_RETRY_MODE", "adaptive")]).await);
        assert!(of(Some("impatient"), &[]).await.unwrap().says_retries);
    }

    #[test]
    fn endpoints_are_urls() {
        for good in ["http://localhost:5000", "https://vpce.example.org/path", "HTTP://127.0.0.1"] {
            assert!(is_url(good), "{good}");
        }
        for bad in ["", "localhost:5000", "http://", "http://:80", "ftp://host", "http://a b"] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
