//! Source text to tokens, with XPath 1.0's rules for telling `*`, `and`, `or`, `div` and `mod`
//! as operators from the same words as names (section 3.7 of the recommendation).

use super::ast::{Op, Span};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Text(String),
    /// A name, perhaps with a prefix: `nik`, `jr:choice-name`, `prefix:*`.
    Name(String),
    /// `${name}`
    Reference(String),
    /// `$name`
    Variable(String),
    Operator(Op),
    /// `*` where a name is expected.
    Any,
    Slash,
    DoubleSlash,
    Dot,
    DoubleDot,
    At,
    Axis,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    End,
}

/// Why an expression can't be read, where it happens and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) cure: String,
}

impl SyntaxError {
    pub(crate) fn new(
        span: Span,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> SyntaxError {
        SyntaxError {
            span,
            message: message.into(),
            cure: cure.into(),
        }
    }
}

pub(crate) fn tokens(source: &str) -> Result<Vec<(Token, Span)>, SyntaxError> {
    let mut lexer = Lexer {
        source,
        at: 0,
        tokens: Vec::new(),
    };
    while lexer.next()? {}
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<(Token, Span)>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        while let Some(c) = self.peek().filter(|c| accept(*c)) {
            self.at += c.len_utf8();
        }
        self.source.get(start..self.at).unwrap_or_default()
    }

    fn span(&self, start: usize) -> Span {
        Span {
            start,
            end: self.at,
        }
    }

    /// Reads one token; false at the end.
    fn next(&mut self) -> Result<bool, SyntaxError> {
        self.take_while(char::is_whitespace);
        let start = self.at;
        let Some(c) = self.peek() else {
            self.tokens.push((Token::End, self.span(start)));
            return Ok(false);
        };
        let token = match c {
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '\'' | '‘' | '’' => self.text(&['\'', '‘', '’'])?,
            '"' | '“' | '”' => self.text(&['"', '“', '”'])?,
            '$' => self.dollar()?,
            c if is_name_start(c) => self.name(),
            _ => self.symbol()?,
        };
        self.tokens.push((token, self.span(start)));
        Ok(true)
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') && !self.rest().starts_with("..") {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        // Digits with at most one dot are always a number to Rust.
        Token::Number(self.source[start..self.at].parse().unwrap_or(f64::NAN))
    }

    /// Office programs turn quotes typographic while the author writes: they mean the plain ones.
    fn text(&mut self, quotes: &[char]) -> Result<Token, SyntaxError> {
        let start = self.at;
        let opening = self.peek().map_or(1, char::len_utf8);
        self.at += opening;
        let text = self.take_while(|c| !quotes.contains(&c)).to_owned();
        let Some(closing) = self.peek() else {
            return Err(SyntaxError::new(
                self.span(start),
                "a text is opened with a quote and never closed.",
                "Close it with the same quote.",
            ));
        };
        self.at += closing.len_utf8();
        Ok(Token::Text(text))
    }

    fn dollar(&mut self) -> Result<Token, SyntaxError> {
        let start = self.at;
        self.at += 1;
        if self.peek() != Some('{') {
            let name = self.take_while(is_name_char).to_owned();
            return if name.is_empty() {
                Err(SyntaxError::new(
                    self.span(start),
                    "a `$` stands alone.",
                    "Write `${name}` to mean a question's answer.",
                ))
            } else {
                Ok(Token::Variable(name))
            };
        }
        self.at += 1;
        let name = self.take_while(|c| c != '}' && c != '{').to_owned();
        if self.peek() != Some('}') {
            return Err(SyntaxError::new(
                self.span(start),
                "`${` is never closed.",
                "Write `${name}` with a closing brace.",
            ));
        }
        self.at += 1;
        if name.is_empty()
            || !name
                .chars()
                .all(|c| is_name_char(c) || c == '#' || c == ':')
        {
            return Err(SyntaxError::new(
                self.span(start),
                format!("`${{{name}}}` holds no name."),
                format!(
                    "Write `${{{}}}`, without spaces inside the braces.",
                    name.trim()
                ),
            ));
        }
        Ok(Token::Reference(name))
    }

    fn name(&mut self) -> Token {
        let operator_expected = self.operator_expected();
        let word = self.take_while(is_name_char).to_owned();
        if operator_expected {
            let operator = match word.as_str() {
                "and" => Some(Op::And),
                "or" => Some(Op::Or),
                "div" => Some(Op::Divide),
                "mod" => Some(Op::Modulo),
                _ => None,
            };
            if let Some(operator) = operator {
                return Token::Operator(operator);
            }
        }
        let prefixed = self.rest().starts_with(':') && !self.rest().starts_with("::");
        if prefixed && self.rest()[1..].starts_with(|c| is_name_start(c) || c == '*') {
            self.at += 1;
            if self.peek() == Some('*') {
                self.at += 1;
                return Token::Name(format!("{word}:*"));
            }
            let local = self.take_while(is_name_char);
            return Token::Name(format!("{word}:{local}"));
        }
        Token::Name(word)
    }

