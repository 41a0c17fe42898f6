/** The steps of a row of attention as they are named, explained, and lit in the formula. */
import { element } from '../../element';
import { Formula } from './formula';
import type { Term } from './formula';

export interface Step {
  readonly title: string;
  readonly terms: readonly Term[];
  /** What the step does, for who wants to read it. */
  readonly why: string;
}

/** Those that each key goes through, in the order in which they are computed. */
export const COLUMNS = {
  key: {
    title: 'key k',
    terms: ['key'],
    why: 'What each token offers to be found by: its own vector, times the head’s key weights.',
  },
  product: {
    title: 'q · k',
    terms: ['query', 'key'],
    why: 'Query and key multiplied dimension by dimension and added up: large where they point the same way.',
  },
  score: {
    title: '÷ √d',
    terms: ['scale'],
    why: 'Sums of more dimensions are larger. Dividing by √d keeps the softmax from picking one token only.',
  },
  biased: {
    title: '+ bias',
    terms: ['bias'],
    why: 'This model adds numbers of its own to the scores: how far away the key stands, or a limit on large scores.',
  },
  masked: {
    title: 'mask',
    terms: ['mask'],
    why: 'A token that may not be seen gets minus infinity, and so a weight of exactly 0.',
  },
  weight: {
    title: 'softmax',
    terms: ['softmax'],
    why: 'e to the power of each score, divided by their sum: the weights are positive and add up to 1.',
  },
  value: {
    title: 'value v',
    terms: ['value'],
    why: 'What each token hands over. Each value is taken as often as its weight says, and all are added up.',
  },
} as const satisfies Record<string, Step>;

export type Column = keyof typeof COLUMNS;

/** Those before and after the keys. */
export const AROUND = {
  query: {
    title: 'query q',
    terms: ['query'],
    why: 'What this token looks for: its own vector, times the head’s query weights.',
  },
  sum: {
    title: 'sum',
    terms: ['sum', 'value'],
    why: 'The values, each times its weight, added up: what the head found.',
  },
  projection: {
    title: 'output projection',
    terms: ['projection'],
    why: 'The head’s part of the output projection turns what it found into a vector that is added to the token’s own.',
  },
} as const satisfies Record<string, Step>;

/** The formula, and what a step of it does while that step is pointed at or has the focus. */
export class StepsView {
  readonly formula = new Formula();
  readonly explanation = element('p', { class: 'explanation hint' });

  constructor() {
    this.light(null);
  }

  /** Makes a part of the page light a step. */
  lights(part: HTMLElement, step: Step): void {
    for (const event of ['pointerenter', 'focus']) part.addEventListener(event, () => this.light(step));
    for (const event of ['pointerleave', 'blur']) part.addEventListener(event, () => this.light(null));
  }

  private light(step: Step | null): void {
    this.formula.light(step?.terms ?? []);
    this.explanation.textContent =
      step?.why ??
      'Read the table from left to right. Point at the head of a column, or a line around the table, to see what it does.';
  }
}
