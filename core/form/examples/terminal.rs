//! Fills a form in a terminal, page by page: `terminal FORM`. All that is drawn comes from the screen model.
#![allow(clippy::print_stdout, reason = "it is there to print")]

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use ketuk_form::{
    Answer, Context, Control, Error, Form, Go, Item, Question, Screen, Session, Workbook,
};

const HELP: &str = "\
Write `2 Siti` to answer what has the number 2, `2` alone to take its answer back, `+ 2` to add to a roster,
`b` to go back, nothing to go on, `q` to leave. On the last page, going on finishes the form.";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("which form?")?;
    let form = Arc::new(Form::compile(&Workbook::open(Path::new(&file))?)?);
    let mut context = Context::on(jiff::ZonedDateTime::now().date());
    // Ids of instances are drawn from it: a real visit takes it from a good source of chance.
    context.seed = std::process::id().into();
    let mut session = Session::new(form, context);
    println!("{HELP}");
    let mut lines = std::io::stdin().lock().lines();
    loop {
        let screen = session.screen();
        draw(&screen);
        print!("> ");
        std::io::stdout().flush()?;
        let Some(line) = lines.next() else { break };
        match line?.trim() {
            "q" => break,
            "b" => drop(session.go(Go::Back)),
            "" if screen.position == screen.of => match session.finish() {
                Ok(document) => {
                    println!("{}", document.as_str());
                    break;
                }
                Err(problems) => {
                    for problem in problems {
                        println!("! {}: {}", problem.path, problem.message);
                    }
                }
            },
            "" => drop(session.go(Go::Next)),
            said => {
                if let Err(error) = act(&mut session, &screen, said) {
                    println!("! {error}");
                }
            }
        }
    }
    Ok(())
}

/// Answers a question, or adds an instance to a repeat.
fn act(session: &mut Session, screen: &Screen, said: &str) -> Result<(), Error> {
    let (adds, said) = match said.strip_prefix('+') {
        Some(rest) => (true, rest.trim()),
        None => (false, said),
    };
    let (number, answer) = said.split_once(' ').unwrap_or((said, ""));
    let place = number
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1));
    let item = place.and_then(|place| screen.items.get(place));
    let path = item.map_or(number, Item::path);
    if adds {
        session.add(path)?;
    } else {
        session.answer(path, Answer::Text(answer.to_owned()))?;
    }
    Ok(())
}

fn draw(screen: &Screen) {
    let subject = screen.subject.as_deref().unwrap_or_default();
    println!(
        "\n{} / {}  {} {subject}",
        screen.position, screen.of, screen.title
    );
    for (number, item) in (1..).zip(&screen.items) {
        match item {
            Item::Heading { label, .. } => println!("   {label}"),
            Item::Note(question) | Item::Question(question) => draw_question(number, question),
            Item::Roster(roster) => {
                println!("{number}. {}", roster.label);
                for card in &roster.cards {
                    println!("     {} {} ({})", card.position, card.title, card.subtitle);
                }
            }
        }
    }
}

fn draw_question(number: usize, question: &Question) {
    let answer = match &question.value {
        Answer::Empty => String::new(),
        Answer::Text(text) | Answer::Choice(text) => format!(": {text}"),
        Answer::Choices(codes) => format!(": {}", codes.join(" ")),
    };
    let required = if question.required { " *" } else { "" };
    println!("{number}. {}{required}{answer}", question.label);
    if let Control::Choice(choices) | Control::Choices(choices) | Control::Rank(choices) =
        &question.control
    {
        for choice in &choices.choices {
            let mark = if choice.chosen { 'x' } else { ' ' };
            println!("     [{mark}] {} {}", choice.code, choice.label);
        }
    }
    for problem in question.problem.iter().chain(&question.warning) {
        println!("     ! {}", problem.message);
    }
}
