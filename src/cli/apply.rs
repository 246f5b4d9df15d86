//! `harden apply`.

use super::args::Apply as Args;
use super::carry_out::carry_out;
use super::context::{Context, now, plan_reads};
use super::entry::Ended;
use super::leftovers::left_undone;
use super::plan::build;
use super::session::{Asked, block_on, connect};
use super::show::{read_own_plan, refused};
use crate::error::{CommandError, Kind};
use crate::plan::Origin;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    if let Some(path) = &args.plan {
        let plan = read_own_plan(path)?;
        if let Origin::UndoOf(run) = &plan.origin {
            let what = format!("the plan `{}` takes a run back", path.display());
            return Err(CommandError::new(Kind::User, what)
                .because("what is taken back is worked out from the run and the account as it is")
                .hint(format!("run `harden undo {run}`"))
                .into());
        }
        return block_on(context, async {
            let online = connect(context).await?;
            plan.fits(&online.session.account, now()).map_err(|e| refused(&e))?;
            carry_out(context, &online, plan, &args.consent).await
        });
    }
    let selected = Context::select_with(&args.selection, &args.replaced)?;
    block_on(context, async {
        let online = connect(context).await?;
        let asked = Asked {
            reads: plan_reads(&selected.rules),
            settings: &selected.rules.settings,
            regions: &args.regions.regions,
        };
        let snapshot = online.observe(context, asked).await?;
        context.warn_of_waivers(&snapshot, &selected.rules)?;
        let left = left_undone(context, &snapshot.account.id, &selected.rules);
        let plan = build(snapshot, &selected, &args.max_risk, left)?;
        carry_out(context, &online, plan, &args.consent).await
    })
}
