//! What a file inherits and what it replaces.

use super::{builtin, ids, load_files, load_text};
use crate::baseline::{builtin_text, to_toml};
use crate::model::{ConfigSettings, Exclusions, MonitoringSettings, Patterns, Settings, WideRules};

#[test]
fn the_builtin_baselines_are_what_they_say() {
    assert_eq!(builtin("level-1").controls.len(), 31);
    assert_eq!(builtin("level-2").controls.len(), 43);
    assert_eq!(builtin("level-2").settings, Settings::default());

    let literal = builtin("literal");
    assert_eq!(literal.controls.len(), 43);
    assert!(!literal.settings.network.ipv6);
    assert_eq!(literal.settings.monitoring.patterns, Patterns::Literal);
    assert_eq!(literal.settings.config, ConfigSettings::default());

    let modern = builtin("modern");
    assert_eq!(modern.controls.len(), 37);
    assert!(ids(&modern).starts_with("1.1 1.2 1.3 1.4 1.9 1.10 1.12 1.13 1.15 2.1 "));
    assert!(modern.settings.network.ipv6);
    assert_eq!(modern.settings.config.exclusions, Exclusions::Warn);
    assert_eq!(modern.settings.monitoring, MonitoringSettings::default());
}

#[test]
fn level_2_says_every_setting() {
    let shown: toml::Table = to_toml(&builtin("level-2")).parse().unwrap();
    let file: toml::Table = builtin_text("level-2").unwrap().parse().unwrap();
    for (name, table) in shown.iter().filter(|(name, _)| *name != "controls") {
        assert_eq!(file.get(name), Some(table), "{name}");
    }
}

#[test]
fn the_examples_in_comments_are_valid() {
    let uncommented = |line: &'static str| {
        let example = line.strip_prefix("# ");
        example.filter(|e| e.contains(" = ") || e.starts_with('[')).unwrap_or(line)
    };
    let lines: Vec<_> = builtin_text("level-2").unwrap().lines().map(uncommented).collect();
    let baseline = load_text(&lines.join("\n")).unwrap();
    assert_eq!((baseline.controls.len(), baseline.waivers.len()), (16, 1));
    let contact = baseline.settings.contact.unwrap();
    assert_eq!(
        (contact.name.as_str(), contact.phone.as_str()),
        ("Security team", "+49 30 1234567")
    );
    assert_eq!(baseline.settings.sns.allowed.unwrap().len(), 2);
}

#[test]
fn an_empty_file_is_the_whole_benchmark() {
    let empty = load_text("").unwrap();
    assert_eq!(empty.name, "mine.toml");
    assert_eq!(empty.controls, builtin("level-2").controls);
    assert_eq!(empty.settings, Settings::default());
}

#[test]
fn settings_replace_and_skips_add_up() {
    let mine = r#"
        extends = "base/team.toml"
        controls = { level = 2, skip = ["4.1"] }
        network = { trusted_cidrs = ["192.0.2.0/24"] }
    "#;
    let team = r#"
        extends = "../org.toml"
        [controls]
        only = ["4", "2.2"]
        skip = ["4.2"]
        [network]
        wide_rules = "hold"
        trusted_cidrs = ["10.0.0.0/8", "2001:db8::/32"]
    "#;
    let org = r#"
        extends = "literal"
        [controls]
        level = 1
        [plan]
        valid_hours = 8
    "#;
    let files = [("mine.toml", mine), ("base/team.toml", team), ("base/../org.toml", org)];
    let baseline = load_files(&files).unwrap();
    assert_eq!(ids(&baseline), "2.2 4.3 4.4");

    let network = &baseline.settings.network;
    assert!(!network.ipv6, "from literal");
    assert_eq!(network.wide_rules, WideRules::Hold, "from team");
    assert_eq!(network.trusted_cidrs, ["192.0.2.0/24".parse().unwrap()], "replaced");
    assert_eq!(baseline.settings.plan.valid_hours, 8, "from org");

    let [_, team, org] = files;
    assert_eq!(ids(&load_files(&[team, org]).unwrap()), "4.1");
}

