//! One reading for all who ask meanwhile. When something happens every open page asks for the list again, all of them at
//! once: then the store and the loop are asked for one page, and not for five hundred.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::Semaphore;

/// How many readings go on at once.
const TURNS: usize = 2;

type Reading<T> = Shared<BoxFuture<'static, Option<Arc<T>>>>;

/// Readings of one kind, by what is asked for.
pub(super) struct Together<K, T> {
    /// Those that wait for their turn. Whoever asks for the same joins in: what is read was so after they asked.
    next: Arc<Mutex<BTreeMap<K, Reading<T>>>>,
    turns: Arc<Semaphore>,
}

impl<K, T> Together<K, T>
where
    K: Ord + Clone + Send + 'static,
    T: Send + Sync + 'static,
{
    pub(super) fn new() -> Self {
        Self { next: Arc::default(), turns: Arc::new(Semaphore::new(TURNS)) }
    }

    /// What `reading` finds, or the same reading of somebody who asked for this at the same time.
    pub(super) async fn read(
        &self,
        what: K,
        reading: impl Future<Output = Option<T>> + Send + 'static,
    ) -> Option<Arc<T>> {
        let key = what.clone();
        let begin = || {
            let (waiting, turns) = (Arc::clone(&self.next), Arc::clone(&self.turns));
            // On its own: whoever asked first may go before it is their turn, and others wait for it.
            let read = tokio::spawn(async move {
                let _turn = turns.acquire().await.ok()?;
                // From now on it is too late to join in.
                waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&what);
                reading.await.map(Arc::new)
            });
            read.map(|done| done.ok().flatten()).boxed().shared()
        };
        let joined = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            next.entry(key).or_insert_with(begin).clone()
        };
        joined.await
    }
}

impl<K, T> fmt::Debug for Together<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn whoever_asks_meanwhile_shares_the_next_reading_and_never_an_earlier_one() {
        let together = Together::new();
        let (stored, begun, go) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(Semaphore::new(0)),
            Arc::new(Semaphore::new(0)),
        );
        let readings = Arc::new(AtomicUsize::new(0));
        let ask = |what: usize| {
            let (stored, begun, go) = (Arc::clone(&stored), Arc::clone(&begun), Arc::clone(&go));
            let readings = Arc::clone(&readings);
            together.read(what, async move {
                let read = stored.load(Ordering::SeqCst);
                readings.fetch_add(1, Ordering::SeqCst);
                begun.add_permits(1);
                go.acquire().await.expect("it is open").forget();
                Some(read)
            })
        };
        // As many as may go on at once have begun, and read what is there now.
        let early = join_all((0..TURNS).map(&ask));
        let late = async {
            for _ in 0..TURNS {
                begun.acquire().await.expect("it is open").forget();
            }
            stored.store(1, Ordering::SeqCst);
            let gone = ask(7);
            let (late, ()) = tokio::join!(join_all((0..500).map(|_| ask(0))), async {
                // Somebody who asked something else is gone before it was their turn.
                drop(gone);
                go.add_permits(TURNS + 2);
            });
            late
        };
        let (early, late) = tokio::join!(early, late);
        assert!(early.iter().all(|read| read.as_deref() == Some(&0)), "{early:?}");
        assert!(late.iter().all(|read| read.as_deref() == Some(&1)), "what was stored is seen");
        assert_eq!(readings.load(Ordering::SeqCst), TURNS + 1, "five hundred read once");
    }
}
