// A process that goes through damaged files as it is told, and says what became of each. What hangs or crashes ends
// only this process.
import * as ort from 'onnxruntime-web/wasm';
import { damaged, Dice } from './mutate';
import { type Outcome, originals, outcomeOf } from './outcome';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

export interface Task {
  readonly from: number;
  readonly to: number;
  /** Which share of what opens is handed to onnxruntime. */
  readonly share: number;
}

export interface Said {
  readonly seed: number;
  readonly outcome: Outcome['kind'];
  readonly damage: readonly string[];
  readonly ms: number;
  /** What was thrown, or the sentence. */
  readonly detail: string;
  /** What onnxruntime made of the rewritten graph; null if it was not asked. */
  readonly session: 'made' | 'refused' | 'crashed' | null;
}

const trees = originals();
process.send!('started');

// Without whoever asked, nobody is told.
process.on('disconnect', () => process.exit());

process.on('message', async ({ from, to, share }: Task) => {
  for (let seed = from; seed < to; seed++) {
    const { bytes, damage } = damaged(trees, seed);
    const started = performance.now();
    const outcome = outcomeOf(bytes);
    const ms = performance.now() - started;
    const asks = outcome.kind === 'opened' && new Dice(seed ^ 0x5bd1e995).roll() < share;
    const session = asks ? await makeSession(outcome) : null;
    const detail =
      outcome.kind === 'failed' ? outcome.detail : outcome.kind === 'refused' ? outcome.sentence : '';
    const said: Said = { seed, outcome: outcome.kind, damage, ms, detail, session };
    await new Promise((sent) => process.send!(said, sent));
    // A wasm module that trapped is of no more use.
    if (session === 'crashed') process.exit(3);
  }
});

async function makeSession({ rewritten }: Extract<Outcome, { kind: 'opened' }>): Promise<Said['session']> {
  try {
    const externalData = [...rewritten.external, { path: 'w', data: new Uint8Array(64) }];
    const session = await ort.InferenceSession.create(rewritten.bytes, { externalData });
    await session.release();
    return 'made';
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError || error instanceof RangeError ? 'crashed' : 'refused';
  }
}