    /// Whether what precedes is an operand, so that an operator must follow.
    fn operator_expected(&self) -> bool {
        !matches!(
            self.tokens.last().map(|(token, _)| token),
            None | Some(
                Token::At
                    | Token::Axis
                    | Token::Open
                    | Token::OpenBracket
                    | Token::Comma
                    | Token::Operator(_)
                    | Token::Slash
                    | Token::DoubleSlash
            )
        )
    }

    fn symbol(&mut self) -> Result<Token, SyntaxError> {
        const SYMBOLS: [(&str, Token); 22] = [
            ("::", Token::Axis),
            ("//", Token::DoubleSlash),
            ("..", Token::DoubleDot),
            ("!=", Token::Operator(Op::NotEqual)),
            ("<=", Token::Operator(Op::LessOrEqual)),
            (">=", Token::Operator(Op::GreaterOrEqual)),
            ("/", Token::Slash),
            (".", Token::Dot),
            ("@", Token::At),
            ("(", Token::Open),
            (")", Token::Close),
            ("[", Token::OpenBracket),
            ("]", Token::CloseBracket),
            (",", Token::Comma),
            ("=", Token::Operator(Op::Equal)),
            ("<", Token::Operator(Op::Less)),
            (">", Token::Operator(Op::Greater)),
            ("+", Token::Operator(Op::Add)),
            ("-", Token::Operator(Op::Subtract)),
            ("|", Token::Operator(Op::Union)),
            ("−", Token::Operator(Op::Subtract)),
            ("–", Token::Operator(Op::Subtract)),
        ];
        let start = self.at;
        if self.rest().starts_with('*') {
            let token = if self.operator_expected() {
                Token::Operator(Op::Multiply)
            } else {
                Token::Any
            };
            self.at += 1;
            return Ok(token);
        }
        for (text, token) in SYMBOLS {
            if self.rest().starts_with(text) {
                self.at += text.len();
                return Ok(token);
            }
        }
        let c = self.peek().unwrap_or_default();
        self.at += c.len_utf8();
        let cure = match c {
            '&' => "Write `and`.".to_owned(),
            '!' => "Write `!=` for unequal or `not(…)`.".to_owned(),
            '%' => "Write `mod` for the remainder.".to_owned(),
            '{' | '}' => "Write `${name}` to mean a question's answer.".to_owned(),
            '×' => "Write `*` to multiply.".to_owned(),
            '÷' => "Write `div` to divide.".to_owned(),
            _ => "Take it out, or put it between quotes if it is text.".to_owned(),
        };
        Err(SyntaxError::new(
            self.span(start),
            format!("`{c}` has no meaning in an expression."),
            cure,
        ))
    }
}

/// Whether a text is a name that an expression can write.
pub(crate) fn is_name(text: &str) -> bool {
    let mut signs = text.chars();
    signs.next().is_some_and(is_name_start) && signs.all(is_name_char)
}

pub(crate) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(crate) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '·')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Token> {
        tokens(source)
            .unwrap()
            .into_iter()
            .map(|(token, _)| token)
            .collect()
    }

    #[test]
    fn the_word_div_is_a_name_where_a_name_must_stand_and_an_operator_elsewhere() {
        assert_eq!(
            kinds("div div div"),
            [
                Token::Name("div".into()),
                Token::Operator(Op::Divide),
                Token::Name("div".into()),
                Token::End
            ]
        );
        assert_eq!(
            kinds("* * *"),
            [
                Token::Any,
                Token::Operator(Op::Multiply),
                Token::Any,
                Token::End
            ]
        );
    }

    #[test]
    fn hyphens_and_dots_belong_to_names_and_dots_to_numbers() {
        assert_eq!(
            kinds("a-b.c - .5 - 1."),
            [
                Token::Name("a-b.c".into()),
                Token::Operator(Op::Subtract),
                Token::Number(0.5),
                Token::Operator(Op::Subtract),
                Token::Number(1.0),
                Token::End
            ]
        );
    }

    #[test]
    fn typographic_quotes_are_read_as_plain_ones() {
        assert_eq!(kinds("‘ya’"), kinds("'ya'"));
        assert_eq!(kinds("“ya”"), kinds("\"ya\""));
    }

    #[test]
    fn what_can_not_be_read_is_named_with_its_cure() {
        let cure = |source: &str| tokens(source).unwrap_err().cure;
        assert_eq!(cure("${a"), "Write `${name}` with a closing brace.");
        assert_eq!(
            cure("${ a }"),
            "Write `${a}`, without spaces inside the braces."
        );
        assert_eq!(cure("1 & 2"), "Write `and`.");
        assert_eq!(cure("'ya"), "Close it with the same quote.");
    }
}
