//! A workbook to a form: everything is checked, and every fault is found in one go.

use super::faces::Compiler;
use super::list::Labels;
use super::order::Bound;
use super::shell::Shell;
use super::survey::Survey;
use super::table::{Cell, Column, Line, Part, Report, Table};
use super::types::is_yes;
use super::{Carry, Face, Form, Language, Reader, lists, loops, pages, survey};
use crate::expr::code::Source;
use crate::expr::is_name;
use crate::fault::{Faults, did_you_mean, nearest};
use crate::workbook::{SHEETS, Sheet, Workbook};

/// The sheets as tables.
pub(crate) struct Sheets<'a> {
    survey: Table<'a>,
    choices: Table<'a>,
    /// Further choices, which older clients took from a file.
    external: Table<'a>,
    settings: Table<'a>,
}

/// What a workbook says, row by row: nothing in the cells is compiled yet.
pub(crate) struct Reading<'a> {
    pub(crate) settings: Settings<'a>,
    pub(crate) languages: Vec<Language>,
    default_language: usize,
    pub(crate) survey: Survey<'a>,
}

impl<'a> Sheets<'a> {
    pub(crate) fn read(workbook: &'a Workbook, report: &mut Report) -> Sheets<'a> {
        static MISSING: Sheet = Sheet {
            name: String::new(),
            rows: Vec::new(),
            gaps: Vec::new(),
        };
        let sheet = |name: &str| workbook.sheet(name).unwrap_or(&MISSING);
        if workbook.sheet("survey").is_none() {
            report.sheet_error(
                "survey",
                "the sheet is missing.",
                "Add a sheet named `survey`.",
            );
        }
        misspelt_sheets(workbook, report);
        let mut survey = Table::read(sheet("survey"), Part::Survey, report);
        let mut choices = Table::read(sheet("choices"), Part::Choices, report);
        let mut external = Table::read(sheet("external_choices"), Part::Choices, report);
        let settings = Table::read(sheet("settings"), Part::Settings, report);
        if workbook.sheet("survey").is_some() && !survey.has(Column::Type) {
            report.sheet_error(
                "survey",
                "there is no column `type`.",
                "Add it to the first row.",
            );
        }
        let first = settings.lines().next();
        if let Some(language) = first.and_then(|line| line.get(Column::DefaultLanguage)) {
            survey.unnamed_texts_are_in(language.text);
            choices.unnamed_texts_are_in(language.text);
            external.unnamed_texts_are_in(language.text);
        }
        Sheets {
            survey,
            choices,
            external,
            settings,
        }
    }
}

impl<'a> Reading<'a> {
    pub(crate) fn read(
        sheets: &'a Sheets<'a>,
        workbook: &Workbook,
        report: &mut Report,
    ) -> Reading<'a> {
        let settings = Settings::read(&sheets.settings, report);
        entities(workbook, &sheets.survey, report);
        let (languages, default_language) = languages(
            [&sheets.survey, &sheets.choices, &sheets.external],
            settings.default_language,
            report,
        );
        let mut lists = lists::read(&sheets.choices, settings.allow_duplicates, report);
        // Their codes differ by what they are filtered by.
        lists.add(lists::read(&sheets.external, true, report), report);
        lists.add_files(&workbook.files, report);
        let survey = survey::survey(&sheets.survey, &settings, lists, report);
        Reading {
            settings,
            languages,
            default_language,
            survey,
        }
    }
}

