//! Any text is read or refused, and what is read is printed and read again as the same.

#![no_main]

use harden_fuzz::pattern::Pattern;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    match Pattern::parse(text) {
        Ok(pattern) => {
            pattern.matches(&json!({ "a": [{ "b": "x" }], "eventName": "X" }));
            let printed = pattern.to_string();
            // Quotes and parentheses may make it too long to be read.
            if printed.chars().count() <= Pattern::LONGEST {
                assert_eq!(Pattern::parse(&printed).as_ref(), Ok(&pattern));
                assert_eq!(pattern.to_string(), printed);
            }
        }
        Err(error) => {
            let last = text.chars().count() + 1;
            assert!(error.column().is_none_or(|column| (1..=last).contains(&column)));
            assert!(!error.to_string().is_empty());
        }
    }
});
