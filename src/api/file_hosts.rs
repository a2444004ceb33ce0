//! Stored files, which lie on hosts of their own at addresses that an API gives out.
//!
//! Such an address is a signed one, good for a while, and is itself the leave to read: no credential goes there, and the
//! address is in no log and no error.

use std::sync::{Arc, OnceLock};

use reqwest::{StatusCode, redirect, retry};
use tokio::time::{Instant, sleep};
use url::Url;

use super::again::Attempts;
use super::download::is_page;
use super::error::Cause;
use super::failure::Failure;
use super::file_error::FileCause;
use super::http::host;
use super::loopback::may_be_loopback;
use super::network::{Network, Unconnected};
use super::patience::{Late, Patience};
use super::response;
use super::term::Term;
use super::upstream::Upstream;
use super::words::innermost;
use crate::catalog::Operation;
use crate::files::Saving;
use crate::gate::Permit;

/// How many times longer than a call the transfer of a file may take.
const LONGER: u32 = 10;

/// The hosts of stored files. Nothing is opened before the first one.
#[derive(Debug, Default)]
pub struct FileHosts {
    network: Arc<Network>,
    /// For https.
    secured: OnceLock<reqwest::Client>,
    /// For plain http.
    plain: OnceLock<reqwest::Client>,
}

/// A file that is to be fetched.
#[derive(Clone, Copy)]
pub struct StoredFile<'f> {
    /// The operation that gave out the address.
    pub operation: &'static Operation,
    /// Where the file is.
    pub address: &'f str,
    /// As it is said to be; empty where nothing is said.
    pub media_type: &'f str,
    /// The most that is fetched, in bytes.
    pub limit: u64,
}

impl FileHosts {
    /// Hosts that are reached so.
    pub(super) fn new(network: Arc<Network>) -> Self {
        Self { network, secured: OnceLock::new(), plain: OnceLock::new() }
    }

    /// Fetches a file, from the start again where that is safe and may help. No redirect is followed.
    ///
    /// # Errors
    /// It did not come, or not whole; what came of it is in `into`, which is not to be kept.
    pub(super) async fn fetch(
        &self,
        permit: &Permit,
        upstream: &Upstream,
        file: StoredFile<'_>,
        into: &mut Saving,
        term: &Term,
    ) -> Result<(), Failure> {
        let operation = file.operation;
        let fail = |cause| Failure::new(operation, cause);
        if !permit.covers(operation, operation.effect) {
            return Err(fail(Cause::OutOfScope { client: operation.effect, wanted: operation.effect }));
        }
        let url = address(file.address, upstream).map_err(|cause| fail(cause.into()))?;
        let times = upstream.timeouts;
        let end = Instant::now().checked_add(times.total);
        let end = [end, term.deadline].into_iter().flatten().min().unwrap_or_else(Instant::now);
        let mut attempts = Attempts::until(end, times.connect, operation);
        loop {
            let patience = Patience::new(times)
                .ending_in(times.total.saturating_mul(LONGER))
                .no_later_than(term.deadline);
            let tried = tokio::select! {
                biased;
                () = term.gone.cancelled() => Err(Cause::Unwanted),
                tried = self.attempt(&url, file, into, patience) => tried,
            };
            let Err(cause) = tried else { return Ok(()) };
            let pause = attempts.pause(&cause, Instant::now(), fastrand::f64());
            let Some(pause) = pause else { return Err(fail(cause)) };
            tracing::info!(%cause, pause = pause.as_secs_f64(), "a file is fetched again");
            tokio::select! {
                biased;
                () = term.gone.cancelled() => return Err(fail(Cause::Unwanted)),
                () = sleep(pause) => {}
            }
            into.restart().await.map_err(|error| fail(FileCause::Unsaved(error).into()))?;
        }
    }

    async fn attempt(
        &self,
        url: &Url,
        file: StoredFile<'_>,
        into: &mut Saving,
        patience: Patience,
    ) -> Result<(), Cause> {
        let name = host(url);
        let client = self.client(url).map_err(Cause::Setup)?;
        let answered = patience.next(client.get(url.clone()).send()).await;
        let answered = answered.map_err(|Late| Cause::TimedOut { upstream: name.clone() })?;
        let mut answer = answered.map_err(|error| self.network(url, error))?;
        if let Some(cause) = refusal(answer.status(), &name) {
            return Err(cause);
        }
        if is_page(answer.headers()) && !file.media_type.to_ascii_lowercase().contains("html") {
            let status = answer.status().as_u16();
            return Err(FileCause::Page { upstream: name, status, words: "text/html".to_owned() }.into());
        }
        let too_large = || Cause::from(FileCause::TooLarge { limit: file.limit });
        if answer.content_length().is_some_and(|size| size > file.limit) {
            return Err(too_large());
        }
        while let Some(chunk) = response::next(&mut answer, &name, &patience).await? {
            if into.size() + chunk.len() as u64 > file.limit {
                return Err(too_large());
            }
            into.write(&chunk).await.map_err(FileCause::Unsaved)?;
        }
        Ok(())
    }

