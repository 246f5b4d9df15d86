//! The chain that 3.1 to 3.14 ask for, link by link: from an event to somebody who is told of it.

mod acts;
mod feed;
mod fires;
mod link;
mod rule;
mod source;
mod told;
mod verdict;
mod walk;
mod watched;

pub(super) use acts::{acts, topics_of};
pub(super) use feed::{Feed, feed};
pub(super) use fires::fires;
pub(super) use link::{End, Link};
pub(super) use source::{Place, Sources};
pub(super) use told::{is_confirmed, publishes, told};
pub(super) use walk::{by_way_of, filters, fit};
pub(super) use watched::watch;
