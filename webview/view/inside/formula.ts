/** softmax(q kᵀ / √d + mask) v, as MathML that is read aloud and copied as it stands, with the terms of one step lit. */

/** A term that a step can light. */
export type Term = 'query' | 'key' | 'scale' | 'bias' | 'mask' | 'softmax' | 'value' | 'sum' | 'projection';

const MATHML = 'http://www.w3.org/1998/Math/MathML';

export class Formula {
  readonly root = math('math', '');
  /** What not every row has. */
  private readonly added = { bias: math('mrow', ''), mask: math('mrow', '') };
  private readonly terms = new Map<Term, Element[]>();

  constructor() {
    const q = this.term('query', math('mi', 'q'));
    const k = this.term('key', math('msup', '', math('mi', 'k'), math('mi', 'T')));
    const root = this.term('scale', math('msqrt', '', math('mi', 'd')));
    for (const name of ['bias', 'mask'] as const) {
      this.added[name].append(math('mo', '+'), math('mi', name));
      this.term(name, this.added[name]);
    }
    const softmax = this.term('softmax', math('mi', 'softmax'));
    const value = this.term('value', math('mi', 'v'));
    const sum = this.term('sum', math('munder', '', math('mo', '∑'), math('mtext', 'keys')));
    const projection = this.term('projection', math('msub', '', math('mi', 'W'), math('mi', 'O')));
    const score = math(
      'mrow',
      '',
      math('mfrac', '', math('mrow', '', q, k), root),
      this.added.bias,
      this.added.mask,
    );
    const weight = math('mrow', '', softmax, math('mo', '('), score, math('mo', ')'));
    this.root.replaceChildren(math('mrow', '', sum, weight, value, projection));
    this.root.setAttribute('display', 'block');
    this.root.setAttribute('class', 'formula');
  }

  /** What is added to the scores: numbers of the model's own, and a mask that closes something. */
  show(added: Readonly<Record<'bias' | 'mask', boolean>>): void {
    for (const name of ['bias', 'mask'] as const) this.added[name].toggleAttribute('hidden', !added[name]);
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
