//! Waivers: findings that somebody accepted, until a day.

use jiff::civil::Date;

use super::document::{Entry, Field};
use super::draft::Draft;
use super::selector::{Selector, UnknownControl};
use super::{BaselineError, Problem};
use crate::model::{ControlId, Region, Waiver};

const NEEDS: &str = "a waiver has `control`, `resource`, `reason`, `owner` and `expires`";

/// A `[[waiver]]` while it is read.
#[derive(Debug, Default)]
struct Partial {
    control: Option<ControlId>,
    resource: Option<String>,
    region: Option<String>,
    reason: Option<String>,
    owner: Option<String>,
    expires: Option<Date>,
}

const WAIVER: &[Field<Partial>] = &[
    Field { name: "control", read: |to, entry| control(entry).map(|id| to.control = Some(id)) },
    Field { name: "resource", read: |to, entry| put(&mut to.resource, entry) },
    Field { name: "region", read: |to, entry| region(entry).map(|code| to.region = Some(code)) },
    Field { name: "reason", read: |to, entry| put(&mut to.reason, entry) },
    Field { name: "owner", read: |to, entry| put(&mut to.owner, entry) },
    Field { name: "expires", read: |to, entry| expires(entry).map(|day| to.expires = Some(day)) },
];

/// The waiver that covers a finding: one for its region before one for every region.
pub fn waiver_for<'a>(
    waivers: &'a [Waiver],
    control: ControlId,
    resource: &str,
    region: Option<&str>,
) -> Option<&'a Waiver> {
    waivers
        .iter()
        .filter(|waiver| waiver.covers(control, resource, region))
        .max_by_key(|waiver| waiver.region.is_some())
}

/// Reads every `[[waiver]]` of a file.
pub(super) fn read_all(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), BaselineError> {
    for element in entry.elements("tables that begin with `[[waiver]]`")? {
        let waiver = read(&element)?;
        let finding = (waiver.control, waiver.resource.clone(), waiver.region.clone());
        let place = element.place().without_key();
        if let Some(first) = draft.waived_at.insert(finding, place) {
            return Err(element.wrong(Problem::RepeatedWaiver { first }));
        }
        draft.waivers.push(waiver);
    }
    Ok(())
}

fn read(element: &Entry<'_>) -> Result<Waiver, BaselineError> {
    let mut partial = Partial::default();
    element.context.walk(element.table()?, WAIVER, &mut partial)?;
    let missing = |name: &str| element.missing(name, NEEDS);
    Ok(Waiver {
        control: partial.control.ok_or_else(|| missing("control"))?,
        resource: partial.resource.ok_or_else(|| missing("resource"))?,
        region: partial.region,
        reason: partial.reason.ok_or_else(|| missing("reason"))?,
        owner: partial.owner.ok_or_else(|| missing("owner"))?,
        expires: partial.expires.ok_or_else(|| missing("expires"))?,
    })
}

fn put(to: &mut Option<String>, entry: &Entry<'_>) -> Result<(), BaselineError> {
    *to = Some(entry.words()?.to_owned());
    Ok(())
}

fn control(entry: &Entry<'_>) -> Result<ControlId, BaselineError> {
    let text = entry.string_of("a control in quotes")?;
    let id: ControlId = text.parse().map_err(|_| entry.not_a(text, "a control like `1.5`"))?;
    if entry.context.catalogue.contains_key(&id) {
        Ok(id)
    } else {
        let unknown = UnknownControl(Selector::Control(id));
        Err(entry.wrong(Problem::UnknownControl(unknown)))
    }
}

fn region(entry: &Entry<'_>) -> Result<String, BaselineError> {
    let text = entry.words()?;
    match text.parse::<Region>() {
        Ok(region) => Ok(region.as_str().to_owned()),
        Err(_) => Err(entry.not_a(text, "a region like `eu-west-1`")),
    }
}

fn expires(entry: &Entry<'_>) -> Result<Date, BaselineError> {
    let last_day = entry.date()?;
    if last_day < entry.context.today {
        return Err(entry.wrong(Problem::Expired(last_day)));
    }
    Ok(last_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiver(resource: &str, region: Option<&str>) -> Waiver {
        Waiver {
            control: ControlId::new(4, 1),
            resource: resource.to_owned(),
            region: region.map(str::to_owned),
            reason: "bastion".to_owned(),
            owner: "network team".to_owned(),
            expires: jiff::civil::date(2027, 3, 31),
        }
    }

    #[test]
    fn a_waiver_covers_its_finding_and_no_other() {
        let waivers = [
            waiver("sg-1", None),
            waiver("sg-1", Some("eu-west-1")),
            waiver("sg-2", Some("eu-west-1")),
        ];
        let region = |number, resource: &str, region| {
            waiver_for(&waivers, ControlId::new(4, number), resource, region)
                .map(|waiver| waiver.region.as_deref())
        };
        assert_eq!(region(1, "sg-1", Some("eu-west-1")), Some(Some("eu-west-1")));
        assert_eq!(region(1, "sg-1", Some("us-east-1")), Some(None));
        assert_eq!(region(1, "sg-1", None), Some(None));
        assert_eq!(region(1, "sg-2", Some("us-east-1")), None);
        assert_eq!(region(1, "sg-2", None), None);
        assert_eq!(region(2, "sg-1", None), None);
    }
}
