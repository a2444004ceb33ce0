//! The tenant over a real socket: what only a connection can show.
