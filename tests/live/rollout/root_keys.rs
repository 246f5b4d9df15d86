//! 1.12 of members: root's access keys are deleted from the account that manages root access, and only from there.

use serde_json::{Value, json};

use super::fleet::Fleet;
use crate::support::account::Account;
use crate::world::{Answer, run};

/// The keys of the members at places 0 and 1, and that of the account that manages them.
const KEYS: [&str; 2] = ["AKIAROOTOFMEMBER0", "AKIAROOTOFMEMBER1"];
const MANAGERS: &str = "AKIAROOTOFMANAGER";

const PLAN: [&str; 5] = ["plan", "--organization", "--control", "1.12", "--out"];
const DESTRUCTIVE: [&str; 2] = ["--max-risk", "destructive"];

/// Every account has a key of root: one that was used a month ago, one that never was, and the manager's.
async fn fleet() -> Fleet {
    let fleet = Fleet::new(2).await;
    give(&fleet.members[0].account, KEYS[0], &json!(30));
    give(&fleet.members[1].account, KEYS[1], &Value::Null);
    give(&fleet.manager.account, MANAGERS, &json!(30));
    fleet.forget_calls();
    fleet
}

fn give(account: &Account, key: &str, last_used: &Value) {
    let key = json!({ "active": true, "rotated": 400, "last_used": last_used, "id": key });
    account.settle(json!({ "root": { "keys": [key] } }));
}

/// Turns the central management of root access on.
async fn manage_root(fleet: &Fleet) {
    let org = fleet.manager.account.organizations("us-east-1");
    let trust = org.enable_aws_service_access().service_principal("iam.amazonaws.com");
    trust.send().await.unwrap();
    let iam = fleet.manager.account.iam("us-east-1");
    iam.enable_organizations_root_credentials_management().send().await.unwrap();
    iam.enable_organizations_root_sessions().send().await.unwrap();
    fleet.forget_calls();
}

/// Whether root has a key, as the account itself says.
async fn has_key(account: &Account) -> bool {
    let answer = account.iam("us-east-1").get_account_summary().send().await.unwrap();
    let summary = answer.summary_map.unwrap();
    summary.iter().any(|(key, value)| key.as_str() == "AccountAccessKeysPresent" && *value > 0)
}

fn plan(fleet: &Fleet, folder: &str, more: &[&str]) -> Answer {
    fleet.rollout(&[&PLAN[..], &[folder], more].concat())
}

fn verdicts(fleet: &Fleet) -> Value {
    let answer = fleet.ask(&["assess", "--organization", "--control", "1.12"]);
    answer["controls"]["1.12"]["verdicts"].clone()
}

