//! Files that somebody cut, bent, blew up or made up: each is refused in one sentence and with the right code.
//! Nothing here needs an account.

use std::io::Write as _;
use std::path::PathBuf;

use harden::plan::Digest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::hostile_text::assert_harmless;
use crate::world::{Answer, bare, run};

const SNAPSHOT: &str = include_str!("../cli/messy.json");
const PLAN: &str = include_str!("../../plans/example-plan.json");
const BASELINE: &str = include_str!("../../plans/level-2.toml");
const RUN: &str = "20261125-120000-000-abcdef";
const MANY: usize = 100_000;
const HUGE: u64 = 100_000_000;

/// A verb that reads one file, the file, and what it says of one that is not whole.
struct Reader {
    folder: TempDir,
    verb: &'static [&'static str],
    file: PathBuf,
    code: i32,
}

impl Reader {
    fn new(verb: &'static [&'static str], name: &str, code: i32) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join(name);
        Self { folder, verb, file, code }
    }

    /// For the journal of a run, which stands beside its plan.
    fn of_run(name: &str) -> Self {
        let plan: Value = serde_json::from_str(PLAN).unwrap();
        let run = format!("state/{}/{RUN}", plan["account"]["id"].as_str().unwrap());
        let reader = Self::new(&["show", RUN, "--state-dir", "state"], &format!("{run}/{name}"), 1);
        std::fs::create_dir_all(reader.file.parent().unwrap()).unwrap();
        std::fs::write(reader.file.with_file_name("plan.json"), PLAN).unwrap();
        reader
    }

    fn read(&self) -> Answer {
        let mut command = bare(self.folder.path());
        command.args(self.verb);
        if self.code == 64 {
            command.arg(&self.file);
        }
        run(&mut command)
    }

    fn reads(&self, bytes: impl AsRef<[u8]>) -> Answer {
        std::fs::write(&self.file, bytes).unwrap();
        self.read()
    }

    #[track_caller]
    fn refuses(&self, what: &str, bytes: impl AsRef<[u8]>) -> Answer {
        self.is_refused(what, self.reads(bytes))
    }

    #[track_caller]
    fn is_refused(&self, what: &str, answer: Answer) -> Answer {
        assert_harmless(what, &answer.all());
        assert_eq!(
            (answer.code, answer.stdout.as_str()),
            (Some(self.code), ""),
            "{what}: {}",
            answer.stderr
        );
        let lines = answer.stderr.lines().count();
        assert!(answer.stderr.starts_with("error: ") && lines <= 6, "{what}: {}", answer.stderr);
        answer
    }

    /// What no reader takes, whatever it reads.
    fn refuses_the_usual(&self) {
        for nested in [
            "[".repeat(MANY),
            format!("{{\"format\": {}", "[".repeat(MANY)),
            "{\"a\":".repeat(MANY),
        ] {
            self.refuses("nested", nested + "\n");
        }
        let types = [
            "null\n",
            "7\n",
            "\"x\"\n",
            "[]\n",
            "{}\n",
            "{\"format\": 7}\n",
            "{\"format\": {\"a\": []}}\n",
        ];
        for text in types {
            self.refuses(text, text);
        }
        self.refuses("no text", b"{\"format\": \"\xff\xfe\"}\n");
        self.refuses("somebody's", "{\"format\": \"\u{1b}[2J\u{202e}\", \"\u{1b}[2J\": 1}\n");
        // A hole takes no room on the disk, and reads as zeros.
        std::fs::File::create(&self.file).unwrap().set_len(HUGE).unwrap();
        self.is_refused("huge", self.read());
        let mut file = std::fs::File::create(&self.file).unwrap();
        file.write_all(b"{\"format\": \"").unwrap();
        let some = "x".repeat(1_000_000);
        for _ in 0..HUGE / 1_000_000 {
            file.write_all(some.as_bytes()).unwrap();
        }
        file.write_all(b"\"}\n").unwrap();
        self.is_refused("huge text", self.read());
    }
}

/// Places all over a text, its ends among them.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..=20).map(move |part| (length - 1) * part / 20)
}

fn flipped(text: &str, at: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1 << (at % 7);
    bytes
}

#[test]
fn plans() {
    let reader = Reader::new(&["show"], "plan.json", 64);
    let text = PLAN.trim_end();
    reader.reads(text).expect(0);
    for at in places(text.len()) {
        reader.refuses("cut", &text[..at]).says("it breaks off or is damaged at line");
        // A blank may turn into another one: then it is the same plan.
        if !text.as_bytes()[at].is_ascii_whitespace() {
            reader.refuses("flipped", flipped(text, at));
        }
    }
    reader.refuses_the_usual();
}

/// Whoever makes up a plan can make up its digest too.
#[test]
fn plans_with_a_right_digest() {
    let reader = Reader::new(&["show"], "plan.json", 64);
    let refuses = |edit: &dyn Fn(&mut Value), sentence: &str| {
        let mut plan: Value = serde_json::from_str(PLAN).unwrap();
        edit(&mut plan);
        plan["digest"] = Digest::of_json(plan.clone()).as_str().into();
        reader.refuses(sentence, plan.to_string()).says(sentence);
    };
    let contradicts = "the plan contradicts itself at change";
    refuses(&|plan| plan["changes"] = 7.into(), "not a plan of harden");
    refuses(&|plan| plan["changes"][0]["operation"]["op"] = "delete-account".into(), "not a plan");
    refuses(&|plan| plan["expires_at"] = "for ever".into(), "not a plan of harden");
    refuses(&|plan| plan["origin"] = json!({}), "not a plan of harden");
    refuses(&|plan| plan["changes"][0]["id"] = "\u{1b}[2J".into(), contradicts);
    refuses(&|plan| plan["changes"][1] = plan["changes"][0].clone(), contradicts);
    let cyclic = |plan: &mut Value| {
        let ids = [0, 1].map(|at| plan["changes"][at]["id"].clone());
        plan["changes"][0]["requires"] = json!([ids[1]]);
        plan["changes"][1]["requires"] = json!([ids[0]]);
    };
    refuses(&cyclic, contradicts);
    refuses(
        &|plan| plan["changes"][0]["requires"] = json!([plan["changes"][0]["id"]]),
        contradicts,
    );
    refuses(&|plan| plan["changes"][0]["requires"] = json!(["nothing"]), contradicts);
}

