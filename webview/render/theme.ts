/** VS Code's colour theme, as the page sees it: a kind in the body's classes, colours in CSS variables. */
import type { ThemeKind } from '../core/colour';

export interface Theme {
  readonly kind: ThemeKind;
  readonly foreground: string;
  readonly faint: string;
  /** Focus rings and what is pointed at. */
  readonly accent: string;
  readonly font: string;
}

export function readTheme(): Theme {
  const classes = document.body.classList;
  const kind: ThemeKind = classes.contains('vscode-high-contrast-light')
    ? 'hc-light'
    : classes.contains('vscode-high-contrast')
      ? 'hc-dark'
      : classes.contains('vscode-light')
        ? 'light'
        : 'dark';
  const style = getComputedStyle(document.body);
  const variable = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const dark = kind === 'dark' || kind === 'hc-dark';
  return {
    kind,
    foreground: variable('--vscode-editor-foreground', dark ? '#cccccc' : '#3b3b3b'),
    faint: variable('--vscode-descriptionForeground', dark ? '#9d9d9d' : '#6b6b6b'),
    accent: variable('--vscode-focusBorder', '#0078d4'),
    font: variable('--vscode-editor-font-family', 'monospace'),
  };
}

/** Calls back when the theme changes; VS Code swaps the body's classes and the variables together. */
export function onThemeChange(changed: () => void): void {
  new MutationObserver(changed).observe(document.body, { attributeFilter: ['class'] });
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ['style'] });
}
