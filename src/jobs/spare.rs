//! Waiting for budget to spare: whatever is read behind the questions goes after every question.

use std::time::Duration;

use tokio::time::sleep;

use super::desk::Desk;
use crate::catalog::Api;
use crate::index::TenantIndex;
use crate::state::token::TOKEN_LIMIT;

/// For how long the part of the one who builds is taken. It is renewed before each step, and while it is waited.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// How long it is waited for budget to spare.
const PAUSE: Duration = Duration::from_secs(1);

/// Of how many requests a minute, in tenths, none is taken.
const LEFT_IN_TENTHS: u32 = 4;

/// Waits until nobody else waits, and the minute has requests to spare. Whether it is still this one who builds.
pub(super) async fn may_go_on(desk: &Desk<'_>, index: &TenantIndex) -> bool {
    loop {
        if !index.build_for(LEASE).await {
            return false;
        }
        let Some(standing) = desk.clients().standing(Api::Manage).await else { return true };
        let of_calls = standing.limits.iter().filter(|limit| limit.name != TOKEN_LIMIT);
        let is_free = of_calls.into_iter().all(|limit| {
            let has_left = u32::from(limit.left) * 10 > u32::from(limit.most) * LEFT_IN_TENTHS;
            limit.paused.is_zero() && limit.waiting.calls == 0 && (has_left || limit.most == 0)
        });
        if standing.waiting == 0 && is_free {
            return true;
        }
        sleep(PAUSE).await;
    }
}
