//! Tokens to a tree: XPath 1.0's grammar by precedence climbing.

use super::ast::{Axis, Expr, Kind, Op, Path, Span, Start, Step, Test};
use super::lexer::{SyntaxError, Token, tokens};
use crate::fault::did_you_mean;

/// The deepest tree that is taken: every later walk recurses over it, and this many levels fit a
/// thread's stack with room to spare. Real forms stay below 40.
const MAX_HEIGHT: u16 = 200;

pub(crate) fn parse(source: &str) -> Result<Expr, SyntaxError> {
    let tokens = tokens(source)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
    };
    let expr = parser.expr(0)?;
    match parser.peek() {
        Token::End => Ok(expr),
        Token::Close => Err(parser.error(
            "a `)` closes nothing.",
            "Take it out, or add the `(` it belongs to.",
        )),
        _ => Err(parser.error(
            "something follows where the expression should end.",
            "Join the two parts with an operator such as `and`, `or`, `+` or a comma.",
        )),
    }
}

struct Parser<'a> {
    tokens: &'a [(Token, Span)],
    at: usize,
    depth: u16,
}

/// How tightly an operator binds: XPath 1.0, section 3.5.
fn precedence(op: Op) -> u8 {
    match op {
        Op::Or => 1,
        Op::And => 2,
        Op::Equal | Op::NotEqual => 3,
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => 4,
        Op::Add | Op::Subtract => 5,
        Op::Multiply | Op::Divide | Op::Modulo => 6,
        Op::Union => 8,
    }
}
const NEGATION: u8 = 7;

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens
            .get(self.at + ahead)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Span {
        let last = self.tokens.len().saturating_sub(1);
        self.tokens
            .get(self.at.min(last))
            .map_or(Span { start: 0, end: 0 }, |(_, span)| *span)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn accept(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        if found {
            self.advance();
        }
        found
    }

    fn error(&self, message: &str, cure: &str) -> SyntaxError {
        SyntaxError::new(self.span(), message, cure)
    }

    fn expect(&mut self, token: &Token, text: &str) -> Result<(), SyntaxError> {
        if self.accept(token) {
            return Ok(());
        }
        Err(self.error(&format!("`{text}` is missing."), &format!("Add `{text}`.")))
    }

    /// Joins children under a new node, which may not become too high.
    fn node(&self, kind: Kind, start: Span, below: u16) -> Result<Expr, SyntaxError> {
        let end = self
            .tokens
            .get(self.at.saturating_sub(1))
            .map_or(start.end, |(_, s)| s.end);
        let span = Span {
            start: start.start,
            end,
        };
        expr(kind, span, below)
    }

    fn expr(&mut self, least: u8) -> Result<Expr, SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_HEIGHT {
            return Err(too_deep(self.span()));
        }
        let start = self.span();
        let mut left = if self.accept(&Token::Operator(Op::Subtract)) {
            let operand = self.expr(NEGATION)?;
            let below = operand.height;
            self.node(Kind::Negate(Box::new(operand)), start, below)?
        } else {
            self.path()?
        };
        while let Token::Operator(op) = *self.peek() {
            let binds = precedence(op);
            if binds < least.max(1) {
                break;
            }
            self.advance();
            let right = self.expr(binds + 1)?;
            left = match op {
                Op::And | Op::Or => {
                    let mut parts = vec![left, right];
                    while self.accept(&Token::Operator(op)) {
                        parts.push(self.expr(binds + 1)?);
                    }
                    balanced(op, parts)?
                }
                _ => binary(op, left, right)?,
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    /// A location path, or a primary expression with perhaps predicates and further steps.
    fn path(&mut self) -> Result<Expr, SyntaxError> {
        let start = self.span();
        let mut below = 0;
        let path = match self.peek() {
            Token::Slash => {
                self.advance();
                let steps = if self.starts_step() {
                    self.steps(&mut below)?
                } else {
                    Vec::new()
                };
                Path {
                    start: Start::Root,
                    steps,
                }
            }
            Token::DoubleSlash => {
                let mut steps = Vec::new();
                self.more_steps(&mut steps, &mut below)?;
                Path {
                    start: Start::Root,
                    steps,
                }
            }
            _ if self.starts_primary() => {
                let primary = self.primary()?;
                below = primary.height;
                let predicates = self.predicates(&mut below)?;
                let mut steps = Vec::new();
                self.more_steps(&mut steps, &mut below)?;
                if predicates.is_empty() && steps.is_empty() {
                    return Ok(primary);
                }
                Path {
                    start: Start::From(Box::new(primary), predicates),
                    steps,
                }
            }
            _ if self.starts_step() => Path {
                start: Start::Here,
                steps: self.steps(&mut below)?,
            },
            Token::End => {
                return Err(self.error(
                    "the expression ends where a value should follow.",
                    "Complete it, or take the last operator out.",
                ));
            }
            Token::Operator(Op::Equal) => {
                return Err(self.error(
                    "there is one `=` too many.",
                    "Write a single `=` to compare.",
                ));
            }
            _ => {
                return Err(self.error(
                    "a value is missing here.",
                    "Write a number, a quoted text, `${name}` or a function.",
                ));
            }
        };
        self.node(Kind::Path(path), start, below)
    }

    fn starts_primary(&self) -> bool {
        match self.peek() {
            Token::Number(_)
            | Token::Text(_)
            | Token::Reference(_)
            | Token::Variable(_)
            | Token::Open => true,
            Token::Name(name) => *self.peek_at(1) == Token::Open && !is_node_type(name),
            _ => false,
        }
    }

    fn starts_step(&self) -> bool {
        matches!(
            self.peek(),
            Token::Name(_) | Token::Any | Token::Dot | Token::DoubleDot | Token::At
        )
    }

    fn primary(&mut self) -> Result<Expr, SyntaxError> {
        let start = self.span();
        let token = self.peek().clone();
        self.advance();
        let mut below = 0;
        let kind = match token {
            Token::Number(number) => Kind::Number(number),
            Token::Text(text) => Kind::Text(text),
            Token::Reference(name) => Kind::Reference(name),
            Token::Variable(name) => Kind::Variable(name),
            Token::Open => {
                let inner = self.expr(0)?;
                self.expect(&Token::Close, ")")?;
                return Ok(inner);
            }
            Token::Name(name) => {
                self.advance();
                let mut arguments = Vec::new();
                if !self.accept(&Token::Close) {
                    loop {
                        let argument = self.expr(0)?;
                        below = below.max(argument.height);
                        arguments.push(argument);
                        if !self.accept(&Token::Comma) {
                            break;
                        }
                    }
                    self.expect(&Token::Close, ")")?;
                }
                Kind::Call(name, arguments)
            }
            _ => return Err(self.error("a value is missing here.", "Write one.")),
        };
        self.node(kind, start, below)
    }

    fn steps(&mut self, below: &mut u16) -> Result<Vec<Step>, SyntaxError> {
        let mut steps = vec![self.step(below)?];
        self.more_steps(&mut steps, below)?;
        Ok(steps)
    }

    fn more_steps(&mut self, steps: &mut Vec<Step>, below: &mut u16) -> Result<(), SyntaxError> {
        loop {
            let span = self.span();
            if self.accept(&Token::DoubleSlash) {
                let axis = Axis::DescendantOrSelf;
                steps.push(Step {
                    axis,
                    test: Test::Node,
                    predicates: Vec::new(),
                    span,
                });
            } else if !self.accept(&Token::Slash) {
                return Ok(());
            }
            steps.push(self.step(below)?);
        }
    }

    fn step(&mut self, below: &mut u16) -> Result<Step, SyntaxError> {
        let span = self.span();
        let short = match self.peek() {
            Token::Dot => Some(Axis::ItSelf),
            Token::DoubleDot => Some(Axis::Parent),
            _ => None,
        };
        if let Some(axis) = short {
            self.advance();
            // XPath's grammar has no predicate after `.` and `..`, but form engines take it.
            let predicates = self.predicates(below)?;
            return Ok(Step {
                axis,
                test: Test::Node,
                predicates,
                span,
            });
        }
        let axis = if self.accept(&Token::At) {
            Axis::Attribute
        } else if let (Token::Name(name), Token::Axis) = (self.peek(), self.peek_at(1)) {
            let Some((_, axis)) = Axis::ALL.into_iter().find(|(known, _)| known == name) else {
                let cure = did_you_mean(
                    name,
                    Axis::ALL.into_iter().map(|(known, _)| known),
                    "Use an axis such as `child`, `parent` or `ancestor`.",
                );
                return Err(self.error(&format!("there is no axis `{name}`."), &cure));
            };
            self.advance();
            self.advance();
            axis
        } else {
            Axis::Child
        };
        let test = self.test()?;
        let predicates = self.predicates(below)?;
        Ok(Step {
            axis,
            test,
            predicates,
            span,
        })
    }

    fn test(&mut self) -> Result<Test, SyntaxError> {
        match self.peek().clone() {
            Token::Any => {
                self.advance();
                Ok(Test::Any)
            }
            Token::Name(name) if *self.peek_at(1) == Token::Open && is_node_type(&name) => {
                self.advance();
                self.advance();
                if matches!(self.peek(), Token::Text(_)) {
                    self.advance();
                }
                self.expect(&Token::Close, ")")?;
                Ok(match name.as_str() {
                    "node" => Test::Node,
                    "text" => Test::Text,
                    _ => Test::Nothing,
                })
            }
            Token::Name(name) => {
                self.advance();
                Ok(Test::Name(name))
            }
            _ => Err(self.error(
                "a name is missing after `/`.",
                "Write the name of a question.",
            )),
        }
    }

    fn predicates(&mut self, below: &mut u16) -> Result<Vec<Expr>, SyntaxError> {
        let mut predicates = Vec::new();
        while self.accept(&Token::OpenBracket) {
            let predicate = self.expr(0)?;
            self.expect(&Token::CloseBracket, "]")?;
            *below = predicate.height.max(*below);
            predicates.push(predicate);
        }
        Ok(predicates)
    }
}

fn is_node_type(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
}

/// A tree, above others that are so high.
fn expr(kind: Kind, span: Span, below: u16) -> Result<Expr, SyntaxError> {
    if below >= MAX_HEIGHT {
        return Err(too_deep(span));
    }
    Ok(Expr {
        kind,
        span,
        height: below + 1,
    })
}

fn binary(op: Op, left: Expr, right: Expr) -> Result<Expr, SyntaxError> {
    let span = Span {
        start: left.span.start,
        end: right.span.end,
    };
    let below = left.height.max(right.height);
    expr(
        Kind::Binary(op, Box::new(left), Box::new(right)),
        span,
        below,
    )
}

/// Joins conditions as a tree that is no higher than it must be: authors write hundreds of them in a row, and `and` and
/// `or` mean the same however they are joined.
fn balanced(op: Op, mut parts: Vec<Expr>) -> Result<Expr, SyntaxError> {
    let right = parts.split_off(parts.len().div_ceil(2));
    let side = |mut parts: Vec<Expr>| match parts.len() {
        1 => Ok(parts.remove(0)),
        _ => balanced(op, parts),
    };
    binary(op, side(parts)?, side(right)?)
}

fn too_deep(span: Span) -> SyntaxError {
    SyntaxError::new(
        span,
        format!("the expression is nested more than {MAX_HEIGHT} levels deep."),
        "Split it over several `calculate` rows.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as text with every pair of operands in brackets.
    fn shape(source: &str) -> String {
        fn show(expr: &Expr) -> String {
            match &expr.kind {
                Kind::Number(number) => number.to_string(),
                Kind::Text(text) => format!("'{text}'"),
                Kind::Reference(name) | Kind::Variable(name) => format!("${name}"),
                Kind::Negate(inner) => format!("-{}", show(inner)),
                Kind::Binary(op, a, b) => format!("({} {op:?} {})", show(a), show(b)),
                Kind::Call(name, arguments) => {
                    format!(
                        "{name}({})",
                        arguments.iter().map(show).collect::<Vec<_>>().join(",")
                    )
                }
                Kind::Path(path) => {
                    let mut text = match &path.start {
                        Start::Root => "/".to_owned(),
                        Start::Here => String::new(),
                        Start::From(primary, predicates) => {
                            let predicates: String = predicates
                                .iter()
                                .map(|p| format!("[{}]", show(p)))
                                .collect();
                            format!("{}{predicates}/", show(primary))
                        }
                    };
                    for step in &path.steps {
                        text += &format!("{:?}::{:?}", step.axis, step.test);
                        text.extend(step.predicates.iter().map(|p| format!("[{}]", show(p))));
                        text.push('/');
                    }
                    text
                }
            }
        }
        show(&parse(source).unwrap())
    }

    #[test]
    fn operators_bind_as_xpath_says() {
        assert_eq!(shape("1 or 2 and 3"), "(1 Or (2 And 3))");
        assert_eq!(
            shape("1 + 2 * 3 - 4"),
            "((1 Add (2 Multiply 3)) Subtract 4)"
        );
        assert_eq!(shape("1 = 2 < 3"), "(1 Equal (2 Less 3))");
        assert_eq!(shape("- 1 * 2"), "(-1 Multiply 2)");
        assert_eq!(shape("-${a} | ${b}"), "-($a Union $b)");
        assert_eq!(shape("(1 + 2) * 3"), "((1 Add 2) Multiply 3)");
    }

    #[test]
    fn paths_have_axes_predicates_and_short_forms() {
        assert_eq!(shape("../x"), "Parent::Node/Child::Name(\"x\")/");
        assert_eq!(
            shape("//x[1]"),
            "/DescendantOrSelf::Node/Child::Name(\"x\")[1]/"
        );
        assert_eq!(
            shape("${r}[. = 1]/x"),
            "$r[(ItSelf::Node/ Equal 1)]/Child::Name(\"x\")/"
        );
        assert_eq!(
            shape("preceding-sibling::*[last()]"),
            "PrecedingSibling::Any[last()]/"
        );
        assert_eq!(
            shape("current()/../text()"),
            "current()/Parent::Node/Child::Text/"
        );
    }

    #[test]
    fn an_unfinished_expression_names_what_is_missing() {
        let message = |source: &str| parse(source).unwrap_err().message;
        assert_eq!(
            message("1 +"),
            "the expression ends where a value should follow."
        );
        assert_eq!(message("if(1, 2"), "`)` is missing.");
        assert_eq!(
            message("1 2"),
            "something follows where the expression should end."
        );
        assert_eq!(message("a == b"), "there is one `=` too many.");
        assert_eq!(message("pares::x"), "there is no axis `pares`.");
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused_without_exhausting_the_stack() {
        for source in [
            "(".repeat(100_000),
            "-".repeat(100_000),
            "1+".repeat(100_000) + "1",
            "not(".repeat(100_000),
            "a[".repeat(100_000),
        ] {
            assert!(parse(&source).unwrap_err().message.contains("levels deep"));
        }
    }
}
