//! The survey and choices sheets to the questionnaire's tree.

use std::collections::HashMap;
use std::sync::Arc;

use super::Audit;
use super::compile::Settings;
use super::list::List;
use super::lists::Lists;
use super::parameters::{self, Parameters};
use super::range::range;
use super::schema::{Kind, ListId, Node, NodeId, Question, Schema, Scope, ScopeId};
use super::table::{Cell, Column, Line, Report, Table};
use super::texts::references;
use super::types::{Block, Select, Type, is_yes, parse_type, unknown_cure};
use crate::expr::{is_name, is_name_char, is_name_start};
use crate::fault::did_you_mean;

/// Where a node of the tree comes from.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    Root,
    Row(Line<'a>),
    /// The text question that `or_other` adds after a choice question.
    OtherOf(NodeId, Line<'a>),
}

/// The tree, and for each of its nodes the row it comes from.
pub(crate) struct Survey<'a> {
    pub(crate) schema: Schema,
    pub(crate) origins: Vec<Origin<'a>>,
    /// For each list, the row of each choice; none for the choice that `or_other` adds.
    pub(crate) choice_lines: Vec<Vec<Option<Line<'a>>>>,
    /// Whether a log of the filling is asked for, and the row that asks.
    pub(crate) audit: Option<(Audit, Line<'a>)>,
}

/// How deep groups and repeats may stand in each other: whatever walks the tree recurses over it.
pub(crate) const MAX_DEPTH: usize = 50;

/// The name of the group of what a form notes down about itself.
const RESERVED: &str = "meta";

/// The code of the choice that `or_other` adds.
pub(crate) const OTHER: &str = "other";

/// Reads the tree of the survey sheet.
pub(crate) fn survey<'a>(
    table: &'a Table<'a>,
    settings: &Settings<'_>,
    Lists {
        lists,
        lines: choice_lines,
    }: Lists<'a>,
    report: &mut Report,
) -> Survey<'a> {
    let root = Node {
        name: settings.root.into(),
        path: "".into(),
        parent: NodeId::ROOT,
        children: Vec::new(),
        end: NodeId(1),
        scope: ScopeId::FORM,
        slot: 0,
        kind: Kind::Group,
    };
    let form = Scope {
        node: NodeId::ROOT,
        parent: None,
        depth: 0,
        slots: vec![NodeId::ROOT],
        repeats: Vec::new(),
        index: 0,
    };
    let schema = Schema {
        nodes: vec![root],
        scopes: vec![form],
        lists,
        by_name: HashMap::new(),
        root_names: vec![settings.root.to_owned(), settings.id.clone()],
    };
    let survey = Survey {
        schema,
        origins: vec![Origin::Root],
        choice_lines,
        audit: None,
    };
    let mut reader = Reader {
        survey,
        open: Vec::new(),
        report,
    };
    for line in table.lines() {
        reader.line(line);
    }
    reader.close_all();
    weave(&mut reader.survey);
    reader.survey
}

/// Notes down whose answers are woven into the labels of choices. What can't be found is named where the labels
/// are compiled.
fn weave(survey: &mut Survey<'_>) {
    let Schema { lists, by_name, .. } = &mut survey.schema;
    for (list, lines) in lists.iter_mut().zip(&survey.choice_lines) {
        let labels = lines
            .iter()
            .flatten()
            .flat_map(|line| line.texts(Column::Label));
        for name in labels.flat_map(|(_, cell)| references(cell.text)) {
            if let Some([node]) = by_name.get(name).map(Vec::as_slice)
                && !list.woven.contains(node)
            {
                list.woven.push(*node);
            }
        }
    }
}

