//! Who has which MFA devices.

use std::collections::BTreeMap;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;

use super::page::{Page, Paint};
use super::text::{count, safe};
use crate::mfa::{DeviceKind, Listed};

/// One line for each user, and what it is made from.
pub fn devices(users: &[Listed], report: Timestamp, columns: usize) -> String {
    let mut page = Page::new(columns);
    if users.is_empty() {
        page.wrapped(0, 2, &[(Paint::Bold, "No user has a console password or an MFA device.")]);
    } else {
        page.wrapped(0, 2, &[(Paint::Bold, &summary(users))]);
    }
    let text = format!(
        "Passwords are those of the credential report of {}. A passkey or a hardware token that is \
         newer shows in the next one; AWS makes one every four hours at most.",
        report.strftime("%Y-%m-%d %H:%M:%S UTC")
    );
    page.wrapped(0, 2, &[(Paint::Dim, &text)]);
    let table = if users.is_empty() { String::new() } else { table(users, columns) + "\n" };
    table + &page.finish()
}

fn table(users: &[Listed], columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(columns).unwrap_or(80));
    table.set_header(["USER", "PASSWORD", "MFA DEVICES"]);
    for user in users {
        let password = match user.password {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        table.add_row([safe(&user.user), password.to_owned(), kinds(user)]);
    }
    let lines = table
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned() + "\n");
    lines.collect()
}

/// `none`, `virtual`, `2 virtual, passkey`.
fn kinds(user: &Listed) -> String {
    let mut kinds: BTreeMap<DeviceKind, usize> = BTreeMap::new();
    for device in &user.devices {
        *kinds.entry(device.kind).or_default() += 1;
    }
    let word = |(kind, number): (DeviceKind, usize)| match number {
        1 => kind.word().to_owned(),
        _ => format!("{number} {}", kind.word()),
    };
    let words: Vec<String> = kinds.into_iter().map(word).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn summary(users: &[Listed]) -> String {
    let with = users.iter().filter(|user| user.password == Some(true));
    let (all, bare) = with
        .fold((0, 0), |(all, bare), user| (all + 1, bare + usize::from(user.devices.is_empty())));
    let has = if bare == 1 { "has" } else { "have" };
    match (all, bare) {
        (0, _) => "No user has a console password.".to_owned(),
        (_, 0) => "Every user with a console password has an MFA device.".to_owned(),
        _ => {
            let all = count(all, "user", "users");
            format!("{bare} of {all} with a console password {has} no MFA device.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mfa::Device;

    fn user(name: &str, password: Option<bool>, kinds: &[DeviceKind]) -> Listed {
        let device = |kind: &DeviceKind| Device {
            serial: kind.word().to_owned(),
            kind: *kind,
            enabled_at: None,
        };
        let devices = kinds.iter().map(device).collect();
        Listed { user: name.to_owned(), password, devices }
    }

    #[test]
    fn users_stand_in_columns() {
        let users = [
            user("al", Some(true), &[]),
            user("bo@example.org", Some(true), &[DeviceKind::Passkey, DeviceKind::Virtual]),
            user("ci\u{1b}[2J", Some(false), &[DeviceKind::Hardware, DeviceKind::Hardware]),
            user("di", None, &[DeviceKind::Other]),
        ];
        let text = devices(&users, Timestamp::UNIX_EPOCH, 80);
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            text,
            "USER            PASSWORD  MFA DEVICES\n\
             al              yes       none\n\
             bo@example.org  yes       virtual, passkey\n\
             ci\\u{1b}[2J     no        2 hardware\n\
             di              unknown   other\n\
             \n\
             1 of 2 users with a console password has no MFA device.\n\
             Passwords are those of the credential report of 1970-01-01 00:00:00 UTC. A\n  \
             passkey or a hardware token that is newer shows in the next one; AWS makes one\n  \
             every four hours at most.\n"
        );
    }

    #[test]
    fn the_summary_counts_passwords_only() {
        let safe = user("al", Some(true), &[DeviceKind::Virtual]);
        let robot = user("bo", Some(false), &[DeviceKind::Virtual]);
        assert_eq!(summary(std::slice::from_ref(&robot)), "No user has a console password.");
        let all = "Every user with a console password has an MFA device.";
        assert_eq!(summary(&[safe, robot]), all);
        let none = devices(&[], Timestamp::UNIX_EPOCH, 80);
        assert!(none.contains("No user has a console password or an MFA device."), "{none}");
    }
}
