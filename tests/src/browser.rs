//! A real Chromium, driven as a person would use it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// An open window. Dropping it closes everything.
pub struct Browser {
    window: Client,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens a window of this size, in CSS pixels.
    ///
    /// # Errors
    /// If Chromium or its driver isn't installed or doesn't start.
    pub async fn open(width: u32, height: u32) -> Result<Browser> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver (Debian's package chromium-driver) could not be started")?;
        let profile = tempfile::tempdir()?;
        let capabilities = capabilities(profile.path(), width, height)?;
        let window = connect(port, capabilities).await?;
        Ok(Browser {
            window,
            driver,
            _profile: profile,
        })
    }

    /// The window, for what has no word here.
    pub fn window(&self) -> &Client {
        &self.window
    }

    /// Goes to a page and waits until it is there.
    ///
    /// # Errors
    /// If it doesn't come.
    pub async fn go(&self, url: &str) -> Result<()> {
        self.window.goto(url).await.context("the page did not load")
    }

    /// Types into the field with this name.
    ///
    /// # Errors
    /// If there is none.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let field = self
            .window
            .find(Locator::Css(&format!("[name='{name}']")))
            .await?;
        Ok(field.send_keys(text).await?)
    }

    /// Clicks what this CSS selector finds.
    ///
    /// # Errors
    /// If it finds nothing.
    pub async fn click(&self, selector: &str) -> Result<()> {
        let found = self.window.find(Locator::Css(selector)).await;
        Ok(found
            .with_context(|| format!("no {selector} on the page"))?
            .click()
            .await?)
    }

    /// Presses the mouse at a place of the window, as something is clicked that is only drawn there.
    ///
    /// # Errors
    /// If the window takes none.
    pub async fn press(&self, x: f64, y: f64) -> Result<()> {
        self.drag((x, y), (x, y)).await
    }

    /// Moves the mouse with its button down, as a thumb moves over a screen.
    ///
    /// # Errors
    /// If the window takes none.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) -> Result<()> {
        let at = |(x, y), duration| PointerAction::MoveTo { duration, x, y };
        let button = MOUSE_BUTTON_LEFT;
        let mut mouse = MouseActions::new("mouse".to_owned())
            .then(at(from, None))
            .then(PointerAction::Down { button });
        if from != to {
            mouse = mouse.then(at(to, Some(Duration::from_millis(300))));
        }
        let mouse = mouse.then(PointerAction::Up { button });
        Ok(self.window.perform_actions(mouse).await?)
    }

    /// Types into whatever has the focus.
    ///
    /// # Errors
    /// If the window takes no keys.
    pub async fn type_keys(&self, text: &str) -> Result<()> {
        let mut keys = KeyActions::new("keys".to_owned());
        for value in text.chars() {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        Ok(self.window.perform_actions(keys).await?)
    }

    /// The text that a person sees under this CSS selector.
    ///
    /// # Errors
    /// If it finds nothing.
    pub async fn text(&self, selector: &str) -> Result<String> {
        let found = self.window.find(Locator::Css(selector)).await;
        Ok(found
            .with_context(|| format!("no {selector} on the page"))?
            .text()
            .await?)
    }

    /// Waits until the text under the selector holds `expected`, as somebody who looks at the page
    /// does: without reloading it.
    ///
    /// # Errors
    /// If it doesn't within twenty seconds; the error shows what stood there instead.
    pub async fn see(&self, selector: &str, expected: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let shown = self.text(selector).await;
            if shown.as_ref().is_ok_and(|text| text.contains(expected)) {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_secs(20) {
                bail!("waited for {expected:?} under {selector}, but saw {shown:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Writes a picture of the window.
    ///
    /// # Errors
    /// If it can't be taken or written.
    pub async fn photograph(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(file, self.window.screenshot().await?)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium too: it lives and dies with its driver's session.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn capabilities(profile: &Path, width: u32, height: u32) -> Result<Capabilities> {
    let options = json!({
        "goog:chromeOptions": {
            "args": [
                "--headless=new",
                // A container gives Chromium no user namespaces for its sandbox, and the only pages it
                // opens are our own.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--force-color-profile=srgb",
                "--hide-scrollbars",
                format!("--user-data-dir={}", profile.display()),
                format!("--window-size={width},{height}"),
            ]
        }
    });
    Ok(serde_json::from_value(options)?)
}

async fn connect(port: u16, capabilities: Capabilities) -> Result<Client> {
    let begun = Instant::now();
    loop {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.clone());
        match builder.connect(&format!("http://127.0.0.1:{port}")).await {
            Ok(client) => return Ok(client),
            Err(fault) if begun.elapsed() > Duration::from_secs(30) => {
                return Err(fault).context("Chromium did not start");
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
