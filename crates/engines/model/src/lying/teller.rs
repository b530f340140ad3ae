//! Sentences that are wrong, each in one way.

use super::Lie;
use crate::check::sentences;
use crate::source::{Source, SourceArticle};

/// SplitMix64 (Steele, Lea, Flood 2014): a few lines, the same everywhere.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }
}

/// Makes sentences about the first article of a source.
pub(super) struct Teller<'a> {
    pub(super) chance: Chance,
    pub(super) article: &'a SourceArticle,
    pub(super) all: &'a Source,
}

impl Teller<'_> {
    fn japanese(&self) -> bool {
        self.article.question.chars().any(text::normal::is_kana)
    }

    pub(super) fn gap(&self) -> &'static str {
        if self.japanese() { "" } else { " " }
    }

    /// All that the first article says.
    fn said(&self) -> String {
        let a = self.article;
        let facts: Vec<String> = a.facts.iter().map(|f| format!("{}\n{}", f.label, f.value)).collect();
        [&a.question, &a.summary, &a.answer, &facts.join("\n"), &a.section, &a.phone, &a.also.join("\n")]
            .map(String::as_str)
            .join("\n")
    }

    /// A number that does not stand in the article.
    fn number(&mut self, from: usize, to: usize) -> usize {
        let said = text::normal::normalise(&self.said()).replace(',', "");
        let taken: Vec<&str> = said.split(|c: char| !c.is_ascii_digit()).collect();
        loop {
            let n = from + self.chance.below(to - from);
            if !taken.contains(&n.to_string().as_str()) || to - from < 4 {
                return n;
            }
        }
    }

    /// Words that do not stand in the article.
    fn new_word<'w>(&mut self, of: &[&'w str]) -> Option<&'w str> {
        let said = self.said();
        let left: Vec<&str> = of.iter().copied().filter(|w| !said.contains(w)).collect();
        (!left.is_empty()).then(|| self.chance.one(&left))
    }

    pub(super) fn lie(&mut self, lie: Lie) -> Option<String> {
        Some(match lie {
            Lie::Amount => {
                let n = self.number(101, 4800);
                self.altered(&["円", " yen"], &n.to_string()).unwrap_or_else(|| {
                    self.say(
                        &["手数料は#円です。", "費用として#円がかかります。", "1人につき#円が必要です。"],
                        &["The fee is # yen.", "You pay # yen at the counter."],
                        &n.to_string(),
                    )
                })
            }
            Lie::Date => {
                let (month, day) = (1 + self.chance.below(12), self.number(1, 29));
                let date = format!("{month}月{day}日");
                let english = format!("{} {day}", ["January", "June", "October"][month % 3]);
                if self.japanese() {
                    self.say(&["期限は#です。", "#までに届け出てください。", "#から受け付けます。"], &[], &date)
                } else {
                    self.say(&[], &["The deadline is #.", "Applications open on #."], &english)
                }
            }
            Lie::Time => {
                let (hour, minute) = (self.number(6, 23), 5 * self.chance.below(12));
                let form = self.chance.below(3);
                let time = match (self.japanese(), form) {
                    (true, 0) => format!("{hour}時{minute}分"),
                    (true, 1) => format!("午後{}時", 6 + hour % 5),
                    _ => format!("{hour}:{minute:02}"),
                };
                self.say(
                    &["受付は#までです。", "窓口は#から開いています。"],
                    &["The counter closes at #.", "We are open from #."],
                    &time,
                )
            }
            Lie::Percent => {
                let n = self.number(2, 99).to_string();
                self.say(
                    &["#%の割引があります。", "料金の#パーセントが戻ります。", "費用の#％を市が負担します。"],
                    &["You get # percent back.", "The city pays #% of the cost."],
                    &n,
                )
            }
            Lie::Duration => {
                let n = self.number(2, 60).to_string();
                let altered =
                    self.altered(&["日以内", "日間", "か月", "週間", "年間", "日前", " days", " months", " weeks"], &n);
                altered.unwrap_or_else(|| {
                    self.say(
                        &["#日以内に届け出てください。", "手続きには#週間かかります。", "#か月前から申し込めます。"],
                        &["It takes # weeks.", "Please come within # days."],
                        &n,
                    )
                })
            }
            Lie::Phone => {
                let (a, b) = (100 + self.chance.below(900), 1000 + self.chance.below(9000));
                let form =
                    self.chance.one(&["0#-", "(0#)", "０#-"]).replace('#', &(20 + self.chance.below(70)).to_string());
                self.say(
                    &["電話は#です。", "お急ぎの方は#へお電話ください。"],
                    &["Call # for details.", "Our phone number is #."],
                    &format!("{form}{a}-{b}"),
                )
            }
            Lie::Link => {
                let link = self.chance.one(&[
                    "https://www.minamo-tetsuzuki.example/form",
                    "www.shiyakusho-online.com",
                    "ｈｔｔｐｓ：／／ｃｉｔｙ．ｅｘａｍｐｌｅ",
                    "[申請ページ](https://form.example/x)",
                    "minamo-city.info",
                ]);
                self.say(&["くわしくは#をご覧ください。", "#から申し込めます。"], &["See #.", "Apply at # now."], link)
            }
            Lie::Mail => {
                let n = self.number(2, 99);
                self.say(
                    &["#へメールを送ってください。"],
                    &["Please write to #."],
                    &format!("madoguchi{n}@city-office.example"),
                )
            }
            Lie::Section => {
                let name = self.new_word(&[
                    "生活支援課",
                    "市民総務課",
                    "戸籍住民係",
                    "すこやか推進課",
                    "環境企画室",
                    "危機対策室",
                    "総合案内係",
                    "納付相談課",
                    "くらし安心課",
                ])?;
                let english =
                    self.new_word(&["Civil Registry Division", "Welfare Support Section", "Harbor Office"])?;
                let name = if self.japanese() { name } else { english };
                self.say(
                    &["担当は#です。", "#へお越しください。", "届け出は#で受け付けます。"],
                    &["Please go to the #.", "The # handles this."],
                    name,
                )
            }
            Lie::Place => {
                let name = self.new_word(&[
                    "北支所",
                    "中央公民館",
                    "駅前市民センター",
                    "西区役所",
                    "総合福祉会館",
                    "青葉市",
                    "みどりプラザ",
                    "第二庁舎窓口",
                    "県税事務所",
                ])?;
                let english = self.new_word(&["North Branch Office", "Aoba City", "Central Community Center"])?;
                let name = if self.japanese() { name } else { english };
                self.say(
                    &["#でも手続きができます。", "場所は#です。", "書類は#で受け取ってください。"],
                    &["You can also go to #.", "The place is #."],
                    name,
                )
            }
            Lie::KanjiNumber => {
                let kanji = kanji(self.number(3, 980));
                self.say(
                    &[
                        "手数料は#円です。",
                        "#日以内に届け出てください。",
                        "#枚の書類を出してください。",
                        "#歳以上の方が対象です。",
                    ],
                    &["It costs #円."],
                    &kanji,
                )
            }
            Lie::WideNumber => {
                let wide: String = self
                    .number(3, 980)
                    .to_string()
                    .chars()
                    .map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap_or(c))
                    .collect();
                self.say(
                    &[
                        "手数料は#円です。",
                        "#日以内に届け出てください。",
                        "#歳以上の方が対象です。",
                        "#回まで使えます。",
                    ],
                    &["It takes # days."],
                    &wide,
                )
            }
            Lie::Era => {
                let (year, month, day) =
                    (3 + self.chance.below(9), 1 + self.chance.below(12), 1 + self.chance.below(28));
                let form = self.chance.below(3);
                let date = match form {
                    0 => format!("令和{year}年{month}月{day}日"),
                    1 => format!("令和{}年{}月{}日", kanji(year), kanji(month), kanji(day)),
                    _ => format!("R{year}.{month}.{day}"),
                };
                self.say(&["#から始まりました。", "期限は#です。"], &["It started on #."], &date)
            }
            Lie::Weekday => {
                let day = self.new_word(&["土曜日", "日曜日", "水曜日", "木曜日", "祝日"])?;
                let english = self.new_word(&["Saturday", "Sunday", "Wednesday"])?;
                let day = if self.japanese() { day } else { english };
                self.say(&["#も窓口を開けています。", "#に受け付けています。"], &["We are also open on #."], day)
            }
            Lie::Form => {
                let name = self.new_word(&[
                    "住所異動申告書",
                    "世帯分離届",
                    "特例申請書",
                    "納付猶予請求書",
                    "「居住確認票」",
                    "「緊急連絡カード」",
                    "減免同意書",
                ])?;
                self.say(&["#を出してください。", "#に記入してお持ちください。"], &["Please fill in #."], name)
            }
            Lie::Brand => {
                let name = self.new_word(&[
                    "ペイペイ",
                    "スマートロッカー",
                    "クレジットカード",
                    "LINE",
                    "Suica",
                    "コンシェルジュ",
                    "ゴールドプラン",
                ])?;
                self.say(&["#で支払えます。", "#を使って手続きしてください。"], &["You can use PayPay or #."], name)
            }
            Lie::Moved => self.moved()?,
            Lie::Opposite => self.opposite()?,
            Lie::Placeholder => {
                let known: Vec<&str> = self.article.keys().collect();
                let form = self.chance.below(4);
                match form {
                    0 => "手数料は{{a1.price}}です。".to_owned(),
                    1 => "手数料は{{a9.fee}}です。".to_owned(),
                    2 if known.contains(&"deadline") => "手数料は{{a1.deadline}}です。".to_owned(),
                    _ => "電話番号は{a1.phone}です。".to_owned(),
                }
            }
            Lie::Claim => self.claim(),
        })
    }

    /// A sentence with something in place of `#`.
    fn say(&mut self, japanese: &[&str], english: &[&str], word: &str) -> String {
        let of = if self.japanese() || english.is_empty() { japanese } else { english };
        self.chance.one(of).replace('#', word)
    }

    /// A sentence of the article with another number before one of some counters.
    fn altered(&mut self, counters: &[&str], number: &str) -> Option<String> {
        let all: Vec<String> = sentences(&format!("{}\n{}", self.article.summary, self.article.answer));
        let mut found = Vec::new();
        for sentence in all {
            for counter in counters {
                let Some(at) = sentence.find(counter) else { continue };
                let head = sentence[..at].trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
                if head.len() < at {
                    found.push(format!("{head}{number}{}", &sentence[at..]));
                }
            }
        }
        let chosen = self.chance.below(found.len());
        found.into_iter().nth(chosen)
    }

    /// A fact of the second article that the first does not share, told of the first.
    fn moved(&mut self) -> Option<String> {
        let other = self.all.articles.get(1)?;
        let said = self.said();
        let digits = |v: &str| v.chars().any(|c| c.is_ascii_digit());
        let fit = |f: &&crate::source::Fact| digits(&f.value) && !said.contains(&f.value);
        let facts: Vec<_> = other.facts.iter().filter(fit).collect();
        let fact = facts.get(self.chance.below(facts.len()))?;
        let topic = self.article.question.trim_end_matches(['か', '。', '？', '?']);
        // Only the part of the value that holds a number the first article lacks.
        let mine = text::normal::normalise(&said).replace(',', "");
        let theirs = text::normal::normalise(&fact.value).replace(',', "");
        let new = theirs.split(|c: char| !c.is_ascii_digit()).any(|n| !n.is_empty() && !mine.contains(n));
        if !new {
            return None;
        }
        Some(match self.chance.below(2) {
            0 => format!("{topic}。{}は{}です。", fact.label, fact.value),
            _ => format!("{topic}、その{}は{{{{a2.{}}}}}です。", fact.label, fact.key),
        })
    }

    /// A sentence of the article turned round.
    fn opposite(&mut self) -> Option<String> {
        let turns = [
            ("必要です", "必要ありません"),
            ("できます", "できません"),
            ("できません", "できます"),
            ("無料", "有料"),
            ("かかりません", "かかります"),
            ("いりません", "必要です"),
            ("不要です", "必要です"),
            ("出せません", "出せます"),
            ("出してください", "出さないでください"),
            ("渡してください", "渡さないでください"),
            ("話してください", "話さないでください"),
            ("してください", "しないでください"),
            ("なります", "なりません"),
            ("受けられます", "受けられません"),
            ("使えません", "使えます"),
            ("使えます", "使えません"),
            ("以上", "以下"),
            ("以内", "以上"),
            (" can ", " cannot "),
            ("cannot", "can"),
            ("need to", "do not need to"),
            ("free", "not free"),
        ];
        let facts: Vec<String> = self.article.facts.iter().map(|f| format!("{}は{}。", f.label, f.value)).collect();
        let all = sentences(&format!("{}\n{}\n{}", self.article.summary, self.article.answer, facts.join("\n")));
        let turned = |s: &String| {
            let (from, to) = turns.iter().find(|(from, _)| s.contains(from))?;
            Some(s.replacen(from, to, 1))
        };
        let found: Vec<String> = all.iter().filter_map(turned).collect();
        found.get(self.chance.below(found.len())).cloned()
    }

    fn claim(&mut self) -> String {
        let noun = self.article.facts.iter().find(|f| f.key == "bring").map_or("書類", |f| f.value.as_str());
        let noun: String = noun.split(['（', '(', '、', '・', '\n']).next().unwrap_or("書類").to_owned();
        self.say(
            &[
                "届け出をしないと罰金をとられます。",
                "急ぐ方は先に案内します。",
                "家族が代わりに申し込むこともできます。",
                "#はコピーでもかまいません。",
                "#がなくても手続きできます。",
                "一度出した書類は返せません。",
                "電話でも申し込めます。",
                "お年寄りは手続きを省けます。",
                "手続きの前に面談を受けてください。",
                "窓口で写真を撮ります。",
                "結果は郵便で知らせます。",
                "混んでいるときは翌朝来てください。",
                "学生は対象になりません。",
                "#は原本を郵送してください。",
                "申請すると必ず認められます。",
                "隣の町に住む人も使えます。",
            ],
            &[
                "You will be fined if you do not apply.",
                "A copy of the document is accepted.",
                "Your neighbor may apply for you.",
                "The result is sent by post.",
                "Students are not eligible.",
                "You must attend an interview first.",
            ],
            &noun,
        )
    }
}

/// A number below 10,000 in kanji.
pub(super) fn kanji(n: usize) -> String {
    let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let mut out = String::new();
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十")] {
        match n / unit % 10 {
            0 => {}
            1 => out.push_str(name),
            d => out.push_str(&format!("{}{name}", digits[d])),
        }
    }
    out + digits[n % 10]
}
