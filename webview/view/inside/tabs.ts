/** Tabs as screen readers know them (WAI-ARIA Authoring Practices, "Tabs"): arrows move, one panel is there at a time. */
import { element, setAttribute } from '../../element';

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly label: string;
  /** One short sentence: what is to be seen here. */
  readonly says: string;
  readonly panel: HTMLElement;
}

export class Tabs<Name extends string> {
  readonly root: HTMLElement;
  private readonly buttons: readonly HTMLButtonElement[];
  private readonly panels: readonly HTMLElement[];

  constructor(
    private readonly tabs: readonly Tab<Name>[],
    label: string,
    private readonly choose: (name: Name) => void,
  ) {
    this.buttons = tabs.map(({ name, label: text }) => {
      const button = element(
        'button',
        { role: 'tab', type: 'button', id: `tab-${name}`, 'aria-controls': `panel-${name}`, class: 'tab' },
        text,
      );
      button.addEventListener('click', () => choose(name));
      return button;
    });
    this.panels = tabs.map(({ name, says, panel }) =>
      element(
        'div',
        { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}`, tabindex: '0' },
        element('p', { class: 'explanation hint' }, says),
        panel,
      ),
    );
    const list = element('div', { role: 'tablist', 'aria-label': label, class: 'tabs' }, ...this.buttons);
    list.addEventListener('keydown', (event) => this.onKey(event));
    this.root = element('div', {}, list, ...this.panels);
  }

  update(chosen: Name): void {
    this.tabs.forEach(({ name }, i) => {
      setAttribute(this.buttons[i], 'aria-selected', String(name === chosen));
      this.buttons[i].tabIndex = name === chosen ? 0 : -1;
      this.panels[i].hidden = name !== chosen;
    });
  }

  private onKey(event: KeyboardEvent): void {
    const at = this.buttons.indexOf(document.activeElement as HTMLButtonElement);
    const last = this.tabs.length - 1;
    const to = {
      ArrowLeft: at === 0 ? last : at - 1,
      ArrowRight: at === last ? 0 : at + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.buttons[to].focus();
    this.choose(this.tabs[to].name);
  }
}
