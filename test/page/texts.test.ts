/** Any text: what the model reads is shown whole, and its places are exact. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { PanelPage } from './browser';

let panel: PanelPage;
before(async () => void (panel = await PanelPage.open()));
after(() => panel.close());

async function tiles(text: string): Promise<void> {
  await panel.show(text);
  const tokens = (await panel.tokens()).slice(1);
  const distinct = [...new Map(tokens.map((token) => [`${token.start} ${token.end}`, token])).values()];
  let at = 0;
  for (const { start, end, text: own } of distinct) {
    assert.equal(start, at);
    assert.equal(own, text.slice(start, end));
    at = end;
  }
  assert.equal(at, text.length);
  for (const token of tokens) assert.ok(token.width > 0 && token.height > 0, JSON.stringify(token));
}

const difficult = {
  'emoji with joiners': 'a 👩‍👩‍👧‍👦 family, 👍🏽 and 🏳️‍🌈',
  'Chinese, Japanese, Korean': '注意力机制です 주의',
  'combining marks': 'e\u0301a\u0308o\u0304\u0323',
  'right to left': 'x = "שלום עולם" # مرحبا',
  'all line ends': 'a\r\nb\nc\rd\u2028e\u2029f',
  tabs: '\tif x:\n\t\treturn\t1',
  NUL: 'a\0b\0\0c',
  'lone surrogates': 'a\ud83db\udc4dc\udc4d\ud83d',
  'markup is text': '<s><img src=x onerror="document.title=1"></s>&amp;<mask>[MASK]',
  'one character': 'x',
};
for (const [name, text] of Object.entries(difficult)) test(`spans tile the text: ${name}`, () => tiles(text));

test('spans tile the text: random Unicode', async () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('\r\n', '\n', ' ', '  ', '\u200d', '👩‍👩‍👧', 'word', '\t'),
  );
  const texts = fc.sample(fc.array(unit, { minLength: 1, maxLength: 30 }), { numRuns: 40, seed: 20261122 });
  for (const units of texts) if (units.join('').trim()) await tiles(units.join(''));
});

test('special tokens are never read from text', async () => {
  await panel.show('<s> <mask> <pad> </s>');
  const special = panel.page.locator('.token.special');
  assert.equal(await special.count(), 1);
  assert.equal(await special.getAttribute('data-index'), '0');
});

test('a line of 40,000 characters', async () => {
  await panel.show('abcdefghi '.repeat(4000));
  const status = (await panel.page.getByRole('status').textContent())!;
  assert.match(status, /4096 tokens \(the first \d+ of 40000 characters\) \(trained on 1024 at once\)/);
});

test('what does not fit the context is counted and said', async () => {
  const text = 'let x = 1;\n'.repeat(18_000);
  await panel.show(text);
  const tokens = await panel.tokens();
  assert.equal(tokens.length, 4096);
  const covered = tokens.at(-1)!.end;
  assert.ok(
    (await panel.page.getByRole('status').textContent())!.includes(
      `the first ${covered} of ${text.length} characters`,
    ),
  );
});