struct Reader<'a, 'r> {
    survey: Survey<'a>,
    open: Vec<(Block, NodeId, Cell<'a>)>,
    report: &'r mut Report,
}

impl<'a> Reader<'a, '_> {
    fn line(&mut self, line: Line<'a>) {
        if line
            .get(Column::Disabled)
            .is_some_and(|cell| is_yes(cell.text))
        {
            return;
        }
        let Some(cell) = line.get(Column::Type) else {
            let says = line.get(Column::Name).map(|_| "a name");
            if let Some(what) = says.or(line.texts(Column::Label).next().map(|_| "a label")) {
                self.report.error(
                    line.whole(),
                    format!("the row has {what} but no type."),
                    "Write a type such as `text` or `select_one list`.",
                );
            }
            return;
        };
        match parse_type(cell.text) {
            Type::Begin(block) => {
                if self.open.len() == MAX_DEPTH {
                    let word = block.word();
                    self.report.error(
                        cell,
                        format!("this {word} stands more than {MAX_DEPTH} levels deep."),
                        "Put it further up.",
                    );
                }
                if block == Block::Repeat {
                    self.repeat_name(line);
                }
                let fits = self.open.len() < MAX_DEPTH;
                if let Some(name) = self.name(line, cell).filter(|_| fits) {
                    let kind = match block {
                        Block::Group => Kind::Group,
                        Block::Repeat => Kind::Repeat(ScopeId::FORM),
                    };
                    let node = self.add(name, kind, Origin::Row(line));
                    self.open.push((block, node, cell));
                } else {
                    // Opened all the same, so that its end finds it.
                    self.open.push((block, NodeId::ROOT, cell));
                }
            }
            Type::End(block) => self.end(block, cell),
            Type::Question(question) => {
                let question = match question {
                    Question::Range { .. } => range(line, &self.survey.schema.lists, self.report),
                    other => other,
                };
                let note = question == Question::Note;
                let name = match line.get(Column::Name) {
                    None if note => Some(format!("generated_note_name_{}", line.number())),
                    _ => self.name(line, cell),
                };
                if let Some(name) = name {
                    self.question(name, question, line);
                }
            }
            Type::Select {
                how,
                list,
                or_other,
                from_file,
            } => {
                let found = match from_file {
                    true => self.file(line, cell, &list),
                    false if list.starts_with("${") => Some(self.answers(cell, how, &list)),
                    false => self.list(cell, &list),
                };
                self.select(line, cell, how, found, or_other);
            }
            Type::External => {
                if let Some(name) = self.name(line, cell) {
                    self.attached(cell, &format!("{name}.csv"));
                }
            }
            Type::Audit => self.audit(line, cell),
            Type::Ignored("background-geopoint") if line.get(Column::Trigger).is_none() => {
                let cure = "Write into `trigger` the question at which the place is noted.";
                self.report.error(cell, "no question sets this off.", cure);
            }
            Type::Ignored(name) => self.report.warning(
                cell,
                format!("`{name}` is not recorded and the row is not used."),
                "Take the row out.",
            ),
            // What could be asked again and again was written out before.
            Type::Loop(_) | Type::EndLoop => self.report.error(
                cell,
                "the loop has no list of choices, or no beginning and end.",
                "Write `begin loop over list`, with a list of the choices sheet, and `end loop` after its questions.",
            ),
            Type::Unsupported(name) => self.report.error(
                cell,
                format!("the type `{name}` is not supported."),
                "Ask for it with another type.",
            ),
            Type::Unknown => self.report.error(
                cell,
                format!("there is no type `{}`.", cell.text),
                unknown_cure(cell.text),
            ),
        }
    }

    fn audit(&mut self, line: Line<'a>, cell: Cell<'a>) {
        if let Some(name) = line.get(Column::Name).filter(|name| name.text != "audit") {
            self.report.error(
                name,
                "an audit is always called `audit`.",
                "Leave its name out.",
            );
        }
        if self.survey.audit.is_some() {
            self.report
                .error(cell, "there is an audit already.", "Keep one of the two.");
        }
        self.survey.audit = Some((parameters::audit(line, self.report), line));
    }

    /// A list of the choices sheet.
    fn list(&mut self, cell: Cell<'a>, name: &str) -> Option<usize> {
        let lists = &self.survey.schema.lists;
        let found = lists
            .iter()
            .position(|list| *list.name == *name && list.is_of_sheet());
        if found.is_none() {
            let of_sheet = lists.iter().filter(|list| list.is_of_sheet());
            let known = of_sheet.map(|list| list.name.as_ref());
            let cure = did_you_mean(name, known, "Add the list to the choices sheet.");
            let message = format!("there is no list `{name}` on the choices sheet.");
            self.report.error(cell, message, cure);
        }
        found
    }

    /// The answers to a question: which one is looked up once all are known.
    fn answers(&mut self, cell: Cell<'a>, how: Select, reference: &str) -> usize {
        if how != Select::One {
            self.report.error(
                cell,
                "of choices that are answers only one can be chosen.",
                format!("Write `select_one {reference}`."),
            );
        }
        let lists = &mut self.survey.schema.lists;
        lists.push(List::of_answers(reference));
        self.survey.choice_lines.push(Vec::new());
        lists.len() - 1
    }

    /// The list that an attached file is.
    fn attached(&mut self, cell: Cell<'a>, file: &str) -> Option<usize> {
        let lists = &self.survey.schema.lists;
        let found = lists
            .iter()
            .position(|list| list.file.as_deref() == Some(file));
        if found.is_none() {
            let known = lists.iter().filter_map(|list| list.file.as_deref());
            let cure = match file.rsplit_once('.') {
                Some((_, "csv" | "geojson")) => "Put it beside the workbook.",
                _ => "Name a .csv or .geojson file, and put it beside the workbook.",
            };
            let cure = did_you_mean(file, known, cure);
            self.report
                .error(cell, format!("the file `{file}` is missing."), cure);
        }
        found
    }

