// Operators that hold a whole attention, or its softmax. Those that decompose.ts takes apart are not met again; the
// others are named with the reason, never passed over in silence.
import type { Node } from '../model';

const NO_KERNEL = 'onnxruntime runs it on other devices only';

/** By domain and operator: why it stays closed; null where it can be taken apart. */
const FUSED: Readonly<Record<string, string | null>> = {
  Attention: null,
  LinearAttention: 'it computes no probabilities at all',
  'com.microsoft.Attention': null,
  'com.microsoft.BiasSoftmax': null,
  'com.microsoft.DecoderAttention': NO_KERNEL,
  'com.microsoft.DecoderMaskedMultiHeadAttention': null,
  'com.microsoft.DecoderMaskedSelfAttention': NO_KERNEL,
  'com.microsoft.GroupQueryAttention': null,
  'com.microsoft.LinearAttention': 'it computes no probabilities at all',
  'com.microsoft.LongformerAttention': NO_KERNEL,
  'com.microsoft.MultiHeadAttention': null,
  'com.microsoft.PackedAttention': NO_KERNEL,
  'com.microsoft.PackedMultiHeadAttention': NO_KERNEL,
  'com.microsoft.PagedAttention': NO_KERNEL,
  'com.microsoft.QAttention': null,
  'com.microsoft.QOrderedAttention': NO_KERNEL,
  'com.microsoft.QOrderedLongformerAttention': NO_KERNEL,
  'com.microsoft.SparseAttention': 'its pattern of blocks is not that of a mask',
};

export function fusedName({ domain, op }: Pick<Node, 'domain' | 'op'>): string {
  return domain ? `${domain}.${op}` : op;
}

/** Whether this one operator is a whole attention. */
export function isFused(node: Pick<Node, 'domain' | 'op'>): boolean {
  return Object.hasOwn(FUSED, fusedName(node));
}

/** Why a fused operator is not taken apart; null where it should have been. */
export function reasonClosed(node: Pick<Node, 'domain' | 'op'>): string | null {
  return FUSED[fusedName(node)] ?? null;
}

/** Whether this operator is a whole attention or the softmax of one. */
export function isAttentive(node: Pick<Node, 'domain' | 'op'>): boolean {
  return isFused(node) || (node.domain === '' && node.op === 'Softmax');
}
