/** The controls that bars are made of. */
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import { element } from '../element';

export function select(label: string) {
  return Object.assign(document.createElement('vscode-single-select'), { label });
}

/** Gives a select its choices, as [value, text]; the first is chosen. */
export function fill(
  select: HTMLElement & { value: string },
  choices: readonly (readonly [value: string, text: string])[],
): void {
  const options = [...select.querySelectorAll('vscode-option')].map(({ value }) => value);
  if (options.join('\n') === choices.map(([value]) => value).join('\n')) return;
  select.replaceChildren(
    ...choices.map(([value, text]) =>
      Object.assign(document.createElement('vscode-option'), { value, textContent: text }),
    ),
  );
  select.value = choices[0][0];
}

/** A control that says that it is disabled keeps the focus, and does nothing. */
export const isEnabled = (control: Element): boolean => control.getAttribute('aria-disabled') !== 'true';

export function button(label: string, title: string, press: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'fold plain', title }, label);
  made.addEventListener('click', () => {
    if (isEnabled(made)) press();
  });
  return made;
}

/** A native button as a switch: the library's own keeps its native state apart from its property. */
export function toggle(name: string, changed: (on: boolean) => void): HTMLButtonElement {
  const made = element(
    'button',
    { role: 'switch', type: 'button', class: 'switch', 'aria-checked': 'false' },
    element('span', { class: 'track', 'aria-hidden': 'true' }),
    name,
  );
  made.addEventListener('click', () => {
    if (isEnabled(made)) changed(made.getAttribute('aria-checked') !== 'true');
  });
  return made;
}
