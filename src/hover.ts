/** The hover card: asked with the pointer or by keyboard, it points at the token, and tells its strongest links. */
import * as vscode from 'vscode';
import { cardText } from './card';
import type { Panel } from './panel';
import type { Followed } from './subject';
import { isOn } from './switches';

/** In ms; a card that comes later is of no use to anyone. */
const deadline = 300;

/** All that a card may do when it is clicked: nothing but what Headlight itself registers. */
const enabledCommands = ['headlight.goTo', 'headlight.focusPanel'];

export class Hover implements vscode.HoverProvider {
  constructor(
    private readonly panel: Panel,
    /** The text whose picture stands, while the panel is seen. */
    private readonly shown: () => Followed | null,
    /** The token at this offset is pointed at from now on. */
    private readonly pointed: (offset: number) => void,
  ) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancel: vscode.CancellationToken,
  ): Promise<vscode.Hover | null> {
    const followed = this.shown();
    if (!isOn('hover') || document !== followed?.document || followed.stale) return null;
    const { id } = followed.subject;
    const offset = document.offsetAt(position);
    if (!followed.holds(offset) || !followed.holds(offset + 1)) return null;
    this.pointed(offset);
    const card = await this.panel.ask('card', { id, offset }, { deadline, cancel }).catch(() => null);
    if (!card || followed.stale) return null;
    const target = (at: number) => `command:headlight.goTo?${encodeURIComponent(JSON.stringify([id, at]))}`;
    const line = (at: number) => document.positionAt(at).line + 1;
    const markdown = new vscode.MarkdownString(
      cardText(card, { line, target }, 'command:headlight.focusPanel'),
    );
    markdown.isTrusted = { enabledCommands };
    const { place } = card;
    return new vscode.Hover(markdown, typeof place === 'string' ? undefined : followed.rangeOf(place));
  }
}
