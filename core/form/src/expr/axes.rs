//! Location paths at work: steps along axes over the answers and lists.

use super::ast::{Axis, Test};
use super::code::{Code, Path, Start, Step};
use super::eval::{At, World};
use super::value::{Node, Nodes, Value};
use crate::form::schema::{Kind, NodeId, RowId};

impl<'a> World<'a> {
    pub(super) fn path(&self, path: &'a Path, at: At) -> Nodes {
        let mut nodes = match &path.start {
            Start::Root => Nodes::from_iter([Node::Answer(RowId::FORM, NodeId::ROOT)]),
            Start::Here => Nodes::from_iter([at.node]),
            Start::From(code, predicates) => {
                let mut nodes = self.nodes(code, at);
                self.filter(&mut nodes, predicates, at, false);
                nodes
            }
        };
        for step in &path.steps {
            nodes = self.step(&nodes, step, at);
        }
        nodes
    }

    fn step(&self, from: &Nodes, step: &'a Step, at: At) -> Nodes {
        let mut reached = Nodes::new();
        for node in from {
            if let Some(items) = self.items(*node, step, at) {
                reached.extend(items);
                continue;
            }
            let axis = match (step.axis, &step.test) {
                (Axis::Child, Test::Text) if self.children(*node).is_empty() => Axis::ItSelf,
                (axis, _) => axis,
            };
            let mut found = self.along(*node, axis);
            found.retain(|node| self.exists(*node) && self.passes(*node, &step.test));
            self.filter(&mut found, &step.predicates, at, step.axis.is_reverse());
            reached.extend(found);
        }
        // Different nodes can lead to the same one, such as their parent.
        if from.len() > 1 && !matches!(step.axis, Axis::Child | Axis::ItSelf) {
            reached.sort_by_key(|node| self.order(*node));
            reached.dedup();
        }
        reached
    }

    /// `item[condition]` of a list, where the condition says itself which rows can meet it.
    fn items(&self, node: Node, step: &'a Step, at: At) -> Option<Nodes> {
        let (Node::ListRoot(list), Axis::Child, [first, others @ ..]) =
            (node, step.axis, step.predicates.as_ref())
        else {
            return None;
        };
        if !matches!(&step.test, Test::Name(name) if name == "item") {
            return None;
        }
        let size = self.schema.list(list).len() as usize;
        let candidates = self.candidates(list, first, at)?;
        let meets = |item: &&u32| {
            let at = At {
                current: at.current,
                node: Node::Item(list, **item),
                position: **item as usize + 1,
                size,
            };
            self.truth(first, at)
        };
        let mut items = candidates
            .iter()
            .filter(meets)
            .map(|item| Node::Item(list, *item))
            .collect();
        self.filter(&mut items, others, at, false);
        Some(items)
    }

    fn filter(&self, nodes: &mut Nodes, predicates: &'a [Code], at: At, reverse: bool) {
        for predicate in predicates {
            let size = nodes.len();
            let mut index = 0;
            nodes.retain(|node| {
                index += 1;
                let position = if reverse { size + 1 - index } else { index };
                let at = At {
                    current: at.current,
                    node: *node,
                    position,
                    size,
                };
                match self.value(predicate, at) {
                    Value::Number(number) => number == position as f64,
                    Value::Bool(truth) => truth,
                    Value::Text(text) => !text.is_empty(),
                    Value::Nodes(nodes) => !nodes.is_empty(),
                }
            });
        }
    }

    fn passes(&self, node: Node, test: &Test) -> bool {
        match test {
            Test::Node | Test::Any => true,
            Test::Nothing => false,
            Test::Text => self.children(node).is_empty() && !self.node_text(node).is_empty(),
            Test::Name(name) => self.name(node) == name,
        }
    }