    /// The list that a file is, by the columns that its question takes.
    fn file(&mut self, line: Line<'a>, cell: Cell<'a>, file: &str) -> Option<usize> {
        let index = self.attached(cell, file)?;
        let lists = &mut self.survey.schema.lists;
        let rows = Arc::clone(&lists[index].rows);
        let known = ["value", "label", "randomize", "seed"];
        let parameters = Parameters::read(line, &known, self.report);
        let geojson = file.ends_with(".geojson");
        let mut column = |key: &str, usual: &str| {
            let (at, name) = parameters.get(key).unwrap_or((cell, usual));
            let found = rows.column(name);
            if found.is_none() {
                let known = rows.columns.iter().map(AsRef::as_ref);
                let cure = format!("Name one with `{key}=` in `parameters`.");
                let cure = did_you_mean(name, known, &cure);
                let message = format!("the file `{file}` has no column `{name}`.");
                self.report.error(at, message, cure);
            }
            found
        };
        let code = column("value", if geojson { "id" } else { "name" });
        let label = column("label", if geojson { "title" } else { "label" });
        let wanted = List::of_file(file, rows, code?, label?);
        let same = |list: &List| list.shows_as(&wanted);
        if let Some(same) = lists.iter().position(same) {
            return Some(same);
        }
        lists.push(wanted);
        self.survey.choice_lines.push(Vec::new());
        Some(lists.len() - 1)
    }

    /// Adds a question; one that is calculated and says nothing is not asked.
    fn question(&mut self, name: String, question: Question, line: Line<'a>) -> NodeId {
        let reckons = [Column::Calculation, Column::Trigger];
        let says = [Column::Label, Column::Hint];
        let is_asked = says
            .iter()
            .any(|column| line.texts(*column).next().is_some())
            || reckons.iter().all(|column| line.get(*column).is_none());
        let question = match question {
            question if question.is_visible() && !is_asked => {
                Question::Calculated(Box::new(question))
            }
            question => question,
        };
        self.add(name, Kind::Question(question), Origin::Row(line))
    }

    fn select(
        &mut self,
        line: Line<'a>,
        cell: Cell<'a>,
        how: Select,
        list: Option<usize>,
        or_other: bool,
    ) {
        let Some(name) = self.name(line, cell) else {
            return;
        };
        let lists = &mut self.survey.schema.lists;
        let Some(index) = list else {
            // The question stands all the same, so that references to it are no faults as well.
            self.add(name, Kind::Question(Question::Text), Origin::Row(line));
            return;
        };
        if or_other && lists[index].find(OTHER).is_none() {
            lists[index].add(OTHER);
            self.survey.choice_lines[index].push(None);
        }
        let list = ListId(index as u32);
        let question = match how {
            Select::One => Question::One(list),
            Select::Many => Question::Many(list),
            Select::Rank => Question::Rank(list),
        };
        if how != Select::One {
            let list = &lists[index];
            let spaced = (0..list.len()).find(|place| list.code(*place).contains(' '));
            if let Some(Some(line)) = spaced.map(|place| {
                self.survey.choice_lines[index]
                    .get(place as usize)
                    .copied()
                    .flatten()
            }) && let Some(cell) = line.get(Column::Name)
            {
                self.report.error(
                    cell,
                    "a code with a space can't be one of several.",
                    format!("Write `{}`.", cell.text.replace(' ', "_")),
                );
            }
        }
        if or_other && let Some(cell) = line.get(Column::ChoiceFilter) {
            self.report.error(
                cell,
                "`or_other` offers its choice always, so its list can't be filtered.",
                "Take the filter out, or write the other choice into the list.",
            );
        }
        let other_name = format!("{name}_other");
        let node = self.question(name, question, line);
        if or_other {
            self.add(
                other_name,
                Kind::Question(Question::Text),
                Origin::OtherOf(node, line),
            );
        }
    }

