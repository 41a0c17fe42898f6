/** The four scripts of training/, in their order, on a tiny text. Skipped where Python has not what they need. */
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const python = process.env.HEADLIGHT_PYTHON ?? 'python3';

const can = spawnSync(python, ['-c', 'import torch, transformers, onnx, onnxruntime, tokenizers'], {
  stdio: 'ignore',
});
const skip =
  can.status === 0
    ? false
    : `SKIPPED: ${python} cannot import torch, transformers, onnx, onnxruntime and tokenizers (training/requirements.txt)`;

for (const script of ['prepare', 'train', 'export'])
  test(`training/${script}.py --smoke`, { skip, timeout: 300_000 }, () => {
    const { status, stdout, stderr } = spawnSync(python, [`${script}.py`, '--smoke'], {
      cwd: 'training',
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${script}.py ended with ${status}:\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
  });
