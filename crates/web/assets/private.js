// A word of warning while somebody types what names a person. Every page works without this file.
//
// `<textarea data-private="warning">` shows `<p id="warning" role="status" hidden>…</p>` while such a thing stands in it.
// Nothing is sent or changed. The kinds and rules are those of the crate `text` (private), of which the five here are
// the ones that people type most; the tests of both read the same tables.

/** Lines that are used as hyphens, for the inside of a pattern's brackets. */
const HYPHENS = "\\-‐‑‒–—―−─━ー⁃˗➖";
const CHINESE = { 〇: 0, 零: 0, 一: 1, 二: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
/** Zeros of other scripts; their nine other digits follow them. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xbe6, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810];
const UNITS = /^(円|人|件|個|枚|回|世帯|%|ポイント|番目|歩|キロ|メートル|トン|ドル|平方)/;
const LONGEST = 19;

/** The text with digits and letters in one form and without characters that take no room. */
function plain(text) {
  // Tokens of an earlier masking hold words that announce numbers.
  const open = text.replace(/［(?:マイナンバー|カード番号|電話番号|メールアドレス|住所|番号)］/g, "\uFFFC").normalize("NFKC");
  return [...open.replace(/[\u{AD}\u{34F}\u{61C}\u{180B}-\u{180E}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2069}\u{FE00}-\u{FE0F}\u{FEFF}]/gu, "")]
    .map((c) => {
      if (c in CHINESE) return CHINESE[c];
      const code = c.codePointAt(0);
      const zero = ZEROS.find((z) => code >= z && code < z + 10);
      return zero === undefined ? c.toLowerCase() : code - zero;
    })
    .join("")
    // A circle is a zero beside other digits, and a place to fill in elsewhere.
    .replace(/[\d○◯]+/g, (run) => (/\d/.test(run) ? run.replace(/[○◯]/g, "0") : run));
}

/** 平成26年総務省令第85号第5条: 11 − (Σ Pn·Qn mod 11), 0 if the remainder is at most 1. */
function isMyNumber(digits) {
  const weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
  const rest = weights.reduce((sum, weight, i) => sum + weight * digits[i], 0) % 11;
  return Number(digits[11]) === (rest <= 1 ? 0 : 11 - rest);
}

/** 平成26年財務省令第70号第2条: the first digit of a corporate number is 9 − (Σ Pn·Qn mod 9). */
function isCorporate(digits) {
  const sum = [...digits.slice(1)].reduce((all, digit, i) => all + digit * (i % 2 ? 1 : 2), 0);
  return Number(digits[0]) === 9 - (sum % 9);
}

/** ISO/IEC 7812-1, annex B. */
function isLuhn(digits) {
  const worth = (digit, i) => (i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit);
  return [...digits].reverse().map(Number).reduce((sum, digit, i) => sum + worth(digit, i), 0) % 10 === 0;
}

/** What of the words before a number announces it with only signs between. */
function announced(before, words) {
  return new RegExp(`(?:${words})[番号先はがのを、,:;=()[\\]「」『』【】<>・/#.\\s${HYPHENS}]{0,12}$`, "u").test(before);
}

/** The kind of a number, given its groups of digits and what stands around it. */
function kindOfNumber(groups, before, after) {
  const digits = groups.join("");
  const sizes = groups.map((group) => group.length);
  const last = sizes.at(-1);
  const even = sizes[0] !== 2 && last <= sizes[0] && sizes.slice(0, -1).every((size) => size === sizes[0]);
  // Numbers that are let to businesses are no secret.
  if (digits.length === 10 && /^(0120|0170|0180|0570|0990)/.test(digits)) return null;
  if (digits.length === 11 && digits.startsWith("0800") && sizes[0] !== 3) return null;
  if (UNITS.test(after)) return undefined;
  if (digits.length === 12 && !/免許[^。]{0,15}$/.test(before)) {
    if (/(マイナンバー|個人番号)[^。]{0,15}$/.test(before) || (even && isMyNumber(digits))) return "my-number";
  }
  if (digits.length >= 13) {
    if (digits.length === 13 && /(法人番号|登録番号|事業者番号|インボイス)[^。]{0,15}$/.test(before)) return null;
    if (/(カード番号|カードの番号|クレジット|クレカ)[^。]{0,15}$/.test(before)) return "card";
    const asOnCards = even || /^4,6,[45]$/.test(sizes.join());
    const issued = digits.length > 13 ? /^[2-68]/.test(digits) : digits[0] === "4" && !isCorporate(digits) && !/t$/.test(before);
    if (asOnCards && issued && isLuhn(digits)) return "card";
  }
  if (before.endsWith("+")) return digits.length >= 8 && digits.length <= 15 ? "phone" : undefined;
  if (/^81[5-9]0\d{8}$/.test(digits)) return "phone";
  if (/^0[25-9]0\d{8}$/.test(digits)) return "phone";
  const landline = /^0[1-9]\d{8}$/.test(digits) && (sizes.length <= 2 || last === 4 || sizes.every((size) => size === 1));
  if (landline) return "phone";
  const local = digits.length >= 6 && digits.length <= 11 && (sizes.length === 1 || last === 4);
  return local && announced(before, "電話|でんわ|tel|phone|fax|ファックス|ファクス|携帯|ケータイ|連絡先|☎|☏|📞|📱") ? "phone" : undefined;
}

