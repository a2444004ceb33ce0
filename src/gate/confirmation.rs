//! The token of a preview: the caller who saw it may carry it out once, soon, as it was shown.
//!
//! It is 70 bytes in base64url (RFC 4648), signed by HMAC-SHA-256 (RFC 2104): a version, when it was made and for how long, its
//! name, two bytes each of what it is bound to, so that a misfit can be named, and the signature, which covers all of that and
//! what it is bound to whole.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use thiserror::Error;

use crate::state::Moment;

/// How what was previewed is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirming {
    /// How long after its preview.
    pub within: Duration,
    /// Who says yes.
    pub by: ConfirmedBy,
}

/// Who has to say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmedBy {
    /// A person, whom the client asks; where it cannot, nothing is carried out.
    Person,
    /// A person where the client can ask one, else whoever repeats what was previewed.
    PersonIfAble,
    /// Whoever repeats what was previewed.
    Arguments,
}

impl Default for Confirming {
    fn default() -> Self {
        Self { within: Duration::from_secs(5 * 60), by: ConfirmedBy::PersonIfAble }
    }
}

const VERSION: u8 = 1;

/// Version, moment, term, name, four marks, signature.
const LENGTH: usize = 1 + 8 + 4 + NAME + 4 * MARK + SIGNATURE;
const NAME: usize = 12;
const MARK: usize = 2;
const SIGNATURE: usize = 32;

/// How much later than now a token may have been made: two machines' clocks are never quite the same.
const AHEAD: Duration = Duration::from_secs(5);

/// What a confirmation is for. Where one part differs, it is for something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The tool's name.
    pub tool: &'static str,
    /// What would be sent, in one spelling.
    pub request: String,
    /// Host and application, as a name that tells neither.
    pub tenant: String,
    /// The caller's name; empty where callers are not told apart.
    pub caller: String,
}

impl Proposal {
    fn parts(&self) -> [&str; 4] {
        [self.tool, &self.request, &self.tenant, &self.caller]
    }
}

/// Makes tokens and reads them.
#[derive(Debug, Clone)]
pub struct Signer(hmac::Key);

/// A token that fits, as far as it tells by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedName {
    /// The name under which it is noted whether it was used.
    pub name: String,
}

/// Why a token does not fit. `Display` goes on after the tool's name and a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenMisfit {
    /// It is no token.
    #[error("`confirmation` is not a token from a preview; copy it whole")]
    Malformed,
    /// It was signed with another key, or altered.
    #[error("`confirmation` was not made here, or was altered")]
    Foreign,
    /// It is for another tool.
    #[error("`confirmation` is for another tool")]
    OtherTool,
    /// It is for other arguments.
    #[error("the arguments are not those that were previewed")]
    OtherArguments,
    /// It is for another host or application.
    #[error("`confirmation` is for another Vanta account or server")]
    OtherTenant,
    /// It is somebody else's.
    #[error("`confirmation` was given to another caller")]
    OtherCaller,
    /// Its time is over.
    #[error("`confirmation` has expired")]
    Expired,
    /// It was made later than now.
    #[error("`confirmation` was made later than it is now, so a clock was set back")]
    FromLater,
}

impl Signer {
    /// Signs with this key.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// A token for a proposal, and its name. `None` only where the random source fails.
    #[must_use]
    pub fn sign(&self, proposal: &Proposal, made: Moment, lasts: Duration) -> Option<(SignedName, String)> {
        let mut name = [0; NAME];
        getrandom::fill(&mut name).ok()?;
        let mut token = vec![VERSION];
        token.extend(made.0.to_be_bytes());
        token.extend(u32::try_from(lasts.as_secs()).unwrap_or(u32::MAX).to_be_bytes());
        token.extend(name);
        for part in proposal.parts() {
            token.extend(self.mark(part));
        }
        let signature = self.signature(&token, proposal);
        token.extend(signature.as_ref());
        Some((SignedName { name: hex::encode(name) }, URL_SAFE_NO_PAD.encode(token)))
    }

    /// Binds an answer to a token: the same for the same token, and not to be guessed.
    #[must_use]
    pub fn seal(&self, token: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &[b"question ", token.as_bytes()].concat()))
    }

    /// Reads a token that is presented for a proposal.
    ///
    /// # Errors
    /// It does not fit, and why.
    pub fn read(&self, token: &str, proposal: &Proposal, now: Moment) -> Result<SignedName, TokenMisfit> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim()).map_err(|_| TokenMisfit::Malformed)?;
        let told = TokenParts::of(&bytes).ok_or(TokenMisfit::Malformed)?;
        let whole = signed(told.signed, proposal);
        if hmac::verify(&self.0, &whole, told.signature).is_err() {
            return Err(self.misfit(&told, proposal));
        }
        if told.made > now.plus(AHEAD) {
            return Err(TokenMisfit::FromLater);
        }
        if told.made.plus(told.lasts) <= now {
            return Err(TokenMisfit::Expired);
        }
        Ok(SignedName { name: hex::encode(told.name) })
    }

    /// What differs, as far as the marks show: where all of them do, the key is another.
    fn misfit(&self, told: &TokenParts<'_>, proposal: &Proposal) -> TokenMisfit {
        let differs: Vec<usize> = proposal
            .parts()
            .into_iter()
            .zip(told.marks.chunks_exact(MARK))
            .enumerate()
            .filter(|(_, (part, mark))| self.mark(part) != *mark)
            .map(|(place, _)| place)
            .collect();
        match differs.as_slice() {
            // Another tool takes other arguments, and may be of another API.
            [0, ..] if differs.len() < 4 => TokenMisfit::OtherTool,
            [1] => TokenMisfit::OtherArguments,
            [2] => TokenMisfit::OtherTenant,
            [3] => TokenMisfit::OtherCaller,
            _ => TokenMisfit::Foreign,
        }
    }

    fn mark(&self, part: &str) -> [u8; MARK] {
        let tag = hmac::sign(&self.0, &[b"mark ", part.as_bytes()].concat());
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn signature(&self, told: &[u8], proposal: &Proposal) -> hmac::Tag {
        hmac::sign(&self.0, &signed(told, proposal))
    }
}

