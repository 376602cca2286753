//! A plain form of sixty questions: ten pages of six, one of each common type, with skips and checks.

use super::instance::Answers;

const PAGES: usize = 10;

/// Its lists of choices.
pub(crate) const CHOICES: &str = "\
list_name,name,label
yes_no,1,Yes
yes_no,2,No
sources,well,Well
sources,river,River
sources,rain,Rain water
sources,pipe,Pipe
";

/// Its survey.
pub(crate) fn survey() -> String {
    let mut survey = String::from(
        "type,name,label,relevant,constraint,constraint_message,required,appearance\n",
    );
    for page in 1..=PAGES {
        survey += &format!(
            "\
begin_group,page{page},Page {page},,,,,field-list
text,name{page},Name of place {page},,string-length(.) < 100,At most 100 letters,yes,
integer,people{page},People in place {page},,. >= 0 and . <= 10000,0 to 10000,yes,
decimal,area{page},Hectares of place {page},,. > 0,More than 0,,
date,visited{page},Day of the visit to place {page},,. <= today(),Not after today,yes,
select_one yes_no,school{page},Is there a school in place {page}?,${{people{page}}} > 0,,,yes,
select_multiple sources,water{page},Where does {page} get water from?,${{school{page}}} = '1',count-selected(.) <= 3,At most 3,yes,
end_group,,,,,,,
"
        );
    }
    survey
}

/// An answer to each of its questions.
pub(crate) fn answers() -> Answers {
    let mut answers = Answers::new();
    for page in 1..=PAGES {
        let mut answer = |name: &str, value: String| {
            answers.push((format!("/data/page{page}/{name}{page}"), value));
        };
        answer("name", format!("Kampung {page}"));
        answer("people", (page * 37).to_string());
        answer("area", format!("{page}.5"));
        answer("visited", format!("2023-07-{:02}", page + 10));
        answer("school", "1".to_owned());
        answer("water", "well rain".to_owned());
    }
    answers
}
