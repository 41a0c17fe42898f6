/**
 * Models of the hub worth a first look, and what for. None was tried while Headlight was made, where no hub could be
 * reached: what is said of a model is what papers and courses say of its architecture. The list says so, and of what kind
 * one with random weights was held against PyTorch.
 */
export interface Curated {
  readonly id: string;
  /** What it is good for seeing. */
  readonly good: string;
  /** The sentence that shows it; two that are read as a pair; null where it is an image, which is asked for. */
  readonly sentence: string | readonly [string, string] | null;
  /** Whether it was opened in Headlight and its numbers were looked at. */
  readonly tried: boolean;
  /** Its architecture: a tiny one with random weights was, in test/fixtures. */
  readonly kind: string;
}

const pronoun = 'The cat sat on the mat because it was tired';
const farVerb = 'The cat that chased the mouse under the old wooden table was tired';
const banks = 'I went to the bank to deposit money.\nI sat by the bank watching the river.';
const code =
  'def largest(numbers):\n    best = numbers[0]\n    for number in numbers:\n        if number > best:\n            best = number\n    return best\n';

export const curated: readonly Curated[] = [
  {
    id: 'Xenova/bert-base-uncased',
    good: 'Both directions at once: "it" to "cat"',
    sentence: pronoun,
    tried: false,
    kind: 'BERT',
  },
  {
    id: 'Xenova/distilbert-base-uncased',
    good: 'Both directions, half the layers: two banks, each with its own neighbours',
    sentence: banks,
    tried: false,
    kind: 'DistilBERT',
  },
  {
    id: 'Xenova/ms-marco-MiniLM-L-6-v2',
    good: 'A question and a passage, read as a pair: which words of each look at the other',
    sentence: ['Where did the cat sleep?', 'The cat was tired, so it slept on the mat.'],
    tried: false,
    kind: 'BERT',
  },
  {
    id: 'Xenova/gpt2',
    good: 'The causal mask: "was" back to "cat" across a clause, and the first token as a sink',
    sentence: farVerb,
    tried: false,
    kind: 'GPT-2',
  },
  {
    id: 'Xenova/distilgpt2',
    good: 'The causal mask with half the layers: "was" back to "cat"',
    sentence: farVerb,
    tried: false,
    kind: 'GPT-2',
  },
  {
    id: 'onnx-community/Qwen2.5-Coder-0.5B-Instruct',
    good: 'Code: the uses of a variable across lines. Large, so slow without a GPU',
    sentence: code,
    tried: false,
    kind: 'Qwen2',
  },
  {
    id: 'Xenova/t5-small',
    good: 'Three attentions: in Cross, which words of the source each written word looks at. Press Generate',
    sentence: 'translate English to German: The cat is tired.',
    tried: false,
    kind: 'T5',
  },
  {
    id: 'Xenova/vit-base-patch16-224',
    good: 'An image: early heads look around a patch, late ones across the picture',
    sentence: null,
    tried: false,
    kind: 'ViT',
  },
];
