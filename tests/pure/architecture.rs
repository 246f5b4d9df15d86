//! Who may import whom, who may touch the world, and that nothing declared is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use harden::change::Operation;
use harden::controls;
use harden::model::Read;

struct Source {
    path: String,
    /// Without comments and without the tests in the file.
    code: String,
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    assert!(paths.len() > 30, "src was not found");
    // Whole files that are compiled for tests only.
    let for_tests = ["fake.rs", "fixture.rs", "tests_support.rs", "tests.rs"];
    paths.retain(|path| !for_tests.iter().any(|name| path.ends_with(name)));
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code: Vec<&str> =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let path = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            Source { path, code: code.join("\n") }
        })
        .collect()
}

/// Whether a file belongs to a module: `aws` is `aws/…` and `aws.rs`.
fn is_in(source: &Source, module: &str) -> bool {
    source.path == format!("{module}.rs") || source.path.starts_with(&format!("{module}/"))
}

/// Fails for files outside `allowed` in which one of the words stands.
fn only(allowed: &[&str], words: &[&str]) {
    for source in sources() {
        if !allowed.iter().any(|module| is_in(&source, module)) {
            for word in words {
                assert!(!source.code.contains(word), "{} uses {word}", source.path);
            }
        }
    }
}

#[test]
fn only_aws_names_the_sdk() {
    let crates =
        ["aws_sdk_", "aws_config::", "aws_types::", "aws_smithy_", "aws_credential_types::"];
    // `cli` names two of them as sources of log lines, in quotes.
    for source in sources().iter().filter(|source| !is_in(source, "aws")) {
        for name in crates {
            let named = source.code.split(name).zip(source.code.split(name).skip(1));
            let used = named.filter(|(before, _)| !before.ends_with(['"', ','])).count();
            assert_eq!(used, 0, "{} uses {name}", source.path);
        }
    }
}

#[test]
fn only_ui_writes_to_the_terminal() {
    let words = ["println!", "print!(", "io::stdout", "io::stderr", "dialoguer::", "indicatif::"];
    // `cli` hands stderr to the subscriber for `-v`, and maps the prompt's errors.
    only(&["ui", "cli"], &words);
    for source in sources().iter().filter(|source| is_in(source, "cli")) {
        for word in ["println!", "print!(", "io::stdout", "indicatif::"] {
            assert!(!source.code.contains(word), "{} uses {word}", source.path);
        }
    }
}

#[test]
fn only_cli_reads_environment_and_clock() {
    only(&["cli"], &["env::var", "Timestamp::now", "SystemTime::now", "Zoned::now"]);
}

#[test]
fn only_files_touches_the_disk() {
    only(&["files"], &["std::fs", "fs::File", "fs::read", "tempfile::"]);
    for source in sources().iter().filter(|source| !is_in(source, "files")) {
        // A type of ours may end in the same word.
        let mut before = source.code.split("File::").collect::<Vec<_>>();
        before.pop();
        let ours = |text: &&str| text.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        assert!(before.iter().all(ours), "{} uses File::", source.path);
    }
}

#[test]
fn inner_modules_know_no_outer_ones() {
    let outer: [(&str, &[&str]); 11] = [
        ("model", &["crate::"]),
        ("pattern", &["crate::"]),
        ("change", &["controls", "assess", "plan", "aws", "ui", "cli", "files", "baseline"]),
        ("mfa", &["change", "controls", "assess", "plan", "aws", "ui", "cli", "files", "baseline"]),
        ("controls", &["assess", "plan", "aws", "ui", "cli", "files", "baseline"]),
        ("baseline", &["change", "controls", "assess", "plan", "aws", "ui", "cli", "files"]),
        (
            "settings_file",
            &["baseline", "rollout", "change", "controls", "plan", "aws", "ui", "cli", "files"],
        ),
        ("rollout", &["apply", "aws", "ui", "cli", "files"]),
        ("assess", &["plan", "aws", "ui", "cli", "files", "apply"]),
        ("plan", &["aws", "ui", "cli", "files", "apply", "run", "journal"]),
        ("aws", &["controls", "assess", "plan", "ui", "cli", "files", "baseline", "rollout"]),
    ];
    for source in sources() {
        for (module, unknown) in &outer {
            for name in unknown.iter().filter(|_| is_in(&source, module)) {
                let word = if *name == "crate::" {
                    "crate::".to_owned()
                } else {
                    format!("crate::{name}")
                };
                let uses = source.code.split(&word).skip(1).any(|rest| {
                    word == "crate::"
                        || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                });
                assert!(!uses, "{} imports {word}", source.path);
            }
        }
    }
}

#[test]
fn every_read_serves_a_control() {
    let used: BTreeSet<Read> =
        controls::all().flat_map(|c| [c.reads(), c.context(), c.remedy_reads()].concat()).collect();
    assert_eq!(used, BTreeSet::from(Read::ALL));
}

#[test]
fn every_declared_action_is_well_formed() {
    let reads = Read::ALL.iter().flat_map(|read| read.actions()).chain(Read::ALWAYS);
    for action in reads.chain(Operation::all_permissions()) {
        let (service, name) = action.as_str().split_once(':').unwrap();
        assert!(service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{action}");
        assert!(name.starts_with(|c: char| c.is_ascii_uppercase()), "{action}");
    }
}

/// Where AWS's services may be named as events and policies name them, such as `kms.amazonaws.com`. These
/// principals are the same in every partition, other than the endpoints, for which they must not be taken.
const NAMING_PRINCIPALS: [&str; 3] =
    ["controls/monitoring/alarms", "controls/monitoring/everyday", "model/service"];

#[test]
fn no_arn_is_written_with_a_fixed_partition_and_no_region_is_listed() {
    for source in sources() {
        for word in ["arn:aws:", "us-east-1", "amazonaws.com"] {
            let exempt = match word {
                "us-east-1" => {
                    is_in(&source, "aws") && source.code.to_lowercase().contains("leader")
                }
                "amazonaws.com" => NAMING_PRINCIPALS.iter().any(|module| is_in(&source, module)),
                _ => false,
            };
            assert!(exempt || !source.code.contains(word), "{} holds {word}", source.path);
        }
    }
}

#[test]
fn files_stay_readable() {
    for source in sources() {
        let lines = source.code.lines().count();
        assert!(lines <= 350, "{} has {lines} lines", source.path);
    }
}
