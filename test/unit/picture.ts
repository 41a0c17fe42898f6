/** A picture of no model, for what is only reckoned with. */
import { unchanged } from '../../webview/engine/engine';
import type { Picture } from '../../webview/picture';

export const [layers, heads, n] = [3, 4, 4];

/** Nothing but two links of the last head, from the last token. */
const bytes = new Uint8Array(layers * heads * n * n);
bytes.set([127, 127], bytes.length - n + 1);

export const picture: Picture = {
  key: 'a picture',
  kind: 'self',
  kinds: ['self'],
  subject: {
    id: 1,
    text: 'abcd',
    offset: 0,
    line: 0,
    second: null,
    omitted: 0,
    origin: { uri: '', start: 0, end: 2, second: null },
    continues: false,
    image: null,
  },
  tokens: [0, 1, 2, 3].map((i) => ({
    id: i,
    span: { start: i, end: i + 1 },
    text: 'abcd'[i],
    special: false,
    type: 0,
    segment: 0,
  })),
  second: null,
  sight: null,
  target: null,
  wish: { kind: 'copied' },
  covered: 2,
  secondCovered: 0,
  mask: 'causal',
  experiment: unchanged,
  overview: { layers, heads, queries: n, keys: n, cell: 1, bytes },
  measures: Array.from({ length: layers * heads }, (_, i) => ({
    layer: Math.floor(i / heads),
    head: i % heads,
    distance: i,
    sink: 0,
    confidence: 1,
  })),
  model: {
    id: 'a model',
    name: 'a model',
    revision: null,
    kinds: ['self'],
    layers,
    heads,
    width: 16,
    context: 8,
    unstretched: null,
    causal: true,
    fixedMask: null,
    trained: ['causal', 'bidirectional'],
  },
  device: 'wasm',
  ms: 1,
  known: 0,
};
