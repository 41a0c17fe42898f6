/**
 * Device `auto` starts on WASM, so that the first picture comes soon. Then the same text is run on WebGPU where an adapter
 * is real; if the run after the first, which compiles, is faster, WebGPU takes over, its worker already warm.
 */
import { openBytes, runBytes } from './core/cost';
import { ASIDE } from './engine/engine';
import { gpuBuild, hasRealGpu } from './engine/start';
import type { Opened, Place } from './launch';
import type { Picture } from './picture';
import { sessionFor } from './runs';
import type { Workplace } from './workplace';

/** Shorter texts say nothing about which device is faster, nor does a run that had only the end of one to read. */
const JUDGED_TOKENS = 64;

export const isTelling = ({ tokens, known }: Picture): boolean =>
  tokens.length >= JUDGED_TOKENS && known === 0;

/**
 * @param place where the picture was made
 * @param matters whether the answer still does, asked after each wait
 * @returns a worker that was faster than the picture's, with its model open; null for none
 * @throws RemoteError where WebGPU cannot run what the picture is of
 */
export async function fasterOnGpu(
  workplace: Workplace,
  place: Place,
  picture: Picture,
  matters: () => boolean,
  log: (line: string) => void,
): Promise<Opened | null> {
  const { subject, mask, experiment, tokens, overview, model } = picture;
  const { bytes, memoryLimit } = place.folder;
  // For a while the model is open twice.
  const needed = 2 * openBytes(bytes) + runBytes({ ...overview, width: model.width }, tokens.length);
  if (!(await hasRealGpu()) || !matters() || needed > memoryLimit) return null;
  const rival = await workplace.beside({ ...place, build: gpuBuild() }, tokens.length);
  let wins = false;
  try {
    const { engine, fed, targetIds, deadline } = sessionFor(rival, picture);
    const args = [subject.id, ASIDE, fed, mask, experiment, targetIds] as const;
    const time = async () => (await engine.call('run', [...args], { deadline })).ms;
    await time();
    if (!matters()) return null;
    const ms = await time();
    log(`${tokens.length} tokens: WebGPU ${ms.toFixed(0)} ms, WASM ${picture.ms.toFixed(0)} ms`);
    wins = ms < picture.ms && matters();
    return wins ? rival : null;
  } finally {
    if (!wins) rival.engine.end('WASM goes on.');
  }
}
