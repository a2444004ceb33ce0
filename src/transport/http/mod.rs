//! MCP over HTTP: Streamable HTTP of both generations, and on request the older HTTP with SSE.
//!
//! A request passes, in this order, which `front` leads it: `listener`
//! (connections, TLS, time limits), `door` (`Host`, `Origin`, CORS),
//! `admission` (who calls, which session, how much at once), `checks` (what is
//! wrong with it), and then `direct`, rmcp's service or `legacy`, whose answer
//! `shape` brings into the form that the caller takes. `listening` puts them
//! together.

mod accept;
mod admin;
mod admission;
mod answers;
mod authorization;
mod body;
mod bounds;
mod checks;
mod connections;
mod direct;
mod door;
mod front;
mod held;
mod holders;
mod legacy;
mod listener;
mod listening;
mod measure;
mod outgoing;
mod pem;
mod refusal;
mod sessions;
mod settings;
mod shape;
mod tls;
mod unread;
mod wording;

pub use listening::Listening;
pub use settings::{AdminSettings, LegacySse, Limits, Reach, Settings};
pub use tls::TlsFiles;
