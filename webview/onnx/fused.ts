// Operators that hold a whole attention, and are not opened yet: they are named, never passed over in silence.

const FUSED: ReadonlySet<string> = new Set([
  'Attention', // ai.onnx, from opset 23
  'LinearAttention', // ai.onnx, from opset 27: it has no probabilities at all
  ...[
    'Attention',
    'BiasSoftmax',
    'DecoderAttention',
    'DecoderMaskedMultiHeadAttention',
    'DecoderMaskedSelfAttention',
    'GatedRelativePositionBias',
    'GroupQueryAttention',
    'LinearAttention',
    'LongformerAttention',
    'MultiHeadAttention',
    'PackedAttention',
    'PackedMultiHeadAttention',
    'PagedAttention',
    'QAttention',
    'QOrderedAttention',
    'QOrderedLongformerAttention',
    'SparseAttention',
  ].map((op) => `com.microsoft.${op}`),
]);

/** Whether this one operator is a whole attention. */
export function isFused(domain: string, op: string): boolean {
  return FUSED.has(domain ? `${domain}.${op}` : op);
}

/** Whether this operator is a whole attention or the softmax of one. */
export function isAttentive(domain: string, op: string): boolean {
  return isFused(domain, op) || (domain === '' && op === 'Softmax');
}
