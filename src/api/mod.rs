//! The upstream APIs: what a request is, who sends it, what can go wrong.
//!
//! Requests to them go out through `client` alone; `document` fetches what is public, and `file_hosts` the files whose signed
//! addresses an API gave out.

mod advice;
mod again;
pub mod arguments;
mod certificate;
pub mod client;
mod clock;
mod connection;
mod dates;
pub mod document;
pub mod download;
pub mod error;
mod exchange;
mod failure;
mod fate;
mod file_error;
mod file_hosts;
mod forbidden;
mod hidden;
mod http;
pub mod known_fields;
mod limits;
mod line;
mod lookup;
pub mod loopback;
mod meant;
mod measure;
mod mend;
mod misfit;
mod network;
mod patience;
mod places;
mod presented;
mod proxies;
mod reading;
mod reads;
pub mod request;
mod response;
mod rivals;
mod room;
mod safe;
mod secrets;
mod sharing;
mod standing;
#[cfg(feature = "otel")]
pub mod telemetry;
mod tending;
mod term;
mod token;
mod token_error;
mod token_request;
mod trust;
mod turn;
pub mod uncatalogued;
mod upload;
pub mod upstream;
mod verdict;
mod words;

pub use client::{Clients, Lacking, LackingPart};
pub use download::{Received, Whereabouts};
pub use error::Cause;
pub use failure::Failure;
pub use fate::{Fate, LONGEST_PAUSE, Retry};
pub use file_error::FileCause;
pub use file_hosts::StoredFile;
pub use hidden::REDACTED;
pub use limits::RequestLimits;
pub use measure::{begin_to_count, is_counted};
pub use mend::{Flaw, MendedPlace, MendedPlaces, MendedStep};
pub use network::Network;
pub use presented::PresentedCertificate;
pub use proxies::{Proxies, ProxyAddress};
pub use request::{Freshness, Opened, Opens, Request};
pub use safe::{Safe, SafeChange};
pub use sharing::{IndexExtent, KEPT_FOR, LONGEST_WAIT, SharedBudget};
pub use standing::ApiStanding;
pub use term::{Listens, Term};
pub use token::TokenState;
pub use token_error::OTHER_SECRET;
pub use trust::Trust;
pub use turn::Sender;
pub use upstream::{Credential, Timeouts, TokenHeader, Upstream};
pub use verdict::{AnswerOrigin, Response, Spent};

use crate::catalog::Api;

/// The setting that says where an API is, for messages.
#[must_use]
pub fn address_setting(api: Api) -> &'static str {
    match api {
        Api::Manage | Api::Audit | Api::Connectors => "VANTA_BASE_URL, or VANTA_REGION",
        Api::Panel => "VANTA_PANEL_URL",
    }
}

/// The settings that give an API its credentials, for messages.
#[must_use]
pub fn credential_settings(api: Api) -> &'static str {
    match api {
        Api::Manage => "VANTA_CLIENT_ID and VANTA_CLIENT_SECRET",
        Api::Audit => "VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET",
        Api::Connectors => "VANTA_CONNECTORS_CLIENT_ID and VANTA_CONNECTORS_CLIENT_SECRET",
        Api::Panel => "VANTA_PANEL_URL and VANTA_PANEL_TOKEN",
    }
}

/// Who gets the credentials of an API, as one more sentence of a message after a blank; empty where everybody with an
/// account does.
#[must_use]
pub fn credential_holders(api: Api) -> &'static str {
    match api {
        Api::Audit => {
            " Vanta gives these credentials only to registered audit firms: sign in to Vanta with the auditor's email \
             and open Auditor API in the left navigation."
        }
        Api::Manage | Api::Connectors | Api::Panel => "",
    }
}