    pub(crate) fn name(&self, node: Node) -> &'a str {
        let schema = self.schema;
        match node {
            Node::Answer(_, id) => &schema.node(id).name,
            Node::List(_) => "",
            Node::ListRoot(_) => "root",
            Node::Item(..) => "item",
            Node::Field(list, _, column) => &schema.list(list).rows.columns[column as usize],
        }
    }

    /// The nodes along an axis, in the form's order.
    fn along(&self, node: Node, axis: Axis) -> Nodes {
        match axis {
            Axis::ItSelf => Nodes::from_iter([node]),
            Axis::Child => self.children(node),
            Axis::Parent => self.parent(node).into_iter().collect(),
            Axis::Descendant => self.descendants(node),
            Axis::DescendantOrSelf => {
                let mut nodes = Nodes::from_iter([node]);
                nodes.extend(self.descendants(node));
                nodes
            }
            Axis::Ancestor | Axis::AncestorOrSelf => {
                let mut nodes = Nodes::new();
                let mut above = if axis == Axis::Ancestor {
                    self.parent(node)
                } else {
                    Some(node)
                };
                while let Some(ancestor) = above {
                    nodes.push(ancestor);
                    above = self.parent(ancestor);
                }
                nodes.reverse();
                nodes
            }
            Axis::FollowingSibling | Axis::PrecedingSibling => {
                let siblings = self.parent(node).map(|parent| self.children(parent));
                let siblings = siblings.unwrap_or_default();
                let own = siblings.iter().position(|sibling| *sibling == node);
                let own = own.unwrap_or(siblings.len());
                if axis == Axis::PrecedingSibling {
                    siblings.into_iter().take(own).collect()
                } else {
                    siblings.into_iter().skip(own + 1).collect()
                }
            }
            Axis::Following | Axis::Preceding => {
                let siblings = match axis {
                    Axis::Following => Axis::FollowingSibling,
                    _ => Axis::PrecedingSibling,
                };
                let mut nodes = Nodes::new();
                for ancestor in self.along(node, Axis::AncestorOrSelf) {
                    for sibling in self.along(ancestor, siblings) {
                        nodes.push(sibling);
                        nodes.extend(self.descendants(sibling));
                    }
                }
                nodes.sort_by_key(|node| self.order(*node));
                nodes
            }
            Axis::Attribute | Axis::Namespace => Nodes::new(),
        }
    }

    pub(super) fn children(&self, node: Node) -> Nodes {
        let (schema, answers) = (self.schema, self.answers);
        match node {
            Node::Answer(row, id) => {
                let mut nodes = Nodes::new();
                for child in &schema.node(id).children {
                    match schema.node(*child).kind {
                        Kind::Repeat(scope) => nodes.extend(
                            answers
                                .present(schema, row, scope)
                                .map(|instance| Node::Answer(instance, *child)),
                        ),
                        _ => nodes.push(Node::Answer(row, *child)),
                    }
                }
                nodes
            }
            Node::List(list) => Nodes::from_iter([Node::ListRoot(list)]),
            Node::ListRoot(list) => {
                let items = schema.list(list).len();
                (0..items).map(|item| Node::Item(list, item)).collect()
            }
            Node::Item(list, item) => {
                let columns = schema.list(list).rows.columns.len() as u32;
                (0..columns)
                    .map(|column| Node::Field(list, item, column))
                    .collect()
            }
            Node::Field(..) => Nodes::new(),
        }
    }

    fn parent(&self, node: Node) -> Option<Node> {
        match node {
            Node::Answer(_, NodeId::ROOT) | Node::List(_) => None,
            Node::Answer(row, id) => {
                let schema_node = self.schema.node(id);
                let inside = matches!(schema_node.kind, Kind::Repeat(scope)
                    if self.answers.row(row).scope == scope);
                let row = if inside {
                    self.answers.row(row).parent
                } else {
                    row
                };
                Some(Node::Answer(row, schema_node.parent))
            }
            Node::ListRoot(list) => Some(Node::List(list)),
            Node::Item(list, _) => Some(Node::ListRoot(list)),
            Node::Field(list, item, _) => Some(Node::Item(list, item)),
        }
    }

    fn descendants(&self, node: Node) -> Nodes {
        let mut nodes = Nodes::new();
        let mut open: Vec<Node> = self.children(node).into_iter().rev().collect();
        while let Some(next) = open.pop() {
            if !self.exists(next) {
                continue;
            }
            nodes.push(next);
            open.extend(self.children(next).into_iter().rev());
        }
        nodes
    }

    /// Sorts nodes into the order of the document.
    pub(super) fn order(&self, node: Node) -> (u32, Vec<(u32, u32)>, u32) {
        match node {
            Node::Answer(row, id) => {
                let mut chain = Vec::new();
                let mut at = row;
                while at != RowId::FORM {
                    let row = self.answers.row(at);
                    let siblings =
                        &self.answers.row(row.parent).instances[self.schema.scope(row.scope).index];
                    let place = siblings.iter().position(|id| *id == at).unwrap_or_default();
                    chain.push((self.schema.scope(row.scope).node.0, place as u32));
                    at = row.parent;
                }
                chain.reverse();
                chain.push((id.0, 0));
                (0, chain, 0)
            }
            Node::List(list) | Node::ListRoot(list) => (1 + list.0, Vec::new(), 0),
            Node::Item(list, item) => (1 + list.0, vec![(item, 0)], 0),
            Node::Field(list, item, column) => (1 + list.0, vec![(item, 1)], column),
        }
    }
}
