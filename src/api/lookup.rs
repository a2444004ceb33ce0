//! Look-ups of host names that failed, and whether another will do better.

use std::error::Error as StdError;
use std::io;

use rustls::pki_types::InvalidDnsNameError;

use super::loopback::Elsewhere;

/// How systems say that a name has no address, now and in a moment: glibc (`EAI_NONAME`, `EAI_NODATA`), musl, and the
/// systems of BSD's family. Other failures, a name server's silence above all, may be over the next time.
const NO_ADDRESS: [&str; 5] = [
    "Name or service not known",
    "No address associated with hostname",
    "Name does not resolve",
    "Name has no usable address",
    "nodename nor servname provided, or not known",
];

/// The same on Windows: `WSAHOST_NOT_FOUND` and `WSANO_DATA`.
const NO_ADDRESS_ON_WINDOWS: [i32; 2] = [11001, 11004];

/// Whether an error says that there is no address for a name, or that it can be no name of a host.
pub(super) fn has_no_address(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .any(|cause| is_final(cause) || cause.downcast_ref::<io::Error>().is_some_and(io_is_final))
}

fn io_is_final(error: &io::Error) -> bool {
    let told = error.to_string();
    let code = error.raw_os_error().filter(|_| cfg!(windows));
    // What an error of the system was made of is not among its causes.
    error.get_ref().is_some_and(|made_of| is_final(made_of))
        || code.is_some_and(|code| NO_ADDRESS_ON_WINDOWS.contains(&code))
        || NO_ADDRESS.iter().any(|words| told.ends_with(words))
}

fn is_final(error: &(dyn StdError + 'static)) -> bool {
    error.is::<Elsewhere>() || error.is::<InvalidDnsNameError>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_an_address_is_no_name_server_without_an_answer() {
        let failed = |words: &str| io::Error::other(format!("failed to lookup address information: {words}"));
        assert!(NO_ADDRESS.iter().all(|words| has_no_address(&failed(words))));
        for other in ["Temporary failure in name resolution", "Try again", "System error"] {
            assert!(!has_no_address(&failed(other)), "{other}");
        }
        assert!(!has_no_address(&io::Error::from(io::ErrorKind::ConnectionRefused)));
    }
}
