//! The whole path: model, check, judge, placeholders, and the article itself where any of them fails.

use model::{
    Answered, Chat, Echo, Finish, Lie, Lying, ModelError, Pending, Reply, Request, Source, Style, Task, Turn, Why,
    Writer, answer,
};

use crate::support::{WORDS, source};

/// Says what it is told to.
struct Says(Result<&'static str, ModelError>, Finish);

impl Chat for Says {
    fn identity(&self) -> String {
        "says".into()
    }

    fn complete<'a>(&'a self, _: &'a Request) -> Pending<'a> {
        let reply =
            self.0.clone().map(|text| Reply { text: text.into(), tokens_in: None, tokens_out: None, finish: self.1 });
        Box::pin(async move { reply })
    }
}

fn says(text: &'static str) -> Says {
    Says(Ok(text), Finish::Stop)
}

async fn rephrased(chat: &dyn Chat, judge: Option<&dyn Chat>, source: &Source) -> Answered {
    answer(chat, judge, &WORDS, &Task::Rephrase { style: Style::Plain }, source, "引っ越してきました").await
}

#[tokio::test]
async fn the_echo_goes_all_the_way_in_every_language() {
    for style in [Style::Plain, Style::Easy, Style::English] {
        let source = source(&["tennyu"], style);
        let got = answer(&Echo, Some(&Echo), &WORDS, &Task::Rephrase { style }, &source, "?").await;
        assert_ne!(got.raw.as_deref(), Some(""));
        assert!(got.checked.as_ref().is_some_and(|c| c.passed), "{style:?} {got:?}");
        assert!(got.text.contains(&source.articles[0].section) || got.fell_back == Some(Why::Judge), "{got:?}");
    }
    let got = rephrased(&Echo, None, &source(&["tennyu"], Style::Plain)).await;
    assert_eq!(got.fell_back, None);
    assert!(got.text.ends_with("担当課：市民課"), "{}", got.text);
    assert_eq!((got.model.as_str(), got.prompt_version.as_str()), ("echo", model::REPHRASE_VERSION));
}

#[tokio::test]
async fn on_any_failure_the_article_itself_is_used() {
    let source = source(&["tennyu"], Style::Plain);
    let article = format!("{}\n\n{}", source.articles[0].summary.trim(), source.articles[0].answer.trim());
    let slow = ModelError::Slow(5);
    let cases: Vec<(Says, Why)> = vec![
        (Says(Err(slow.clone()), Finish::Stop), Why::Model(slow.to_string())),
        (Says(Ok("転入届を出してください。"), Finish::Length), Why::Unfinished),
        (says(""), Why::Check),
        (says("30日以内に転入届を出してください。"), Why::Check),
        (says("手数料は{{a1.price}}です。"), Why::Check),
    ];
    for (chat, why) in cases {
        let got = rephrased(&chat, None, &source).await;
        assert_eq!((got.text, got.fell_back), (article.clone(), Some(why)));
    }
    let got = rephrased(&Echo, None, &Source::default()).await;
    assert_eq!((got.text.as_str(), got.fell_back), ("", Some(Why::NoSource)));
    for lie in Lie::ALL.into_iter().filter(|l| !matches!(l, Lie::Moved | Lie::Claim | Lie::Opposite)) {
        let got = rephrased(&Lying::new(lie, 1, source.clone()), None, &source).await;
        assert_eq!((got.text, got.fell_back), (article.clone(), Some(Why::Check)), "{lie:?}");
    }
}

#[tokio::test]
async fn a_judge_can_refuse_and_not_save() {
    let source = source(&["tennyu"], Style::Plain);
    let good = says("引っ越した日から14日以内に転入届を出してください。手数料は{{a1.fee}}。");
    let got = rephrased(&good, Some(&says("1: yes\n2: yes")), &source).await;
    assert_eq!(got.fell_back, None);
    assert_eq!(got.text, "引っ越した日から14日以内に転入届を出してください。手数料はかかりません。");
    assert_eq!(got.judged.expect("judged").supported, [true, true]);
    let got = rephrased(&good, Some(&says("1: yes\n2: no")), &source).await;
    assert_eq!(got.fell_back, Some(Why::Judge));
    for silence in ["1: yes", "はい", ""] {
        let got = rephrased(&good, Some(&Says(Ok(silence), Finish::Stop)), &source).await;
        assert!(matches!(got.fell_back, Some(Why::NoVerdict(_))), "{silence}: {got:?}");
    }
    let got = rephrased(&good, Some(&Says(Err(ModelError::Status(500)), Finish::Stop)), &source).await;
    assert!(matches!(got.fell_back, Some(Why::NoVerdict(_))));
    let got = rephrased(&says("30日以内です。"), Some(&says("1: yes")), &source).await;
    assert_eq!((got.fell_back, got.judged), (Some(Why::Check), None));
}

#[tokio::test]
async fn asking_back_names_what_can_be_meant_and_nothing_else() {
    let choices = vec!["転入届を出したい".to_owned(), "転出届を出したい".to_owned()];
    let task = Task::AskBack { style: Style::Plain, choices };
    let source = Source::default();
    let ask = async |chat: &dyn Chat| answer(chat, None, &WORDS, &task, &source, "引っ越し").await;
    let got = ask(&Echo).await;
    assert_eq!(got.fell_back, None, "{got:?}");
    for wrong in ["転入届を出したい", "転居届のことですか。", "14日以内ですか。", "市民課と戸籍係のどちらですか。"]
    {
        let got = ask(&says(wrong)).await;
        assert_eq!(got.fell_back, Some(Why::Check), "{wrong}: {got:?}");
        assert_eq!(got.text, "次のうち、どれのことですか。\n\n- 転入届を出したい\n- 転出届を出したい");
    }
}

#[tokio::test]
async fn a_thread_is_condensed_from_itself() {
    let turn = |writer, text: &str| Turn { writer, text: text.into() };
    let thread = vec![
        turn(Writer::Citizen, "粗大ごみを11月20日に出しましたが、集められていません。ソファが1つです。"),
        turn(Writer::City, "担当に確かめます。受付番号を教えてください。"),
        turn(Writer::Citizen, "受付番号は4821です。"),
    ];
    let task = Task::Condense { thread };
    let condense = async |chat: &dyn Chat| answer(chat, None, &WORDS, &task, &Source::default(), "").await;
    let good = "11月20日に出した粗大ごみ（ソファ1つ）が集められていない。受付番号は4821。";
    let got = condense(&says(good)).await;
    assert_eq!((got.text.as_str(), got.fell_back), (good, None), "{:?}", got.checked);
    for wrong in
        ["11月21日に出した粗大ごみが集められていない。", "受付番号は4812。", "清掃センターの担当が明日集める。"]
    {
        let got = condense(&says(wrong)).await;
        assert_eq!(got.fell_back, Some(Why::Check), "{wrong}");
        assert!(got.text.starts_with("市民：粗大ごみを"), "{}", got.text);
    }
    assert!(condense(&Echo).await.checked.is_some());
}
