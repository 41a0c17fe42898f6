// What onnxruntime's WebGPU kernels compute too roughly or wrongly, and is therefore kept on the CPU.
import type { Graph, Node } from './model';

export function isDelicate({ initializers }: Graph, { op, domain, inputs }: Node): boolean {
  if (domain !== '') return false;
  switch (op) {
    // WGSL promises them to 2^-11 only (W3C, WGSL, 15.7.4 "Floating Point Accuracy"). In rotary positions that moved
    // attention weights by 4e-4; on the CPU these few numbers cost nothing.
    case 'Sin':
    case 'Cos':
      return true;
    // With 6 or 9 input channels the results are wrong altogether (github.com/microsoft/onnxruntime/issues/29651): the
    // kernel that reads three channels at a time serves pictures, and fails beyond them. Whatever is not read four at a
    // time stays here; where the weight is computed its channels are not told.
    case 'Conv': {
      const channels = initializers.get(inputs[1])?.dims[1];
      return channels === undefined || (channels > 3 && channels % 4 !== 0);
    }
    default:
      return false;
  }
}
