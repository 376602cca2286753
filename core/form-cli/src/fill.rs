//! A form filled by a file of answers.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use jiff::ZonedDateTime;
use jiff::civil::{Date, DateTime};
use ketuk_form::{Context, Session};
use uuid::Uuid;

use crate::answers::{Answers, facts, kinds};
use crate::{input, output};

#[derive(Args)]
pub(crate) struct Fill {
    /// The form.
    file: PathBuf,
    /// The answers: JSON shaped as a document, or an object of paths and answers, taken in their order. An instance
    /// of a repeat is named by its id or its number, as in `anggota[2]/umur`, and is added where it follows the
    /// last. What the form sets itself is passed over.
    answers: PathBuf,
    /// The day of the visit, as in 2023-07-20; today if not given.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// The moment of the visit, as in 2023-07-20T09:30; noon of the day, or now, if not given.
    #[arg(long, value_name = "DATE AND TIME", conflicts_with = "today")]
    now: Option<DateTime>,
    /// The language of sentences, by its name or code.
    #[arg(long)]
    language: Option<String>,
    /// Prints XML as XForms clients send it.
    #[arg(long)]
    xml: bool,
    /// The document of the last visit: its answers are those to begin with.
    #[arg(long, value_name = "DOCUMENT")]
    last_visit: Option<PathBuf>,
    /// The document that was finished last: what `${last-saved#name}` reads.
    #[arg(long, value_name = "DOCUMENT")]
    last_saved: Option<PathBuf>,
    /// A number from which ids of instances and all else that chance gives follow; another each time if not given.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

impl Fill {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<bool> {
        let form = Arc::new(input::form(&self.file)?);
        let mut context = self.context();
        context.language = Some(input::language(&form, self.language.as_deref())?.to_owned());
        let answers = input::json(&self.answers)?;
        let kinds = kinds(&form);
        context.values = facts(&kinds, &answers);
        if let Some(file) = &self.last_saved {
            context.last_saved = Some(input::json(file)?);
        }
        let mut session = match &self.last_visit {
            Some(file) => Session::update_of(form, &input::json(file)?, context),
            None => Session::new(form, context),
        };
        for dropped in session.dropped() {
            output::complain(&format!("{}: was not taken over", dropped.path));
        }
        let mut taker = Answers::new(&mut session, &kinds);
        taker.take(&answers);
        let mut wrong = taker.wrong;
        for path in taker.given {
            if !session.is_relevant(&path) {
                output::complain(&format!(
                    "{path}: does not apply, so its answer is left out"
                ));
            }
        }
        let problems = session.problems().into_iter();
        wrong.extend(problems.map(|problem| format!("{}: {}", problem.path, problem.message)));
        for sentence in &wrong {
            output::complain(sentence);
        }
        let document = session.finish().ok().filter(|_| wrong.is_empty());
        let Some(document) = document else {
            return Ok(false);
        };
        if self.xml {
            let id = format!("uuid:{}", Uuid::new_v4());
            writeln!(out, "{}", session.instance_xml(&id))?;
        } else {
            writeln!(out, "{}", document.as_str())?;
        }
        Ok(true)
    }

    fn context(&self) -> Context {
        let now = ZonedDateTime::now();
        let moment = match (self.now, self.today) {
            (Some(now), _) => now,
            (None, Some(today)) => today.at(12, 0, 0, 0),
            (None, None) => now.datetime(),
        };
        Context {
            now: moment,
            offset: now.offset(),
            seed: self.seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().1),
            ..Context::on(moment.date())
        }
    }
}
