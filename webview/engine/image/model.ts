/** A model that reads images: its tokens are patches, and the few that it puts beside them. */
import { cutOf } from '../../onnx/index';
import type { Grid } from '../../core/patches';
import { patchAt } from '../../core/patches';
import type { Config } from '../config';
import { EngineError, untyped } from '../engine';
import type { ModelInfo, Pixels, Token } from '../engine';
import { maskFeeds, openGraph, runSession } from '../graph';
import type { PlannedGraph } from '../graph';
import { PIXELS } from '../medium';
import type { OpenModel } from '../model';
import { maskInfo, openStack } from '../model';
import { decoded, rasterOf, viewOf } from './decode';
import { frameOf, prepared } from './prepare';
import type { Size } from './recipe';
import { readRecipe } from './recipe';

/** [CLS], registers and the like; far fewer than patches. */
const MOST_BESIDE = 128;

/** @throws EngineError when it does not say how it wants images, or makes no tokens of patches */
export async function openSeeing(
  planned: PlannedGraph,
  config: Config,
  preprocessor: string,
): Promise<OpenModel> {
  if (preprocessor === '{}')
    throw new EngineError(
      "The model's folder has no preprocessor_config.json, and without it no image can be read: put the model's own beside it.",
    );
  const recipe = readRecipe(preprocessor);
  const cut = cuttingOf(planned, config);
  const [, channels, height, width] = channelsOf(planned);
  if (channels !== null && channels !== 3)
    throw new EngineError(
      `This model reads images of ${channels} colours, and Headlight has red, green and blue.`,
    );
  const { feed, run, study, release } = await openStack(planned, config);
  // Whole maps are not small, and this one is needed once.
  const first = await openGraph(planned, { tensors: [{ what: 'probabilities' }] });
  const usual = width && height ? { width, height } : frameOf(recipe, USUAL);

  // A first run, with nothing to see, tells how many tokens there are beside the patches.
  const blank: Pixels = { ...usual, values: new Float32Array(3 * usual.width * usual.height) };
  const feeds = {
    ...feed(first.rewritten.inputs, { ...untyped([]), pixels: blank }),
    // One cell for all pairs: it is spread over however many there are.
    ...maskFeeds(first.rewritten, 'bidirectional', { source: 1, target: 1 }),
  };
  const names = first.rewritten.outputs.map(({ name }) => name);
  const found = Object.values(await runSession(first, feeds, names, { source: 1, target: 1 }));
  const [batch, heads, tokens] = found[0].dims;
  if (batch !== 1)
    throw new EngineError(`This model looks at its images in ${batch} windows, each by itself: ${ALL}`);
  if (found.some(({ dims }) => dims[1] !== heads || dims[2] !== tokens || dims[3] !== tokens))
    throw new EngineError(`This model merges patches from layer to layer: ${ALL}`);
  found.forEach((tensor) => tensor.dispose());
  await first.session.release();
  const { rows, columns } = cut(usual);
  const beside = tokens - rows * columns;
  if (beside < 0 || beside > MOST_BESIDE)
    throw new EngineError(
      `This model makes ${tokens} tokens of ${rows} × ${columns} patches, so it cannot be told which is which.`,
    );
  const after = Math.min(config.detections, beside);

  const info: ModelInfo = {
    ...{ kinds: ['self'], layers: found.length, heads, width: heads * (config.headWidth ?? 0) },
    ...{ context: tokens, unstretched: null },
    ...maskInfo(planned, config),
  };
  return {
    info,
    read: () => {
      throw new EngineError('This model was opened for images.');
    },
    async see(bytes) {
      const bitmap = await decoded(bytes.slice());
      try {
        const { width: w, height: h } = bitmap;
        const frame = frameOf(recipe, bitmap);
        if ((width && frame.width !== width) || (height && frame.height !== height))
          throw new EngineError(
            `The model reads ${width} × ${height} pixels, and its preprocessor_config.json makes ${frame.width} × ${frame.height}.`,
          );
        const { rows, columns, covered } = cut(frame);
        const grid: Grid = { rows, columns, first: beside - after };
        const count = beside + rows * columns;
        const values = prepared(rasterOf(bitmap), recipe);
        const pixels = { width: frame.width, height: frame.height, values };
        const shown = await viewOf(bitmap, frame, covered);
        return {
          tokens: tokensOf(grid, count, config),
          covered: 0,
          secondCovered: 0,
          sight: { grid, pixels, ...shown, width: w, height: h },
        };
      } finally {
        bitmap.close();
      }
    },
    ...{ run, study, release, writer: null },
  };
}

const ALL = 'Headlight shows those in which every patch can look at every other.';
/** For what is told before any image is there. */
const USUAL: Size = { width: 224, height: 224 };

/** Rows and columns of patches that images of a size are cut into, and how much of them those cover. */
type Cutting = (size: Size) => {
  readonly rows: number;
  readonly columns: number;
  readonly covered: readonly [across: number, down: number];
};

function cuttingOf({ model }: PlannedGraph, { patch }: Config): Cutting {
  const square = patch && { kernel: [patch, patch], stride: [patch, patch], pads: [0, 0] };
  const cut = cutOf(model, PIXELS) ?? square;
  if (!cut)
    throw new EngineError(
      'How this model cuts its images into patches cannot be told, from its graph or its config.',
    );
  const [down, across] = [0, 1].map((axis) => (side: number) => {
    const count = Math.floor((side + cut.pads[axis] - cut.kernel[axis]) / cut.stride[axis]) + 1;
    return { count, covered: Math.min(1, (count * cut.stride[axis]) / side) };
  });
  return ({ width, height }) => {
    const [x, y] = [across(width), down(height)];
    return { rows: y.count, columns: x.count, covered: [x.covered, y.covered] };
  };
}

/** Of the pixels' input; null for an axis that is open. */
function channelsOf({ plan }: PlannedGraph): readonly (number | null)[] {
  const { dims } = plan.inputs.find(({ name }) => name === PIXELS)!;
  if (dims.length !== 4)
    throw new EngineError(
      'This model reads several images or a film at once, and Headlight shows one image.',
    );
  return dims.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : null));
}

function tokensOf(grid: Grid, count: number, { registers }: Config): Token[] {
  return Array.from({ length: count }, (_, id): Token => {
    const patch = patchAt(grid, id);
    const told = { id, span: { start: 0, end: 0 }, type: 0, segment: null } as const;
    return patch
      ? { ...told, text: `row ${patch.row} column ${patch.column}`, special: false, patch }
      : { ...told, text: nameBeside(grid, id, registers), special: true };
  });
}

/** Models of images do not name their tokens; these are the names that papers use. */
function nameBeside({ first, rows, columns }: Grid, id: number, registers: number): string {
  if (id >= first) return `[DET ${id - first - rows * columns}]`;
  if (id === 0 && first !== registers) return '[CLS]';
  // DeiT has a second one, whose target was another model's answer.
  if (registers === 0 && first === 2) return '[DIST]';
  return `[REG ${id - (first - registers)}]`;
}
