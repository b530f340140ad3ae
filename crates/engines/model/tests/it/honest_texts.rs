//! Rephrasings that say what the article says. The rules were written with the first set; what the second showed went into
//! them as well; the third was written when they were done: 2 of 24 were refused then, and both reasons were removed.

use model::Style::{self, Easy, English, Plain};

pub(crate) const FIRST: &[(&str, Style, &str)] = &[
    ("tennyu", Plain, "市外から引っ越してきた方は、{{a1.deadline}}に転入届を出してください。"),
    (
        "tennyu",
        Plain,
        "新しい家に住み始めてから14日以内に、市民課か支所で転入届を出してください。引っ越す前には出せませんのでご注意ください。",
    ),
    (
        "tennyu",
        Plain,
        "まず前の市町村で転出届を済ませてから、市民課か支所の窓口で転入届を出してください。手数料は{{a1.fee}}。",
    ),
    ("tennyu", Plain, "お持ちいただくものは、{{a1.bring}}です。場所は{{a1.place}}、受付時間は{{a1.hours}}です。"),
    (
        "tennyu",
        Plain,
        "国民健康保険や児童手当の手続きも、転入届と同じ日にできます。小中学生のお子さんがいる方には、転校先の学校へ出す書類をお渡しします。",
    ),
    ("tennyu", Plain, "3月と4月は窓口が混み合います。来庁予約をしておくと、待ち時間が短くなります。"),
    (
        "tennyu",
        Plain,
        "マイナンバーカードをお持ちなら、転出届はスマートフォンから出せます。窓口では家族全員のカードの住所を書きかえますので、4けたの暗証番号を入力していただきます。",
    ),
    (
        "tennyu",
        Plain,
        "お問い合わせありがとうございます。転入届は引っ越した日から14日以内です。詳しくは{{a1.section}}（電話 {{a1.phone}}）へお問い合わせください。",
    ),
    (
        "tennyu",
        Easy,
        "引っ越(ひっこ)した 日(ひ)から 14日(か) 以内(いない)に、「転入届(てんにゅうとどけ)」を 出(だ)して ください。",
    ),
    (
        "tennyu",
        Easy,
        "新(あたら)しい 家(いえ)に 住(す)む 前(まえ)は 出(だ)す ことが できません。住(す)んでから 市役所(しやくしょ)に 来(き)て ください。",
    ),
    (
        "tennyu",
        Easy,
        "外国人(がいこくじん)は、家族(かぞく) みんなの 在留(ざいりゅう)カードを 持(も)って きて ください。お金(かね)は いりません。",
    ),
    (
        "tennyu",
        Easy,
        "3月(がつ)と 4月(がつ)は 人(ひと)が 多(おお)いです。インターネットで 予約(よやく)が できます。くわしくは {{a1.link}} を 見(み)て ください。",
    ),
    (
        "tennyu",
        English,
        "After you move in, please hand in a moving-in notification (転入届) within 14 days. You cannot do this before you move.",
    ),
    (
        "tennyu",
        English,
        "First, tell your old city that you are leaving. Then come to the {{a1.section}} or a branch office. Please bring: {{a1.bring}}.",
    ),
    ("tennyu", English, "It is free. The office is open {{a1.hours}}."),
    (
        "tennyu",
        English,
        "You can sign up for National Health Insurance and Child Allowance on the same day. Counters are busy in March and April, so please book a time online.",
    ),
    (
        "kazei-shomei",
        Plain,
        "課税証明書は、市民税課と東支所・南支所の窓口のほか、郵送やオンラインでも請求できます。手数料は{{a1.fee}}です。",
    ),
    (
        "kazei-shomei",
        Plain,
        "証明書を出すのは、その年の1月1日に住んでいた市町村です。前の住所が市外だった方は、そちらの市町村に請求してください。",
    ),
    (
        "kazei-shomei",
        Plain,
        "新しい年度の証明書は6月から取れます。何年度のものが必要か、先に提出先に確かめておいてください。",
    ),
    (
        "kazei-shomei",
        Plain,
        "別の世帯の方が代わりに来る場合は、委任状が必要です。まだ収入を申告していない方は、先に市民税の申告をしてください。",
    ),
    ("kazei-shomei", Plain, "所得証明書は1通300円です。{{a1.place}}でお取りいただけます。"),
    (
        "kazei-shomei",
        Easy,
        "課税証明書(かぜいしょうめいしょ)は、市民税課(しみんぜいか)、東支所(ひがししじょ)、南支所(みなみしじょ)で もらえます。1枚(まい) 300円(えん)です。",
    ),
    (
        "kazei-shomei",
        Easy,
        "1月(がつ)1日(ついたち)に ほかの まちに 住(す)んでいた 人(ひと)は、その まちに 聞(き)いて ください。",
    ),
    ("kazei-shomei", Easy, "新(あたら)しい 年度(ねんど)の 紙(かみ)は 6月(がつ)から もらえます。"),
    (
        "kazei-shomei",
        English,
        "You can get a tax certificate at the Residents' Tax Section on the 2nd floor of City Hall, at the East or South Branch, by post or online. Each copy costs 300 yen.",
    ),
    (
        "kazei-shomei",
        English,
        "The city where you lived on January 1 of that year issues the certificate. If you lived somewhere else, please ask that city.",
    ),
    (
        "kazei-shomei",
        English,
        "Certificates for the new fiscal year are available from June. If someone outside your household comes for you, a letter of authorization is needed.",
    ),
    ("juminhyo", Plain, "住民票の写しは、市民課か支所の窓口なら1通300円、コンビニなら1通200円で取れます。"),
    ("juminhyo", Plain, "コンビニで取るにはマイナンバーカードを使います。朝6時30分から夜11時まで利用できます。"),
    (
        "juminhyo",
        Plain,
        "本籍や続き柄、マイナンバーは、頼まないと住民票に入りません。必要かどうか、提出先に先に確かめてください。",
    ),
    (
        "juminhyo",
        Plain,
        "平日に来られない方は、市民課が第2・第4日曜日の9時から12時も開いています。遠くにいる方は郵便でも取れます。",
    ),
    (
        "juminhyo",
        Plain,
        "引っ越した方や亡くなった方の住民票（除票）は、平日に窓口で頼んでください。必要なものは{{a1.bring}}です。",
    ),
    ("juminhyo", Plain, "料金は{{a1.fee}}です。受付時間は{{a1.hours}}です。"),
    (
        "juminhyo",
        Easy,
        "住民票(じゅうみんひょう)の 写(うつ)しは 市役所(しやくしょ)で もらえます。1枚(まい) 300円(えん)です。コンビニは 1枚(まい) 200円(えん)です。",
    ),
    ("juminhyo", Easy, "コンビニは 6時(じ)30分(ぷん)から 23時(じ)まで 使(つか)えます。マイナンバーカードが いります。"),
    (
        "juminhyo",
        Easy,
        "市民課(しみんか)は、2回目(かいめ)と 4回目(かいめ)の 日曜日(にちようび)も 開(あ)いて います。9時(じ)から 12時(じ)までです。",
    ),
    (
        "juminhyo",
        English,
        "A copy of your residence record costs 300 yen at the Citizens' Affairs Section or a branch office. At a convenience store it costs 200 yen with a My Number Card.",
    ),
    (
        "juminhyo",
        English,
        "Convenience stores can be used from 6:30 to 23:00. If you live far away, you can also get a copy by post.",
    ),
    (
        "juminhyo",
        English,
        "Nationality and My Number are only printed if you ask. Please check first what your company or school needs.",
    ),
    (
        "boshi-techo",
        Plain,
        "妊娠届を保健センターの母子保健課か子育て支援課に出すと、その日に母子健康手帳をお渡しします。費用は{{a1.fee}}。",
    ),
    (
        "boshi-techo",
        Plain,
        "病院で妊娠がわかったら、できるだけ早く妊娠届を出してください。届けのときに、保健師や助産師が20分ほど体調などをうかがいます。",
    ),
    (
        "boshi-techo",
        Plain,
        "ご本人が来られないときは、代理の方でも出せます。その場合は委任状と、代理の方の本人確認書類をお持ちください。",
    ),
    (
        "boshi-techo",
        Plain,
        "手帳は、英語・中国語・ベトナム語などのものもあります。なくしたときは同じ窓口でもう一度お渡しします。",
    ),
    ("boshi-techo", Plain, "妊婦健診の費用を助ける券も、その場でお渡しします。"),
    (
        "boshi-techo",
        Easy,
        "妊娠届(にんしんとどけ)を 出(だ)すと、その日(ひ)に 母子健康手帳(ぼしけんこうてちょう)を もらえます。お金(かね)は いりません。",
    ),
    (
        "boshi-techo",
        Easy,
        "窓口(まどぐち)の 人(ひと)と 20分(ぷん)くらい 話(はなし)を します。家族(かぞく)が かわりに 行(い)く ことも できます。",
    ),
    ("boshi-techo", Easy, "英語(えいご)や 中国語(ちゅうごくご)の 手帳(てちょう)も あります。"),
    (
        "boshi-techo",
        English,
        "Please hand in a pregnancy notification at the Health Center or the Child-rearing Support Section on the 3rd floor of City Hall. You will get the handbook on the same day, free of charge.",
    ),
    (
        "boshi-techo",
        English,
        "A public health nurse or midwife will talk with you for about 20 minutes. Handbooks in English, Chinese and Vietnamese are available.",
    ),
    (
        "boshi-techo",
        English,
        "If you cannot come, a family member may come for you with a letter of authorization and their own ID.",
    ),
    (
        "inu-toroku",
        Plain,
        "犬を飼い始めたら、{{a1.deadline}}に登録してください。年に1回、狂犬病の注射も受けさせてください。",
    ),
    (
        "inu-toroku",
        Plain,
        "生後91日以上の犬は、一生に1回の登録が必要です。手数料は登録が3,000円、注射済票が550円です。",
    ),
    ("inu-toroku", Plain, "子犬の場合は、生後90日を過ぎてから30日以内に登録してください。"),
    (
        "inu-toroku",
        Plain,
        "先に動物病院で狂犬病の注射を受け、その証明書を窓口で見せて登録します。受け取った鑑札と注射済票は首輪に付けてください。",
    ),
    ("inu-toroku", Plain, "マイクロチップが入っている犬は、国の登録サイトで飼い主の登録をすれば、市の登録も済みます。"),
    ("inu-toroku", Plain, "市内の協力動物病院なら、注射と登録を一度に済ませることができます。"),
    (
        "inu-jusho-henko",
        Plain,
        "犬を連れて引っ越した方は、引っ越した日から30日以内に、新しい住所の市町村へ届けてください。",
    ),
    (
        "inu-jusho-henko",
        Plain,
        "みなも市に来た方は、前の市町村の鑑札をお持ちください。無料でみなも市の鑑札と取り替えます。なくした方は1,600円かかります。",
    ),
    ("inu-jusho-henko", Plain, "市内で引っ越した方は、ネットか窓口で届け出ができます。"),
    (
        "inu-jusho-henko",
        Plain,
        "市外へ引っ越す方は、みなも市での手続きは不要です。新しい市町村にみなも市の鑑札を持って行ってください。",
    ),
    ("inu-jusho-henko", Plain, "手数料は{{a1.fee}}。受付は{{a1.place}}で、時間は{{a1.hours}}です。"),
    (
        "inu-jusho-henko",
        Plain,
        "犬をもらった方も、もらった日から30日以内に届けが必要です。マイクロチップを国のサイトに登録した犬は、サイトで住所を直せば市への届け出も済みます。",
    ),
];

