/** All that is on the page: what stands where, in how much room, and when it is drawn anew. */
import type { ModelChoice } from '../../src/protocol';
import { element, setText } from '../element';
import { onThemeChange, readTheme } from '../render/theme';
import type { State } from '../state';
import type { BarActions } from './bars';
import { Notice, statusLine, Toolbar } from './bars';
import { Announcer } from './announcer';
import type { GridActions } from './grid';
import { GridView } from './grid';
import type { HeadActions } from './head';
import { HeadView } from './head';
import type { ImageActions } from './imagebar';
import { ImageBar } from './imagebar';
import type { InsideActions } from './inside/inside';
import { InsideView } from './inside/inside';
import type { LinkActions } from './links';
import { LinksView } from './links';
import type { SearchActions } from './search';
import { Search } from './search';
import type { SecondActions } from './second';
import { SecondView } from './second';
import type { TargetActions } from './target';
import { TargetView } from './target';
import { TokensView } from './tokens';

export type PageActions = BarActions &
  GridActions &
  HeadActions &
  ImageActions &
  InsideActions &
  LinkActions &
  SearchActions &
  SecondActions &
  TargetActions & {
    /** Nothing is shown, and someone wants to see something. */
    begin(): void;
  };

/** Where page.css puts the head beside the grid. */
const wide = matchMedia('(min-width: 1032px)');
/** Where page.css puts all in one column. */
const narrow = matchMedia('(max-width: 560px)');

export class Page {
  readonly head: HeadView;
  readonly grid: GridView;
  readonly search: Search;
  private readonly toolbar: Toolbar;
  private readonly notice: Notice;
  private readonly tokens: TokensView;
  private readonly second: SecondView;
  private readonly imageBar: ImageBar;
  private readonly target: TargetView;
  private readonly links: LinksView;
  private readonly inside: InsideView;
  private readonly announcer = new Announcer();
  private readonly status = element('div', { role: 'status', class: 'status' });
  private readonly begin = element('button', { type: 'button', class: 'begin' }, 'Show Attention');
  private theme = readTheme();

  /** @param again asks for another update with the next frame */
  constructor(actions: PageActions, again: () => void) {
    this.toolbar = new Toolbar(actions);
    this.notice = new Notice(actions, () => this.grid.focusCell());
    this.head = new HeadView(actions, again);
    this.grid = new GridView(actions, this.head.zoom, again);
    this.tokens = new TokensView(actions, 'source');
    this.second = new SecondView(actions);
    this.imageBar = new ImageBar(actions);
    this.target = new TargetView(actions);
    this.links = new LinksView(actions);
    this.search = new Search(actions);
    this.inside = new InsideView(actions);
    this.begin.addEventListener('click', () => actions.begin());
    document.body.append(this.toolbar.root, this.notice.root, this.welcome(), this.stage(), this.status);

    onThemeChange(() => {
      this.theme = readTheme();
      again();
    });
    new ResizeObserver(again).observe(document.body);
    // A canvas can lose what was drawn, with the graphics process or for want of memory; the event does not bubble.
    document.addEventListener(
      'contextrestored',
      () => {
        this.grid.forget();
        this.head.forget();
        again();
      },
      true,
    );
  }

  update(state: State, models: readonly ModelChoice[], model: ModelChoice | null): void {
    const { theme } = this;
    const shown = state.scene !== null;
    document.body.classList.toggle('empty', !shown);
    const pictured = state.scene?.picture.sight != null;
    document.body.classList.toggle('pictured', pictured);
    // Sizes and places are read before anything is written: each the other way round lays out the page.
    // Beside the head the grid may grow, as far as the text below it stays in sight.
    const share = wide.matches ? Math.max(innerHeight * 0.42, innerHeight - 430) : innerHeight * 0.42;
    const gridRoom = { width: this.grid.root.clientWidth - 8, height: share };
    const headRoom = {
      width: this.head.root.clientWidth,
      height:
        wide.matches && !pictured
          ? innerHeight - 190
          : innerHeight * (narrow.matches ? 0.4 : pictured ? 0.5 : 0.62),
    };
    this.tokens.update(state, theme);
    this.second.update(state);
    this.imageBar.update(state);
    this.toolbar.update(state, models, model);
    this.notice.update(state);
    this.grid.update(state, theme, gridRoom);
    this.head.update(state, theme, headRoom);
    this.search.update(state);
    this.target.update(state, theme);
    this.links.update(state, theme);
    this.inside.update(state, theme);
    this.announcer.update(state);
    const line = statusLine(state);
    setText(this.status, line);
  }

  /** @param shown whether anything is */
  focus(shown: boolean): void {
    if (shown) this.grid.focusCell();
    else this.begin.focus();
  }

  private welcome(): HTMLElement {
    return element(
      'section',
      { class: 'welcome' },
      element(
        'p',
        {},
        'See what a transformer attends to: select code or a sentence in an editor, and show its attention.',
      ),
      this.begin,
      element('p', { class: 'hint' }, 'Without a selection it takes the function around the caret.'),
    );
  }

  private stage(): HTMLElement {
    const tokens = element(
      'section',
      { class: 'text' },
      element(
        'h2',
        {},
        'Tokens ',
        element('span', { class: 'hint' }, 'point to see where one looks; click pins it'),
      ),
      element('div', { class: 'over' }, this.toolbar.reversed, this.search.root),
      this.tokens.list,
      this.second.root,
      this.imageBar.root,
      this.target.root,
      this.links.root,
    );
    const { grid, head, inside, announcer } = this;
    return element('main', {}, grid.root, head.root, tokens, inside.root, announcer.root);
  }
}
