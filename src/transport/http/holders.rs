//! Whose connections are whose, and which of them may be closed.
//!
//! Every event here, a request's begin and end included, takes a time that grows
//! with the logarithm of what there is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Who a connection counts to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ConnectionHolder {
    /// Nobody knows who is calling, only from where.
    Stranger(IpAddr),
    /// Whoever calls from there may, as nobody shows a token.
    Anybody(IpAddr),
    /// Who was last let in on it.
    Caller(Arc<str>),
}

impl ConnectionHolder {
    pub(super) fn is_stranger(&self) -> bool {
        matches!(self, Self::Stranger(_))
    }
}

/// The part of an IPv6 address that a machine chooses for itself, in bits.
const INTERFACE: u32 = 64;

/// Where a connection comes from. The addresses of one network of IPv6 are one machine's to choose from, so they count
/// as one.
pub(super) fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> INTERFACE << INTERFACE)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// What each of some holders has.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    all: usize,
    possessions: HashMap<ConnectionHolder, Possession>,
    /// Those who have something that may be closed, by how much they have in all.
    order: BTreeSet<(usize, ConnectionHolder)>,
}

/// The connections of one holder.
#[derive(Debug, Default)]
struct Possession {
    all: usize,
    /// The number of each that may be closed, by since when.
    closable: BTreeMap<u64, u64>,
}

impl Ranking {
    /// How many connections all holders have.
    pub(super) fn all(&self) -> usize {
        self.all
    }

    /// How many connections of a holder may not be closed.
    pub(super) fn in_use(&self, holder: &ConnectionHolder) -> usize {
        self.possessions.get(holder).map_or(0, |possession| possession.all - possession.closable.len())
    }

    /// Notes one more, which may not be closed.
    pub(super) fn add(&mut self, holder: &ConnectionHolder) {
        self.all += 1;
        self.change(holder, |possession| possession.all += 1);
    }

    /// Takes one away that may not be closed.
    pub(super) fn remove(&mut self, holder: &ConnectionHolder) {
        self.all = self.all.saturating_sub(1);
        self.change(holder, |possession| possession.all = possession.all.saturating_sub(1));
    }

    /// Notes that one may be closed from now on.
    pub(super) fn free(&mut self, holder: &ConnectionHolder, since: u64, number: u64) {
        self.change(holder, |possession| possession.closable.insert(since, number));
    }

    /// Notes that one may not be closed any more.
    pub(super) fn keep(&mut self, holder: &ConnectionHolder, since: u64) {
        self.change(holder, |possession| possession.closable.remove(&since));
    }

    /// Of those that may be closed, the one that has been for longest of the holder who has most.
    pub(super) fn next(&self) -> Option<u64> {
        let (_, holder) = self.order.last()?;
        self.possessions.get(holder)?.closable.values().next().copied()
    }

    fn change<T>(&mut self, holder: &ConnectionHolder, how: impl FnOnce(&mut Possession) -> T) {
        let possession = self.possessions.entry(holder.clone()).or_default();
        let before = (possession.all, possession.closable.is_empty());
        how(possession);
        let after = (possession.all, possession.closable.is_empty());
        if before != after {
            if !before.1 {
                self.order.remove(&(before.0, holder.clone()));
            }
            if !after.1 {
                self.order.insert((after.0, holder.clone()));
            }
        }
        if after.0 == 0 {
            self.possessions.remove(holder);
        }
    }
}
