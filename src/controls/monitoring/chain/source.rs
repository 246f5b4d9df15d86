//! The first link: a trail that records all that an alarm is about, and the log group that it fills.

use super::link::{End, Link};
use crate::controls::logging::{Named, Seen, look};
use crate::controls::monitoring::Alarm;
use crate::controls::words::list;
use crate::controls::{Case, Missing};
use crate::model::{AccountId, Gap, Region};

/// A log group of the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::controls::monitoring) struct Place {
    pub(in crate::controls::monitoring) region: Region,
    pub(in crate::controls::monitoring) group: String,
}

/// What the trails come to, for one alarm.
#[derive(Debug)]
pub(in crate::controls::monitoring) struct Sources<'a> {
    /// The log groups that they fill, each once, with the trails that do.
    pub(in crate::controls::monitoring) filled: Vec<(Place, Vec<Named<'a>>)>,
    /// The trails that fill none.
    pub(super) ends: Vec<End>,
    /// Regions whose trails are not known.
    pub(in crate::controls::monitoring) missing: Vec<Missing>,
    /// Whether any region's trails are known: each shows all that record every region.
    pub(super) anywhere: bool,
}

impl<'a> Sources<'a> {
    pub(in crate::controls::monitoring) fn of(case: &Case<'a>, alarm: &Alarm) -> Self {
        let Seen { mut trails, missing, anywhere } = Seen::of(case);
        trails.sort_by_key(|named| (named.is_foreign(), named.name().to_owned()));
        let mut sources = Self { filled: Vec::new(), ends: Vec::new(), missing, anywhere };
        for named in trails {
            match fills(case, alarm, named) {
                Err(end) => sources.ends.push(end),
                Ok(place) => match sources.filled.iter_mut().find(|(other, _)| *other == place) {
                    Some((_, by)) => by.push(named),
                    None => sources.filled.push((place, vec![named])),
                },
            }
        }
        sources
    }
}

/// The log group to which a trail delivers all that the alarm is about.
fn fills(case: &Case<'_>, alarm: &Alarm, named: Named<'_>) -> Result<Place, End> {
    let trail = named.trail;
    let (mut shortfalls, gaps) = {
        let look = look(named);
        (look.shortfalls, look.gaps)
    };
    if let (Some(events), Some(needed)) = (trail.events.ok(), alarm.blind_without)
        && events.excluded.contains(needed)
    {
        shortfalls.push(format!("leaves out the events of {needed}"));
    }
    if let Some(error) = trail.status.ok().and_then(|is| is.delivered_to_logs.error.as_ref()) {
        shortfalls.push(format!("failed to deliver to CloudWatch Logs: {error}"));
    }
    if trail.log_group.is_none() && named.is_foreign() {
        // AWS shows the log group to the owner of the trail only.
        return Err(if shortfalls.is_empty() {
            elsewhere(alarm, named, &trail.owner, gaps)
        } else {
            End::broken(Link::Trail, 0, named.finding(&list(&shortfalls)))
        });
    }
    if trail.log_group.is_none() {
        shortfalls.push("does not deliver to CloudWatch Logs".to_owned());
    }
    if !shortfalls.is_empty() {
        // The fewer, the nearer; one of another account is for that account to mend.
        let few = u8::try_from(shortfalls.len()).unwrap_or(u8::MAX);
        let near = (u8::MAX - few) / if named.is_foreign() { 2 } else { 1 };
        return Err(End::broken(Link::Trail, near, named.finding(&list(&shortfalls))));
    }
    let arn = trail.log_group.as_deref().unwrap_or_default();
    match parse(arn) {
        Some((place, owner)) if owner == case.snapshot.account.id => {
            if gaps.is_empty() {
                Ok(place)
            } else {
                Err(End::Dark(gaps.into_iter().map(|gap| named.missing(gap)).collect()))
            }
        }
        Some((_, owner)) => Err(elsewhere(alarm, named, &owner, gaps)),
        None => {
            let summary = format!("delivers to `{arn}`, which is no log group");
            Err(End::broken(Link::Trail, 0, named.finding(&summary)))
        }
    }
}

/// What a trail comes to whose log group is in another account: what its owner says, if that is known.
fn elsewhere(alarm: &Alarm, named: Named<'_>, owner: &AccountId, gaps: Vec<Gap>) -> End {
    if let Some(answer) = named.answer(alarm.id()).filter(|_| gaps.is_empty()) {
        return answer.into();
    }
    let reason = format!("the alarms live in account {owner}, which owns the trail");
    let hidden = Gap { action: None, reason };
    End::Dark(gaps.into_iter().chain([hidden]).map(|gap| named.missing(gap)).collect())
}

/// `arn:PARTITION:logs:REGION:ACCOUNT:log-group:NAME:*`
fn parse(arn: &str) -> Option<(Place, AccountId)> {
    let mut fields = arn.split(':').skip(3);
    let (region, account) = (fields.next()?, fields.next()?);
    let group = (fields.next()? == "log-group").then(|| fields.next()).flatten()?;
    let place = Place { region: Region::new(region), group: group.to_owned() };
    Some((place, AccountId::new(account)))
}
