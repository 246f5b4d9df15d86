//! The documents name tests as proofs: each of them is there.

use std::fs;
use std::path::Path;

const DOCUMENTS: [&str; 4] =
    ["README.md", "docs/safety.md", "docs/architecture.md", "CONTRIBUTING.md"];

/// Each test that a document names, with the files that the same item names; "there" is where the item
/// before it was.
fn named(text: &str) -> Vec<(Vec<String>, String)> {
    let mut files = Vec::new();
    let mut found = Vec::new();
    for item in items(text) {
        // What stands in backticks.
        let words = || item.split('`').skip(1).step_by(2);
        let is_file = |word: &&str| {
            word.contains('/') && Path::new(word).extension().is_some_and(|ext| ext == "rs")
        };
        let of_item: Vec<String> = words().filter(is_file).map(str::to_owned).collect();
        if !of_item.is_empty() {
            files = of_item;
        }
        let tests = words().filter(|word| looks_like_a_test(word) && !files.is_empty());
        found.extend(tests.map(|test| (files.clone(), test.to_owned())));
    }
    found
}

/// Paragraphs, items of lists and rows of tables.
fn items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    for line in text.lines() {
        if line.is_empty() || line.starts_with(['-', '|', '#']) {
            items.push(String::new());
        }
        if let Some(item) = items.last_mut() {
            item.push_str(line);
            item.push('\n');
        }
    }
    items
}

/// Settings and fields have underscores too, but not as many.
fn looks_like_a_test(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c == '_') && word.matches('_').count() >= 2
}

#[test]
fn every_test_that_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for (files, test) in named(&text) {
            let has = |file: &String| {
                let source = fs::read_to_string(root.join(file));
                let source = source.unwrap_or_else(|e| panic!("{document} names {file}: {e}"));
                ['(', '<'].iter().any(|next| source.contains(&format!("fn {test}{next}")))
            };
            assert!(files.iter().any(has), "{document}: no test `{test}` in {files:?}");
            count += 1;
        }
    }
    assert!(count > 50, "only {count} are named");
}

#[test]
fn every_file_that_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let is_source = ["src/", "tests/", "scripts/"].iter().any(|at| word.starts_with(at));
            let is_one = !word.contains(['*', ' ', '<', '{']);
            assert!(
                !is_source || !is_one || root.join(word).exists(),
                "{document} names {word}, which is not there"
            );
        }
    }
}
