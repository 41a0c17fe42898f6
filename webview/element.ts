/** Makes DOM elements: attributes by name, children as nodes or text. Text is always text, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Sets an attribute, or takes it away for null; leaves the page alone where nothing changes. */
export function setAttribute(on: Element, name: string, value: string | null): void {
  if (on.getAttribute(name) === value) return;
  if (value === null) on.removeAttribute(name);
  else on.setAttribute(name, value);
}

/** Hides an element, or shows it; to hide what is hidden would have its style computed anew. */
export function setHidden(on: HTMLElement, hidden: boolean): void {
  if (on.hidden !== hidden) on.hidden = hidden;
}

/** Sets the text of an element that holds nothing else. */
export function setText(on: Element, text: string): void {
  const { firstChild } = on;
  if (!(firstChild instanceof Text)) on.textContent = text;
  else if (firstChild.data !== text) firstChild.data = text;
}

/**
 * Puts other children in place of those that are there. A focus among them goes to the new one with the same `data-held`,
 * or, where there is none any more, to the first button: whoever goes by keys is not sent back to the start of the page.
 */
export function replaceChildren(root: Element, ...children: (Node | string)[]): void {
  const held = root.contains(document.activeElement)
    ? document.activeElement!.getAttribute('data-held')
    : undefined;
  root.replaceChildren(...children);
  if (held === undefined) return;
  const same = held !== null && root.querySelector<HTMLElement>(`[data-held="${CSS.escape(held)}"]`);
  (same || root.querySelector('button'))?.focus();
}
