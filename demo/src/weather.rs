//! Faults at random: how often, and which. What becomes of a request depends on the seed, on the request and on how often it
//! has come, never on what comes between, so that two runs of the same calls meet the same faults.

use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;

use super::door::{Arrival, Origin};
use super::faults::FaultKind;

/// Faults at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRate {
    /// Source of the choice.
    pub seed: u64,
    /// How many of a hundred requests are hit.
    pub percent: u8,
}

pub(super) struct Weather {
    rate: FaultRate,
    /// How often a request has come, by what it is.
    times: HashMap<u64, u64>,
}

impl Weather {
    pub(super) fn new(rate: FaultRate) -> Self {
        Self { rate, times: HashMap::new() }
    }

    /// What happens to a request, if anything.
    pub(super) fn fault(&mut self, arrival: &Arrival) -> Option<FaultKind> {
        if arrival.origin != Origin::Vanta || arrival.path == "/oauth/token" {
            return None;
        }
        let request = fingerprint(arrival);
        let times = self.times.entry(request).or_insert(0);
        *times += 1;
        let mut rng = Rng::with_seed(self.rate.seed ^ request.wrapping_add(*times));
        // The first numbers of neighbouring seeds are alike.
        rng.u64(..);
        (rng.u8(..100) < self.rate.percent).then(|| any(&mut rng))
    }
}

/// FNV-1a: the same in every run, which the standard library's hashes do not promise.
fn fingerprint(arrival: &Arrival) -> u64 {
    let parts: [&[u8]; 4] =
        [arrival.method.as_bytes(), arrival.path.as_bytes(), arrival.query.as_bytes(), &arrival.body];
    parts
        .iter()
        .flat_map(|part| part.iter().chain(&[0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn any(rng: &mut Rng) -> FaultKind {
    match rng.u8(..11) {
        0 => FaultKind::TooManyRequests { retry_after: None },
        1 => FaultKind::TooManyRequests { retry_after: Some(1) },
        2 => FaultKind::Internal,
        3 => FaultKind::Html { status: 502 },
        4 => FaultKind::Unavailable,
        5 => FaultKind::Html { status: 504 },
        6 => FaultKind::Reset,
        7 => FaultKind::Dropped,
        8 => FaultKind::Broken,
        9 => FaultKind::Halting(Duration::from_millis(rng.u64(200..1500))),
        _ => FaultKind::Truncated,
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    fn arrival(number: usize) -> Arrival {
        Arrival {
            origin: Origin::Vanta,
            method: "GET".to_owned(),
            path: "/v1/controls".to_owned(),
            query: format!("q={number}"),
            authorization: None,
            api_key: None,
            user_agent: None,
            content_type: None,
            body: axum::body::Bytes::new(),
        }
    }

    fn met(seed: u64, order: impl Iterator<Item = usize>) -> Vec<(usize, Option<FaultKind>)> {
        let mut weather = Weather::new(FaultRate { seed, percent: 5 });
        let mut met: Vec<_> = order.map(|number| (number, weather.fault(&arrival(number)))).collect();
        met.sort_by_key(|(number, _)| *number);
        met
    }

    #[test]
    fn the_same_requests_meet_the_same_faults_in_any_order() {
        let met_in_order = met(1, 0..4000);
        assert_eq!(met_in_order, met(1, (0..4000).rev()));
        assert_ne!(met_in_order, met(2, 0..4000));
        let hit: Vec<_> = met_in_order.into_iter().filter_map(|(_, fault)| fault).collect();
        assert!((150..250).contains(&hit.len()), "{} of 4000", hit.len());
        for kind in [FaultKind::Reset, FaultKind::Broken, FaultKind::Internal, FaultKind::Truncated] {
            assert!(hit.contains(&kind), "{kind:?}");
        }
    }

    #[test]
    fn a_second_time_is_another_chance_and_tokens_are_spared() {
        let mut weather = Weather::new(FaultRate { seed: 3, percent: 50 });
        let again: Vec<bool> = (0..40).map(|_| weather.fault(&arrival(1)).is_some()).collect();
        assert!(again.contains(&true) && again.contains(&false));
        let token = Arrival { path: "/oauth/token".to_owned(), ..arrival(1) };
        assert!((0..40).all(|_| weather.fault(&token).is_none()));
    }
}
