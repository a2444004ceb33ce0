//! How a client's bytes reach the server.
//!
//! A message is read once, into an [`message::Envelope`]. A read that asks for nothing but its answer goes straight to
//! [`Server::prepare`](crate::server::Server::prepare) and is written from there; everything else goes by way of rmcp,
//! whose handler comes to the same place.

mod conversation;
mod direct;
pub mod http;
mod line;
mod malformed;
mod message;
mod overlong;
mod parent;
mod quoted;
pub mod stdio;
mod tick;
mod weight;
