/** The field that finds a token: Enter and Shift+Enter go from match to match, whose number is told. */
import { element, setAttribute, setText } from '../element';
import type { State } from '../state';
import { matchAt, matchesOf } from '../found';

export interface SearchActions {
  search(wanted: string): void;
  goToMatch(by: 1 | -1): void;
}

export class Search {
  private readonly field = element('input', {
    type: 'search',
    'aria-label': 'Find in tokens',
    'aria-keyshortcuts': '/',
    placeholder: 'Find (/)',
    spellcheck: 'false',
  });
  private readonly count = element('span', { class: 'hint', 'aria-live': 'polite' });
  readonly root = element('div', { role: 'search', class: 'search' }, this.field, this.count);

  constructor({ search, goToMatch }: SearchActions) {
    this.field.title = 'Enter goes to the next match, Shift+Enter to the one before';
    this.field.addEventListener('input', () => search(this.field.value));
    this.field.addEventListener('keydown', (event) => {
      if (event.isComposing) return;
      if (event.key === 'Enter') goToMatch(event.shiftKey ? -1 : 1);
      else if (event.key === 'Escape' && this.field.value !== '') search('');
      else return;
      // Escape frees the pin only once there is nothing to search for.
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** What is typed next replaces what was searched for. */
  seek(): void {
    this.field.focus();
    this.field.select();
  }

  update(state: State): void {
    const { search } = state;
    if (this.field.value !== search) this.field.value = search;
    const { length } = matchesOf(state);
    const at = matchAt(state);
    const says =
      search === '' ? '' : length === 0 ? 'none' : at === null ? `${length} found` : `${at + 1} of ${length}`;
    setText(this.count, says);
    setAttribute(this.field, 'aria-invalid', search !== '' && length === 0 ? 'true' : null);
  }
}
