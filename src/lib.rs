//! x
#![forbid(unsafe_code)]
pub mod answer;
pub mod api;
pub mod call;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod demo;
pub mod gate;
pub mod server;
pub mod tools;
pub mod transport;
