//! The seeded randomness behind ids and opening data.

use super::moment::Moment;

/// The second, since 1970, that stands in ids for the start of the tenant: 1 January 2026. Ids that told the real one
/// would differ from one run to the next, and a person copies them.
const START: i64 = 1_767_225_600;

/// A source of ids and draws that repeats itself for the same seed.
pub(super) struct Chance {
    draws: fastrand::Rng,
    /// When the tenant started.
    start: Moment,
}

impl Chance {
    pub(super) fn new(seed: u64, start: Moment) -> Self {
        // Its own stream: other parts of the tenant are seeded with the bare number.
        Self { draws: fastrand::Rng::with_seed(seed ^ 0x0a0d_17b0_0c5e_ed01), start }
    }

    /// A new id of 24 hexadecimal digits whose first eight tell how long before or after the start it was created, so
    /// that ids are in the order of creation, and the same whenever the tenant starts.
    pub(super) fn id(&mut self, created: Moment) -> String {
        let second = START + created.seconds() - self.start.seconds();
        format!("{:08x}{:016x}", u32::try_from(second).unwrap_or_default(), self.draws.u64(..))
    }

    /// A whole number between both ends, which are included; the lower one where they are swapped.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.draws.i64(low..=high) }
    }

    /// One of the items; `None` of none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        self.draws.choice(items.iter())
    }

    /// So many of the items, or all there are, in the order they had.
    pub(super) fn some_of<'a, T>(&mut self, items: &'a [T], count: usize) -> Vec<&'a T> {
        let mut places: Vec<(usize, &T)> = items.iter().enumerate().collect();
        self.draws.shuffle(&mut places);
        places.truncate(count);
        places.sort_unstable_by_key(|(place, _)| *place);
        places.into_iter().map(|(_, item)| item).collect()
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.draws.shuffle(items);
    }
}

/// A number that stands for `text`, the same in every run: what signatures and static ids are made of.
pub(super) fn fingerprint(text: &str) -> u64 {
    // FNV-1a; the standard hasher promises nothing about its values from one release to the next.
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A UUID that always belongs to `name`, so that it is equal in every audit.
pub(super) fn static_uuid(name: &str) -> String {
    let mut rng = fastrand::Rng::with_seed(fingerprint(name));
    let (a, b, c, d) = (rng.u32(..), rng.u16(..), rng.u16(..), rng.u64(..));
    let variant = 0x8000 | (c & 0x3fff);
    format!("{a:08x}-{b:04x}-4{:03x}-{variant:04x}-{:012x}", c >> 4, d >> 16)
}
