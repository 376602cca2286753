//! Paths as an instance has them, `/data/anggota[2]/nama`, and as a session names them,
//! `anggota[k3f9a0xz]/nama`.

use anyhow::{Context as _, Result, anyhow};
use ketuk_form::Session;

/// The root of every form's instance.
pub const ROOT: &str = "/data";

/// `/data/anggota[2]/nama` as a session names it: `anggota[k3f9a0xz]/nama`.
///
/// # Errors
/// If there is no such instance.
pub fn ours(session: &Session, path: &str) -> Result<String> {
    let below = path
        .strip_prefix(ROOT)
        .and_then(|below| below.strip_prefix('/'))
        .context("a path outside the instance")?;
    let mut named = String::new();
    for step in below.split('/') {
        if !named.is_empty() {
            named.push('/');
        }
        match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
            None => named.push_str(step),
            Some((name, number)) => {
                named.push_str(name);
                let number: usize = number.parse()?;
                named = session
                    .instances(&named)
                    .into_iter()
                    .nth(number.saturating_sub(1))
                    .ok_or_else(|| anyhow!("no instance {number} of {named}"))?;
            }
        }
    }
    Ok(named)
}

/// `anggota[k3f9a0xz]/nama` as an instance has it: `/data/anggota[2]/nama`.
pub fn theirs(session: &Session, path: &str) -> String {
    let (mut named, mut theirs) = (String::new(), ROOT.to_owned());
    for step in path.split('/') {
        if !named.is_empty() {
            named.push('/');
        }
        let name = step.split('[').next().unwrap_or(step);
        let repeat = format!("{named}{name}");
        named.push_str(step);
        theirs.push('/');
        theirs.push_str(name);
        let instances = session.instances(&repeat);
        if let Some(at) = instances.iter().position(|instance| *instance == named) {
            theirs.push_str(&format!("[{}]", at + 1));
        }
    }
    theirs
}
