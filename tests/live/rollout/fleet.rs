//! An organization that nobody else uses: accounts with messes of several kinds, and the one that manages them.

use std::collections::BTreeMap;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use aws_sdk_organizations::types::OrganizationFeatureSet;
use serde_json::{Value, json};

use crate::support::account::Account;
use crate::support::seed;
use crate::world::{Answer, World, emulator, run};

/// The regions that the accounts have.
pub(super) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// What takes many calls to set up has tests of its own.
pub(super) const SETTINGS: &str = r#"
[controls]
skip = ["2.1-2.7", "3.1-3.14", "3.16", "4.3"]
"#;

/// The role that AWS Organizations makes in the accounts that it creates.
pub(super) const ROLE: &str = "OrganizationAccountAccessRole";

/// What is wrong with an account besides what is wrong with every new one: it has no password policy, and the
/// default groups of both regions have rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mess {
    /// A password policy that asks for little.
    Passwords,
    /// Ports 22 and 3389 are open to the world.
    Ports,
    /// A key that does not rotate.
    Keys,
}

impl Mess {
    pub(super) const ALL: [Self; 3] = [Self::Passwords, Self::Ports, Self::Keys];

    /// That of the account at this place.
    pub(super) const fn at(place: usize) -> Self {
        Self::ALL[place % Self::ALL.len()]
    }

    pub(super) async fn make(self, account: &Account) {
        let region = REGIONS[0];
        match self {
            Self::Passwords => seed::weak_password_policy(account).await,
            Self::Ports => {
                let vpc = seed::default_vpc(account, region).await;
                let group = seed::group(account, region, &vpc, "bastion").await;
                for port in [22, 3389] {
                    let rule = seed::tcp(port, port).ip_ranges(seed::range("0.0.0.0/0", ""));
                    seed::allow(account, region, &group, rule.build(), &[]).await;
                }
            }
            Self::Keys => drop(account.kms(region).create_key().send().await.unwrap()),
        }
    }

    /// How many changes mend it, and what is wrong with every new account.
    pub(super) const fn changes(self) -> usize {
        match self {
            Self::Passwords => NEW,
            Self::Ports | Self::Keys => NEW + 1,
        }
    }
}

/// The changes of an account in which nobody has done anything: the password policy, and for each region what
/// its default group lets in and what it lets out.
pub(super) const NEW: usize = 1 + 2 * REGIONS.len();

/// The organization.
pub(super) struct Fleet {
    /// The account that manages it, in which nobody has done anything, and the folder that harden runs in.
    pub(super) manager: World,
    pub(super) organization: String,
    root: String,
    /// The units `workloads` and `sandbox`, with the accounts of even places and those of odd ones.
    pub(super) units: [String; 2],
    /// The others, by id.
    pub(super) members: Vec<World>,
}

impl Fleet {
    /// So many accounts besides the one that manages them; each has the next kind of mess.
    pub(super) async fn new(members: usize) -> Self {
        let manager = World::new().await.by(SETTINGS);
        manager.account.settle(json!({ "enabled_regions": REGIONS }));
        let org = manager.account.organizations("us-east-1");
        let made = org.create_organization().feature_set(OrganizationFeatureSet::All).send().await;
        let organization = made.unwrap().organization.unwrap().id.unwrap();
        let roots: Vec<_> = org.list_roots().into_paginator().send().try_collect().await.unwrap();
        let root = roots.into_iter().find_map(|page| page.roots.unwrap().pop()).unwrap();
        let root = root.id.unwrap();
        let mut units = Vec::new();
        for name in ["workloads", "sandbox"] {
            let unit = org.create_organizational_unit().parent_id(&root).name(name).send().await;
            units.push(unit.unwrap().organizational_unit.unwrap().id.unwrap());
        }
        let units = units.try_into().unwrap();
        let mut fleet = Self { manager, organization, root, units, members: Vec::new() };
        let mut ids = Vec::new();
        for number in 0..members {
            ids.push(fleet.open(&format!("team-{number}")).await);
        }
        ids.sort();
        for (place, id) in ids.iter().enumerate() {
            let member = fleet.enter(id, &fleet.units[place % 2]).await;
            Mess::at(place).make(&member.account).await;
            fleet.members.push(member);
        }
        fleet
    }

    /// Opens another account, and gives its id.
    pub(super) async fn open(&self, name: &str) -> String {
        let org = self.manager.account.organizations("us-east-1");
        let email = format!("{name}@acme.dev");
        let made = org.create_account().account_name(name).email(email).send().await.unwrap();
        made.create_account_status.unwrap().account_id.unwrap()
    }