#[test]
fn a_contact_is_replaced_as_a_whole() {
    let base = "contact = { name = \"A\", title = \"a\", email = \"a@acme.dev\", phone = \"1\" }";
    let contact = |mine: &str| {
        let mine = format!("extends = \"base.toml\"\n{mine}");
        load_files(&[("mine.toml", &mine), ("base.toml", base)])
            .map(|baseline| baseline.settings.contact.map(|contact| contact.email))
    };
    let mine = base.replace("a@acme.dev", " b@acme.dev ");
    assert_eq!(contact(&mine).unwrap().as_deref(), Some("b@acme.dev"), "without blanks around it");
    assert_eq!(contact("").unwrap().as_deref(), Some("a@acme.dev"));
    assert_eq!(contact("[contact]").unwrap(), None);
    let mixed = contact("contact.email = \"b@acme.dev\"").unwrap_err();
    assert_eq!(mixed.to_string(), "mine.toml:2: contact.name: missing");
}

#[test]
fn subscribers_are_replaced_and_the_rest_of_the_table_stays() {
    let base = "[monitoring]\ntopic = \"alarms\"\nnotify = [\"email:a@b.c\", \"sms:+4930123456\"]\n\
                [sns]\nallowed = [\"email:*@b.c\"]\n[trail]\nbucket = \"acme-{account}\"";
    let settings = |mine: &str| {
        let mine = format!("extends = \"base.toml\"\n{mine}");
        load_files(&[("mine.toml", &mine), ("base.toml", base)]).map(|baseline| baseline.settings)
    };
    let mine = settings("monitoring.notify = [\"email:d@e.f\"]\ntrail.name = \"acme\"").unwrap();
    assert_eq!(mine.monitoring.notify, ["email:d@e.f".parse().unwrap()]);
    assert_eq!(mine.monitoring.topic, "alarms");
    assert_eq!((mine.trail.name.as_str(), mine.trail.bucket.as_str()), ("acme", "acme-{account}"));
    assert_eq!(mine.sns.allowed.map(|allowed| allowed.len()), Some(1));
    assert_eq!(settings("[monitoring]\nnotify = []").unwrap().monitoring.notify, []);
    assert_eq!(settings("[sns]\nallowed = []").unwrap().sns.allowed, Some(Vec::new()));
    assert_eq!(settings("[sns]").unwrap().sns.allowed, None, "for a person to judge again");
    let error = settings("trail.access_log_bucket = \"acme-{account}\"").unwrap_err();
    assert!(error.to_string().starts_with("mine.toml:2: trail: `bucket` and "), "{error}");
}

#[test]
fn extends_counts_wherever_it_stands() {
    let baseline = load_text("plan.valid_hours = 1\ncontrols.level = 2\nextends = \"level-1\"");
    let baseline = baseline.unwrap();
    assert_eq!((baseline.settings.plan.valid_hours, baseline.controls.len()), (1, 43));
}

#[test]
fn waivers_add_up() {
    let waiver = |resource: &str| {
        format!(
            "[[waiver]]\ncontrol = \"4.1\"\nresource = \"{resource}\"\nreason = \"r\"\n\
             owner = \"o\"\nexpires = \"2027-03-31\"\n"
        )
    };
    let child = format!("extends = \"base.toml\"\n{}", waiver("sg-2"));
    let base = waiver("sg-1");
    let both = load_files(&[("mine.toml", &child), ("base.toml", &base)]).unwrap();
    let resources: Vec<_> = both.waivers.iter().map(|waiver| waiver.resource.as_str()).collect();
    assert_eq!(resources, ["sg-1", "sg-2"]);

    let again = format!("extends = \"base.toml\"\n{}", waiver("sg-1"));
    let error = load_files(&[("mine.toml", &again), ("base.toml", &base)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "mine.toml:2: waiver: same control, resource and region as the waiver at base.toml:1"
    );
}
