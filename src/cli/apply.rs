//! `harden apply`.

use super::args::Apply as Args;
use super::carry_out::carry_out;
use super::context::{Context, now, plan_reads};
use super::entry::Ended;
use super::plan::build;
use super::session::{Asked, block_on, connect};
use super::show::{read_plan, refused};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    if let Some(path) = &args.plan {
        let plan = read_plan(path)?;
        return block_on(context, async {
            let online = connect(context).await?;
            plan.fits(&online.session.account, now()).map_err(|e| refused(&e))?;
            carry_out(context, &online, plan, args.yes).await
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
        let plan = build(snapshot, &selected, &args.max_risk)?;
        carry_out(context, &online, plan, args.yes).await
    })
}
