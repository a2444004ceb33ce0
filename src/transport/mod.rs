//! How a client's bytes reach the server.

pub mod http;
mod line;
mod overlong;
pub mod stdio;
