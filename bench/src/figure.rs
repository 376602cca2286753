//! A figure, and how it is printed.

use serde::Serialize;

/// One row of what was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// Which part of Ketuk.
    pub(crate) area: &'static str,
    /// What was measured.
    pub(crate) name: String,
    /// How much.
    pub(crate) value: f64,
    /// Of what.
    pub(crate) unit: &'static str,
    /// What to reach; `≤` unless [`Figure::at_least`] was said.
    pub(crate) target: Option<f64>,
    /// Whether it was reached.
    pub(crate) met: Option<bool>,
    /// What it was run beside, in the same run.
    pub(crate) peer: Option<String>,
    /// The peer's value over ours where less is better, ours over the peer's where more is: above 1,
    /// we are ahead.
    pub(crate) ratio: Option<f64>,
}

impl Figure {
    /// A figure without a target.
    pub(crate) fn new(
        area: &'static str,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Figure {
        let name = name.into();
        Figure {
            area,
            name,
            value,
            unit,
            target: None,
            met: None,
            peer: None,
            ratio: None,
        }
    }

    /// Must be this or less.
    pub(crate) fn at_most(mut self, target: f64) -> Figure {
        self.target = Some(target);
        self.met = Some(self.value <= target);
        self
    }

    /// Must be this or more.
    pub(crate) fn at_least(mut self, target: f64) -> Figure {
        self.target = Some(target);
        self.met = Some(self.value >= target);
        self
    }

    /// Was run beside another that needed `theirs` of the same unit; less is better.
    pub(crate) fn beside(mut self, peer: impl Into<String>, theirs: f64) -> Figure {
        self.peer = Some(peer.into());
        self.ratio = Some(theirs / self.value);
        self
    }

    /// Was run beside another that did `theirs` of the same unit; more is better.
    pub(crate) fn ahead_of(mut self, peer: impl Into<String>, theirs: f64) -> Figure {
        self.peer = Some(peer.into());
        self.ratio = Some(self.value / theirs);
        self
    }
}

/// Where figures go: a table for people, a line each for programs.
pub(crate) struct Report {
    json: bool,
}

impl Report {
    /// Prints as JSON lines if `json`.
    pub(crate) fn new(json: bool) -> Report {
        if !json {
            println!(
                "{:<8} {:<58} {:>12} {:<14} {:>9}  beside",
                "area", "figure", "value", "", "target"
            );
        }
        Report { json }
    }

    /// Says what is being measured, to whoever waits.
    pub(crate) fn measuring(&self, what: &str) {
        eprintln!("  … {what}");
    }

    /// Prints one.
    pub(crate) fn figure(&self, figure: Figure) -> anyhow::Result<()> {
        if self.json {
            println!("{}", serde_json::to_string(&figure)?);
            return Ok(());
        }
        let target = figure.target.map_or(String::new(), |target| {
            let sign = if figure.met == Some(true) {
                "✓"
            } else {
                "✗"
            };
            format!("{sign} {target}")
        });
        let beside = match (&figure.peer, figure.ratio) {
            (Some(peer), Some(ratio)) => format!("{ratio:.1} × {peer}"),
            _ => String::new(),
        };
        println!(
            "{:<8} {:<58} {:>12.3} {:<14} {:>9}  {beside}",
            figure.area, figure.name, figure.value, figure.unit, target
        );
        Ok(())
    }
}

/// Times each of `times` runs and gives the milliseconds, ascending.
pub(crate) fn milliseconds(
    times: usize,
    mut run: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<f64>> {
    let mut taken = Vec::with_capacity(times);
    for turn in 0..times {
        let begun = std::time::Instant::now();
        run(turn)?;
        taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    taken.sort_by(f64::total_cmp);
    Ok(taken)
}

/// The value that this share of the ascending `values` doesn't exceed.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let rank = (values.len() as f64 * share).ceil() as usize;
    values
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}
