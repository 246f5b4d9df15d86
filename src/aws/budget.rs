//! How many calls a second go to one account.
//!
//! The workloads of an account have their calls counted together with ours. The promise: in no second do more
//! calls leave than the budget says. Every request counts, retries and pages too, because it is here, just in
//! front of the connection, that each waits. They leave evenly spaced, and what was not used is not saved up.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// The calls that one account is asked a second. Clones share it: whoever enters an account again goes on
/// within the budget that it had.
#[derive(Clone)]
pub struct Budget(Arc<Inner>);

struct Inner {
    per_second: NonZeroU32,
    /// When the last call left. Whoever holds the lock is the next to leave; who waits for it gets it in the
    /// order of coming, and who gives up takes nobody's turn.
    last: Mutex<Option<Instant>>,
    /// The SDK counts the wait as a part of the attempt, which has thirty seconds: no more calls are under way
    /// than leave within one.
    under_way: Semaphore,
}

impl Budget {
    /// So many calls a second.
    pub fn per_second(calls: NonZeroU32) -> Self {
        let at_once = usize::try_from(calls.get()).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            per_second: calls,
            last: Mutex::new(None),
            under_way: Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)),
        }))
    }

    /// Counts the calls that a session was had by, before there was a budget: only if nothing has left since.
    pub(super) fn charge(&self, calls: u32) {
        if let Ok(mut last) = self.0.last.try_lock()
            && last.is_none()
        {
            *last = Some(Instant::now() + gap(self.0.per_second) * calls.saturating_sub(1));
        }
    }

    /// Waits until fewer calls are under way than leave within a second. `None`: the semaphore is never closed.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.0.under_way.acquire().await.ok()
    }

    /// A client whose every request waits for its turn.
    pub(super) fn client(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Paced { budget: self.clone(), inner })
    }

    async fn turn(&self) {
        let mut last = self.0.last.lock().await;
        if let Some(last) = *last {
            sleep_until(next(last, self.0.per_second)).await;
        }
        // When it leaves, not when it might have: one that is late must not have the next on its heels.
        *last = Some(Instant::now());
    }
}

/// When a call may leave after the last one.
fn next(last: Instant, per_second: NonZeroU32) -> Instant {
    last + gap(per_second)
}

/// The time between two calls. Rounded up: as many calls as the budget says, and the first of the next second,
/// span a second at least; and a quarter more, for some are longer on their way than others, and AWS counts those
/// that arrive.
fn gap(per_second: NonZeroU32) -> Duration {
    Duration::from_nanos(1_250_000_000_u32.div_ceil(per_second.get()).into())
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Budget({} calls a second)", self.0.per_second)
    }
}

#[derive(Debug)]
struct Paced<C> {
    budget: Budget,
    inner: C,
}

impl HttpClient for Paced<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Paced { budget: self.budget.clone(), inner })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

impl HttpConnector for Paced<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (budget, inner) = (self.budget.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            budget.turn().await;
            inner.call(request).await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::{join, join_all};

    use super::*;
    use crate::aws::fake::{Fake, fake, iam_error};
    use crate::aws::{iam, regions};

    const ALIASES: &str = "<ListAccountAliasesResponse><ListAccountAliasesResult>\
        <AccountAliases/></ListAccountAliasesResult></ListAccountAliasesResponse>";

    fn budget(calls: u32) -> Budget {
        Budget::per_second(NonZeroU32::new(calls).unwrap())
    }

    fn within(fake: &Fake, budget: &Budget) -> crate::aws::Clients {
        fake.session.clone().within(budget).clients()
    }

    #[test]
    fn no_second_sees_more_calls_than_the_budget_says() {
        let start = Instant::now();
        for calls in (1..=200).chain([999, 1_000_000_007, u32::MAX]) {
            let per_second = NonZeroU32::new(calls).unwrap();
            let gap = next(start, per_second) - start;
            let second = Duration::from_millis(1250);
            assert!(gap * calls >= second, "{calls}");
            // And not many fewer: what is lost is a quarter, and what rounding up takes.
            let shorter = gap.checked_sub(Duration::from_nanos(1)).unwrap();
            assert!(shorter * calls < second, "{calls}");
        }
    }

    #[tokio::test]
    async fn calls_leave_evenly_and_nothing_is_saved_up() {
        let budget = budget(50);
        budget.turn().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let start = Instant::now();
        for turn in 0..5 {
            budget.turn().await;
            assert!(start.elapsed() >= Duration::from_millis(20) * turn);
        }
    }

    #[tokio::test]
    async fn calls_of_before_count_once() {
        let budget = budget(100);
        let start = Instant::now();
        budget.charge(3);
        budget.charge(3);
        budget.turn().await;
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(33), "{took:?}");
    }

    #[tokio::test]
    async fn whoever_gives_up_takes_nobodys_turn() {
        let budget = budget(2);
        budget.turn().await;
        let (start, few) = (Instant::now(), Duration::from_millis(20));
        let given_up = (0..20).map(|_| tokio::time::timeout(few, budget.turn()));
        assert!(join_all(given_up).await.iter().all(Result::is_err));
        budget.turn().await;
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn retries_count_as_calls() {
        let tries = AtomicU32::new(0);
        let fake = fake(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => iam_error(503, "ServiceUnavailable", "later"),
            _ => (200, ALIASES.to_owned()),
        });
        let clients = within(&fake, &budget(20));
        let start = Instant::now();
        iam::alias(&clients).await.unwrap();
        assert_eq!(fake.requests("").len(), 3);
        assert!(start.elapsed() >= Duration::from_millis(100));
    }

    #[tokio::test]
    async fn all_services_and_sessions_share_the_budget_and_its_places() {
        let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (here, seen) = (Arc::clone(&now), Arc::clone(&most));
        let fake = fake(move |_| {
            seen.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(60));
            here.fetch_sub(1, Ordering::SeqCst);
            (200, ALIASES.to_owned())
        });
        let budget = budget(2);
        let (one, other) = (within(&fake, &budget), within(&fake, &budget));
        let start = Instant::now();
        join(join(iam::alias(&one), regions::enabled(&one)), iam::alias(&other)).await.0.0.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(1));
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn nothing_is_left_of_sessions_that_are_over() {
        let fake = fake(|_| (200, ALIASES.to_owned()));
        let budget = budget(1_000);
        for number in 0..300 {
            let clients = within(&fake, &budget);
            if number % 10 == 0 {
                iam::alias(&clients).await.unwrap();
                iam::alias(clients.once()).await.unwrap();
            }
        }
        assert_eq!(Arc::strong_count(&budget.0), 1);
    }
}
