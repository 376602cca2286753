//! A workbook to a form: everything is checked, and every fault is found in one go.

use super::faces::Compiler;
use super::list::Labels;
use super::order::Bound;
use super::shell::Shell;
use super::survey::Survey;
use super::table::{Cell, Column, Part, Report, Table};
use super::types::is_yes;
use super::{Carry, Face, Form, Language, Reader, lists, pages, survey};
use crate::expr::code::Source;
use crate::expr::is_name;
use crate::fault::{Faults, did_you_mean, nearest};
use crate::workbook::{SHEETS, Sheet, Workbook};

pub(crate) fn compile(workbook: &Workbook, shell: Shell<'_>) -> Result<Form, Faults> {
    let mut report = Report::default();
    let missing = Sheet::default();
    let sheet = |name: &str| workbook.sheet(name).unwrap_or(&missing);
    if workbook.sheet("survey").is_none() {
        report.sheet_error(
            "survey",
            "the sheet is missing.",
            "Add a sheet named `survey`.",
        );
    }
    misspelt_sheets(workbook, &mut report);
    let mut survey_table = Table::read(sheet("survey"), Part::Survey, &mut report);
    let mut choices_table = Table::read(sheet("choices"), Part::Choices, &mut report);
    let settings_table = Table::read(sheet("settings"), Part::Settings, &mut report);
    if workbook.sheet("survey").is_some() && !survey_table.has(Column::Type) {
        report.sheet_error(
            "survey",
            "there is no column `type`.",
            "Add it to the first row.",
        );
    }

    let settings = Settings::read(&settings_table, &mut report);
    if let Some(language) = settings.default_language {
        survey_table.unnamed_texts_are_in(language.text);
        choices_table.unnamed_texts_are_in(language.text);
    }
    entities(workbook, &survey_table, &mut report);
    let (languages, default_language) = languages(
        &survey_table,
        &choices_table,
        settings.default_language,
        &mut report,
    );
    let mut lists = lists::read(&choices_table, settings.allow_duplicates, &mut report);
    lists.add_files(&workbook.files, &mut report);
    let survey = survey::survey(&survey_table, &settings, lists, &mut report);
    shell.refuse(&survey, &mut report);

    let mut compiler = Compiler::new(&survey, &languages, report);
    let mut faces: Vec<Face> = survey
        .schema
        .ids()
        .map(|node| compiler.face(node))
        .collect();
    settle_carry(&survey, &mut faces);
    let labels = compiler.choice_labels();
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
        audit,
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

pub(super) struct Settings<'a> {
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
            root: root.map_or("data", |cell| cell.text),
            id: text(Column::FormId).unwrap_or_else(|| "form".to_owned()),
            title: text(Column::FormTitle),
            version: text(Column::Version).unwrap_or_default(),
            default_language: cell(Column::DefaultLanguage),
            allow_duplicates: cell(Column::AllowDuplicates).is_some_and(|cell| is_yes(cell.text)),
        }
    }
}

fn languages(
    survey: &Table<'_>,
    choices: &Table<'_>,
    default: Option<Cell<'_>>,
    report: &mut Report,
) -> (Vec<Language>, usize) {
    let mut names: Vec<&str> = Vec::new();
    for name in survey.languages().into_iter().chain(choices.languages()) {
        let name = if name.is_empty() { "default" } else { name };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push("default");
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
