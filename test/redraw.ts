// Weights drawn as they are: what the other ways to draw them are tried against.
import type { Redraw } from '../webview/core/redraw';

export const asItIs: Redraw = { sinkHidden: false, lengths: null };
