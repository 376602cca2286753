//! The questionnaire that the sample's documents are of.

/// The sheets of `forms/pk`, by their names, as the server gives them to phones: a JSON object
/// `{"survey.csv": "type,name,…", …}`.
pub fn questionnaire() -> serde_json::Value {
    serde_json::json!({
        "survey.csv": include_str!("../../forms/pk/survey.csv"),
        "choices.csv": include_str!("../../forms/pk/choices.csv"),
        "settings.csv": include_str!("../../forms/pk/settings.csv"),
    })
}
