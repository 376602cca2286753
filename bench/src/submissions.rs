//! The peer of the link's figures: one submission at a time, as OpenRosa clients send them.
//!
//! A `HEAD` to ask for the address, then a `POST` of the instance as multipart XML, uncompressed, for
//! each submission, on one connection kept alive. The receiving end answers at once and stores nothing:
//! what is measured is the protocol.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ketuk_tests::link::{Link, Quality};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Sends the documents over such a link and gives the time it took.
pub(crate) async fn send(documents: &[Value], quality: Quality) -> Result<Duration> {
    let link = Link::open(receiver().await?, quality).await?;
    let host = link.url().replace("http://", "");
    let begun = Instant::now();
    let mut connection = BufReader::new(TcpStream::connect(&host).await?);
    for document in documents {
        let head =
            format!("HEAD /submission HTTP/1.1\r\nHost: {host}\r\nX-OpenRosa-Version: 1.0\r\n\r\n");
        exchange(&mut connection, head.as_bytes()).await?;
        exchange(&mut connection, &post(&host, document)).await?;
    }
    Ok(begun.elapsed())
}

fn post(host: &str, document: &Value) -> Vec<u8> {
    let mut xml = String::from("<?xml version='1.0' ?><data id=\"pk\" version=\"1\">");
    write_xml(document, &mut xml);
    xml.push_str("</data>");
    let body = format!(
        "--boundary\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; \
         filename=\"instance.xml\"\r\nContent-Type: text/xml; charset=UTF-8\r\n\r\n{xml}\r\n--boundary--\r\n"
    );
    format!(
        "POST /submission HTTP/1.1\r\nHost: {host}\r\nX-OpenRosa-Version: 1.0\r\n\
         Content-Type: multipart/form-data; boundary=boundary\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn write_xml(value: &Value, xml: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let rows = match field {
                    Value::Array(rows) if rows.iter().all(Value::is_object) => rows.as_slice(),
                    one => std::slice::from_ref(one),
                };
                for row in rows {
                    xml.push_str(&format!("<{name}>"));
                    write_xml(row, xml);
                    xml.push_str(&format!("</{name}>"));
                }
            }
        }
        Value::Array(chosen) => {
            let words: Vec<&str> = chosen.iter().filter_map(Value::as_str).collect();
            xml.push_str(&words.join(" "));
        }
        Value::String(text) => {
            xml.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
        }
        other => xml.push_str(&other.to_string()),
    }
}

async fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> Result<()> {
    connection.write_all(request).await?;
    let status = head(connection)
        .await?
        .context("the receiver hung up")?
        .status;
    ensure!(status.contains(" 20"), "answered {status}");
    Ok(())
}

struct Head {
    status: String,
    length: usize,
}

/// Reads a request's or an answer's head; `None` where the connection ended.
async fn head(connection: &mut BufReader<TcpStream>) -> Result<Option<Head>> {
    let mut head = Head {
        status: String::new(),
        length: 0,
    };
    if connection.read_line(&mut head.status).await? == 0 {
        return Ok(None);
    }
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await?;
        if line.trim().is_empty() {
            return Ok(Some(head));
        }
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            head.length = length.trim().parse()?;
        }
    }
}

/// Answers every request with the statuses that a server of this protocol gives.
async fn receiver() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer(BufReader::new(connection)));
        }
    });
    Ok(address)
}

async fn answer(mut connection: BufReader<TcpStream>) -> Result<()> {
    while let Some(request) = head(&mut connection).await? {
        let mut body = vec![0; request.length];
        connection.read_exact(&mut body).await?;
        let status = if request.status.starts_with("HEAD") {
            "204 No Content"
        } else {
            "201 Created"
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nX-OpenRosa-Version: 1.0\r\nX-OpenRosa-Accept-Content-Length: \
             100000000\r\nContent-Length: 0\r\n\r\n"
        );
        connection.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
