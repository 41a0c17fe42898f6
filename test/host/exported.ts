/** Export Attention, as a person takes it, and what its file holds against what PyTorch says. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Read, readSafetensors } from '../safetensors';
import { saveAs, until } from './panel';
import { pick } from './tiny';
import type { Workbench } from './workbench';

const tolerance = 1e-4;

/** Exports what stands as .safetensors and reads it back. @param suggested the name that is offered, and then taken */
export async function exported(workbench: Workbench, suggested?: string): Promise<Read> {
  const { folder } = workbench;
  const name = suggested ?? 'exported.safetensors';
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .safetensors');
  const offered = await saveAs(workbench, suggested ? undefined : name);
  if (suggested) assert.equal(offered, join(folder, suggested));
  await until('the file is there', async () => (await readdir(folder)).includes(name));
  const read = readSafetensors(await readFile(join(folder, name)));
  await rm(join(folder, name));
  return read;
}

/** Ids that the file's metadata names, of tokens or of target tokens. */
export const idsOf = ({ metadata }: Read, tokens: 'tokens' | 'target_tokens' = 'tokens'): number[] =>
  (JSON.parse(metadata[tokens]!) as { id: number }[]).map(({ id }) => id);

/** The tensors one after the other are the values of a committed .f32 file. */
export async function isGolden({ tensors }: Read, file: string): Promise<void> {
  const all = new Float32Array(new Uint8Array(await readFile(file)).buffer);
  const found = [...tensors.values()].flatMap(({ values }) => [...values]);
  assert.equal(found.length, all.length);
  found.forEach((value, i) =>
    assert.ok(Math.abs(value - all[i]!) <= tolerance, `${value} is not ${all[i]} at ${i}`),
  );
}
