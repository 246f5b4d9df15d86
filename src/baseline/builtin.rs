//! The baselines that ship with harden.

/// The baseline that is used when none is named.
pub const DEFAULT: &str = "level-2";

/// A baseline that ships with harden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// What `--baseline` and `extends` call it.
    pub name: &'static str,
    /// What it is, in one line.
    pub description: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// Every built-in baseline, in the order in which lists show them.
pub const BUILTIN: &[Builtin] = &[
    Builtin {
        name: "level-1",
        description: "Level 1 of the benchmark: sensible everywhere, breaks little",
        text: include_str!("../../plans/level-1.toml"),
    },
    Builtin {
        name: DEFAULT,
        description: "Levels 1 and 2: the whole benchmark",
        text: include_str!("../../plans/level-2.toml"),
    },
    Builtin {
        name: "literal",
        description: "The whole benchmark to the letter: IPv4 only, its own patterns",
        text: include_str!("../../plans/literal.toml"),
    },
    Builtin {
        name: "modern",
        description: "The whole benchmark but for the advice that later versions withdrew",
        text: include_str!("../../plans/modern.toml"),
    },
];

/// The names of the built-in baselines.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|builtin| builtin.name)
}

/// The file of the built-in baseline of this name.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|builtin| builtin.name == name).map(|builtin| builtin.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_those_of_the_files() {
        for builtin in BUILTIN {
            let file: toml::Table = builtin.text.parse().unwrap();
            assert_eq!(file["description"].as_str(), Some(builtin.description), "{}", builtin.name);
        }
    }
}
