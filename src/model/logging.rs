//! What the account's trails are, and what they deliver to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Bucket, BucketName, Gap, KeyArn, Observed, Trail, TrailArn, TrailKey};

/// The trails that the account sees, each once, and what they name.
///
/// In which region which of them is seen stands in [`Regional`](super::Regional).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    /// Its own, and those of its organization.
    pub trails: BTreeMap<TrailArn, Trail>,
    /// The buckets that trails deliver to.
    pub buckets: BTreeMap<BucketName, Observed<Bucket>>,
    /// The keys of the account that trails encrypt with; `None`: there is no such key any more.
    pub keys: BTreeMap<KeyArn, Observed<Option<TrailKey>>>,
}

impl Logging {
    /// A bucket, if it could be read.
    pub fn bucket(&self, name: &BucketName) -> Result<&Bucket, Gap> {
        self.buckets.get(name).map_or_else(|| Observed::Unread.known(), Observed::known)
    }

    /// A key, if it could be read.
    pub fn key(&self, arn: &KeyArn) -> Result<Option<&TrailKey>, Gap> {
        let key = self.keys.get(arn).map_or_else(|| Observed::Unread.known(), Observed::known)?;
        Ok(key.as_ref())
    }
}
