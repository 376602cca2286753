//! XML as a tree of elements, made bottom up and written at the end.

use quick_xml::escape::partial_escape;

use crate::session::instance::legal;

/// An element with its attributes and what it holds.
#[derive(Debug)]
pub(super) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
    /// Whether blanks count in it.
    is_prose: bool,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn new(name: impl Into<String>) -> Element {
        Element {
            name: name.into(),
            attributes: Vec::new(),
            children: Vec::new(),
            is_prose: false,
        }
    }

    /// With an attribute. Of one name, the last stays.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Element {
        self.set(name, value);
        self
    }

    /// With an attribute, if there is something to say.
    pub(super) fn with_some(self, name: &str, value: Option<impl Into<String>>) -> Element {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.attributes.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value.into(),
            None => self.attributes.push((name.to_owned(), value.into())),
        }
    }

    /// How many attributes it has.
    pub(super) fn attributes(&self) -> usize {
        self.attributes.len()
    }

    /// With a text behind what it holds. Blanks count from now on.
    pub(super) fn text(mut self, text: &str) -> Element {
        self.is_prose = true;
        if !text.is_empty() {
            self.children.push(Node::Text(text.to_owned()));
        }
        self
    }

    pub(super) fn child(mut self, child: Element) -> Element {
        self.children.push(Node::Element(child));
        self
    }

    pub(super) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children
            .extend(children.into_iter().map(Node::Element));
        self
    }

    /// As a document.
    pub(super) fn document(&self) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        self.write(0, &mut out);
        out
    }

    /// Each element on a line of its own, except where blanks count.
    fn write(&self, depth: usize, out: &mut String) {
        indent(depth, out);
        self.inline(Some(depth), out);
        out.push('\n');
    }

    /// `depth`: how deep it stands, unless it stands within a text.
    fn inline(&self, depth: Option<usize>, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            // Blanks other than spaces would be read as spaces.
            let value = partial_escape(legal(value))
                .replace('"', "&quot;")
                .replace('\t', "&#9;")
                .replace('\n', "&#10;")
                .replace('\r', "&#13;");
            out.push_str(&format!(" {name}=\"{value}\""));
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        let below = depth.filter(|_| !self.is_prose);
        if below.is_some() {
            out.push('\n');
        }
        for child in &self.children {
            match (child, below) {
                (Node::Element(element), Some(depth)) => element.write(depth + 1, out),
                (Node::Element(element), None) => element.inline(None, out),
                // A bare carriage return would be read as a line feed.
                (Node::Text(text), _) => {
                    out.push_str(&partial_escape(legal(text)).replace('\r', "&#13;"));
                }
            }
        }
        if let Some(depth) = below {
            indent(depth, out);
        }
        out.push_str(&format!("</{}>", self.name));
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_added_only_where_there_is_no_text() {
        let output = || Element::new("output").with("value", "/data/a");
        let label = Element::new("label").child(output()).text(" tahun");
        let group = Element::new("group").child(label).child(output());
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <group>\n  <label><output value=\"/data/a\"/> tahun</label>\n  <output value=\"/data/a\"/>\n</group>\n";
        assert_eq!(group.document(), expected);
    }

    #[test]
    fn signs_of_xml_are_escaped_and_signs_that_it_can_t_have_left_out() {
        let label = Element::new("label")
            .with("ref", "'a' < \"b\"\n")
            .text("<b> & \u{1}\u{ffff}c");
        assert!(
            label.document().ends_with(
                "<label ref=\"'a' &lt; &quot;b&quot;&#10;\">&lt;b&gt; &amp; c</label>\n"
            ),
            "{}",
            label.document()
        );
    }
}
