//! Upstreams over https with authorities of a test's own, and a proxy that leads to them by whatever name.

use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Whoever vouches for servers.
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate and key, in PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// A certificate for these hosts.
    pub fn vouches_for(&self, hosts: &[&str]) -> Identity {
        self.vouches(hosts, |_| {})
    }

    /// A certificate for these hosts, whose time is over.
    pub fn vouched_for(&self, hosts: &[&str]) -> Identity {
        self.vouches(hosts, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 2, 3);
        })
    }

    fn vouches(&self, hosts: &[&str], adapt: impl FnOnce(&mut CertificateParams)) -> Identity {
        let (mut params, key) = (named(hosts), KeyPair::generate().unwrap());
        adapt(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

fn named(hosts: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    let name = |host: &&str| match host.parse() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName((*host).try_into().unwrap()),
    };
    params.subject_alt_names = hosts.iter().map(name).collect();
    params.distinguished_name.push(DnType::CommonName, hosts[0]);
    params
}

/// A certificate that vouches for itself, made as most people make them: as an authority's.
pub fn self_signed(hosts: &[&str]) -> Identity {
    let (mut params, key) = (named(hosts), KeyPair::generate().unwrap());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    Identity { certificate: certificate.pem(), key: key.serialize_pem() }
}

/// What a secured upstream does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It gives out tokens and empty lists.
    Answers,
    /// It points elsewhere.
    Redirects,
}

/// A server over https at a port of its own.
pub struct SecuredUpstream {
    pub port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl SecuredUpstream {
    pub async fn start(identity: &Identity, manner: Manner) -> Self {
        let chain =
            CertificateDer::pem_slice_iter(identity.certificate.as_bytes()).map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, into) = (acceptor.clone(), Arc::clone(&into));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream, manner, &into).await;
                    }
                });
            }
        });
        Self { port, heard }
    }

    /// The first line of each request.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Reads up to the end of a head; what follows it is left.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, manner: Manner, heard: &Mutex<Vec<String>>) {
    let request = head(&mut stream).await;
    let length = request.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length:").and_then(|length| length.trim().parse::<usize>().ok())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = stream.read_exact(&mut body).await;
    heard.lock().unwrap().push(request.lines().next().unwrap_or_default().to_owned());
    let body = if request.starts_with("POST /oauth/token") {
        r#"{"access_token": "vat_x", "expires_in": 3600}"#
    } else {
        r#"{"results": {"data": [], "pageInfo": {"endCursor": null, "hasNextPage": false}}}"#
    };
    let status = match manner {
        Manner::Answers => "200 OK",
        Manner::Redirects => "301 Moved\r\nlocation: https://app.example.com/",
    };
    let told = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(told.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A proxy that connects whatever it is asked for with one port of this machine.
pub struct LeadingProxy {
    /// `127.0.0.1:port`
    pub address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl LeadingProxy {
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let into = Arc::clone(&into);
                tokio::spawn(async move {
                    let asked = head(&mut stream).await;
                    into.lock().unwrap().push(asked.lines().next().unwrap_or_default().to_owned());
                    let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await;
                    let _ = copy_bidirectional(&mut stream, &mut there).await;
                });
            }
        });
        Self { address, asked }
    }

    /// The first line of each request.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// An address where nobody listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// An address where everybody is told the same, whatever they ask, and the connection ends.
pub async fn unhelpful(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // All of it, or the end would come as a reset.
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}