#[test]
fn snapshots() {
    let reader = Reader::new(&["assess", "--snapshot"], "snapshot.json", 64);
    let text = SNAPSHOT.trim_end();
    reader.reads(text).expect(0);
    for at in places(text.len()) {
        reader.refuses("cut", &text[..at]);
        let flipped = reader.reads(flipped(text, at));
        assert_harmless("flipped", &flipped.all());
        assert!([Some(0), Some(64)].contains(&flipped.code), "{}", flipped.stderr);
    }
    reader.refuses_the_usual();
}

#[test]
fn baselines() {
    let reader = Reader::new(&["baseline", "check"], "mine.toml", 64);
    reader.reads(BASELINE).expect(0);
    for at in places(BASELINE.len()) {
        for bytes in [BASELINE.as_bytes()[..at].to_vec(), flipped(BASELINE, at)] {
            let answer = reader.reads(bytes);
            assert_harmless("bent", &answer.all());
            assert!([Some(0), Some(64)].contains(&answer.code), "{}", answer.stderr);
        }
    }
    for (text, sentence) in [
        (format!("a = {}", "[".repeat(MANY)), "mine.toml:1: "),
        ("a.".repeat(MANY) + "b = 1", "mine.toml:1: "),
        ("[a]\n".repeat(2), "mine.toml:2: "),
        ("extends = \"./mine.toml\"".to_owned(), "extends"),
        ("\"\\u001b[2J\\u202e\" = 1".to_owned(), "\\u{1b}[2J\\u{202e}"),
        ("extends = \"lev\u{feff}el-1\"".to_owned(), "lev\\u{feff}el-1"),
        ("controls.skip = [\"\u{9b}2J\"]".to_owned(), "\\u{9b}2J"),
    ] {
        reader.refuses(sentence, text).says(sentence);
    }
    reader.refuses("no text", b"a = \"\xff\"");
    std::fs::File::create(&reader.file).unwrap().set_len(HUGE).unwrap();
    reader.is_refused("huge", reader.read()).says("it is larger than 16 MB");
}

/// The lines of a run that came to its end.
fn journal() -> String {
    let plan: Value = serde_json::from_str(PLAN).unwrap();
    let change = &plan["changes"][0];
    let at = "2026-11-25T12:00:00Z";
    let lines = [
        json!({ "at": at, "event": "start", "format": "harden.journal/1", "run": RUN,
            "account": plan["account"]["id"], "plan": plan["digest"] }),
        json!({ "at": at, "event": "intent", "change": change["id"], "undo": change["undo"] }),
        json!({ "at": at, "event": "outcome", "change": change["id"], "outcome": "applied", "error": null }),
        json!({ "at": at, "event": "end" }),
    ];
    lines.map(|line| line.to_string() + "\n").concat()
}

#[test]
fn journals() {
    let reader = Reader::of_run("journal.jsonl");
    let text = journal();
    reader.reads(&text).expect(0).says("To settle it");
    let first = text.find('\n').unwrap();
    for at in places(text.len()) {
        // What a killed run leaves: the last line was not written. The first one was.
        if at > first {
            assert_harmless("cut", &reader.reads(&text[..at]).expect(0).all());
        } else {
            reader.refuses("cut", &text[..at]).says("the beginning is missing");
        }
        let flipped = reader.reads(flipped(&text, at));
        assert_harmless("flipped", &flipped.all());
        assert!([Some(0), Some(1)].contains(&flipped.code), "{}", flipped.stderr);
    }
    std::fs::remove_file(&reader.file).unwrap();
    reader.is_refused("no journal", reader.read()).says("cannot read");
    let future = text.replace("harden.journal/1", "harden.journal/2");
    reader.refuses("a newer one", future).says("does not know the format `harden.journal/2`");
    let twice = text.replacen("\"event\":\"end\"", "\"event\":\"end\",\"event\":\"end\"", 1);
    reader.refuses("said twice", twice).says("is damaged");
    reader.refuses("a word", text.replace("\"applied\"", "\"perhaps\"")).says("at line 3");
    reader.refuses_the_usual();
}

/// A result that tells of more than the journal would hide changes from `undo`.
#[test]
fn results() {
    let reader = Reader::of_run("result.json");
    std::fs::write(reader.file.with_file_name("journal.jsonl"), journal()).unwrap();
    let plan: Value = serde_json::from_str(PLAN).unwrap();
    let result = |change: usize| {
        json!({ "format": "harden.run/1", "run": RUN, "account": plan["account"], "outcome": "complete",
            "changes": [{ "id": plan["changes"][change]["id"], "outcome": "applied", "error": null }],
            "verified": { "holds": [], "moved": [], "unknown": [] }, "score": null })
        .to_string()
    };
    let text = result(0);
    reader.reads(&text).expect(0);
    for at in places(text.len()) {
        reader.refuses("cut", &text[..at]);
    }
    reader.refuses("more", result(1)).says("it lacks what the result tells");
    let newer = text.replace("harden.run/1", "harden.run/2");
    reader.refuses("newer", newer).says("does not know the format `harden.run/2`");
    reader.refuses_the_usual();
}