    /// Moves a new account into a unit, and takes possession of it.
    pub(super) async fn enter(&self, id: &str, unit: &str) -> World {
        let org = self.manager.account.organizations("us-east-1");
        let moving = org.move_account().account_id(id).source_parent_id(&self.root);
        moving.destination_parent_id(unit).send().await.unwrap();
        let account = Account::open(emulator(), id).await;
        account.settle(json!({ "enabled_regions": REGIONS }));
        World::of(account).by(SETTINGS)
    }

    /// The id of the account at this place.
    pub(super) fn id(&self, place: usize) -> &str {
        &self.members[place].account.id
    }

    /// The ids of the accounts at these places, as they stand in a list of TOML or JSON.
    pub(super) fn ids(&self, places: &[usize]) -> String {
        json!(places.iter().map(|place| self.id(*place)).collect::<Vec<_>>()).to_string()
    }

    /// All accounts, the one that manages them first.
    pub(super) fn all(&self) -> impl Iterator<Item = &World> {
        std::iter::once(&self.manager).chain(&self.members)
    }

    /// `harden rollout` with these arguments, hermetic.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.manager.command();
        command.arg("rollout").args(arguments);
        command
    }

    /// Runs it to its end.
    pub(super) fn rollout(&self, arguments: &[&str]) -> Answer {
        run(&mut self.command(arguments))
    }

    /// The same, and parses its answer.
    pub(super) fn ask(&self, arguments: &[&str]) -> Value {
        self.manager.ask(&[&["rollout"], arguments].concat())
    }

    /// Starts it and does not wait for it.
    pub(super) fn begin(&self, arguments: &[&str]) -> Child {
        self.manager.begin(&[&["rollout"], arguments].concat())
    }

    /// Plans all accounts of the organization in a folder.
    pub(super) fn plan(&self, folder: &str, more: &[&str]) -> Answer {
        self.rollout(&[&["plan", "--organization", "--out", folder], more].concat())
    }

    /// How many accounts stand how.
    pub(super) fn counts(&self, folder: &str) -> Value {
        self.ask(&["status", folder])["counts"].clone()
    }

    /// How an account stands.
    pub(super) fn standing(&self, folder: &str, id: &str) -> Value {
        let status = self.ask(&["status", folder]);
        let accounts = status["accounts"].as_array().unwrap();
        accounts.iter().find(|account| account["account"] == id).unwrap().clone()
    }

    /// How many write calls there were in each account since the last forgetting; none are left out.
    pub(super) fn writes(&self) -> BTreeMap<&str, usize> {
        let all = self.all().map(|world| (world.account.id.as_str(), world.writes().len()));
        all.filter(|(_, writes)| *writes > 0).collect()
    }

    pub(super) fn forget_calls(&self) {
        self.all().for_each(|world| world.account.forget_calls());
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.manager.path(file), text).unwrap();
    }

    /// The lines of a folder's log that tell of an event: `begun` or `ended`.
    pub(super) fn log(&self, folder: &str, event: &str) -> Vec<Value> {
        let path = self.manager.path(folder).join("log.jsonl");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let lines = whole.map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["event"] == event).collect()
    }
}

/// Waits until something is so.
#[track_caller]
pub(super) fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !is_so() {
        assert!(Instant::now() < deadline, "not in two minutes: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The reading of an account without what only this one has: its id, and the ids that AWS gave its things.
pub(super) fn general(world: &World) -> Value {
    without_ids(&world.reading(), &world.account.id)
}

fn without_ids(value: &Value, account: &str) -> Value {
    match value {
        Value::String(text) => plain(text, account).into(),
        Value::Array(elements) => {
            let mut all: Vec<Value> =
                elements.iter().map(|one| without_ids(one, account)).collect();
            all.sort_by_key(ToString::to_string);
            all.into()
        }
        Value::Object(fields) => {
            // Several of them may have the same name now, and all but the last would be lost.
            let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for (name, value) in fields {
                all.entry(plain(name, account)).or_default().push(without_ids(value, account));
            }
            for values in all.values_mut() {
                values.sort_by_key(ToString::to_string);
            }
            json!(all)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A text in which `*` stands for ids.
fn plain(text: &str, account: &str) -> String {
    let parts = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    let text = text.replace(account, "*");
    let pieces = text.split_inclusive(parts).map(|piece| {
        let word = piece.trim_end_matches(parts);
        if is_id(word) { format!("*{}", &piece[word.len()..]) } else { piece.to_owned() }
    });
    pieces.collect()
}

/// Whether AWS made it up: such as `sg-0123456789abcdef0`, or a UUID.
fn is_id(word: &str) -> bool {
    let hex = word.rsplit_once('-').map(|(_, hex)| hex);
    let is_long = |hex: &str| matches!(hex.len(), 8 | 12 | 17);
    hex.is_some_and(|hex| is_long(hex) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
