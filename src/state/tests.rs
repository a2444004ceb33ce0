//! Every backend by the same suite, and each by what can happen to it alone.

mod child;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(unix)]
mod sqlite;
mod suite;
#[cfg(unix)]
mod tampered;

use std::sync::Arc;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_the_suite() {
    suite::holds(&(Arc::new(Memory::new(system_time)) as Arc<dyn Store>)).await;
}

#[tokio::test]
async fn without_a_folder_every_change_says_so() {
    let shared = open(StatePlace::File(None));
    let health = shared.try_now(&suite::key("a")).await;
    assert_eq!(health.trouble, Some(StoreError::NoPlace));
    assert_eq!(suite::add_kept(&shared, &suite::key("a")).await, Err(StoreError::NoPlace));
    assert_eq!(open(StatePlace::Memory).try_now(&suite::key("a")).await.trouble, None);
}
