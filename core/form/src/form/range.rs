//! The `parameters` of a `range`: where it begins and ends, its steps, and what is marked on its scale.
//!
//! Source of the rules: pyxform 4.5, `validators/pyxform/question_types/range.py`.

use super::list::List;
use super::parameters::Parameters;
use super::schema::Question;
use super::table::{Cell, Column, Line, Report};

const KNOWN: [&str; 6] = [
    "start",
    "end",
    "step",
    "tick_interval",
    "tick_labelset",
    "placeholder",
];

/// Parameters that draw on the scale; only a plain one is drawn on.
const MARKS: [&str; 3] = ["tick_interval", "tick_labelset", "placeholder"];

struct Scale {
    start: f64,
    end: f64,
    step: f64,
    interval: Option<f64>,
    placeholder: Option<f64>,
}

impl Scale {
    fn width(&self) -> f64 {
        (self.end - self.start).abs()
    }

    fn holds(&self, number: f64) -> bool {
        (self.start.min(self.end)..=self.start.max(self.end)).contains(&number)
    }

    /// Whether steps as wide as this lead nowhere within it.
    fn is_left_by(&self, step: f64) -> bool {
        step == 0.0 || step.abs() > self.width()
    }
}

/// Whether a number is so many whole times another.
fn is_multiple(number: f64, of: f64) -> bool {
    let times = number / of;
    // Tenths are not told exactly.
    (times - times.round()).abs() < 1e-9
}

/// Reads the parameters of a range. `lists` are those of the choices sheet.
pub(crate) fn range(line: Line<'_>, lists: &[List], report: &mut Report) -> Question {
    let parameters = Parameters::read(line, &KNOWN, report);
    let mut number = |key: &str| parameters.number(key, report);
    let scale = Scale {
        start: number("start").unwrap_or(1.0),
        end: number("end").unwrap_or(10.0),
        step: number("step").unwrap_or(1.0),
        interval: number("tick_interval"),
        placeholder: number("placeholder"),
    };
    let appearance = line.get(Column::Appearance).map_or("", |cell| cell.text);
    if let Some(cell) = line.get(Column::Parameters) {
        if scale.is_left_by(scale.step) {
            let cure = "Let `step` be more than 0 and no more than from `start` to `end`.";
            report.error(cell, "the range goes nowhere.", cure);
        } else {
            marks(cell, &scale, report);
            labels(&parameters, appearance, &scale, lists, report);
        }
    }
    let is_plain = appearance.is_empty()
        || ["vertical", "no-ticks"]
            .iter()
            .any(|look| appearance.contains(look));
    let mark = MARKS.iter().find_map(|key| parameters.get(key));
    if let Some((cell, _)) = mark.filter(|_| !is_plain) {
        let message = format!("nothing can be marked on a range that looks like `{appearance}`.");
        let cure = format!("Take {} out, or the appearance.", MARKS.join(", "));
        report.error(cell, message, cure);
    }
    let numbers = [
        Some(scale.start),
        Some(scale.end),
        Some(scale.step),
        scale.interval,
        scale.placeholder,
    ];
    Question::Range {
        start: scale.start,
        end: scale.end,
        step: scale.step,
        whole: numbers.iter().flatten().all(|number| number.fract() == 0.0),
    }
}

/// The ticks, and where the handle stands before there is an answer.
fn marks(cell: Cell<'_>, scale: &Scale, report: &mut Report) {
    if let Some(interval) = scale.interval
        && (scale.is_left_by(interval) || !is_multiple(interval, scale.step))
    {
        let message = format!("no tick stands every {interval}.");
        let cure =
            "Let `tick_interval` be a multiple of `step`, and no more than from `start` to `end`.";
        report.error(cell, message, cure);
    }
    if let Some(placeholder) = scale.placeholder
        && !(scale.holds(placeholder) && is_multiple(placeholder - scale.start, scale.step))
    {
        let message = format!("the range doesn't come by {placeholder}.");
        let cure = "Let `placeholder` be `start` and some steps, and not beyond `end`.";
        report.error(cell, message, cure);
    }
}

/// The choices whose labels stand at ticks.
fn labels(
    parameters: &Parameters<'_>,
    appearance: &str,
    scale: &Scale,
    lists: &[List],
    report: &mut Report,
) {
    let Some((cell, name)) = parameters.get("tick_labelset") else {
        return;
    };
    let Some(list) = lists
        .iter()
        .find(|list| list.is_of_sheet() && list.name.eq_ignore_ascii_case(name))
    else {
        let message = format!("there is no list `{name}` on the choices sheet.");
        report.error(cell, message, "Add it, or take `tick_labelset` out.");
        return;
    };
    let only_ends = appearance.contains("no-ticks");
    let apart = scale.interval.unwrap_or(scale.step);
    let mut at = Vec::new();
    for place in 0..list.len() {
        let code = list.code(place);
        match code.parse::<f64>() {
            Ok(number) if scale.holds(number) && is_multiple(number - scale.start, apart) => {
                at.push(number);
            }
            _ => no_tick(cell, code, report),
        }
    }
    let ends = [scale.start, scale.end];
    let fits = |ends: &[f64]| {
        ends.iter().all(|end| at.contains(end)) && at.iter().all(|label| ends.contains(label))
    };
    if only_ends && !fits(&ends) {
        let message =
            format!("without ticks, only both ends have labels, and `{name}` has others.");
        report.error(cell, message, "Let the list have `start` and `end` alone.");
    }
}

fn no_tick(cell: Cell<'_>, code: &str, report: &mut Report) {
    let message = format!("there is no tick at `{code}`.");
    let cure = "Let the codes of the list be numbers at which a tick stands.";
    report.error(cell, message, cure);
}
