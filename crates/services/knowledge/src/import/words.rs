//! What is wrong with a table, in Japanese, for the page on which staff bring files in. The terminal says the
//! same in English; both stand in this crate, and a fault without a sentence here is shown in English.

/// Where a known English reason begins, or what it holds, and what the page says.
const SENTENCES: &[(&str, &str)] = &[
    ("stands twice in the head", "1行目に同じ列が2つあります。1つにしてください。"),
    ("is not a column;", "この名前の列はありません。書き出したファイルの列の名前に合わせてください。"),
    ("is missing from the head", "1行目にこの列がありません。列を足してください。"),
    ("the file is empty;", "ファイルが空です。1行目に列の名前が要ります。"),
    ("is not a day like 2026-10-03", "日付ではありません。2026-10-03 のように入れてください。"),
    ("is empty; give the day of the last check", "空です。最後に確かめた日を入れてください。"),
    ("is not ja, easy or en", "ja・easy・en のどれかにしてください。"),
    ("has two rows in", "同じ記事コードに同じ言語の行が2つあります。1つにしてください。"),
    (
        "has no Japanese row in this file",
        "この記事コードの日本語（ja）の行が、ファイルにありません。行を足してください。",
    ),
    ("stands already in", "同じ記事コードがほかの行にもあります。1つにしてください。"),
    ("has more than", "文字が多すぎます。短くしてください。"),
    ("is of an unknown kind;", "このファイルは読めません。CSV・Excel（.xlsx）・TOML のファイルを選んでください。"),
    ("UTF-16", "文字コードがちがいます。「CSV UTF-8」で保存し直してください。"),
    ("is not UTF-8", "文字コードがちがいます。UTF-8で保存し直してください。"),
    ("parts its cells by", "セルの区切りがコンマではありません。コンマ区切りのCSVで保存し直してください。"),
    ("has a password", "パスワードが付いているか、古い .xls です。パスワードなしの .xlsx で保存し直してください。"),
];

/// The sentence for an English reason, if there is one.
pub(super) fn japanese(reason: &str) -> Option<&'static str> {
    SENTENCES.iter().find(|(part, _)| reason.contains(part)).map(|(_, sentence)| *sentence)
}

#[cfg(test)]
mod tests {
    use crate::KnowledgeError;
    use crate::import::read_file;

    #[test]
    fn faults_of_tables_are_told_in_japanese() {
        let head = "code,lang,question,summary,answer,topics,section,checked_on\n";
        let row = |lang: &str, day: &str| format!("a,{lang},q,s,x,moving,shimin,{day}\n");
        let files = [
            ("x.csv", String::new()),
            ("x.pdf", "x".into()),
            ("x.csv", head.replace("topics,", "")),
            ("x.csv", head.replace("topics", "code")),
            ("x.csv", head.replace("lang", "tongue")),
            ("x.csv", head.replace(',', ";")),
            ("x.csv", format!("{head}{}", row("ja", "きのう"))),
            ("x.csv", format!("{head}{}", row("ja", ""))),
            ("x.csv", format!("{head}{}", row("fr", "2026-10-03"))),
            ("x.csv", format!("{head}{}", row("en", "2026-10-03"))),
            ("x.csv", format!("{head}{0}{0}", row("ja", "2026-10-03"))),
        ];
        for (name, text) in files {
            let Err(KnowledgeError::Refused(problems)) = read_file(name, text.as_bytes()) else {
                panic!("{text} is refused")
            };
            for problem in problems.list {
                assert!(problem.sentence().ends_with('。'), "{text}: {}", problem.reason);
            }
        }
    }
}
