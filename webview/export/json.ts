/** Tensors as JSON: `{"metadata": ..., "attention": [[[[0.25, ...]]]]}`, nested as their shapes say, made piece by piece. */
import type { NamedTensor, OutgoingFile } from './file';
import { count, wholeBlocks } from './file';

/** Values a piece: a few milliseconds' work, so that whoever reads the pieces can let others in between. */
const PIECE = 4096;
/** About what a value takes, in bytes: most weights are written as 0.0123456789, with a comma. */
const VALUE = 12;

/** @throws RangeError for two tensors of one name, or one that is named `metadata` */
export function jsonFile(tensors: readonly NamedTensor[], metadata: object): OutgoingFile {
  const names = new Set(['metadata']);
  for (const { name } of tensors) {
    if (names.has(name)) throw new RangeError(`a tensor cannot be named ${name} here`);
    names.add(name);
  }
  const head = `{"metadata":${JSON.stringify(metadata)}`;
  const utf8 = new TextEncoder();
  return {
    bytes: tensors.reduce((sum, { shape }) => sum + VALUE * count(shape), utf8.encode(head).length),
    exact: false,
    async *pieces() {
      yield utf8.encode(head);
      for (const tensor of tensors) {
        yield utf8.encode(`,${JSON.stringify(tensor.name)}:`);
        for await (const text of nested(tensor)) yield utf8.encode(text);
      }
      yield utf8.encode('}');
    },
  };
}

async function* nested(tensor: NamedTensor): AsyncGenerator<string> {
  const { shape } = tensor;
  const total = count(shape);
  if (total === 0 || shape.length === 0) {
    for await (const [value] of wholeBlocks(tensor)) if (shape.length === 0) yield decimal(value);
    if (total === 0) yield JSON.stringify(hollow(shape));
    return;
  }
  /** How many values each bracket holds, innermost first. */
  const spans = shape.map((_, axis) => count(shape.slice(axis))).reverse();
  let at = 0;
  let text = '';
  for await (const block of wholeBlocks(tensor)) {
    for (const value of block) {
      let brackets = 0;
      while (brackets < spans.length && at % spans[brackets] === 0) brackets++;
      if (at > 0) text += `${']'.repeat(brackets)},`;
      text += '['.repeat(brackets) + decimal(value);
      at++;
      if (at % PIECE > 0) continue;
      yield text;
      text = '';
    }
  }
  yield text + ']'.repeat(shape.length);
}

/** A tensor without a value, as far as its brackets go. */
function hollow([first = 0, ...rest]: readonly number[]): unknown[] {
  return first === 0 ? [] : Array.from({ length: first }, () => hollow(rest));
}

/** The shortest decimal that reads back as the same f32; null for what JSON has no number for. */
export function decimal(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return 'null';
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
