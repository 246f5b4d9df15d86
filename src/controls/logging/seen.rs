//! The trails and buckets that 2.1 to 2.4, 2.6 and 2.7 are about, and how findings name them.

use std::collections::BTreeMap;

use super::elsewhere::{Tally, ask};
use crate::controls::regions::part_of_each;
use crate::controls::words::some;
use crate::controls::{Case, Finding, Missing, Outcome};
use crate::model::{
    AccountId, Bucket, BucketName, Central, Gap, OwnBucket, Region, Trail, TrailArn,
};

/// What findings are about that no single trail is to blame for.
pub(in crate::controls) const TRAILS: &str = "trails";

/// A trail as findings name it.
#[derive(Clone, Copy, Debug)]
pub(in crate::controls) struct Named<'a> {
    pub(in crate::controls) arn: &'a TrailArn,
    pub(in crate::controls) trail: &'a Trail,
    account: &'a AccountId,
    /// Its owner, if that was judged too and answers for it.
    pub(super) central: Option<&'a Central>,
}

impl Named<'_> {
    /// Whether another account has to change it.
    pub(in crate::controls) fn is_foreign(&self) -> bool {
        self.trail.owner != *self.account
    }

    /// Its name; that of another account's trail may be the name of one of ours, too.
    pub(in crate::controls) fn name(&self) -> &str {
        if self.is_foreign() { self.arn.as_str() } else { &self.trail.name }
    }

    pub(in crate::controls) fn finding(&self, summary: &str) -> Finding {
        let owner = &self.trail.owner;
        Finding {
            region: Some(self.trail.home.clone()),
            resource: self.name().to_owned(),
            summary: if self.is_foreign() {
                format!("{summary} (only account {owner} can change it)")
            } else {
                summary.to_owned()
            },
        }
    }

    pub(in crate::controls) fn missing(&self, gap: Gap) -> Missing {
        let (region, resource) = (self.trail.home.clone(), self.name().to_owned());
        Missing { region: Some(region), resource: Some(resource), gap }
    }
}

/// The trails that the account sees.
#[derive(Debug)]
pub(in crate::controls) struct Seen<'a> {
    pub(in crate::controls) trails: Vec<Named<'a>>,
    /// Regions whose trails are not known.
    pub(in crate::controls) missing: Vec<Missing>,
    /// Whether any region's trails are known: each shows all that record every region.
    pub(in crate::controls) anywhere: bool,
}

impl<'a> Seen<'a> {
    pub(in crate::controls) fn of(case: &Case<'a>) -> Self {
        let (snapshot, account) = (case.snapshot, &case.snapshot.account.id);
        let mut missing = Vec::new();
        let seen = part_of_each(snapshot, &mut missing, |regional| &regional.trails);
        let anywhere = !seen.is_empty();
        let mut trails = BTreeMap::new();
        for (region, arn) in
            seen.iter().flat_map(|(region, arns)| arns.iter().map(|a| (*region, a)))
        {
            match snapshot.logging.trails.get(arn) {
                Some(trail) => {
                    trails.insert(arn, Named { arn, trail, account, central: None });
                }
                None => missing.push(Missing {
                    region: Some(region.clone()),
                    resource: Some(arn.to_string()),
                    gap: Gap { action: None, reason: "not read".to_owned() },
                }),
            }
        }
        ask(snapshot, &mut trails);
        Self { trails: trails.into_values().collect(), missing, anywhere }
    }

    /// The owner of all trails that there are, if it answers for them.
    pub(super) fn only_from(&self) -> Option<AccountId> {
        let mut owners = self.trails.iter().map(|named| named.central);
        let first = owners.next()??;
        owners.all(|other| other.is_some()).then(|| first.account.clone())
    }

    /// The outcome for an account that has no trail at all: what 2.1 asks for comes first.
    pub(super) fn none_at_all(&self) -> Option<Outcome> {
        let none = self.trails.is_empty() && self.missing.is_empty();
        none.then(|| Outcome::fail(TRAILS, "there is no trail"))
    }

    /// The buckets that the trails deliver to, each once.
    pub(super) fn buckets(&self) -> Vec<Delivered<'a>> {
        let mut buckets: BTreeMap<&BucketName, Vec<Named<'a>>> = BTreeMap::new();
        for named in &self.trails {
            buckets.entry(&named.trail.bucket).or_default().push(*named);
        }
        buckets.into_iter().map(|(name, trails)| Delivered { name, trails }).collect()
    }
}

/// A bucket, and the trails that deliver to it: at least one.
#[derive(Debug)]
pub(super) struct Delivered<'a> {
    pub(super) name: &'a BucketName,
    pub(super) trails: Vec<Named<'a>>,
}

impl<'a> Delivered<'a> {
    /// The bucket if it can be judged; otherwise what to say in place of a judgement.
    pub(super) fn look_up(&self, case: &Case<'a>) -> Result<&'a OwnBucket, Unjudged> {
        match case.snapshot.logging.bucket(self.name) {
            Ok(Bucket::Ours(bucket)) => Ok(bucket.as_ref()),
            Ok(Bucket::Absent) => Err(Unjudged::Finding(self.finding(self.home(), &self.danger()))),
            Ok(Bucket::Foreign { region }) => {
                let gap = Gap { action: None, reason: self.whose() };
                Err(Unjudged::Missing(self.missing(Some(region), gap)))
            }
            Err(gap) => Err(Unjudged::Missing(self.missing(self.home(), gap))),
        }
    }

    /// Takes what the owner of a trail says of the bucket, where another account has it.
    pub(super) fn is_answered(&self, case: &Case<'a>, tally: &mut Tally) -> bool {
        let bucket = case.snapshot.logging.bucket(self.name);
        matches!(bucket, Ok(Bucket::Foreign { .. }))
            && self.trails.iter().any(|named| tally.takes_answer(named))
    }

    pub(super) fn finding(&self, region: Option<&Region>, summary: &str) -> Finding {
        let resource = self.name.to_string();
        Finding { region: region.cloned(), resource, summary: summary.to_owned() }
    }

    pub(super) fn missing(&self, region: Option<&Region>, gap: Gap) -> Missing {
        Missing { region: region.cloned(), resource: Some(self.name.to_string()), gap }
    }

    fn home(&self) -> Option<&Region> {
        self.trails.first().map(|named| &named.trail.home)
    }

    fn danger(&self) -> String {
        let trails: Vec<String> = self.trails.iter().map(|one| one.name().to_owned()).collect();
        let trails = some(&trails, 3);
        format!(
            "does not exist: whoever makes a bucket of this name can be sent the logs of {trails}"
        )
    }

    fn whose(&self) -> String {
        let foreign = self.trails.iter().find(|named| named.is_foreign());
        match foreign.map(|named| &named.trail.owner) {
            Some(owner) => format!("kept by another account for the trail of account {owner}"),
            None => "kept by another account".to_owned(),
        }
    }
}

/// A bucket that cannot be judged.
#[derive(Debug)]
pub(super) enum Unjudged {
    /// Because that it is not there is bad in itself.
    Finding(Finding),
    /// Because too little is known.
    Missing(Missing),
}