fn count(account: &Account, operation: &str) -> usize {
    account.calls().iter().filter(|call| call.operation == operation).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_deleted_from_above_and_the_managers_own_is_not_touched() {
    let fleet = fleet().await;
    manage_root(&fleet).await;
    let [first, second] = [0, 1].map(|place| &fleet.members[place].account);

    // Without a word for it they are held back, with what is known of their use.
    let held = plan(&fleet, "held", &[]).expect(0).says("Nothing to change.");
    let held = held.says("destructive, `--max-risk destructive` lets it in");
    let held = held.says(&format!("access key {} of root", KEYS[0])).says("last used on ");
    held.says(", 30 days ago, for iam in us-east-1").says("never used; made on ");
    assert_eq!(fleet.writes(), [].into());

    let page = plan(&fleet, "fleet", &DESTRUCTIVE).expect(0);
    let page = page.says("delete-root-access-key").says("[destructive]");
    // The manager's own is for a person.
    let page = page.says(&format!("manual 1 account: {}", fleet.manager.account.id));
    page.says("Sign in as root, open \"Security credentials\"");
    let file = fleet.manager.path("fleet/plans").join(format!("{}.json", first.id));
    let shown = run(fleet.manager.command().arg("show").arg(&file)).expect(0);
    let shown = shown.says("[destructive] delete-root-access-key root");
    let shown = shown.says("last used on ").says(", 30 days ago, for iam in us-east-1");
    shown.says(&format!("whatever still signs with it as root of {} fails", first.id));
    // What is printed for the role in the member holds nothing of it, and says who needs what.
    let policy = run(fleet.manager.command().args(["policy", "--plan"]).arg(&file)).expect(0);
    assert_eq!(policy.stdout, "");
    let policy = policy.says(&format!("sts:AssumeRoot on arn:aws:iam::{}:root", first.id));
    policy.says("root-task/IAMDeleteRootUserCredentials as `sts:TaskPolicyArn`");
    // In the member alone the plan leads nowhere.
    let alone = run(fleet.members[0].command().arg("apply").arg(&file).arg("--yes")).expect(1);
    alone.says(&format!("nobody can be root of account {} from here", first.id));
    assert_eq!(fleet.writes(), [].into());

    // The answer to one of them is lost.
    second.fault(json!({ "operation": "DeleteAccessKey", "kind": "drop_after", "times": 1 }));
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0).says("3 accounts: 3 done.");
    for member in [first, second] {
        assert_eq!(count(member, "DeleteAccessKey"), 1);
        assert!(!has_key(member).await);
    }
    assert!(fleet.manager.writes().is_empty() && has_key(&fleet.manager.account).await);
    // The report is that of before: the list is newer.
    assert_eq!(verdicts(&fleet), json!({ "pass": 2, "fail": 1 }));

    fleet.forget_calls();
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0).says("nothing is left to do");
    plan(&fleet, "again", &DESTRUCTIVE).expect(0).says("Nothing to change.");
    fleet.rollout(&["apply", "again", "--yes"]).expect(0);
    let back = fleet.rollout(&["undo", "fleet", "--yes"]);
    back.says("the key cannot be given back: root can only make a new one");
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_central_management_they_are_for_a_person() {
    let fleet = fleet().await;
    let page = plan(&fleet, "off", &DESTRUCTIVE).expect(0).says("Nothing to change.");
    page.says("Sign in as root, open \"Security credentials\"");
    assert_eq!(count(&fleet.manager.account, "AssumeRoot"), 2);
    assert_eq!(verdicts(&fleet), json!({ "fail": 3 }));
    manage_root(&fleet).await;
    // By ids the organization is not known, and the account alone knows of none.
    let ids = format!("{},{}", fleet.id(0), fleet.id(1));
    let named = ["plan", "--accounts", &ids, "--control", "1.12", "--out", "named"];
    fleet.rollout(&[&named[..], &DESTRUCTIVE].concat()).expect(0).says("Nothing to change.");
    let alone = ["plan", "--control", "1.12", "--max-risk", "destructive"];
    let alone = fleet.members[0].harden(alone).expect(0).says("Nothing to change.");
    alone.says("No other identity of the account can do it");
    for world in fleet.all() {
        assert_eq!(count(&world.account, "AssumeRoot"), 0);
    }
    // Nor is anybody root where nothing tells of a key.
    for member in &fleet.members {
        member.account.settle(json!({ "root": { "keys": [] } }));
    }
    assert_eq!(verdicts(&fleet), json!({ "pass": 2, "fail": 1 }));
    assert_eq!(count(&fleet.manager.account, "AssumeRoot"), 0);
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_used_since_the_plan_stays() {
    let fleet = fleet().await;
    manage_root(&fleet).await;
    plan(&fleet, "fleet", &DESTRUCTIVE).expect(0);
    // Not that of the canary: nobody would come after it.
    let rollout = std::fs::read_to_string(fleet.manager.path("fleet/rollout.json")).unwrap();
    let rollout: Value = serde_json::from_str(&rollout).unwrap();
    let canary = rollout["waves"][0]["accounts"][0].as_str().unwrap();
    let used = usize::from(fleet.id(0) == canary);
    give(&fleet.members[used].account, KEYS[used], &json!(0));
    fleet.forget_calls();
    let most = ["apply", "fleet", "--yes", "--max-credential-changes", "0"];
    assert_ne!(fleet.rollout(&most).code, Some(0));
    assert_eq!(fleet.writes(), [].into());
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(3).says("1 stale");
    assert_eq!(fleet.writes(), [(fleet.id(1 - used), 1)].into());
    assert!(has_key(&fleet.members[used].account).await);
    let standing = fleet.standing("fleet", fleet.id(used)).to_string();
    assert!(standing.contains("stale"), "{standing}");
}

/// What `docs/rollout.md` says that it takes, and whoever administers for the manager.
#[tokio::test(flavor = "multi_thread")]
async fn a_delegated_administrator_needs_no_more_than_is_written() {
    let fleet = fleet().await;
    manage_root(&fleet).await;
    let administrator = &fleet.members[1];
    let org = fleet.manager.account.organizations("us-east-1");
    let register = org.register_delegated_administrator().account_id(&administrator.account.id);
    register.service_principal("iam.amazonaws.com").send().await.unwrap();
    let text = include_str!("../../../docs/rollout.md");
    let written = text.split("```json\n").skip(1).filter_map(|part| part.split("```").next());
    let written = written.filter(|one| one.contains("Statement"));
    let mut policies: Vec<Value> = written.map(|one| serde_json::from_str(one).unwrap()).collect();
    assert_eq!(policies.len(), 2);
    // The emulator does not know of which organization a resource is.
    policies[0]["Statement"][0].as_object_mut().unwrap().remove("Condition");
    let planned_with = |policies: &[Value]| {
        administrator.account.settle(json!({ "policies": policies }));
        let folder = format!("fleet-{}", policies.len());
        let unit =
            ["rollout", "plan", "--organization", "--ou", &fleet.units[0], "--control", "1.12"];
        let mut command = administrator.command();
        command.args(unit).args(["--out", &folder]).args(DESTRUCTIVE);
        (run(&mut command).expect(0), folder)
    };
    let (page, _) = planned_with(&policies[..1]);
    page.says("Nothing to change.").says("Sign in as root");
    let (page, folder) = planned_with(&policies);
    page.says("delete-root-access-key");
    let mut command = administrator.command();
    run(command.args(["rollout", "apply", &folder, "--yes"])).expect(0).says("1 account: 1 done.");
    administrator.account.settle(json!({ "policies": null }));
    assert!(!has_key(&fleet.members[0].account).await);
    assert!(has_key(&fleet.manager.account).await && has_key(&administrator.account).await);
}
