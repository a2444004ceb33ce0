//! How a client's bytes reach the server.

mod line;
mod overlong;
pub mod stdio;
