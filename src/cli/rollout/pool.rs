//! Many accounts side by side, and not too many at once.

use futures::StreamExt as _;

/// Works on the accounts, so many at once, as long as it goes on: then no further one is begun, and those that
/// are worked on come to their own end.
pub(super) async fn side_by_side<T, R>(
    goes_on: impl Fn() -> bool,
    accounts: impl IntoIterator<Item = T>,
    at_once: usize,
    work: impl AsyncFn(T) -> R,
) -> Vec<R> {
    let going_on = futures::stream::iter(accounts).take_while(|_| std::future::ready(goes_on()));
    going_on.map(|account| work(account)).buffer_unordered(at_once.max(1)).collect().await
}
