/**
 * From the strengths of a row of attention to what is painted: eight levels of ranges, few enough to paint at
 * once. Pure.
 */
import type { Span } from './protocol';

export const levelCount = 8;

/** More ranges than this make an editor slow, and the weaker ones could not be told apart anyway. */
export const rangeLimit = 300;

/** Under this nothing is painted: half of the first level. */
export const faintest = 1 / 16;

/** 1 to 8, or 0 for what is too weak to paint. */
export function levelOf(strength: number): number {
  if (!(strength >= faintest)) return 0;
  return Math.min(levelCount, Math.ceil(strength * levelCount));
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly level: number;
  readonly strength: number;
}

/** The spans to paint at each level: `[0]` is level 1, `[7]` is level 8. None overlap unless the spans given do. */
export function spansByLevel(spans: readonly Span[], strengths: readonly number[]): Span[][] {
  const levels: Span[][] = Array.from({ length: levelCount }, () => []);
  const strongest = merged(marksOf(spans, strengths)).sort((a, b) => b.strength - a.strength);
  for (const mark of strongest.slice(0, rangeLimit)) levels[mark.level - 1]!.push([mark.start, mark.end]);
  return levels;
}

/** In document order, each span once: tokens that share a character share its span, and the stronger one shows. */
function marksOf(spans: readonly Span[], strengths: readonly number[]): Mark[] {
  const marks = new Map<string, Mark>();
  spans.forEach(([start, end], i) => {
    const strength = strengths[i] ?? 0;
    const level = levelOf(strength);
    const before = marks.get(`${start} ${end}`);
    if (level === 0 || start >= end || (before && before.strength >= strength)) return;
    marks.set(`${start} ${end}`, { start, end, level, strength });
  });
  return [...marks.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Touching neighbours of one level become one range. */
function merged(marks: readonly Mark[]): Mark[] {
  const result: Mark[] = [];
  for (const mark of marks) {
    const last = result.at(-1);
    if (last && last.end === mark.start && last.level === mark.level) {
      const strength = Math.max(last.strength, mark.strength);
      result[result.length - 1] = { ...last, end: mark.end, strength };
    } else result.push(mark);
  }
  return result;
}
