// Operators that onnxruntime's optimiser makes of two or three, around an attention that it leaves open.
import type { Decomposer } from '../decompose';
import { floatOf, intOf, number } from './attend';

/** com.microsoft BiasSoftmax: a softmax of a sum, over the last axis as far as it is attention's. */
export const maskedSoftmax: Decomposer = (node, { make }) => {
  const sum = make.node('Add', node.inputs);
  make.node('Softmax', [sum], { axis: -1 }, node.outputs[0]);
  return null;
};

/** com.microsoft FusedMatMul: either factor turned, the product scaled. */
export const product: Decomposer = (node, shop) => {
  const { make, shapes, typeOf } = shop;
  if (intOf(node, 'transBatchA') || intOf(node, 'transBatchB')) return 'its batches are turned';
  const factors: string[] = [];
  for (const [i, name] of ['transA', 'transB'].entries()) {
    const rank = shapes.rank(node.inputs[i]);
    if (intOf(node, name) && rank === null) return 'its rank is not told';
    const perm = Array.from({ length: rank ?? 0 }, (_, axis) => axis);
    const turned = [...perm.slice(0, -2), perm.length - 1, perm.length - 2];
    factors.push(intOf(node, name) ? make.transpose(node.inputs[i], turned) : node.inputs[i]);
  }
  const alpha = floatOf(node, 'alpha', 1);
  if (alpha === 1) make.node('MatMul', factors, {}, node.outputs[0]);
  else {
    const scale = number(shop, typeOf(node.inputs[0]), alpha);
    make.node('Mul', [make.node('MatMul', factors), scale], {}, node.outputs[0]);
  }
  return null;
};