/** Kinds of numbers in a text, and the text with ￼ where they stand. */
function numbers(text, kinds) {
  const between = new RegExp(`^(?:[\\s.・/()_${HYPHENS}]{1,4}|の)$`, "u");
  const all = [...text.matchAll(/\d+/g)];
  let rest = "";
  let end = 0;
  for (let i = 0; i < all.length; ) {
    const groups = [];
    let found;
    for (let j = i; j < all.length; j++) {
      if (j > i && !between.test(text.slice(all[j - 1].index + all[j - 1][0].length, all[j].index))) break;
      groups.push(all[j][0]);
      if (groups.join("").length > LONGEST) break;
      const stop = all[j].index + all[j][0].length;
      const before = text.slice(Math.max(end, all[i].index - 28), all[i].index);
      const kind = kindOfNumber(groups, before, text.slice(stop, stop + 8));
      if (kind !== undefined) found = { kind, next: j + 1, stop };
    }
    if (!found) {
      i += 1;
      continue;
    }
    if (found.kind) kinds.add(found.kind);
    rest += `${text.slice(end, all[i].index)}\uFFFC`;
    ({ next: i } = found);
    end = found.stop;
  }
  return rest + text.slice(end);
}

const N = "[0-9十百千]{1,5}";
const JOINT = `\\s?[の${HYPHENS}]\\s?`;
const COUNTS = "(?!号?(?:日|人|名|回|歳|才|時|分|秒|円|年|月|か月|ヶ月|カ月|ヵ月|枚|個|件|つ|本|冊|台|階|週|%|割|倍|度|級|通|点|番|線|車|機|様式|[0-9十百千]))";
const NO_PLACE =
  /(質問|問|様式|書式|資料|別紙|別表|図|表|項|条|章|節|第|号|番|記事|型|版|回答|手続|令和|平成|昭和|大正|年|月|日|時|分|比|点|対|回|級|類|課|係|室|館|校|階|部|局|窓口|線|便|棟)$/;
const HOUSES = [
  `${N}丁目?の?\\s?${N}番地`,
  `${N}丁目?の?\\s?${N}(?:番(?:${JOINT}|\\s?)|${JOINT})${N}${COUNTS}`,
  `(?<![第0-9十百千])${N}番地`,
  `(?<![第0-9十百千])${N}番(?:\\s?${N}号|${JOINT}${N})${COUNTS}`,
].map((house) => new RegExp(house, "u"));
const HYPHENED = new RegExp(`(?<![0-9十百千.])(?!0)(?!(?:19|20)\\d\\d\\D)${N}((?:${JOINT}${N})+)${COUNTS}`, "gu");
const HOME = "住所|じゅうしょ|住まい|住んで|自宅|実家|現住|転居先|引っ越し先";
const NAME = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]{1,20}$/u;

/** Whether the name of a place stands before numbers with hyphens. The fewer numbers, the surer it must be. */
function isAfterPlace(before, parts) {
  if (announced(before, HOME)) return true;
  const blanks = /\s{0,2}$/.exec(before)[0].length;
  const name = NAME.exec(before.slice(0, before.length - blanks))?.[0] ?? "";
  if (!name || NO_PLACE.test(name)) return false;
  const holdsPlace = /^.+[都道府県市区町村郡字]/u.test(name) && !/市役所|役場/.test(name);
  const isParticle = /[のはがをにでともへや]$/.test(name);
  if (parts === 2) return /[町丁村字]$/.test(name) || (holdsPlace && blanks === 0 && !isParticle);
  return /\p{Script=Han}$/u.test(name) || (holdsPlace && !isParticle);
}

function hasAddress(text) {
  if (/(〒|郵便番号[はが:]?)\s{0,2}\d{3}[\s\S]?\d{4}(?!\d)/u.test(text)) return true;
  if (new RegExp(`(?<!\\d)\\d{3}\\s?[${HYPHENS}]\\s?\\d{4}\\s{0,3}[\\p{Script=Han}ぁ-ヶ]{1,7}[都道府県市区郡]`, "u").test(text)) return true;
  if (HOUSES.some((house) => house.test(text))) return true;
  return [...text.matchAll(HYPHENED)].some((found) => {
    const parts = 1 + found[1].match(/[0-9十百千]+/g).length;
    return isAfterPlace(text.slice(Math.max(0, found.index - 28), found.index), parts);
  });
}

/** An address of mail, also with blanks around the @ or with (at) in its place. */
const MAIL =
  /[a-z0-9._%+\-!#$&'*/=?^`{|}~]\s{0,2}(?:@|[([<{]at[)\]>}]|\(アット\)|アットマーク|あっとまーく)\s{0,2}(?:[a-z0-9-]+|[\p{L}\p{N}]{1,30})(?:[.。][a-z0-9-]+)*[.。][a-z0-9-]*[a-z][a-z0-9-]*[a-z]/u;

/** The kinds of personal data in a text: "my-number", "card", "phone", "mail", "address". */
export function privateKinds(text) {
  const kinds = new Set();
  const typed = plain(text);
  if (MAIL.test(typed)) kinds.add("mail");
  if (hasAddress(numbers(typed.replace(new RegExp(MAIL, "gu"), "\uFFFC"), kinds))) kinds.add("address");
  return [...kinds];
}

/** Shows the warning of a field as long as it holds something. */
function watch(field) {
  const warning = document.getElementById(field.dataset.private);
  if (!warning) return;
  const look = (event) => {
    // While kana are being turned into Chinese characters, nothing is said.
    if (event?.isComposing) return;
    const isQuiet = privateKinds(field.value).length === 0;
    // Only a change is written, so that it is read aloud once.
    if (warning.hidden !== isQuiet) warning.hidden = isQuiet;
  };
  field.addEventListener("input", look);
  field.addEventListener("compositionend", () => look());
  // A form that comes back with an error is filled already.
  look();
}

// The tests read this file where there is no page.
if (typeof document !== "undefined") document.querySelectorAll("textarea[data-private], input[data-private]").forEach(watch);
