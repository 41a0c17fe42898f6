/** How strongly a token is told, as a style: of few steps, so that a move repaints few tokens. */
import type { ThemeKind, Tint } from '../core/colour';
import { css, inkOn, ramp } from '../core/colour';
import { veil } from './patches';

/** Steps of strength that are told apart; the first is not coloured. */
export const STEPS = 32;

const paints = new Map<string, string>();

/** A style at one of the steps of strength, made once. */
function once(name: string, make: () => string): string {
  const known = paints.get(name);
  if (known !== undefined) return known;
  const made = make();
  paints.set(name, made);
  return made;
}

export const veilOf = (kind: ThemeKind, tint: Tint, step: number) =>
  once(`veil ${kind} ${tint} ${step}`, () => veil(kind, tint, step / STEPS));

export const paintOf = (kind: ThemeKind, tint: Tint, step: number) =>
  step === 0 ? '' : once(`${kind} ${tint} ${step}`, () => paint(kind, tint, step));

function paint(kind: ThemeKind, tint: Tint, step: number): string {
  const colour = ramp(kind, step / STEPS, tint);
  // Strength is told by the height of a bar too, and the tint by a letter, not by colour alone.
  const bar = `inset 0 ${-Math.round((step / STEPS) * 4)}px 0 ${css(ramp(kind, 1, tint))}`;
  return `background-color: ${css(colour)}; color: ${css(inkOn(colour))}; box-shadow: ${bar}; forced-color-adjust: none`;
}