pub(crate) fn compile(workbook: &Workbook, shell: Shell<'_>) -> Result<Form, Faults> {
    let mut report = Report::default();
    let workbook = &*loops::written_out(workbook);
    let sheets = Sheets::read(workbook, &mut report);
    let Reading {
        settings,
        languages,
        default_language,
        survey,
    } = Reading::read(&sheets, workbook, &mut report);
    shell.refuse(&survey, &mut report);

    let mut compiler = Compiler::new(&survey, &languages, report);
    let mut faces: Vec<Face> = survey
        .schema
        .ids()
        .map(|node| compiler.face(node))
        .collect();
    settle_carry(&survey, &mut faces);
    let labels = compiler.choice_labels();
    if let Some(cell) = settings.cell(Column::InstanceName) {
        compiler.instance_name(cell);
    }
    let media = compiler.choice_media();
    compiler.order();
    let Compiler {
        mut report,
        bound,
        roles,
        ..
    } = compiler;

    if report.faults.is_empty() && survey.schema.nodes.len() == 1 {
        report.sheet_warning("survey", "the form asks nothing.", "Add a question.");
    }
    if report.has_errors() {
        return Err(Faults(sorted(report)));
    }
    let Survey {
        mut schema, audit, ..
    } = survey;
    for (list, (labels, media)) in schema.lists.iter_mut().zip(labels.into_iter().zip(media)) {
        list.media = media.into();
        if let Labels::InLanguages(_, texts) = &mut list.labels {
            *texts = labels.into();
        }
    }
    let plan = pages::plan(&schema, &faces);
    let mut form = Form {
        title: settings.title.unwrap_or_else(|| settings.id.clone()),
        id: settings.id,
        version: settings.version,
        languages,
        default_language,
        faces,
        rules: bound.iter().map(|bound| bound.rule).collect(),
        rules_in: vec![Vec::new(); schema.scopes.len()],
        value_readers: vec![Vec::new(); schema.nodes.len()],
        instance_readers: vec![Vec::new(); schema.scopes.len()],
        language_readers: Vec::new(),
        plan,
        audit: audit.map(|(audit, _)| audit),
        roles,
        warnings: sorted(report),
        schema,
    };
    connect(&mut form, &bound);
    Ok(form)
}

/// Draws the edges from what is read to the rules that read it.
fn connect(form: &mut Form, bound: &[Bound]) {
    for (index, bound) in bound.iter().enumerate() {
        let rule = index as u32;
        let home = form.home(bound.rule.node);
        form.rules_in[home.index()].push(rule);
        for read in &bound.reads {
            let reader = Reader {
                rule,
                apex: read.apex,
            };
            match read.source {
                Source::Value(node) => push(&mut form.value_readers[node.index()], reader),
                Source::Instances(scope) => push(&mut form.instance_readers[scope.index()], reader),
                Source::Language => form.language_readers.push(rule),
            }
        }
    }
}

fn push(readers: &mut Vec<Reader>, reader: Reader) {
    // Rules come one after the other, so the same reader can only be among the last.
    let mut own = readers
        .iter()
        .rev()
        .take_while(|other| other.rule == reader.rule);
    if !own.any(|other| *other == reader) {
        readers.push(reader);
    }
}

/// In the order in which an author looks: sheet by sheet, row by row, errors first.
fn sorted(report: Report) -> Vec<crate::Fault> {
    const SHEETS: [&str; 3] = ["settings", "survey", "choices"];
    let mut faults = report.faults;
    faults.sort_by_key(|fault| {
        let sheet = SHEETS
            .iter()
            .position(|name| fault.sheet.eq_ignore_ascii_case(name));
        (sheet, fault.row, fault.severity)
    });
    faults.dedup();
    faults
}

/// Sheets that are not read, and seem to be meant for one that there is not.
fn misspelt_sheets(workbook: &Workbook, report: &mut Report) {
    let absent = SHEETS
        .into_iter()
        .filter(|name| workbook.sheet(name).is_none());
    let absent: Vec<&str> = absent.collect();
    for name in &workbook.others {
        if let Some(near) = nearest(name, absent.iter().copied()) {
            let cure = format!("Call it `{near}`.");
            report.sheet_warning(name, "there is no sheet of this name in a form.", &cure);
        }
    }
}

