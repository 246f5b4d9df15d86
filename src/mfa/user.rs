//! Whose device it is.

/// The most characters of a user's name.
const LONGEST: usize = 64;

/// The text cannot be the name of a user.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user's name is up to 64 letters, digits and `+=,.@_-`, without path or ARN")]
pub struct UserNameError;

/// Whoever is asking is no user.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhoError {
    /// Root's devices are root's own business.
    #[error("no AWS call enrols a device for root: root does it on the console")]
    Root,
    /// A role, or somebody from elsewhere: they have no devices.
    #[error(
        "these credentials are those of a role session or of a federated user, who has no device"
    )]
    NoUser,
}

/// Checks what somebody typed as the name of a user.
pub fn check_user(name: &str) -> Result<(), UserNameError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let good = !name.is_empty() && name.len() <= LONGEST && name.chars().all(fits);
    if good { Ok(()) } else { Err(UserNameError) }
}

/// The name of the user that an ARN is of.
pub fn user_of_arn(arn: &str) -> Result<&str, WhoError> {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    if resource == "root" {
        return Err(WhoError::Root);
    }
    match resource.split_once('/') {
        Some(("user", path)) => Ok(path.rsplit('/').next().unwrap_or(path)),
        _ => Err(WhoError::NoUser),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_look_like_names() {
        for good in ["al", "al@example.org", "A+b=c,d.e_f-9", &"x".repeat(64)] {
            assert_eq!(check_user(good), Ok(()), "{good}");
        }
        let long = "x".repeat(65);
        for bad in ["", " ", "a b", "path/al", "arn:aws:iam::1:user/al", "<root_account>", &long] {
            assert_eq!(check_user(bad), Err(UserNameError), "{bad}");
        }
    }

    #[test]
    fn only_users_have_devices() {
        let of = |resource: &str| {
            let arn = format!("arn:aws-cn:iam::111122223333:{resource}");
            user_of_arn(&arn).map(str::to_owned)
        };
        assert_eq!(of("user/al"), Ok("al".to_owned()));
        assert_eq!(of("user/people/berlin/al"), Ok("al".to_owned()));
        assert_eq!(of("root"), Err(WhoError::Root));
        for no_user in ["assumed-role/admin/al", "federated-user/al", "user", ""] {
            assert_eq!(of(no_user), Err(WhoError::NoUser), "{no_user}");
        }
    }
}
