//! The floor of the link's figures: the same number of bytes in one stream, and a word back.

use std::time::{Duration, Instant};

use anyhow::Result;
use ketuk_tests::link::{Link, Quality};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sends so many bytes over such a link and gives the time until they are known to have come.
pub(crate) async fn send(bytes: usize, quality: Quality) -> Result<Duration> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let link = Link::open(listener.local_addr()?, quality).await?;
    let receiver = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await?;
        let mut got = vec![0; bytes];
        connection.read_exact(&mut got).await?;
        connection.write_all(b"!").await
    });
    let host = link.url().replace("http://", "");
    let begun = Instant::now();
    let mut connection = TcpStream::connect(host).await?;
    connection.write_all(&vec![0; bytes]).await?;
    connection.read_exact(&mut [0]).await?;
    let took = begun.elapsed();
    receiver.await??;
    Ok(took)
}