/// What is kept of a questionnaire as entities, for other questionnaires, is not kept here.
fn entities(workbook: &Workbook, survey: &Table<'_>, report: &mut Report) {
    let declared = workbook.sheet("entities");
    for name in ["entities", "osm"] {
        if let Some(sheet) = workbook.sheet(name).filter(|sheet| sheet.rows.len() > 1) {
            let cure = "Its rows have no effect.";
            report.sheet_warning(&sheet.name, "this sheet is not used.", cure);
        }
    }
    let saved = survey.lines().find_map(|line| line.get(Column::SaveTo));
    if let Some(cell) = saved.filter(|_| declared.is_none()) {
        report.error(
            cell,
            "an answer can be saved to an entity only if the form declares one.",
            "Add a sheet named `entities`, or take the column out.",
        );
    }
}

pub(crate) struct Settings<'a> {
    line: Option<Line<'a>>,
    pub(super) id: String,
    /// The name of the instance's root.
    pub(super) root: &'a str,
    title: Option<String>,
    version: String,
    default_language: Option<Cell<'a>>,
    allow_duplicates: bool,
}

impl<'a> Settings<'a> {
    fn read(table: &'a Table<'a>, report: &mut Report) -> Settings<'a> {
        let line = table.lines().next();
        let cell = |column| line.and_then(|line| line.get(column));
        let text = |column| cell(column).map(|cell| cell.text.to_owned());
        let root = cell(Column::Name);
        if let Some(cell) = root.filter(|cell| !is_name(cell.text)) {
            report.error(
                cell,
                format!("`{}` is no legal name.", cell.text),
                "Write letters, digits, `_`, `-` and `.`, a letter first; or take it out.",
            );
        }
        Settings {
            line,
            root: root.map_or("data", |cell| cell.text),
            id: text(Column::FormId).unwrap_or_else(|| "form".to_owned()),
            title: text(Column::FormTitle),
            version: text(Column::Version).unwrap_or_default(),
            default_language: cell(Column::DefaultLanguage),
            allow_duplicates: cell(Column::AllowDuplicates).is_some_and(|cell| is_yes(cell.text)),
        }
    }

    /// One of those that only other clients, or only some, make use of.
    pub(crate) fn cell(&self, column: Column) -> Option<Cell<'a>> {
        self.line.and_then(|line| line.get(column))
    }

    /// The author's own columns.
    pub(crate) fn others(&self) -> impl Iterator<Item = Cell<'a>> {
        self.line.into_iter().flat_map(|line| line.others())
    }
}

/// In how many languages a form may be: each text has a place for each of them.
const MOST_LANGUAGES: usize = 100;

fn languages(
    tables: [&Table<'_>; 3],
    default: Option<Cell<'_>>,
    report: &mut Report,
) -> (Vec<Language>, usize) {
    let mut names: Vec<&str> = Vec::new();
    for name in tables.iter().flat_map(|table| table.languages()) {
        let name = if name.is_empty() { "default" } else { name };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push("default");
    }
    if names.len() > MOST_LANGUAGES {
        let message = format!("the form is in more than {MOST_LANGUAGES} languages.");
        report.sheet_error("survey", &message, "Keep those that somebody reads.");
        names.truncate(MOST_LANGUAGES);
    }
    let languages: Vec<Language> = names
        .iter()
        .map(|name| Language {
            name: (*name).to_owned(),
            code: name
                .rsplit_once('(')
                .and_then(|(_, rest)| rest.strip_suffix(')'))
                .map(|code| code.trim().to_lowercase()),
        })
        .collect();
    let Some(cell) = default else {
        return (languages, 0);
    };
    let found = languages.iter().position(|language| {
        language.name == cell.text || language.code.as_deref() == Some(cell.text)
    });
    if found.is_none() {
        let cure = did_you_mean(cell.text, names, "Name a language that a label column has.");
        report.warning(
            cell,
            format!("no text is in the language `{}`.", cell.text),
            cure,
        );
    }
    (languages, found.unwrap_or(0))
}

/// What a group or repeat doesn't carry over, nothing in it is.
fn settle_carry(survey: &Survey<'_>, faces: &mut [Face]) {
    for node in survey.schema.ids().skip(1) {
        let parent = survey.schema.node(node).parent;
        if matches!(faces[parent.index()].carry, Carry::No) {
            faces[node.index()].carry = Carry::No;
        }
    }
}
