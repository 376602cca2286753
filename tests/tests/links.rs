//! The shaped link does what it says: a figure measured over it would otherwise mean nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use ketuk_tests::link::{Link, Quality};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const FAST: Quality = Quality {
    bytes_per_second: 10_000_000.0,
    round_trip: Duration::from_millis(2),
};

/// Gives back everything that it gets.
async fn echo() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = connection.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    Ok(address)
}

async fn through(link: &Link) -> Result<TcpStream> {
    Ok(TcpStream::connect(link.url().trim_start_matches("http://")).await?)
}

/// What comes back until the connection ends.
async fn there_and_back(connection: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    let _ = connection.write_all(bytes).await;
    let _ = connection.shutdown().await;
    let mut back = Vec::new();
    let _ = connection.read_to_end(&mut back).await;
    back
}

#[tokio::test]
async fn what_goes_in_comes_out_and_is_counted() -> Result<()> {
    let link = Link::open(echo().await?, FAST).await?;
    let sent: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
    assert_eq!(
        there_and_back(&mut through(&link).await?, &sent).await,
        sent
    );
    assert_eq!((link.bytes_up(), link.bytes_down()), (100_000, 100_000));
    Ok(())
}

#[tokio::test]
async fn nothing_is_faster_than_the_rate_and_the_distance_allow() -> Result<()> {
    let quality = Quality {
        bytes_per_second: 100_000.0,
        round_trip: Duration::from_millis(100),
    };
    let link = Link::open(echo().await?, quality).await?;
    let begun = Instant::now();
    there_and_back(&mut through(&link).await?, &[7; 20_000]).await;
    // The handshake and the way there and back, and the bytes once: the directions overlap.
    assert!(
        begun.elapsed() >= Duration::from_millis(400),
        "took {:?}",
        begun.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn a_link_that_vanishes_cuts_what_is_under_way_and_lets_nobody_in() -> Result<()> {
    let link = Link::open(echo().await?, FAST).await?;
    let mut connection = through(&link).await?;
    connection.write_all(b"knock").await?;
    let mut answer = [0; 5];
    connection.read_exact(&mut answer).await?;

    link.set_present(false);
    assert!(
        connection.read_exact(&mut answer).await.is_err(),
        "the connection lives on"
    );
    assert_eq!(
        there_and_back(&mut through(&link).await?, b"knock").await,
        b""
    );

    link.set_present(true);
    assert_eq!(
        there_and_back(&mut through(&link).await?, b"knock").await,
        b"knock"
    );
    Ok(())
}

#[tokio::test]
async fn a_cut_ends_what_is_under_way_and_nothing_else() -> Result<()> {
    let link = Link::open(echo().await?, FAST).await?;
    let mut connection = through(&link).await?;
    connection.write_all(b"knock").await?;
    let mut answer = [0; 5];
    connection.read_exact(&mut answer).await?;

    link.cut();
    assert!(
        connection.read_exact(&mut answer).await.is_err(),
        "the connection lives on"
    );
    assert_eq!(link.cuts(), 1);
    assert_eq!(
        there_and_back(&mut through(&link).await?, b"knock").await,
        b"knock"
    );
    Ok(())
}

#[tokio::test]
async fn a_cut_comes_after_the_bytes_granted_and_once() -> Result<()> {
    let link = Link::open(echo().await?, FAST).await?;
    link.cut_after(1_000);
    let back = there_and_back(&mut through(&link).await?, &[7; 5_000]).await;
    assert!(back.len() < 1_000, "{} bytes came back", back.len());
    assert!(
        link.bytes_up() + link.bytes_down() <= 1_000,
        "more than was granted went through"
    );

    assert_eq!(
        there_and_back(&mut through(&link).await?, &[7; 5_000])
            .await
            .len(),
        5_000
    );
    Ok(())
}
