/** What a person chose about the view, and what of it survives a reload. Pure. */
import type { Head, Mask } from './core/attention';
import type { Visibility } from './core/colour';
import { MOST_OVERLAID } from './core/colour';
import type { Tab } from './inside';
import { tabs } from './inside';
import type { SiteKind } from './onnx/index';
import type { Grain } from './places';
import { GRAINS } from './places';
import { PAIRINGS } from './segments';
import type { Pairing } from './segments';

/** What is looked at, in terms of the head in focus: that head, its layer, all heads, or those pinned. */
export const SCOPES = ['head', 'layer average', 'layer maximum', 'average', 'maximum', 'overlay'] as const;
export type Scope = (typeof SCOPES)[number];

/** What the user chose; kept across reloads. */
export interface View extends Visibility {
  /** Null until someone chooses: then the model decides (causal for a decoder). */
  readonly mask: Mask | null;
  /** Null until someone chooses: then the most telling head. */
  readonly focus: Head | null;
  readonly scope: Scope;
  /** Causal minus bidirectional, of what is looked at. An overlay has none. */
  readonly difference: boolean;
  /** Heads pinned for the overlay, in the order of their colours. */
  readonly overlaid: readonly Head[];
  /** What rows and columns are: tokens, or words or lines that they are brought together to. */
  readonly grain: Grain;
  /** Draw the text twice with links between, where it is short, in place of the matrix. */
  readonly lines: boolean;
  /** Show who attends to the token, in place of what it attends to. */
  readonly reversed: boolean;
  /** The first token is left out of what is drawn, and the rest of its row rescaled. */
  readonly sinkHidden: boolean;
  /** Weights are drawn times what they hand over. */
  readonly valued: boolean;
  /** Of two texts that are read as a pair: whose tokens are drawn attending to whose. */
  readonly pairing: Pairing;
  /** What of the inside of the focused head is shown; null while it is closed. */
  readonly inside: Tab | null;
  /** Sentences that explain, for those who want them. */
  readonly explain: boolean;
  /** Which attention of an encoder-decoder is shown; null until someone chooses: then the encoder's. */
  readonly attention: SiteKind | null;
}

/** The attentions of an encoder-decoder, in the order of their choice. */
export const KINDS = ['encoder', 'decoder', 'cross'] as const satisfies readonly SiteKind[];

/** Before anyone chose. */
export const untouched: View = {
  mask: null,
  focus: null,
  scope: 'head',
  difference: false,
  overlaid: [],
  grain: 'tokens',
  lines: false,
  scale: 'square root',
  threshold: 0,
  sinkHidden: false,
  valued: false,
  pairing: 'all',
  reversed: false,
  inside: null,
  explain: true,
  attention: null,
};

/** A view that was kept, which may come from another version: what does not fit is left at its default. */
export function restoreView(kept: unknown): View {
  const chosen = { ...(kept as Partial<View> | null) };
  const { mask, focus, scope, difference, overlaid, lines, scale, threshold, sinkHidden, valued, reversed } =
    chosen;
  const isIndex = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
  const isHead = (head: unknown): head is Head =>
    isIndex((head as Head | null)?.layer) && isIndex((head as Head | null)?.head);
  const bare = ({ layer, head }: Head): Head => ({ layer, head });
  const heads = Array.isArray(overlaid) ? overlaid.filter(isHead).map(bare).slice(0, MOST_OVERLAID) : [];
  return {
    mask: mask === 'causal' || mask === 'bidirectional' ? mask : null,
    focus: isHead(focus) ? bare(focus) : null,
    scope: SCOPES.find((one) => one === scope) ?? 'head',
    difference: difference === true,
    overlaid: heads,
    grain: GRAINS.find((grain) => grain === chosen.grain) ?? 'tokens',
    lines: lines === true,
    scale: scale === 'linear' || scale === 'log' ? scale : 'square root',
    threshold: typeof threshold === 'number' && threshold > 0 && threshold <= 1 ? threshold : 0,
    sinkHidden: sinkHidden === true,
    valued: valued === true,
    pairing: PAIRINGS.find((one) => one === chosen.pairing) ?? 'all',
    reversed: reversed === true,
    inside: tabs.find((tab) => tab === chosen.inside) ?? null,
    explain: chosen.explain !== false,
    attention: KINDS.find((kind) => kind === chosen.attention) ?? null,
  };
}
