/**
 * The worker's interface with nothing behind it: a model of 12 x 12 heads whose attention is the floor's (floor.html),
 * made before anyone waits for it. So that what the page itself costs can be measured at any length, the page is the
 * one that ships.
 */
import type { Matrix } from '../../webview/core/attention';
import { cellFor, emptyOverview, headOffset, toCells } from '../../webview/core/attention';
import { cutOut, finer } from '../../webview/core/detail';
import type { Engine, Token } from '../../webview/engine/engine';
import type { Port, Served } from '../../webview/engine/rpc';
import { Moved, serve } from '../../webview/engine/rpc';

const LAYERS = 12;
const HEADS = 12;

/** As floor.html has it: softmax of 2 x N(0,1). */
let seed = 1;
const random = () => (seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32;
const gauss = Float32Array.from(
  { length: 1 << 16 },
  () => 2 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
);

/** A matrix of causal rows that sum to 1. */
function matrix(n: number): Matrix {
  const weights = new Float32Array(n * n);
  for (let query = 0; query < n; query++) {
    const row = weights.subarray(query * n, query * n + query + 1);
    let sum = 0;
    for (let key = 0; key <= query; key++)
      sum += row[key] = Math.exp(gauss[(seed = (seed * 1664525 + 1013904223) >>> 0) >>> 16]);
    for (let key = 0; key <= query; key++) row[key] /= sum;
  }
  return { queries: n, keys: n, weights };
}

let length = 0;
const never = (): never => {
  throw new Error('the bench asks for nothing else');
};

const engine: Served<Engine> = {
  async start() {},
  async graph() {
    return [];
  },
  async open() {
    return {
      ...{ layers: LAYERS, heads: HEADS, width: 0, context: 1 << 14, unstretched: null, causal: true },
      ...{ fixedMask: null, trained: ['causal'] },
      kinds: ['self'],
    };
  },
  async read(text) {
    let start = 0;
    const tokens = text.split(/(?<= )/).map((word): Token => {
      const span = { start, end: (start += word.length) };
      return { id: 0, span, text: word, special: false, type: 0, segment: 0 };
    });
    return { tokens, covered: text.length, secondCovered: 0 };
  },
  async run(_text, _key, { ids: { length: n } }) {
    length = n;
    const started = performance.now();
    const shape = { layers: LAYERS, heads: HEADS, queries: n, keys: n };
    const overview = emptyOverview({ ...shape, cell: cellFor(n) });
    // One for all heads of a layer: to be drawn each costs the same, and the others are soon made.
    for (let layer = 0; layer < LAYERS; layer++) {
      toCells(matrix(n), overview, { layer, head: 0 });
      const [from, to] = [0, 1].map((head) => headOffset(overview, { layer, head }));
      for (let head = 1; head < HEADS; head++)
        overview.bytes.copyWithin(headOffset(overview, { layer, head }), from, to);
    }
    const measures = Array.from({ length: LAYERS * HEADS }, (_, i) => ({
      ...{ layer: Math.floor(i / HEADS), head: i % HEADS, distance: i, sink: 0, confidence: 0.5 },
    }));
    const attentions = [{ kind: 'self', overview, measures }] as const;
    const ms = performance.now() - started;
    return new Moved({ attentions, ms, known: 0 }, [overview.bytes.buffer as ArrayBuffer]);
  },
  async redrawn(_key, _kind, _redraw, layer, before, part) {
    const whole = { layers: LAYERS, heads: HEADS, queries: length, keys: length, cell: cellFor(length) };
    const overview = before ?? emptyOverview(part ? finer(whole, part) : whole);
    const made = matrix(length);
    for (let head = 0; head < HEADS; head++)
      toCells(part ? cutOut(made, part) : made, overview, { layer, head });
    return new Moved(overview, [overview.bytes.buffer as ArrayBuffer]);
  },
  async matrix() {
    const made = matrix(length);
    return new Moved(made, [made.weights.buffer as ArrayBuffer]);
  },
  ...{
    see: never,
    readTarget: never,
    next: never,
    written: never,
    layer: never,
    word: never,
    valueLengths: never,
    heap: never,
  },
};

serve(engine, self as unknown as Port);
