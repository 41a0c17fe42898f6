/** The script of a character (UAX 24), for pre-tokenizers that split where it changes. */

/** Those of Unicode 9, which Hugging Face's table has; the commonest first. */
const NAMES = `
  Common Latin Han Cyrillic Greek Arabic Inherited Adlam Ahom Anatolian_Hieroglyphs Armenian Avestan
  Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid
  Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Coptic Cuneiform Cypriot Deseret
  Devanagari Duployan Egyptian_Hieroglyphs Elbasan Ethiopic Georgian Glagolitic Gothic Grantha
  Gujarati Gurmukhi Hangul Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inscriptional_Pahlavi
  Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer Khojki Khudawadi
  Lao Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Malayalam Mandaic Manichaean Marchen
  Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani
  Myanmar Nabataean New_Tai_Lue Newa Nko Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian
  Old_Permic Old_Persian Old_South_Arabian Old_Turkic Oriya Osage Osmanya Pahawh_Hmong Palmyrene
  Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian
  Siddham SignWriting Sinhala Sora_Sompeng Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le
  Tai_Tham Tai_Viet Takri Tamil Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Vai
  Warang_Citi Yi
`
  .trim()
  .split(/\s+/);

let tests: readonly (readonly [name: string, test: RegExp])[] | null = null;
const known = new Map<string, string | null>();

/** Japanese's two alphabets count as Han. Null for a space and for what has no script, which go with any. */
export function scriptOf(character: string): string | null {
  if (character === ' ') return null;
  if (character === 'ー') return 'Han';
  let script = known.get(character);
  if (script === undefined) {
    tests ??= NAMES.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')]);
    const name = tests.find(([, test]) => test.test(character))?.[0] ?? null;
    script = name === 'Hiragana' || name === 'Katakana' ? 'Han' : name;
    known.set(character, script);
  }
  return script;
}