pub(crate) const SECOND: &[(&str, Style, &str)] = &[
    (
        "juminhyo-yuso",
        Plain,
        "郵送で取るときは、請求書、定額小為替、切手をはった返信用封筒、本人確認書類のコピーを市民課に送ってください。",
    ),
    (
        "juminhyo-yuso",
        Plain,
        "手数料は1通300円で、その分の定額小為替を郵便局で買って同封します。届くまで1週間ほどかかります。",
    ),
    (
        "juminhyo-yuso",
        Plain,
        "請求書は市のホームページから印刷できます。便せんに住所や氏名、生年月日などを書いたものでも大丈夫です。",
    ),
    (
        "juminhyo-yuso",
        Easy,
        "「申(もう)し込(こ)みの 紙(かみ)」と 定額小為替(ていがくこがわせ)と 封筒(ふうとう)を 市民課(しみんか)に 送(おく)って ください。1枚(まい)は 300円(えん)です。",
    ),
    (
        "juminhyo-yuso",
        English,
        "Send the request form, a postal money order for 300 yen per copy, a return envelope with a stamp and a copy of your ID to the Citizens' Affairs Section. It takes about one week.",
    ),
    ("juminhyo-yuso", English, "With a My Number Card you can also apply online and pay by credit card."),
    (
        "inu-kamitsuki",
        Plain,
        "飼い犬が人をかんだときは、まずけがをした方の手当てをし、すぐに生活衛生課へ届け出てください。",
    ),
    (
        "inu-kamitsuki",
        Plain,
        "犬は48時間以内に動物病院へ連れて行き、狂犬病でないか診てもらってください。診察代は飼い主の負担です。",
    ),
    ("inu-kamitsuki", Plain, "かまれた方は、傷を水でよく洗ってください。傷が小さくても病院で診てもらいましょう。"),
    (
        "sodai-gomi-yoyaku",
        Plain,
        "粗大ごみは、粗大ごみ受付センター（000-123-4600）への電話かネットで申し込みます。料金は{{a1.fee}}です。",
    ),
    (
        "sodai-gomi-yoyaku",
        Plain,
        "処理券はコンビニなどで買えます。受付番号を書いて品物に貼り、決まった日の朝8時30分までに家の前に出してください。",
    ),
    (
        "sodai-gomi-yoyaku",
        Plain,
        "取り消したいときは、2日前までにご連絡ください。エアコンやテレビ、冷蔵庫、洗濯機は粗大ごみとして出せません。",
    ),
    ("sodai-gomi-yoyaku", Plain, "集める日は、申し込みから1〜2週間後になります。3月と4月は混み合います。"),
    (
        "sodai-gomi-yoyaku",
        Easy,
        "大(おお)きい ごみは、電話(でんわ)か インターネットで 申(もう)し込(こ)んで ください。電話(でんわ)は 000-123-4600です。",
    ),
    (
        "sodai-gomi-yoyaku",
        Easy,
        "朝(あさ) 8時(じ)30分(ぷん)までに 家(いえ)の 前(まえ)に 出(だ)します。テレビと 冷蔵庫(れいぞうこ)は 出(だ)す ことが できません。",
    ),
    (
        "sodai-gomi-yoyaku",
        English,
        "Book by phone or online, then buy a sticker at a convenience store. Put the item in front of your home by 8:30 a.m. on the collection day.",
    ),
    (
        "sodai-gomi-yoyaku",
        English,
        "If you want to cancel, tell us at least two days before. TVs and refrigerators cannot be taken.",
    ),
    (
        "jido-teate",
        Plain,
        "児童手当は、お子さんが生まれた日の翌日から15日以内に申請してください。収入に関係なく受け取れます。",
    ),
    (
        "jido-teate",
        Plain,
        "3歳未満の1人目と2人目は月15,000円、3歳から高校生の年代は月10,000円です。3人目からは30,000円になります。",
    ),
    (
        "jido-teate",
        Plain,
        "2月・4月・6月・8月・10月・12月に、前の2か月分が振り込まれます。公務員の方は勤め先に申請してください。",
    ),
    (
        "jido-teate",
        Easy,
        "子(こ)どもが 生(う)まれた 次(つぎ)の 日(ひ)から 15日(にち)までに 申(もう)し込(こ)んで ください。お金(かね)は いりません。",
    ),
    (
        "jido-teate",
        English,
        "You need to apply within 15 days, counting from the day after the birth. The parent with the higher income applies.",
    ),
    (
        "jido-teate",
        English,
        "The allowance is 15,000 yen a month for a child under 3 and 30,000 yen for the third child. Public servants apply at their workplace.",
    ),
    (
        "suido-kaishi",
        Plain,
        "水道を使い始める5日前までに、ネットか電話でお申し込みください。下水道も同時に申し込めます。",
    ),
    (
        "suido-kaishi",
        Plain,
        "ほとんどのお宅では立ち会いは不要です。水が出ない場合は、メーターの横にある元栓を左に回してみてください。",
    ),
    (
        "suido-kaishi",
        Easy,
        "水道(すいどう)を 使(つか)う 日(ひ)の 5日(いつか)前(まえ)までに 申(もう)し込(こ)みます。電気(でんき)と ガスは、会社(かいしゃ)に 申(もう)し込(こ)んで ください。",
    ),
    (
        "suido-kaishi",
        English,
        "Apply at least five days before you start using water, online or by phone. There is no application fee.",
    ),
    (
        "toshokan-card",
        Plain,
        "図書館カードは、中央図書館と6つの分館のどこでも無料で作れます。本と雑誌は10冊まで、2週間借りられます。",
    ),
    (
        "toshokan-card",
        Plain,
        "カードをなくして作り直すときは100円かかります。住所が変わったときはすぐに知らせてください。",
    ),
    (
        "toshokan-card",
        Easy,
        "住所(じゅうしょ)が わかる ものを 持(も)って きて ください。カードは 無料(むりょう)です。本(ほん)は 10冊(さつ)まで 借(か)りる ことが できます。",
    ),
    (
        "toshokan-card",
        English,
        "A library card is free. You can borrow up to 10 books and magazines and 3 CDs or DVDs for two weeks.",
    ),
    ("toshokan-card", English, "Babies can have their own card too. If you lose your card, a new one costs 100 yen."),
];

