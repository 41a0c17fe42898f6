/** The radiogroup "Rows and columns": tokens, or the words or lines that they are brought together to. */
import { element } from '../element';
import type { Grain } from '../places';
import { GRAINS } from '../places';

const NAMES: Record<Grain, string> = { tokens: 'Tokens', words: 'Words', lines: 'Text lines' };
const SAYS: Record<Grain, string> = {
  tokens: 'A row and a column for each token',
  words: 'Tokens of a word together: what its parts give is averaged, what they get is summed',
  lines: 'Tokens of a line together: what they give is averaged, what they get is summed',
};

export class GrainChoice {
  readonly root = element('div', { role: 'radiogroup', 'aria-label': 'Rows and columns', class: 'radios' });
  private readonly inputs = GRAINS.map((grain) => {
    const input = element('input', { type: 'radio', name: 'grain', value: grain });
    this.root.append(element('label', { title: SAYS[grain] }, input, NAMES[grain]));
    return input;
  });

  constructor(choose: (grain: Grain) => void) {
    this.inputs.forEach((input, i) => input.addEventListener('change', () => choose(GRAINS[i])));
  }

  update(grain: Grain): void {
    for (const input of this.inputs) input.checked = input.value === grain;
  }
}
