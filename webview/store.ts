/** Holds the page's one State: the only place where it changes. */
import type { Change } from './changes';
import type { State } from './state';

export class Store {
  /** @param changed does all that follows from a change, and may make others */
  constructor(
    private current: State,
    private readonly changed: (before: State) => void,
  ) {}

  get state(): State {
    return this.current;
  }

  /** @returns whether anything changed */
  change(by: Change): boolean {
    const before = this.current;
    this.current = by(before);
    if (this.current === before) return false;
    this.changed(before);
    return true;
  }
}
