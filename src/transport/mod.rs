//! How a client's bytes reach the server.

mod line;
pub mod stdio;
