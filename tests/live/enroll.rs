//! A virtual MFA device from the question to the user's own, or to nothing: a person at a terminal.

use std::process::Command;
use std::time::{Duration, Instant};

use rexpect::process::{Signal, WaitStatus};
use rexpect::session::{PtySession, spawn_command};
use rustix::termios::{LocalModes, tcgetattr};
use serde_json::{Value, json};

use crate::support::totp::{code, now_step};
use crate::world::{World, run};

const PATIENCE: Option<u64> = Some(40_000);
const DOWN: &str = "\u{1b}[B";

const QUESTION: &str = "Enrol a virtual MFA device for user `al`";
const MENU: &str = "What next?";
const FIRST: &str = "Code (empty: back)";
const SECOND: &str = "The code after it";

async fn world() -> World {
    let world = World::new().await;
    let iam = world.account.iam("us-east-1");
    iam.create_user().user_name("al").send().await.unwrap();
    world.account.forget_calls();
    world
}

/// A person in front of `harden mfa enroll`, and all that was on the terminal.
struct Desk {
    session: PtySession,
    seen: String,
}

impl Desk {
    fn new(command: &mut Command, arguments: &[&str]) -> Self {
        command.args(["mfa", "enroll"]).args(arguments);
        let mut whole = Command::new(command.get_program());
        whole.args(command.get_args()).env_clear().env("TERM", "xterm");
        whole.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        whole.current_dir(command.get_current_dir().unwrap());
        let session = spawn_command(whole, PATIENCE).unwrap();
        Self { session, seen: String::new() }
    }

