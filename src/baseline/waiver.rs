//! Waivers: findings that somebody accepted, until a day.

use jiff::civil::Date;

use super::BaselineProblem;
use super::draft::Draft;
use super::selector::{Selector, UnknownControl};
use crate::model::{ControlId, Waiver};
use crate::settings_file::{Entry, Field, Misread};

const NEEDS: &str = "a waiver has `control`, `resource`, `reason`, `owner` and `expires`";

/// A `[[waiver]]` while it is read.
#[derive(Debug, Default)]
pub(crate) struct WaiverDraft {
    control: Option<ControlId>,
    resource: Option<String>,
    region: Option<String>,
    reason: Option<String>,
    owner: Option<String>,
    expires: Option<Date>,
}

const WAIVER: &[Field<WaiverDraft>] = &[
    Field { name: "control", read: WaiverDraft::control },
    Field { name: "resource", read: WaiverDraft::resource },
    Field { name: "region", read: WaiverDraft::region },
    Field { name: "reason", read: WaiverDraft::reason },
    Field { name: "owner", read: WaiverDraft::owner },
    Field { name: "expires", read: WaiverDraft::expires },
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
pub(super) fn read_all(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    for element in entry.elements("tables that begin with `[[waiver]]`")? {
        let waiver = read(&element)?;
        let finding = (waiver.control, waiver.resource.clone(), waiver.region.clone());
        let place = element.place().without_key();
        if let Some(first) = draft.waived_at.insert(finding, place) {
            return Err(element.wrong(BaselineProblem::RepeatedWaiver { first }));
        }
        draft.waivers.push(waiver);
    }
    Ok(())
}

fn read(element: &Entry<'_>) -> Result<Waiver, Misread> {
    let mut draft = WaiverDraft::default();
    element.context.walk(element.table()?, WAIVER, &mut draft)?;
    draft.finish(element)
}

impl WaiverDraft {
    /// The waiver, if it has all that it must have.
    pub(crate) fn finish(self, element: &Entry<'_>) -> Result<Waiver, Misread> {
        let missing = |name: &str| element.missing(name, NEEDS);
        Ok(Waiver {
            control: self.control.ok_or_else(|| missing("control"))?,
            resource: self.resource.ok_or_else(|| missing("resource"))?,
            region: self.region,
            reason: self.reason.ok_or_else(|| missing("reason"))?,
            owner: self.owner.ok_or_else(|| missing("owner"))?,
            expires: self.expires.ok_or_else(|| missing("expires"))?,
        })
    }

    pub(crate) fn control(&mut self, entry: &Entry<'_>) -> Result<(), Misread> {
        self.control = Some(control(entry)?);
        Ok(())
    }

    pub(crate) fn resource(&mut self, entry: &Entry<'_>) -> Result<(), Misread> {
        self.resource = Some(entry.words()?.to_owned());
        Ok(())
    }

    pub(crate) fn region(&mut self, entry: &Entry<'_>) -> Result<(), Misread> {
        self.region = Some(entry.region()?.as_str().to_owned());
        Ok(())
    }

    pub(crate) fn reason(&mut self, entry: &Entry<'_>) -> Result<(), Misread> {
        self.reason = Some(entry.words()?.to_owned());
        Ok(())
    }

    pub(crate) fn owner(&mut self, entry: &Entry<'_>) -> Result<(), Misread> {
        self.owner = Some(entry.words()?.to_owned());
        Ok(())
    }

    pub(crate) fn expires(&mut self, entry: &Entry<'_>) -> Result<(), Misread> {
        self.expires = Some(expires(entry)?);
        Ok(())
    }
}

fn control(entry: &Entry<'_>) -> Result<ControlId, Misread> {
    let text = entry.string_of("a control in quotes")?;
    let id: ControlId = text.parse().map_err(|_| entry.not_a(text, "a control like `1.5`"))?;
    if entry.context.world.catalogue.contains_key(&id) {
        Ok(id)
    } else {
        let unknown = UnknownControl(Selector::Control(id));
        Err(entry.wrong(BaselineProblem::UnknownControl(unknown)))
    }
}

fn expires(entry: &Entry<'_>) -> Result<Date, Misread> {
    let last_day = entry.date()?;
    if last_day < entry.context.world.today {
        return Err(entry.wrong(BaselineProblem::Expired(last_day)));
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
