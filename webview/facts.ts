/** What a report says of the page: where it runs, and the size of what it shows. Never text. */
import type { Fact } from '../src/protocol';
import { countsOf, kindName } from './sides';
import type { State } from './state';
import { extentOf, timeOf } from './picture';

export async function factsOf({ scene, work }: State): Promise<readonly Fact[]> {
  const facts: Fact[] = [
    ['Browser', navigator.userAgent],
    ['Processors', String(navigator.hardwareConcurrency)],
    ['Threads', crossOriginIsolated ? 'possible' : 'not possible: the page is not isolated'],
    ['WebGPU', await adapter()],
    ['Screen', `${innerWidth} × ${innerHeight} at ${devicePixelRatio}`],
    ['Work', work.kind === 'failed' ? `failed: ${work.sentence}` : work.kind],
  ];
  if (!scene) return [...facts, ['Picture', 'none']];
  const { picture } = scene;
  const { model, overview, sight, mask, device } = picture;
  const [whole, read] = extentOf(picture);
  const trained = model.trained.join(' and ');
  return [
    ...facts,
    [
      'Model',
      `${model.name}, ${kindName(picture, `${overview.layers} layers × ${overview.heads} heads`)}, trained ${trained}`,
    ],
    sight
      ? ['Image', `${countsOf(picture)}, of ${sight.width} × ${sight.height} pixels`]
      : ['Text', `${countsOf(picture)}, ${read} of ${whole} units`],
    ['Run', `${mask}, ${device}, ${timeOf(picture)}`],
  ];
}

async function adapter(): Promise<string> {
  if (!navigator.gpu) return 'none';
  const found = await navigator.gpu.requestAdapter();
  if (!found) return 'no adapter';
  const { vendor, architecture, isFallbackAdapter } = found.info;
  return (
    [vendor, architecture, isFallbackAdapter && 'in software'].filter(Boolean).join(', ') || 'an adapter'
  );
}
