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
