// The order in which nodes can run.
import { OnnxError, quoted } from './error';

interface Ordered {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly captures: readonly string[];
}

/**
 * The nodes so that each comes after those it reads from; `given` are the names that no node makes. ONNX asks for
 * this order, but not every tool keeps to it. A file in order comes back as it is.
 */
export function orderNodes<T extends Ordered>(nodes: readonly T[], given: ReadonlySet<string>): T[] {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producer.has(output) || given.has(output))
        throw new OnnxError(`The file is damaged: the tensor ${quoted(output)} is made twice.`);
      producer.set(output, index);
    }
  });

  // Kahn's algorithm, taking whatever stands first in the file among the nodes that are ready.
  const readers: number[][] = nodes.map(() => []);
  const waits = nodes.map((node, index) => {
    const sources = new Set<number>();
    for (const name of [...node.inputs, ...node.captures]) {
      if (name === '' || given.has(name)) continue;
      const source = producer.get(name);
      if (source === undefined)
        throw new OnnxError(
          `The file is damaged: nothing in it makes the tensor ${quoted(name)} that a node reads.`,
        );
      sources.add(source);
    }
    for (const source of sources) readers[source].push(index);
    return sources.size;
  });
  const order: T[] = [];
  const ready: number[] = [];
  for (let first = 0; first < nodes.length; first++) {
    if (waits[first] !== 0) continue;
    ready.push(first);
    while (ready.length > 0) {
      const index = ready.pop()!;
      waits[index] = -1;
      order.push(nodes[index]);
      // A reader that stands later in the file is met by the outer loop; an earlier one must be taken here.
      for (const reader of readers[index]) if (--waits[reader] === 0 && reader < first) ready.push(reader);
    }
  }
  if (order.length < nodes.length) {
    const stuck = nodes[waits.findIndex((wait) => wait > 0)];
    throw new OnnxError(
      `The file is damaged: its node for ${quoted(stuck.outputs[0] ?? '')} depends on itself.`,
    );
  }
  return order;
}
