/** softmax(q kᵀ / √d + mask) v, as MathML that is read aloud and copied as it stands, with the terms of one step lit. */

/** A term that a step can light. */
export type Term = 'query' | 'key' | 'scale' | 'bias' | 'mask' | 'softmax' | 'value' | 'sum' | 'projection';

const MATHML = 'http://www.w3.org/1998/Math/MathML';

export class Formula {
  readonly root = math('math', '');
  private readonly bias = math('mrow', '');
  private readonly terms = new Map<Term, Element[]>();

  constructor() {
    const q = this.term('query', math('mi', 'q'));
    const k = this.term('key', math('msup', '', math('mi', 'k'), math('mi', 'T')));
    const root = this.term('scale', math('msqrt', '', math('mi', 'd')));
    this.bias.append(math('mo', '+'), math('mi', 'bias'));
    this.term('bias', this.bias);
    const mask = this.term('mask', math('mrow', '', math('mo', '+'), math('mi', 'mask')));
    const softmax = this.term('softmax', math('mi', 'softmax'));
    const value = this.term('value', math('mi', 'v'));
    const sum = this.term('sum', math('munder', '', math('mo', '∑'), math('mtext', 'keys')));
    const projection = this.term('projection', math('msub', '', math('mi', 'W'), math('mi', 'O')));
    const score = math('mrow', '', math('mfrac', '', math('mrow', '', q, k), root), this.bias, mask);
    const weight = math('mrow', '', softmax, math('mo', '('), score, math('mo', ')'));
    this.root.replaceChildren(math('mrow', '', sum, weight, value, projection));
    this.root.setAttribute('display', 'block');
    this.root.setAttribute('class', 'formula');
  }

  /** Whether the model adds anything to the scores beside the mask. */
  showBias(on: boolean): void {
    this.bias.toggleAttribute('hidden', !on);
  }

  /** Lights the terms of a step; none lights all alike. */
  light(lit: readonly Term[]): void {
    this.root.classList.toggle('partly', lit.length > 0);
    for (const [term, parts] of this.terms)
      for (const part of parts) part.classList.toggle('lit', lit.includes(term));
  }

  private term(term: Term, part: Element): Element {
    this.terms.set(term, [...(this.terms.get(term) ?? []), part]);
    part.classList.add('term');
    return part;
  }
}

function math(tag: string, text: string, ...children: Element[]): Element {
  const made = document.createElementNS(MATHML, tag);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}
