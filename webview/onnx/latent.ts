// Attention that is not of tokens: learnt queries that read them (a Perceiver's latents), and what these do among
// themselves.
import type { GraphIndex } from './graph';
import type { Shapes } from './shape';
import { operandsOf, type Product } from './sites';

/** Products whose rows are a fixed number of learnt places. */
export function latentProducts(
  index: GraphIndex,
  shapes: Shapes,
  products: readonly Product[],
): Set<Product> {
  const roots = products.filter((product) => !index.dependsOnData(operandsOf(product.products[0])[0]));
  const latent = new Set(roots);
  if (roots.length === 0) return latent;
  const made = new Set(roots.flatMap(({ values }) => values.outputs));
  for (const { inputs, outputs } of index.graph.nodes)
    if (inputs.some((name) => made.has(name))) for (const output of outputs) made.add(output);
  for (const product of products)
    if (made.has(product.shown) && shapes.length(product.softmax.outputs[0], -2) !== null)
      latent.add(product);
  return latent;
}
