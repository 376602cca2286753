//! A server on a socket of this machine, which does what it is told.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::sync::{Request, Response};

/// What becomes of a request.
pub(crate) enum Reply {
    Answer(Response),
    /// The answer, but only so many bytes of it; then the connection is closed.
    Cut(Response, usize),
    /// The answer in so many pieces, with a pause before each: a link that is slow, and moves.
    Slow(Response, usize, Duration),
    /// Nothing, for as long as the phone waits.
    Silence,
}

pub(crate) struct Listening {
    pub(crate) address: String,
    /// Connections that were made so far.
    pub(crate) connections: Arc<AtomicUsize>,
    /// Bytes that came in so far, headers included.
    pub(crate) bytes: Arc<AtomicUsize>,
}

pub(crate) const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");

pub(crate) fn serve(reply: impl FnMut(&Request) -> Reply + Send + 'static) -> Listening {
    listen("http", reply, |stream| Box::new(stream))
}

/// The same over TLS, with a certificate of [`AUTHORITY`].
pub(crate) fn serve_tls(reply: impl FnMut(&Request) -> Reply + Send + 'static) -> Listening {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("certificates/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("certificates/server.key"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.unwrap()], key.unwrap())
        .unwrap();
    let config = Arc::new(config);
    listen("https", reply, move |stream| {
        let tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        Box::new(rustls::StreamOwned::new(tls, stream))
    })
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

fn listen(
    scheme: &str,
    mut reply: impl FnMut(&Request) -> Reply + Send + 'static,
    dress: impl Fn(std::net::TcpStream) -> Box<dyn Stream> + Send + 'static,
) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let bytes = Arc::new(AtomicUsize::new(0));
    let came = Arc::clone(&bytes);
    thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut stream = BufReader::new(dress(stream.unwrap()));
            while let Some(request) = read(&mut stream, &came) {
                let (response, cut) = match reply(&request) {
                    Reply::Answer(response) => (response, None),
                    Reply::Cut(response, bytes) => (response, Some(bytes)),
                    Reply::Slow(response, pieces, pause) => {
                        let bytes = write(&response);
                        for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
                            thread::sleep(pause);
                            stream.get_mut().write_all(piece).unwrap();
                            stream.get_mut().flush().unwrap();
                        }
                        continue;
                    }
                    Reply::Silence => {
                        silent.push(stream);
                        break;
                    }
                };
                let bytes = write(&response);
                let sent = &bytes[..cut.unwrap_or(bytes.len()).min(bytes.len())];
                if stream.get_mut().write_all(sent).is_err() || cut.is_some() {
                    break;
                }
                let _ = stream.get_mut().flush();
            }
        }
    });
    Listening {
        address: format!("{scheme}://127.0.0.1:{port}"),
        connections,
        bytes,
    }
}

fn read(stream: &mut BufReader<Box<dyn Stream>>, came: &AtomicUsize) -> Option<Request> {
    let mut line = String::new();
    let mut bytes = stream.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let method = match words.next()? {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "PATCH" => "PATCH",
        _ => return None,
    };
    let path = words.next()?.to_owned();
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        bytes += stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name {
            "content-length" => length = value.parse().unwrap(),
            "transfer-encoding" => panic!("the length should be known"),
            "authorization" => headers.push(("authorization", value.to_owned())),
            "ketuk-protocol" => headers.push(("ketuk-protocol", value.to_owned())),
            "content-encoding" => headers.push(("content-encoding", value.to_owned())),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    came.fetch_add(bytes + length, Ordering::Relaxed);
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}

fn write(response: &Response) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} -\r\n", response.status).into_bytes();
    for (name, value) in &response.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", response.body.len()).as_bytes());
    bytes.extend_from_slice(&response.body);
    bytes
}
