/**
 * Models of the hub worth a first look, and what for. None was tried while Headlight was made, where no hub could be
 * reached: what is said of a model is what papers and courses say of its architecture, and the list says so.
 */
export interface Curated {
  readonly id: string;
  /** What it is good for seeing. */
  readonly good: string;
  /** The sentence that shows it; two that are read as a pair. */
  readonly sentence: string | readonly [string, string];
  /** Whether it was opened in Headlight and its numbers were looked at. */
  readonly tried: boolean;
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
  },
  {
    id: 'Xenova/distilbert-base-uncased',
    good: 'Both directions, half the layers: two banks, each with its own neighbours',
    sentence: banks,
    tried: false,
  },
  {
    id: 'Xenova/ms-marco-MiniLM-L-6-v2',
    good: 'A question and a passage, read as a pair: which words of each look at the other',
    sentence: ['Where did the cat sleep?', 'The cat was tired, so it slept on the mat.'],
    tried: false,
  },
  {
    id: 'Xenova/gpt2',
    good: 'The causal mask: "was" back to "cat" across a clause, and the first token as a sink',
    sentence: farVerb,
    tried: false,
  },
  {
    id: 'Xenova/distilgpt2',
    good: 'The causal mask with half the layers: "was" back to "cat"',
    sentence: farVerb,
    tried: false,
  },
  {
    id: 'onnx-community/Qwen2.5-Coder-0.5B-Instruct',
    good: 'Code: the uses of a variable across lines. Large, so slow without a GPU',
    sentence: code,
    tried: false,
  },
];