/// What is signed: each part with its length before it, so that none runs into the next.
fn signed(told: &[u8], proposal: &Proposal) -> Vec<u8> {
    let mut signed = b"confirmation ".to_vec();
    for part in std::iter::once(told).chain(proposal.parts().into_iter().map(str::as_bytes)) {
        signed.extend((part.len() as u64).to_be_bytes());
        signed.extend(part);
    }
    signed
}

/// What a token tells.
struct TokenParts<'t> {
    signed: &'t [u8],
    made: Moment,
    lasts: Duration,
    name: &'t [u8],
    marks: &'t [u8],
    signature: &'t [u8],
}

impl<'t> TokenParts<'t> {
    fn of(bytes: &'t [u8]) -> Option<Self> {
        if bytes.len() != LENGTH {
            return None;
        }
        let (signed, signature) = bytes.split_at_checked(LENGTH - SIGNATURE)?;
        let (version, rest) = signed.split_first()?;
        let (made, rest) = rest.split_first_chunk::<8>()?;
        let (lasts, rest) = rest.split_first_chunk::<4>()?;
        let (name, marks) = rest.split_at_checked(NAME)?;
        (*version == VERSION).then_some(Self {
            signed,
            made: Moment(i64::from_be_bytes(*made)),
            lasts: Duration::from_secs(u32::from_be_bytes(*lasts).into()),
            name,
            marks,
            signature,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);
    const TERM: Duration = Duration::from_secs(300);

    fn proposal() -> Proposal {
        let [request, tenant, caller] = ["{\"user\":\"acme\"}", "tenant", "ann"].map(str::to_owned);
        Proposal { tool: "terminate_panel_account", request, tenant, caller }
    }

    fn signer() -> Signer {
        Signer::new(&[7; 32])
    }

    #[test]
    fn a_token_fits_what_it_was_made_for_as_long_as_it_lasts() {
        let (name, token) = signer().sign(&proposal(), NOW, TERM).unwrap();
        for after in [0, 1, 299] {
            let now = NOW.plus(Duration::from_secs(after));
            assert_eq!(signer().read(&token, &proposal(), now).as_ref(), Ok(&name));
        }
        let late = NOW.plus(TERM);
        assert_eq!(signer().read(&token, &proposal(), late), Err(TokenMisfit::Expired));
        let before = NOW.minus(Duration::from_secs(60));
        assert_eq!(signer().read(&token, &proposal(), before), Err(TokenMisfit::FromLater));
        assert!(token.len() <= 96, "a model copies it: {}", token.len());
    }

    #[test]
    fn each_misfit_is_named() {
        let (_, token) = signer().sign(&proposal(), NOW, TERM).unwrap();
        let misfit = |proposal: Proposal| signer().read(&token, &proposal, NOW).unwrap_err();
        assert_eq!(misfit(Proposal { tool: "delete_vendor", ..proposal() }), TokenMisfit::OtherTool);
        let both = Proposal { tool: "delete_vendor", request: "{}".to_owned(), ..proposal() };
        assert_eq!(misfit(both), TokenMisfit::OtherTool);
        assert_eq!(misfit(Proposal { request: "{}".to_owned(), ..proposal() }), TokenMisfit::OtherArguments);
        assert_eq!(misfit(Proposal { tenant: String::new(), ..proposal() }), TokenMisfit::OtherTenant);
        assert_eq!(misfit(Proposal { caller: "bob".to_owned(), ..proposal() }), TokenMisfit::OtherCaller);
        let elsewhere = Signer::new(&[8; 32]).read(&token, &proposal(), NOW);
        assert_eq!(elsewhere, Err(TokenMisfit::Foreign));
    }

    proptest! {
        /// What runs from one part into the next is another proposal.
        #[test]
        fn no_two_proposals_share_a_token(
            parts in prop::array::uniform3("[a-c]{0,3}"),
            others in prop::array::uniform3("[a-c]{0,3}"),
        ) {
            let of = |[request, tenant, caller]: [String; 3]| Proposal { tool: "t", request, tenant, caller };
            let (_, token) = signer().sign(&of(parts.clone()), NOW, TERM).unwrap();
            prop_assert_eq!(signer().read(&token, &of(others.clone()), NOW).is_ok(), parts == others);
        }

        #[test]
        fn an_altered_token_never_fits(place in 0..94_usize, other in "[A-Za-z0-9_-]") {
            let (_, token) = signer().sign(&proposal(), NOW, TERM).unwrap();
            let mut altered: Vec<char> = token.chars().collect();
            let other = other.chars().next().unwrap();
            prop_assume!(place < altered.len() && altered[place] != other);
            altered[place] = other;
            let altered: String = altered.into_iter().collect();
            prop_assert!(signer().read(&altered, &proposal(), NOW).is_err());
        }

        #[test]
        fn anything_may_be_presented(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(signer().read(&text, &proposal(), NOW).is_err());
            let encoded = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert!(signer().read(&encoded, &proposal(), NOW).is_err());
        }
    }
}
