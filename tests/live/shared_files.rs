//! Files and folders that others can read or write to.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::support::seed;
use crate::world::World;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_anybody_may_write_to_is_looked_at_and_not_applied() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    // Whoever could read what was there before cannot read the plan.
    std::fs::write(&path, "").unwrap();
    mode(&path, 0o666);
    world.harden(["plan", "--out", file]).expect(0);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    world.account.forget_calls();
    mode(&path, 0o666);
    world.harden(["show", file]).expect(0);
    let refused = world.harden(["apply", file, "--yes"]).expect(64);
    refused.says("everybody on this machine may write to").says("chmod o-w");
    assert_eq!(world.account.calls(), Vec::new());
    // Whoever may only read it cannot make it do anything.
    mode(&path, 0o644);
    world.harden(["apply", file, "--yes"]).expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_behind_a_link_is_used_if_it_is_only_ours() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    world.account.forget_calls();
    let (shared, link) = (world.path("shared"), world.state());
    symlink(&shared, &link).unwrap();
    let nowhere = world.harden(["apply", "--yes"]).expect(1);
    nowhere.says("cannot write").says("nothing was changed");
    std::fs::create_dir(&shared).unwrap();
    mode(&shared, 0o777);
    world.harden(["apply", "--yes"]).expect(1).says("others may write to");
    // The folder of the account may be the link as well.
    mode(&shared, 0o700);
    let (account, elsewhere) = (shared.join(&world.account.id), world.path("elsewhere"));
    std::fs::remove_dir_all(&account).unwrap();
    std::fs::create_dir(&elsewhere).unwrap();
    mode(&elsewhere, 0o777);
    symlink(&elsewhere, &account).unwrap();
    world.harden(["apply", "--yes"]).expect(1).says("others may write to");
    assert_eq!(world.writes(), Vec::<String>::new());
    mode(&elsewhere, 0o700);
    world.harden(["apply", "--yes"]).expect(0);
    world.harden(["undo", "last", "--yes"]).expect(0);
}
