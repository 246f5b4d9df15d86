//! Words that several controls need.

/// `1 user`, `2 users`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// The first `most` of the items, and how many more there are.
pub(super) fn some(items: &[String], most: usize) -> String {
    if items.len() <= most {
        return list(items);
    }
    let shown: Vec<&str> = items.iter().take(most).map(String::as_str).collect();
    format!("{} and {} more", shown.join(", "), items.len() - most)
}

/// Whether an action of a policy, which may have `*` in it, means this one. IAM knows no case.
pub(super) fn globs(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == action };
    let Some(mut left) = action.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let Some(last) = parts.pop() else { return true };
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

/// Whether a text that may have `*` and `?` in it stands for this one, as ARNs and conditions are compared.
pub(super) fn likes(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // Which beginnings of the text the pattern so far stands for.
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for one in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (at, is) in reached.iter().enumerate() {
            any |= *is;
            let to = match one {
                '*' if any => next.get_mut(at),
                _ if *is && text.get(at).is_some_and(|c| one == '?' || *c == one) => {
                    next.get_mut(at + 1)
                }
                _ => None,
            };
            if let Some(to) = to {
                *to = true;
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::{globs, likes};

    #[test]
    fn arns_have_case_and_single_letters() {
        for pattern in ["arn:a:b", "arn:*", "*:b", "arn:?:b", "*", "a*b*", "arn:a:b*", "a??:a:b"] {
            assert!(likes(pattern, "arn:a:b"), "{pattern}");
        }
        for pattern in ["arn:A:b", "arn:?:?:b", "", "?", "arn:a", "*c", "arn:a:b?"] {
            assert!(!likes(pattern, "arn:a:b"), "{pattern}");
        }
        assert!(likes("", "") && likes("*", ""));
    }

    #[test]
    fn stars_stand_for_anything() {
        for pattern in
            ["s3:PutObject", "s3:Put*", "*", "s3:*", "S3:putobject", "s3:*Obj*t", "s*:P*"]
        {
            assert!(globs(pattern, "s3:PutObject"), "{pattern}");
        }
        for pattern in ["s3:PutObjectAcl", "s3:Get*", "", "s3:*Acl", "ec2:*", "s3:Pu*Putt*"] {
            assert!(!globs(pattern, "s3:PutObject"), "{pattern}");
        }
    }
}
