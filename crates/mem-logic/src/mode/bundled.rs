//! The modes that are built in: `code`, its quieter sister, and one variant for each language.
//!
//! A language is a row of one table: it changes what language the prose is in and nothing else, so no variant can fall
//! behind the mode it varies. Tags, types and concepts stay English, because programs read them.

use serde_json::{Value, json};

const CODE: &str = include_str!("code.json");
const CHILL: &str = include_str!("code--chill.json");

/// `(code, English name, own name)`; the codes are those that existing settings name.
const LANGUAGES: [(&str, &str, &str); 29] = [
    ("ar", "Arabic", "العربية"),
    ("bn", "Bengali", "বাংলা"),
    ("cs", "Czech", "čeština"),
    ("da", "Danish", "dansk"),
    ("de", "German", "Deutsch"),
    ("el", "Greek", "ελληνικά"),
    ("es", "Spanish", "español"),
    ("fi", "Finnish", "suomi"),
    ("fr", "French", "français"),
    ("he", "Hebrew", "עברית"),
    ("hi", "Hindi", "हिन्दी"),
    ("hu", "Hungarian", "magyar"),
    ("id", "Indonesian", "bahasa Indonesia"),
    ("it", "Italian", "italiano"),
    ("ja", "Japanese", "日本語"),
    ("ko", "Korean", "한국어"),
    ("nl", "Dutch", "Nederlands"),
    ("no", "Norwegian", "norsk"),
    ("pl", "Polish", "polski"),
    ("pt-br", "Brazilian Portuguese", "português do Brasil"),
    ("ro", "Romanian", "română"),
    ("ru", "Russian", "русский"),
    ("sv", "Swedish", "svenska"),
    ("th", "Thai", "ไทย"),
    ("tr", "Turkish", "Türkçe"),
    ("uk", "Ukrainian", "українська"),
    ("ur", "Urdu", "اردو"),
    ("vi", "Vietnamese", "Tiếng Việt"),
    ("zh", "Chinese", "中文"),
];

/// The built-in modes: id and name, `code` first.
pub fn bundled() -> Vec<(String, String)> {
    let languages = LANGUAGES.iter().map(|(code, ..)| format!("code--{code}"));
    let ids = ["code", "code--chill"].into_iter().map(str::to_owned).chain(languages);
    ids.map(|id| {
        let name = file(&id).and_then(|file| Some(file.get("name")?.as_str()?.to_owned()));
        (id, name.expect("every built-in mode has a name"))
    })
    .collect()
}

/// The file of a built-in mode, or of a built-in override.
pub(super) fn file(id: &str) -> Option<Value> {
    let built_in = |text| serde_json::from_str(text).expect("the built-in modes are valid");
    match id {
        "code" => Some(built_in(CODE)),
        "code--chill" => Some(built_in(CHILL)),
        _ => {
            let code = id.strip_prefix("code--")?;
            LANGUAGES.iter().find(|(known, ..)| *known == code).map(|(_, english, own)| variant(english, own))
        }
    }
}

fn variant(english: &str, own: &str) -> Value {
    json!({
        "name": format!("Code, in {english} ({own})"),
        "prompts": {
            "language": format!(
                "Write all prose in {english} ({own}): title, subtitle, facts, narrative and every field of the \
                 summary. Tags, types, concepts, paths, commands, code and names in code stay as they are."
            ),
        },
    })
}