    /// What an error of the client means; without the address, which opens the file to whoever has it.
    fn network(&self, url: &Url, error: reqwest::Error) -> Cause {
        let (error, upstream) = (error.without_url(), host(url));
        if let Some(unconnected) = Unconnected::of(&error, &upstream, self.network.proxies().of(url)) {
            return unconnected.into();
        }
        if error.is_timeout() {
            return Cause::TimedOut { upstream };
        }
        Cause::Interrupted { upstream, detail: innermost(&error), status: None }
    }

    fn client(&self, url: &Url) -> Result<&reqwest::Client, String> {
        let held = if url.scheme() == "http" { &self.plain } else { &self.secured };
        if let Some(client) = held.get() {
            return Ok(client);
        }
        let builder = reqwest::Client::builder()
            .user_agent(concat!("vanta-mcp/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never().max_retries_per_request(0));
        let client = self.network.towards(url, builder)?.build().map_err(|error| innermost(&error))?;
        Ok(held.get_or_init(|| client))
    }
}

/// The address, where it is one that is fetched: over https, or in the clear and on this machine where the API that gave it out
/// is so too, as a simulated one is.
fn address(text: &str, upstream: &Upstream) -> Result<Url, FileCause> {
    let url = Url::parse(text).map_err(|_| FileCause::Address("it is not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FileCause::Address("it contains credentials"));
    }
    let is_own = may_be_loopback(&url);
    if is_own && !may_be_loopback(&upstream.base) {
        return Err(FileCause::Address("it leads to this machine"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_own => Ok(url),
        _ => Err(FileCause::Address("it is not https")),
    }
}

/// What a status means that is no success. The page beside it is not quoted, since it may repeat what was signed.
fn refusal(status: StatusCode, host: &str) -> Option<Cause> {
    let (upstream, number) = (host.to_owned(), status.as_u16());
    let (message, retry_after) = (String::new(), None);
    Some(match number {
        200..=299 => return None,
        300..=399 => Cause::Redirected { upstream, status: number },
        429 => Cause::TooManyRequests { upstream, message, retry_after },
        _ => {
            let reason = status.canonical_reason().unwrap_or_default();
            Cause::Refused { upstream, status: number, reason, message, retry_after }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::{Credential, Timeouts, TokenHeader};
    use crate::catalog::Api;

    fn upstream(base: &str) -> Upstream {
        Upstream {
            api: Api::Audit,
            base: Url::parse(base).unwrap(),
            credential: Credential::Token { token: "t".into(), header: TokenHeader::Bearer },
            timeouts: Timeouts::from_silence(Duration::from_secs(1)),
        }
    }

    #[test]
    fn only_https_is_fetched_and_nothing_of_this_machine() {
        let (vanta, demo) = (upstream("https://api.vanta.com"), upstream("http://127.0.0.1:1"));
        for (text, by, why) in [
            ("https://files.example/a?signature=1", &vanta, None),
            ("http://files.example/a", &vanta, Some("not https")),
            ("http://127.0.0.1/a", &vanta, Some("this machine")),
            ("https://localhost/a", &vanta, Some("this machine")),
            ("https://[::1]/a", &vanta, Some("this machine")),
            ("https://me:secret@files.example/a", &vanta, Some("credentials")),
            ("file:///etc/passwd", &vanta, Some("not https")),
            ("ftp://files.example/a", &vanta, Some("not https")),
            ("a/b", &vanta, Some("not a URL")),
            ("http://127.0.0.1:9/a", &demo, None),
            ("http://files.example/a", &demo, Some("not https")),
        ] {
            let told = address(text, by).err().map(|cause| cause.to_string());
            assert_eq!(told.is_some(), why.is_some(), "{text}: {told:?}");
            assert!(
                told.is_none_or(|told| told.contains(why.unwrap()) && !told.contains("secret")),
                "{text}"
            );
        }
    }
}
