//! Names and reasons by somebody who wants to fool whoever reads them.

use serde_json::json;

use super::fleet::{Fleet, REGIONS, ROLE};
use crate::hostile_text::assert_harmless;
use crate::support::seed;
use crate::world::Answer;

/// It clears the screen, turns the line around, and begins another.
const NAME: &str = "acme\u{1b}[2J\u{1b}]0;owned\u{7}\r\n12 accounts: 12 done.\u{202e}enod\u{200b}";
/// What XML can carry.
const GROUP: &str = "web\u{202e}bew\u{2066}\u{feff}";

impl Fleet {
    /// Says it in colours and as JSON where it can be said twice, and asserts that neither does harm.
    #[track_caller]
    fn says(&self, arguments: &[&str]) -> Answer {
        let answer = self.rollout(&[arguments, &["--color", "always"]].concat());
        assert_harmless(&arguments.join(" "), &answer.all());
        answer
    }
}

async fn hostile() -> Fleet {
    let fleet = Fleet::new(3).await;
    for member in &fleet.members {
        member.account.settle(json!({ "member": { "name": NAME } }));
    }
    let account = &fleet.members[0].account;
    let vpc = seed::default_vpc(account, REGIONS[0]).await;
    let group = seed::group(account, REGIONS[0], &vpc, GROUP).await;
    let rule = seed::tcp(22, 22).ip_ranges(seed::range("0.0.0.0/0", GROUP));
    seed::allow(account, REGIONS[0], &group, rule.build(), &[]).await;
    let pending = json!({ "operation": "RevokeSecurityGroupIngress", "kind": "deny" });
    account.fault(pending);
    fleet.members[1].account.settle(json!({ "refused_roles": [ROLE] }));
    let file = format!(
        "[[waiver]]\naccounts = {}\ncontrol = \"4.1\"\nresource = \"sg-0abc\"\n\
         reason = \"reviewed\\u202E\\u200B\"\nowner = \"me\\u2066\"\nexpires = 2999-01-01\n\
         [[wave]]\nname = \"first\"\naccounts = {}\n",
        fleet.ids(&[2]),
        fleet.ids(&[2]),
    );
    fleet.write("rollout.toml", &file);
    fleet
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_rollout_over_hostile_accounts_is_readable() {
    let fleet = hostile().await;
    let escaped = "acme\\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{d}\\u{a}12 accounts: 12 done.\\u{202e}enod\\u{200b}";
    let assessed = fleet.says(&["assess", "--organization"]).expect(3);
    assert!(assessed.stderr.contains(&format!("{} {escaped}: ", fleet.id(0))), "{assessed:?}");
    let plan = &["plan", "--organization", "--file", "rollout.toml", "--out", "fleet"];
    let plan = fleet.says(plan).expect(3);
    assert!(plan.stderr.contains(&format!("{} {escaped}: ", fleet.id(0))), "{plan:?}");
    plan.says("security group web\\u{202e}bew\\u{2066}\\u{feff}");
    fleet.says(&["status", "fleet"]).expect(0);
    let applied = fleet.says(&["apply", "fleet", "--yes"]).expect(3);
    assert!(applied.stderr.contains(&format!("{} {escaped}: partial", fleet.id(0))), "{applied:?}");
    fleet.says(&["apply", "fleet", "--yes", "-vv"]).expect(3);
    fleet
        .says(&["status", "fleet"])
        .expect(0)
        .says("4 accounts: 1 not planned, 2 done, 1 partly done.");
    fleet.says(&["undo", "fleet", "--yes"]).expect(0);

    // What is kept is as it is, and does no harm to whoever looks into it.
    for file in ["rollout.json", "log.jsonl"] {
        let text = std::fs::read_to_string(fleet.manager.path("fleet").join(file)).unwrap();
        assert_harmless(file, &text);
    }
    let status = fleet.rollout(&["status", "fleet", "--output", "json"]).expect(0);
    assert_harmless("status as JSON", &status.stdout);
    assert_eq!(fleet.standing("fleet", fleet.id(0))["name"], NAME);
}