pub(crate) const THIRD: &[(&str, Style, &str)] = &[
    (
        "inkan-toroku",
        Plain,
        "印鑑登録は、登録する印鑑と顔写真つきの本人確認書類を持って、市民課か支所でできます。手数料は{{a1.fee}}です。",
    ),
    ("inkan-toroku", Plain, "登録できる印鑑は1人1本で、家族と同じ印鑑は使えません。"),
    (
        "inkan-toroku",
        Plain,
        "印鑑は、一辺が8ミリより大きく25ミリより小さいものにしてください。ゴム印や欠けた印鑑は登録できません。",
    ),
    (
        "inkan-toroku",
        Plain,
        "代理の方が来るときは、委任状が必要です。本人の住所に確認の手紙を郵便で送るため、登録まで1週間ほどかかります。",
    ),
    ("kokuho-yameru", Plain, "はい、手続きが必要です。会社の保険に入った日から14日以内に、ご自分で届け出てください。"),
    ("kokuho-yameru", Plain, "国保は自動では終わらないので、届け出がないと両方の保険料が請求され続けます。"),
    (
        "kokuho-yameru",
        Plain,
        "払いすぎた保険料は後日お返しします。手続きには{{a1.bring}}をお持ちください。郵送でもできます。",
    ),
    (
        "kokuho-yameru",
        Plain,
        "会社の保険に入ったあとに国保で病院にかかった場合は、市が負担した治療費を返していただきます。",
    ),
    (
        "gomi-shitei-bukuro",
        Plain,
        "指定ごみ袋は、市内のスーパーやコンビニ、ドラッグストアなどで買えます。どの店でも値段は同じです。",
    ),
    ("gomi-shitei-bukuro", Plain, "10枚の値段は、45Lが450円、30Lが300円、20Lが200円、10Lが100円です。"),
    (
        "gomi-shitei-bukuro",
        Plain,
        "燃やすごみは、黄色の指定袋に入れて出してください。プラスチックや缶は、中が見える透明な袋でかまいません。",
    ),
    (
        "gomi-shitei-bukuro",
        Plain,
        "3歳未満のお子さんがいるご家庭には、45Lの袋を年に50枚お渡ししています。環境事業課か支所で申し込んでください。",
    ),
    (
        "kodomo-iryohi",
        Plain,
        "まずお子さんの健康保険の手続きを済ませ、そのあと子ども医療証を申請してください。申請は{{a1.deadline}}です。",
    ),
    ("kodomo-iryohi", Plain, "通院は1回200円、入院は1日200円で、薬局は0円です。収入の制限はありません。"),
    (
        "kodomo-iryohi",
        Plain,
        "県外の病院では医療証が使えません。いったん支払い、領収書を持って2年以内に申請すればお返しします。",
    ),
    ("kodomo-iryohi", Plain, "予防接種や健診、入院中の食事代は助成の対象になりません。"),
    (
        "kodomo-iryohi",
        English,
        "Apply for a Children's Medical Certificate within 30 days of the birth or your move. Show it at the hospital together with your My Number Card.",
    ),
    (
        "kodomo-iryohi",
        English,
        "A visit to the doctor costs 200 yen, and medicine at the pharmacy costs 0 yen. There is no income limit.",
    ),
    (
        "kodomo-iryohi",
        English,
        "The certificate does not work outside the prefecture. Keep the receipt and apply within 2 years to be paid back.",
    ),
    (
        "akiya-mochinushi",
        Plain,
        "空き家については、住宅課で売る・貸す・こわす・管理する方法を無料で相談できます。専門家の相談は月1回です。",
    ),
    ("akiya-mochinushi", Plain, "相続を知った日から3年以内に、法務局で登記をする必要があります。"),
    (
        "akiya-mochinushi",
        Plain,
        "空き家バンクには無料で掲載できます。古くて危ない家をこわすときは、50万円まで補助が出ます。",
    ),
    ("akiya-mochinushi", Plain, "専門家の相談は第3木曜日の13時から16時で、予約制です。ご予約は{{a1.link}}からどうぞ。"),
    (
        "akiya-mochinushi",
        Plain,
        "売ったときは、条件が合えばもうけから3,000万円まで引くことができます。確認書は住宅課が出します。",
    ),
];
