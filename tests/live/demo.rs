//! The account of the demo, by the whole benchmark.

use serde_json::json;

use crate::support::{careless, seed};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_the_demo_is_put_right_and_back() {
    let world = World::whole().await;
    world.account.settle(json!({ "alias": "acme-production" }));
    seed::mess(&world.account, &["eu-west-1", "us-east-1"]).await;
    careless::trail(&world.account).await;
    let before = world.reading();
    let plan = world.json(["plan", "--notify", "email:security@acme.dev"]);
    let count = |op: &str| {
        let changes = plan["changes"].as_array().unwrap();
        changes.iter().filter(|change| change["operation"]["op"] == op).count()
    };
    // The trail that is there is adopted, in one call, and none is made beside it.
    assert_eq!((count("create-trail"), count("update-trail")), (0, 1));
    assert_eq!((count("put-metric-filter"), count("put-metric-alarm")), (14, 14));

    let result = world.json(["apply", "--notify", "email:security@acme.dev", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let changes = result["changes"].as_array().unwrap().len();
    assert_eq!(result["verified"]["holds"].as_array().unwrap().len(), changes);
    world.account.forget_calls();
    let again = world.json(["apply", "--notify", "email:security@acme.dev", "--yes"]);
    assert_eq!(again["outcome"], "nothing_to_do", "{again:#}");
    assert_eq!(world.writes(), Vec::<String>::new());

    // Of all this, only the KMS key cannot be taken back.
    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "partial", "{undone:#}");
    let left = undone["not_planned"].as_array().unwrap();
    assert!(left.iter().all(|entry| entry["why"] == "unsupported"), "{left:#?}");
    let mut after = world.reading();
    let keys = after["regional"]["eu-west-1"]["keys"]["known"].as_object_mut().unwrap();
    let known = before["regional"]["eu-west-1"]["keys"]["known"].as_object().unwrap();
    keys.retain(|id, _| known.contains_key(id));
    assert_eq!(
        known.len() + 1,
        world.reading()["regional"]["eu-west-1"]["keys"]["known"].as_object().unwrap().len()
    );
    after["logging"]["keys"] = before["logging"]["keys"].clone();
    assert_eq!(after, before);
}
