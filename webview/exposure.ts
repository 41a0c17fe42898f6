/** Makes the pictures of what is wanted: opens the model, reads, and runs it once. */
import { openBytes, runBytes } from './core/cost';
import { experimentName, LONG_TOKENS, MOST_TOKENS } from './engine/engine';
import type { Subject } from '../src/protocol';
import type { Place } from './launch';
import { tooLarge } from './launch';
import { runName } from './passes';
import type { Picture } from './picture';
import { defaultMask, targetIdsOf } from './picture';
import { Reader } from './reader';
import { fedFor } from './runs';
import { countsOf } from './sides';
import type { Wanted } from './wanted';
import type { Workplace } from './workplace';

export class Exposure {
  private readonly reader: Reader;

  constructor(
    private readonly workplace: Workplace,
    private readonly progress: (stage: string) => void,
  ) {
    this.reader = new Reader(progress);
  }

  /**
   * One pass: a picture an attention.
   * @param giveWay is awaited between two parts of long work
   * @throws RemoteError when the model cannot be opened, the text not be read, or the run not be made
   */
  async make(place: Place, wanted: Wanted, giveWay: () => Promise<void>): Promise<readonly Picture[]> {
    const { subject, second, model } = wanted;
    const opened = await this.workplace.open(place, tokensIn(subject));
    const { info } = opened;
    const mask = info.fixedMask === null && wanted.mask ? wanted.mask : defaultMask(info);
    const reading = await this.reader.read(opened, wanted).catch((error) => {
      // What cannot read may be mended where it lies: the next try opens it again.
      this.workplace.close('The tokenizer failed.');
      throw error;
    });
    const { tokens, covered, secondCovered } = reading;
    const sight = 'sight' in reading ? reading.sight : null;

    const fed = fedFor({ tokens, sight });
    const n = tokens.length;
    const target = info.kinds.includes('decoder')
      ? await this.reader.target(opened, wanted, fed, giveWay)
      : null;
    const targetIds = targetIdsOf({ target });
    const layers = info.layers * info.kinds.length;
    const longer = Math.max(n, targetIds?.length ?? 0);
    const needed = openBytes(model.bytes) + runBytes({ ...info, layers }, longer);
    if (needed > model.memoryLimit)
      throw tooLarge(
        `${sight ? 'An image' : 'A text'} of ${n} tokens in ${model.name}`,
        needed,
        model.memoryLimit,
      );
    // No one window can be laid over the two texts of an encoder-decoder.
    const experiment = target ? { ...wanted.experiment, window: null } : wanted.experiment;
    const { estimate, deadline } = this.workplace.expect(
      opened,
      layers,
      longer,
      experimentName(experiment) !== '' || (mask === 'causal' && longer >= LONG_TOKENS),
    );
    this.progress(`Running ${countsOf({ tokens, target, sight })}${estimate}`);
    const key = runName({ subject, second, mask, experiment, target });
    const run = await opened.engine.call('run', [subject.id, key, fed, mask, experiment, targetIds], {
      deadline,
    });
    this.workplace.ran(opened, longer, run);
    const kinds = run.attentions.map(({ kind }) => kind);
    return run.attentions.map(({ kind, overview, measures }): Picture => ({
      key: `${place.build} ${model.id} ${key} ${kind}`,
      kind,
      kinds,
      subject,
      tokens,
      sight,
      second,
      target,
      wish: wanted.target,
      covered,
      secondCovered,
      mask,
      experiment,
      overview,
      measures,
      model: { ...info, id: model.id, name: model.name, revision: model.revision },
      device: place.build === 'wasm' ? 'wasm' : 'webgpu',
      ms: run.ms,
      known: run.known,
    }));
  }
}

/**
 * About how many tokens will be read, before anything is there to tell; of a text no model reads more than the engine
 * lets it, and most cut an image into 14 × 14 patches.
 */
const tokensIn = ({ text, image }: Subject): number =>
  image ? 197 : Math.min(MOST_TOKENS, Math.ceil(text.length / 3));
