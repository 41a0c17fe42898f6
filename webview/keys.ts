/** The keys that work anywhere in the page; those of one view are the view's own. */
import * as Changes from './changes';
import type { Demand } from './demand';
import * as Pointing from './pointing';
import type { Store } from './store';
import type { Page } from './view/page';

export function listenToKeys(page: Page, store: Store, demand: Demand): void {
  const { zoom } = page.head;
  const pressed = new Map<string, () => void>([
    ['+', () => zoom.by(1)],
    ['=', () => zoom.by(1)],
    ['-', () => zoom.by(-1)],
    ['0', () => zoom.reset()],
    ['n', () => store.change(Pointing.goToLink(1))],
    ['N', () => store.change(Pointing.goToLink(-1))],
  ]);
  /** A key that is held down does not do these again. */
  const once = new Map<string, () => void>([
    ['/', () => page.search.seek()],
    ['m', () => demand.toggleMask()],
    ['i', () => store.change(Changes.openInside(store.state.view.inside ? null : 'row'))],
  ]);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Escape') return void store.change(Pointing.free);
    if (isText(event)) return;
    const act = pressed.get(event.key) ?? (event.repeat ? undefined : once.get(event.key));
    // Else the slash that leads to the field would be written into it.
    if (act && event.key === '/') event.preventDefault();
    act?.();
  });
}

/** Whether a key is text for a field. */
function isText({ target }: Event): boolean {
  return (
    target instanceof Element &&
    target.matches('textarea, input:not([type=checkbox], [type=radio], [type=range])')
  );
}