    /// Whether the terminal gives lines, as shells need it, and not single keys.
    fn takes_lines(&self) -> bool {
        let modes = tcgetattr(self.session.process().get_file_handle().unwrap()).unwrap();
        modes.local_modes.contains(LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Waits until the prompt that is on the terminal reads keys.
    #[track_caller]
    fn waits_for_a_key(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.takes_lines() {
            assert!(Instant::now() < deadline, "{}", self.seen);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// For `al`, without colours.
    fn at(world: &World) -> Self {
        Self::new(&mut world.command(), &["al", "--color", "never"])
    }

    /// The same, past the question.
    fn past_the_question(world: &World) -> Self {
        let mut desk = Self::at(world);
        desk.until(QUESTION);
        desk.press("y");
        desk.until(MENU);
        desk
    }

    /// Waits for the text, and gives what came before it.
    #[track_caller]
    fn until(&mut self, text: &str) -> String {
        let before = self.session.exp_string(text);
        let before = before.unwrap_or_else(|error| panic!("{error}\nbefore:\n{}", self.seen));
        let before = utf8(&before);
        self.seen.extend([before.as_str(), text]);
        before
    }

    fn press(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
        self.session.flush().unwrap();
    }

    /// Reads to the end, and gives the exit code.
    #[track_caller]
    fn ends(&mut self) -> i32 {
        let rest = self.session.exp_eof();
        self.seen += &utf8(&rest.unwrap_or_else(|error| panic!("{error}\nbefore:\n{}", self.seen)));
        let status = self.session.process().wait().unwrap();
        let WaitStatus::Exited(_, code) = status else { panic!("{status:?}\n{}", self.seen) };
        code
    }

    /// Ends with this code, having said this.
    #[track_caller]
    fn ends_with(&mut self, code: i32, text: &str) {
        let ended = self.ends();
        assert_eq!(ended, code, "{}", self.seen);
        assert!(plain(&self.seen).contains(&plain(text)), "no `{text}` in\n{}", self.seen);
    }

    /// Has the secret shown and reads it.
    #[track_caller]
    fn secret(&mut self) -> String {
        self.press(&format!("{DOWN}\r"));
        let shown = anstream::adapter::strip_str(&self.until(MENU)).to_string();
        let lines = shown.lines().skip_while(|line| !line.contains("The secret, ")).skip(1);
        let secret: String = lines.map_while(|line| line.strip_prefix("    ")).collect();
        let secret: String = secret.split_whitespace().collect();
        assert_eq!(secret.len(), 64, "{shown}");
        secret
    }

    /// Types two codes, from the menu.
    #[track_caller]
    fn codes(&mut self, first: &str, second: &str) {
        self.press("\r");
        self.until(FIRST);
        self.press(&format!("{first}\r"));
        self.until(SECOND);
        self.press(&format!("{second}\r"));
    }

    /// Types the codes of just now.
    #[track_caller]
    fn right_codes(&mut self, seed: &str) {
        let now = now_step();
        self.codes(&code(seed, now - 1), &code(seed, now));
    }
}

/// rexpect takes each byte for a character.
fn utf8(read: &str) -> String {
    String::from_utf8(read.chars().map(|c| u8::try_from(c).unwrap()).collect()).unwrap()
}

/// Words with one blank between them: wrapping may have put any at the end of a line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The serials of all virtual devices, and those of a user's.
async fn devices(world: &World, user: &str) -> (Vec<String>, Vec<String>) {
    let iam = world.account.iam("us-east-1");
    let all = iam.list_virtual_mfa_devices().into_paginator().items().send();
    let all: Vec<_> = all.try_collect().await.unwrap();
    let held = iam.list_mfa_devices().user_name(user).into_paginator().items().send();
    let held: Vec<_> = held.try_collect().await.unwrap();
    let mut all: Vec<String> = all.into_iter().map(|one| one.serial_number).collect();
    let mut held: Vec<String> = held.into_iter().map(|one| one.serial_number).collect();
    all.sort();
    held.sort();
    (all, held)
}

fn arn(world: &World, name: &str) -> String {
    format!("arn:aws:iam::{}:mfa/{name}", world.account.id)
}

#[track_caller]
fn nothing_is_left((all, held): &(Vec<String>, Vec<String>)) {
    assert!(all.is_empty() && held.is_empty(), "{all:?} {held:?}");
}

async fn enrolled(world: &World, names: &[&str]) {
    let expected: Vec<String> = names.iter().map(|name| arn(world, name)).collect();
    assert_eq!(devices(world, "al").await, (expected.clone(), expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_right_codes_make_it_the_users() {
    let world = world().await;
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    desk.right_codes(&seed);
    let said = format!("User `al` has the MFA device {} from now on.", arn(&world, "al"));
    desk.ends_with(0, &said);
    enrolled(&world, &["al"]).await;
    assert_eq!(world.writes(), ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_on_the_terminal_is_that_of_the_secret() {
    for (colour, flag) in [(false, "never"), (true, "always")] {
        let world = world().await;
        world.account.settle(json!({ "alias": format!("acme-{}", world.account.id) }));
        let mut desk = Desk::new(&mut world.command(), &["al", "--color", flag]);
        desk.until("Enrol a virtual MFA device");
        desk.press("y");
        desk.until(MENU);
        let drawn = desk.seen.replace('\r', "");
        let seed = harden::mfa::Seed::new(desk.secret()).unwrap();
        let uri = seed.uri("al", &format!("acme-{}", world.account.id));
        let picture = harden::ui::Picture::of(&uri, colour).unwrap();
        assert!(drawn.contains(picture.text()), "{drawn}");
        desk.session.send_control('c').unwrap();
        assert_eq!(desk.ends(), 130);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_name_it_is_the_callers_own() {
    let world = world().await;
    let iam = world.account.iam("us-east-1");
    let key = iam.create_access_key().user_name("al").send().await.unwrap().access_key.unwrap();
    let mut command = world.command();
    command.env("AWS_ACCESS_KEY_ID", &key.access_key_id).env_remove("AWS_SESSION_TOKEN");
    command.env("AWS_SECRET_ACCESS_KEY", &key.secret_access_key);
    let mut desk = Desk::new(&mut command, &["--color", "never", "--output", "json", "--quiet"]);
    desk.until(QUESTION);
    desk.press("y");
    desk.until(MENU);
    let seed = desk.secret();
    desk.right_codes(&seed);
    assert_eq!(desk.ends(), 0, "{}", desk.seen);
    let answer = &desk.seen[desk.seen.rfind("\n{").unwrap()..];
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["format"], "harden.enrollment/1");
    assert_eq!((&answer["user"], &answer["serial"]), (&json!("al"), &json!(arn(&world, "al"))));
    assert_eq!(answer["account"]["id"], json!(world.account.id));
    enrolled(&world, &["al"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_told_and_tried_again_or_given_up() {
    let world = world().await;
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    let now = now_step();
    // The wrong way round.
    desk.codes(&code(&seed, now), &code(&seed, now - 1));
    desk.until("AWS does not take these codes");
    desk.until(MENU);
    desk.right_codes(&seed);
    desk.ends_with(0, "has the MFA device");
    enrolled(&world, &["al"]).await;

    let world = self::world().await;
    let mut desk = Desk::past_the_question(&world);
    desk.codes("000000", "999999");
    desk.until("AWS does not take these codes");
    desk.until(MENU);
    desk.press(&format!("{DOWN}{DOWN}\r"));
    desk.ends_with(4, "given up: the device that was made is deleted again");
    nothing_is_left(&devices(&world, "al").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_is_not_sent() {
    let world = world().await;
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    desk.press("\r");
    desk.until(FIRST);
    for wrong in ["12345", "abcdef", "1234567"] {
        desk.press(&format!("{wrong}\r"));
        desk.until("a code has six digits");
        // The input stays, to be mended.
        desk.press(&"\u{7f}".repeat(wrong.len()));
    }
    let now = now_step();
    let (first, second) = (code(&seed, now - 1), code(&seed, now));
    desk.press(&format!("{first}\r"));
    desk.until(SECOND);
    desk.press(&format!("{first}\r"));
    desk.until("that is the first code again");
    desk.press(&"\u{7f}".repeat(6));
    // An empty one leads back.
    desk.press("\r");
    desk.until(MENU);
    assert_eq!(world.writes(), ["iam:CreateVirtualMFADevice"]);
    desk.codes(&format!("{} {}", &first[..3], &first[3..]), &second);
    desk.ends_with(0, "has the MFA device");
    assert_eq!(world.writes(), ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_is_an_answer() {
    let world = world().await;
    for keys in ["n", "\r"] {
        let mut desk = Desk::at(&world);
        desk.until(QUESTION);
        desk.press(keys);
        desk.ends_with(4, "declined: nothing was changed");
    }
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// Goes to one of the prompts.
fn go_to(world: &World, prompt: &str) -> Desk {
    let mut desk = Desk::at(world);
    desk.until(QUESTION);
    if prompt == QUESTION {
        return desk;
    }
    desk.press("y");
    desk.until(MENU);
    if prompt == MENU {
        return desk;
    }
    if prompt == "the menu after wrong codes" {
        desk.codes("000000", "999999");
        desk.until(MENU);
        return desk;
    }
    desk.press("\r");
    desk.until(FIRST);
    if prompt == SECOND {
        desk.press("123456\r");
        desk.until(SECOND);
    }
    desk
}

const PROMPTS: [&str; 5] = [QUESTION, MENU, FIRST, SECOND, "the menu after wrong codes"];

#[track_caller]
fn stopped(desk: &mut Desk, prompt: &str) {
    let nothing = prompt == QUESTION;
    let gone = "stopped: the device that was made is deleted again";
    desk.ends_with(130, if nothing { "stopped: nothing was changed" } else { gone });
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_each_prompt_leaves_nothing() {
    for prompt in PROMPTS {
        let world = world().await;
        let mut desk = go_to(&world, prompt);
        desk.session.send_control('c').unwrap();
        stopped(&mut desk, prompt);
        nothing_is_left(&devices(&world, "al").await);
        let writes = world.writes().len();
        assert_eq!(writes == 0, prompt == QUESTION, "{prompt}: {writes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn being_terminated_or_hung_up_on_at_a_prompt_leaves_nothing() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        for prompt in [QUESTION, MENU, SECOND] {
            let world = world().await;
            let mut desk = go_to(&world, prompt);
            desk.waits_for_a_key();
            desk.session.process_mut().signal(signal).unwrap();
            stopped(&mut desk, prompt);
            assert!(desk.takes_lines(), "the shell does not get its terminal back");
            nothing_is_left(&devices(&world, "al").await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_during_a_call_leaves_nothing() {
    let world = world().await;
    world.account.fault(json!({
        "operation": "CreateVirtualMFADevice", "kind": "delay", "seconds": 2
    }));
    let mut desk = Desk::at(&world);
    desk.until(QUESTION);
    desk.press("y");
    let deadline = Instant::now() + Duration::from_secs(20);
    while world.writes().is_empty() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    desk.session.process_mut().signal(Signal::SIGINT).unwrap();
    desk.ends_with(130, "stopped: the device that was made is deleted again");
    nothing_is_left(&devices(&world, "al").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_device_is_told_and_may_have_another() {
    let world = world().await;
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    desk.right_codes(&seed);
    desk.ends_with(0, "has the MFA device");
    let mut desk = Desk::at(&world);
    desk.until("user `al` has already: virtual");
    desk.until("Enrol one more MFA device for user `al`");
    desk.press("y");
    desk.until(MENU);
    let seed = desk.secret();
    desk.right_codes(&seed);
    desk.ends_with(0, &arn(&world, "al-2"));
    enrolled(&world, &["al", "al-2"]).await;

    let full: Vec<String> = (3..=8).map(|number| format!("GAHT{number}")).collect();
    world.account.settle(json!({ "users": { "al": { "devices": full } } }));
    world.account.forget_calls();
    Desk::at(&world).ends_with(64, "user `al` has 8 MFA devices already");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_nobody_stays() {
    let world = world().await;
    let iam = world.account.iam("us-east-1");
    for name in ["al", "al-2"] {
        iam.create_virtual_mfa_device().virtual_mfa_device_name(name).send().await.unwrap();
    }
    let mut desk = Desk::past_the_question(&world);
    let said = format!("the device {} is nobody's: harden has not made it", arn(&world, "al"));
    assert!(plain(&desk.seen).contains(&said), "{}", desk.seen);
    let seed = desk.secret();
    desk.right_codes(&seed);
    desk.ends_with(0, &arn(&world, "al-3"));
    let names = ["al", "al-2", "al-3"].map(|name| arn(&world, name));
    assert_eq!(devices(&world, "al").await, (names.to_vec(), vec![arn(&world, "al-3")]));

    let mut desk = Desk::at(&world);
    desk.until("Enrol one more");
    desk.press("y");
    desk.until(MENU);
    desk.session.send_control('c').unwrap();
    desk.ends_with(130, "is deleted again");
    assert_eq!(devices(&world, "al").await.0, names.to_vec());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_enrolled_is_told_so() {
    let world = world().await;
    let at = |arguments: &[&str]| Desk::new(&mut world.command(), arguments);
    at(&["bo"]).ends_with(64, &format!("there is no user `bo` in account {}", world.account.id));
    at(&["user/al"]).ends_with(64, "`user/al` is not the name of a user");
    at(&["<root_account>"]).ends_with(64, "devices of root are enrolled by root, on the console");
    at(&[]).ends_with(64, "those of a role session or of a federated user");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_nobody_is_asked_and_nothing_called() {
    let world = world().await;
    let answer = world.harden(["mfa", "enroll", "al"]).expect(4);
    assert_eq!(answer.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1);
    answer.says("a device is enrolled by whoever holds it, at a terminal: this is not one");
    assert!(world.account.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_into() {
    let world = world().await;
    for operation in ["CreateVirtualMFADevice", "EnableMFADevice"] {
        world.account.fault(json!({ "operation": operation, "kind": "drop_after", "times": 1 }));
    }
    let mut desk = Desk::past_the_question(&world);
    assert!(desk.seen.contains("the answer of AWS got lost: once more"), "{}", desk.seen);
    let seed = desk.secret();
    desk.right_codes(&seed);
    desk.ends_with(0, "has the MFA device");
    enrolled(&world, &["al"]).await;
    let writes = ["Create", "Delete", "Create"].map(|what| format!("iam:{what}VirtualMFADevice"));
    assert_eq!(world.writes()[..3], writes);
    assert_eq!(world.writes()[3..], ["iam:EnableMFADevice"]);

    // The call itself is lost, and after that the person has enough.
    let world = self::world().await;
    world
        .account
        .fault(json!({ "operation": "EnableMFADevice", "kind": "drop_before", "times": 1 }));
    world.account.fault(json!({
        "operation": "DeleteVirtualMFADevice", "kind": "drop_after", "times": 1
    }));
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    desk.right_codes(&seed);
    desk.until("the answer of AWS got lost and the device is not enabled: type new codes");
    desk.until(MENU);
    desk.press(&format!("{DOWN}{DOWN}\r"));
    desk.ends_with(4, "given up: the device that was made is deleted again");
    nothing_is_left(&devices(&world, "al").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_became_the_users_in_the_dark_is_told_of() {
    let world = world().await;
    // It is enabled, the answer is lost, and nobody may look: AWS will not delete it.
    world
        .account
        .fault(json!({ "operation": "EnableMFADevice", "kind": "drop_after", "times": 1 }));
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    world.account.fault(json!({ "operation": "ListMFADevices", "kind": "deny" }));
    desk.right_codes(&seed);
    desk.ends_with(0, "has the MFA device");
    world.account.no_faults();
    enrolled(&world, &["al"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_cannot_be_deleted_is_named_with_the_command() {
    let world = world().await;
    world.account.fault(json!({ "operation": "DeleteVirtualMFADevice", "kind": "deny" }));
    let mut desk = Desk::past_the_question(&world);
    desk.session.send_control('c').unwrap();
    let serial = arn(&world, "al");
    desk.ends_with(1, &format!("the MFA device {serial} may be left behind"));
    let command = format!("    aws iam delete-virtual-mfa-device --serial-number {serial}\r\n");
    assert!(desk.seen.contains(&command), "{}", desk.seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_leave_nothing() {
    for operation in ["CreateVirtualMFADevice", "EnableMFADevice"] {
        let world = world().await;
        world.account.fault(json!({ "operation": operation, "kind": "deny" }));
        let mut desk = Desk::at(&world);
        desk.until(QUESTION);
        desk.press("y");
        if operation == "EnableMFADevice" {
            desk.until(MENU);
            desk.codes("123456", "654321");
        }
        desk.ends_with(1, &format!("not authorized to perform iam:{operation}"));
        assert!(desk.seen.contains("`harden policy --mfa`"), "{}", desk.seen);
        nothing_is_left(&devices(&world, "al").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_busy_is_waited_for() {
    let world = world().await;
    world.account.fault(json!({ "operation": "EnableMFADevice", "kind": "busy", "times": 2 }));
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    desk.right_codes(&seed);
    desk.until("AWS is still busy with the user or the device: waiting");
    desk.ends_with(0, "has the MFA device");
    assert_eq!(world.writes().len(), 4);
    enrolled(&world, &["al"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_code_fits_the_secret_is_offered() {
    for (name, value) in [("TERM", "dumb"), ("COLUMNS", "44")] {
        let world = world().await;
        let mut command = world.command();
        command.env(name, value);
        let mut desk = Desk::new(&mut command, &["al", "--color", "never"]);
        desk.until("Enrol");
        desk.press("y");
        desk.until(MENU);
        assert!(plain(&desk.seen).contains("there is no room for a QR code here"));
        assert!(!desk.seen.contains(['█', '▀', '▄']), "{}", desk.seen);
        // The secret is what the mark stands at.
        desk.press("\r");
        let shown = desk.until(MENU);
        assert!(shown.lines().any(|line| line.starts_with("    ")), "{shown}");
        desk.session.send_control('c').unwrap();
        assert_eq!(desk.ends(), 130);
        nothing_is_left(&devices(&world, "al").await);
    }
}

/// The files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_is_in_no_log_and_no_file() {
    for flag in ["-v", "-vv", "-vvvvv"] {
        let world = world().await;
        let mut command = world.command();
        command.env("RUST_LOG", "trace");
        let mut desk = Desk::new(&mut command, &["al", "--color", "never", flag]);
        desk.until("Enrol");
        desk.press("y");
        desk.until(MENU);
        let seed = desk.secret();
        let groups = desk.seen.clone();
        desk.right_codes(&seed);
        assert_eq!(desk.ends(), 0, "{}", desk.seen);
        // There is a log, and it tells of the calls.
        assert!(desk.seen.contains("iam:CreateVirtualMFADevice"), "{}", desk.seen);
        // Where it was asked for it stands in groups: any piece that is longer is a leak.
        assert!(groups.contains(&seed[..4]), "{groups}");
        let encoded = base64(&seed);
        for at in (0..seed.len() - 8).step_by(8) {
            assert!(!desk.seen.contains(&seed[at..at + 8]), "{flag}: {}", desk.seen);
            assert!(!desk.seen.contains(&encoded[at..at + 8]), "{flag}: {}", desk.seen);
        }
        for file in files(&world.path("")) {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            assert!(!text.contains(&seed) && !text.contains(&encoded), "{}", file.display());
        }
        assert!(world.runs().is_empty());
    }
}

/// As IAM writes bytes.
fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let mut number = 0_usize;
        for at in 0..3 {
            number = number << 8 | usize::from(three.get(at).copied().unwrap_or_default());
        }
        for shift in [18, 12, 6, 0].into_iter().take(three.len() + 1) {
            out.push(char::from(DIGITS[number >> shift & 63]));
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_allows_every_call() {
    let world = world().await;
    let policy: Value =
        serde_json::from_str(&world.harden(["policy", "--mfa"]).expect(0).stdout).unwrap();
    let allowed = policy["Statement"][0]["Action"].as_array().unwrap();
    let mut desk = Desk::past_the_question(&world);
    desk.session.send_control('c').unwrap();
    assert_eq!(desk.ends(), 130);
    let mut desk = Desk::past_the_question(&world);
    let seed = desk.secret();
    desk.right_codes(&seed);
    assert_eq!(desk.ends(), 0);
    run(world.command().args(["mfa", "list"])).expect(0);
    let mut called: Vec<String> = world
        .account
        .calls()
        .into_iter()
        .map(|call| format!("{}:{}", call.service, call.operation))
        .collect();
    // Who is asking, AWS tells everybody.
    called.retain(|call| call != "sts:GetCallerIdentity");
    called.sort();
    called.dedup();
    let mut allowed: Vec<&str> = allowed.iter().map(|action| action.as_str().unwrap()).collect();
    allowed.sort_unstable();
    // Not one more, either.
    assert_eq!(called, allowed);
}
