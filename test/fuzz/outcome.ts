// What becomes of one damaged file: everything that is done to a file before it runs, with probes made up.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findMasks,
  OnnxError,
  planModel,
  probeFeeds,
  probeGraph,
  probeName,
  readModel,
  rewrite,
  type Rewrite,
  type Tensor,
} from '../../webview/onnx';
import { type Branch, parse } from './tree';

export type Outcome =
  | { readonly kind: 'opened'; readonly rewritten: Rewrite }
  | { readonly kind: 'refused'; readonly sentence: string }
  /** Something was thrown that is no sentence for a person: a fault of ours. */
  | { readonly kind: 'failed'; readonly detail: string };

const SIZE = 5;
const LOWER: Tensor = {
  type: 'bool',
  dims: [1, 1, SIZE, SIZE],
  data: Uint8Array.from({ length: SIZE * SIZE }, (_, i) => (i % SIZE <= i / SIZE ? 1 : 0)),
};
const TENSORS = (
  ['probabilities', 'scores', 'q', 'k', 'v', 'head_output', 'hidden', 'thumbnails'] as const
).map((what) => ({ what }));

export function outcomeOf(bytes: Uint8Array): Outcome {
  try {
    const model = readModel(bytes, { cached: bytes.length % 2 === 1 });
    const plan = planModel(model);
    probeFeeds(plan);
    probeGraph(model, plan);
    const unprobed = findMasks(model, plan, {});
    const probed = Object.fromEntries(plan.probes.map((_, i) => [probeName(i), LOWER]));
    const masks = findMasks(model, plan, probed);
    rewrite(model, plan, masks, { tensors: TENSORS, logits: true, gates: true, scales: true });
    return { kind: 'opened', rewritten: rewrite(model, plan, unprobed, { logits: true }) };
  } catch (error) {
    if (error instanceof OnnxError && /^[A-Z][^\n\r]{10,400}\.$/.test(error.message))
      return { kind: 'refused', sentence: error.message };
    return { kind: 'failed', detail: String((error as Error)?.stack ?? error) };
  }
}

/** The committed models as trees. Large weights are no target, and only cost time: files above `most` are left out. */
export function originals(most = 120_000): Branch[] {
  const root = 'test/fixtures/onnx';
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => new Uint8Array(readFileSync(join(root, name, 'model.onnx'))))
    .filter((bytes) => bytes.length <= most)
    .map((bytes) => parse(bytes));
}
