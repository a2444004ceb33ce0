//! The scopes of access tokens for this server, and the access levels that they stand for.

use crate::catalog::{Api, Effect};
use crate::gate::Grant;

/// Every scope, the lower ones of a product first: each includes those before it.
const SCOPES: [(&str, Product, Effect); 8] = [
    ("vanta:read", Product::Vanta, Effect::Read),
    ("vanta:write", Product::Vanta, Effect::Write),
    ("vanta:publish", Product::Vanta, Effect::Publish),
    ("vanta:destroy", Product::Vanta, Effect::Destroy),
    ("panel:read", Product::Panel, Effect::Read),
    ("panel:write", Product::Panel, Effect::Write),
    ("panel:publish", Product::Panel, Effect::Publish),
    ("panel:destroy", Product::Panel, Effect::Destroy),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    Vanta,
    Panel,
}

impl Product {
    fn of(self, grant: Grant) -> Option<Effect> {
        match self {
            Self::Vanta => grant.access(Api::Manage),
            Self::Panel => grant.access(Api::Panel),
        }
    }
}

/// What the scopes of a token grant: in each product the highest that is named. Others are none of ours.
pub(super) fn grant<'s>(scopes: impl Iterator<Item = &'s str>) -> Grant {
    let mut grant = Grant { vanta: None, panel: None };
    for scope in scopes {
        let Some((_, product, effect)) = SCOPES.iter().find(|(name, ..)| *name == scope) else { continue };
        let granted = match product {
            Product::Vanta => &mut grant.vanta,
            Product::Panel => &mut grant.panel,
        };
        *granted = (*granted).max(Some(*effect));
    }
    grant
}

/// Every scope up to a grant.
#[must_use]
pub fn up_to(grant: Grant) -> Vec<&'static str> {
    let within = |(_, product, effect): &&(&str, Product, Effect)| Some(*effect) <= product.of(grant);
    SCOPES.iter().filter(within).map(|(name, ..)| *name).collect()
}

/// The highest scope of each product in a grant.
#[must_use]
pub fn highest(grant: Grant) -> Vec<&'static str> {
    let is_highest = |(_, product, effect): &&(&str, Product, Effect)| Some(*effect) == product.of(grant);
    SCOPES.iter().filter(is_highest).map(|(name, ..)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_the_lower_ones_of_its_product_alone() {
        let of = |scopes: &str| grant(scopes.split(' '));
        assert_eq!(
            of("openid vanta:read vanta:write panel:destroy"),
            Grant { vanta: Some(Effect::Write), panel: Some(Effect::Destroy) }
        );
        for nothing in
            ["", "openid", "vanta", "vanta:", "vanta:all", "VANTA:READ", "vanta:read,panel:read", "panel"]
        {
            assert_eq!(of(nothing), Grant { vanta: None, panel: None }, "{nothing}");
        }
        let write = of("vanta:write panel:read");
        assert_eq!(up_to(write), ["vanta:read", "vanta:write", "panel:read"]);
        assert_eq!(highest(write), ["vanta:write", "panel:read"]);
    }
}