    fn name(&mut self, line: Line<'a>, of: Cell<'a>) -> Option<String> {
        let Some(cell) = line.get(Column::Name) else {
            let message = format!("the `{}` has no name.", of.text);
            self.report
                .error(line.whole(), message, "Write one into `name`.");
            return None;
        };
        if !is_name(cell.text) {
            let mut cure: String = cell
                .text
                .chars()
                .map(|c| if is_name_char(c) { c } else { '_' })
                .collect();
            if !cure.starts_with(is_name_start) {
                cure.insert(0, '_');
            }
            self.report.error(
                cell,
                format!("`{}` is no legal name.", cell.text),
                format!("Write `{cure}`: letters, digits, `_`, `-` and `.`, a letter first."),
            );
            return None;
        }
        let parent = self.parent();
        if cell.text == RESERVED {
            self.report.error(
                cell,
                format!("the name `{RESERVED}` is that of the form's own group."),
                "Give it another name.",
            );
            return None;
        }
        if let Some(twin) = self.survey.schema.child(parent, cell.text) {
            let row = match self.survey.origins[twin.index()] {
                Origin::Row(line) | Origin::OtherOf(_, line) => line.number(),
                Origin::Root => 0,
            };
            self.report.error(
                cell,
                format!(
                    "the name `{}` is already used here, in row {row}.",
                    cell.text
                ),
                "Give each question of a group a name of its own.",
            );
            return None;
        }
        Some(cell.text.to_owned())
    }

    /// An instance of a repeat is known by the repeat's name, wherever it stands.
    fn repeat_name(&mut self, line: Line<'a>) {
        let Some(cell) = line.get(Column::Name) else {
            return;
        };
        let schema = &self.survey.schema;
        let named = schema.by_name.get(cell.text).into_iter().flatten();
        let is_taken = named
            .into_iter()
            .any(|node| matches!(schema.node(*node).kind, Kind::Repeat(_)));
        if is_taken || cell.text == &*schema.node(NodeId::ROOT).name {
            self.report.error(
                cell,
                format!(
                    "another repeat, or the form itself, has the name `{}`.",
                    cell.text
                ),
                "Give each repeat a name of its own.",
            );
        }
    }

    fn parent(&self) -> NodeId {
        self.open.last().map_or(NodeId::ROOT, |(_, node, _)| *node)
    }

    fn add(&mut self, name: String, kind: Kind, origin: Origin<'a>) -> NodeId {
        let parent = self.parent();
        let schema = &mut self.survey.schema;
        let id = NodeId(schema.nodes.len() as u32);
        let scope = schema.row_scope(parent);
        let kind = match kind {
            Kind::Repeat(_) => {
                let own = ScopeId(schema.scopes.len() as u32);
                let depth = schema.scope(scope).depth + 1;
                let index = schema.scope(scope).repeats.len();
                let (slots, repeats) = (Vec::new(), Vec::new());
                let parent = Some(scope);
                schema.scopes.push(Scope {
                    node: id,
                    parent,
                    depth,
                    slots,
                    repeats,
                    index,
                });
                schema.scopes[scope.index()].repeats.push(own);
                Kind::Repeat(own)
            }
            other => other,
        };
        let slots = &mut schema.scopes[scope.index()].slots;
        let slot = slots.len() as u32;
        slots.push(id);
        let above = &schema.nodes[parent.index()].path;
        let path = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}/{name}")
        };
        schema
            .by_name
            .entry(name.as_str().into())
            .or_default()
            .push(id);
        schema.nodes.push(Node {
            name: name.into(),
            path: path.into(),
            parent,
            children: Vec::new(),
            end: NodeId(id.0 + 1),
            scope,
            slot,
            kind,
        });
        schema.nodes[parent.index()].children.push(id);
        self.survey.origins.push(origin);
        id
    }

    fn end(&mut self, block: Block, cell: Cell<'a>) {
        let word = block.word();
        match self.open.last() {
            Some((open, ..)) if *open == block => self.close(),
            Some((open, node, begin)) => {
                let name = self.survey.schema.node(*node).name.to_string();
                let open_word = open.word();
                self.report.error(
                    cell,
                    format!(
                        "`end {word}` closes the {open_word} `{name}` of row {}.",
                        begin.row_number()
                    ),
                    format!("Write `end {open_word}` here, or add it above."),
                );
                self.close();
            }
            None => self.report.error(
                cell,
                format!("`end {word}` closes nothing."),
                format!("Take it out, or add the `begin {word}` it belongs to."),
            ),
        }
    }

    fn close(&mut self) {
        if let Some((_, node, _)) = self.open.pop() {
            let schema = &mut self.survey.schema;
            let end = NodeId(schema.nodes.len() as u32);
            schema.nodes[node.index()].end = end;
        }
    }

    fn close_all(&mut self) {
        while let Some((block, _, cell)) = self.open.last().copied() {
            let word = block.word();
            self.report.error(
                cell,
                format!("the {word} is never closed."),
                format!("Add `end {word}` after its last question."),
            );
            self.close();
        }
        let end = NodeId(self.survey.schema.nodes.len() as u32);
        self.survey.schema.nodes[0].end = end;
    }
}
