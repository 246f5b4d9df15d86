//! Every way in which a waiver can be wrong.

use super::errors::expect;
use super::load_text;

const WAIVER: &str = "[[waiver]]
control = \"4.1\"
resource = \"sg-1\"
region = \"eu-west-1\"
reason = \"bastion\"
owner = \"network team\"
expires = 2026-12-01
";

#[test]
fn waivers() {
    assert_eq!(load_text(WAIVER).unwrap().waivers.len(), 1, "expires today: still holds");
    let cases = [
        ("control = \"4.1\"", "control = \"4.9\"", "2: waiver.control: unknown control 4.9"),
        (
            "control = \"4.1\"",
            "control = \"4\"",
            "2: waiver.control: `4` is not a control like `1.5`",
        ),
        ("sg-1", "  ", "3: waiver.resource: must not be empty"),
        ("eu-west-1", "", "4: waiver.region: must not be empty"),
        ("eu-west-1", "Ireland", "4: waiver.region: `Ireland` is not a region like `eu-west-1`"),
        ("bastion", "", "5: waiver.reason: must not be empty"),
        ("network team", "\\n", "6: waiver.owner: must not be empty"),
        ("2026-12-01", "2026-11-30", "7: waiver.expires: expired on 2026-11-30"),
        ("2026-12-01", "\"2026-11-30\"", "7: waiver.expires: expired on 2026-11-30"),
        ("2026-12-01", "\"soon\"", "7: waiver.expires: `soon` is not a date like 2027-03-31"),
        (
            "2026-12-01",
            "\"20270331\"",
            "7: waiver.expires: `20270331` is not a date like 2027-03-31",
        ),
        (
            "2026-12-01",
            "2027-03-31T10:00:00Z",
            "7: waiver.expires: `2027-03-31T10:00:00Z` is not a date like 2027-03-31",
        ),
    ];
    for (from, to, expected) in cases {
        expect(&[(&WAIVER.replace(from, to), expected)]);
    }
}

#[test]
fn waivers_that_lack_something() {
    for key in ["control", "resource", "reason", "owner", "expires"] {
        let lines = WAIVER.lines().filter(|line| !line.starts_with(key));
        let text = lines.fold("\n".to_owned(), |text, line| text + line + "\n");
        expect(&[(&text, &format!("2: waiver.{key}: missing"))]);
    }
}

#[test]
fn waivers_for_the_same_finding() {
    let same = "same control, resource and region as the waiver at mine.toml:1";
    expect(&[(&format!("{WAIVER}{WAIVER}"), &format!("8: waiver: {same}"))]);
    let everywhere = WAIVER.replace("region = \"eu-west-1\"\n", "");
    assert_eq!(load_text(&format!("{WAIVER}{everywhere}")).unwrap().waivers.len(), 2);
    expect(&[(&format!("{everywhere}{everywhere}"), &format!("7: waiver: {same}"))]);
}
