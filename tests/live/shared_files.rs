//! Files and folders that others can read or write to.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::support::seed;
use crate::world::World;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_everybodys_is_looked_at_and_not_applied() {
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
    for shared in [0o666, 0o644, 0o602, 0o620] {
        mode(&path, shared);
        world.harden(["show", file]).expect(0);
        let refused = world.harden(["apply", file, "--yes"]).expect(64);
        refused.says("others on this machine may read or write").says("chmod go=");
    }
    assert_eq!(world.account.calls(), Vec::new());
    mode(&path, 0o640);
    world.harden(["apply", file, "--yes"]).expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_run_is_kept_behind_a_link_or_where_others_may_write() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    world.account.forget_calls();
    let (real, state) = (world.path("real"), world.state());
    symlink(&real, &state).unwrap();
    let nowhere = world.harden(["apply", "--yes"]).expect(1);
    nowhere.says("cannot write").says("nothing was changed");
    std::fs::create_dir(&real).unwrap();
    mode(&real, 0o700);
    world.harden(["apply", "--yes"]).expect(1).says("is a link").says("nothing was changed");
    std::fs::remove_file(&state).unwrap();
    // The folder of the account is looked at as well.
    std::fs::create_dir(&state).unwrap();
    mode(&state, 0o700);
    let account = state.join(&world.account.id);
    symlink(&real, &account).unwrap();
    world.harden(["apply", "--yes"]).expect(1).says("is a link");
    std::fs::remove_file(&account).unwrap();
    mode(&state, 0o777);
    world.harden(["apply", "--yes"]).expect(1).says("others may write to");
    assert_eq!(world.writes(), Vec::<String>::new());
    mode(&state, 0o700);
    world.harden(["apply", "--yes"]).expect(0);
    world.harden(["undo", "last", "--yes"]).expect(0);
}
