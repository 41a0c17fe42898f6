/** What a pointer does to what is seen of a drawing: a wheel with Ctrl, or a pinch, magnifies; a drag moves. */
import type { Place, Viewport } from '../core/viewport';
import { isWhole, panned, zoomed } from '../core/viewport';

/** Changes what is seen, with `follow` so that what is told stays in sight; tells whether anything changed. */
export type Steer = (by: (viewport: Viewport) => Viewport, follow?: boolean) => boolean;

/** What is seen now. */
export interface Seen {
  readonly viewport: Viewport;
  /** The largest zoom that still shows something new; 1 where nothing can be magnified. */
  readonly most: number;
}

/** Where it is seen. */
export interface Frame {
  /** Sides in CSS pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Where a pointer is in it; null where that is none of it. */
  placeAt(event: MouseEvent): Place | null;
}

/** Of a wheel, how much a pixel magnifies, and how many pixels count at most: a notch is about a quarter. */
const WHEEL = 0.01;
const NOTCH = 24;
/** Pixels that a line of a wheel is. */
const LINE = 16;
/** A pointer that moves less than this, in CSS pixels, clicks. */
const STILL = 4;

/** Pixels that a wheel was turned by. */
export function turnOf({ deltaX, deltaY, deltaMode }: WheelEvent): Place {
  const unit = deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
  return { x: deltaX * unit, y: deltaY * unit };
}

/** Whether a wheel magnifies: a pinch comes as one with Ctrl. */
export const isPinch = ({ ctrlKey, metaKey }: WheelEvent): boolean => ctrlKey || metaKey;

/** How much it magnifies. */
export const factorOf = (event: WheelEvent): number =>
  Math.exp(-WHEEL * Math.max(-NOTCH, Math.min(NOTCH, turnOf(event).y)));

export class Gestures {
  private held: { readonly x: number; readonly y: number; readonly viewport: Viewport } | null = null;
  private dragged = false;

  /** Hears what is done on `stage` before what lies in it does, which hears nothing of a drag and of its click. */
  constructor(
    private readonly stage: HTMLElement,
    private readonly seen: Seen,
    private readonly frame: Frame,
    private readonly steer: Steer,
  ) {
    stage.addEventListener('wheel', (event) => this.onWheel(event), { passive: false, capture: true });
    stage.addEventListener('pointerdown', (event) => this.onDown(event), true);
    stage.addEventListener('pointermove', (event) => this.onMove(event), true);
    for (const end of ['pointerup', 'pointercancel'] as const)
      stage.addEventListener(
        end,
        () => {
          this.held = null;
          stage.classList.remove('dragged');
        },
        true,
      );
    stage.addEventListener(
      'click',
      (event) => {
        if (this.dragged) event.stopImmediatePropagation();
        this.dragged = false;
      },
      true,
    );
  }

  private onWheel(event: WheelEvent): void {
    const { most } = this.seen;
    const at = most > 1 && isPinch(event) ? this.frame.placeAt(event) : null;
    if (!at) return;
    this.steer((viewport) => zoomed(viewport, factorOf(event), at, most));
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  private onDown(event: PointerEvent): void {
    const { most, viewport } = this.seen;
    this.dragged = false;
    if (most === 1 || event.button !== 0 || isWhole(viewport) || !this.frame.placeAt(event)) return;
    this.held = { x: event.clientX, y: event.clientY, viewport };
  }

  private onMove(event: PointerEvent): void {
    // It was let go of where nobody saw it.
    if (event.buttons === 0) this.held = null;
    const { held } = this;
    if (!held) return;
    const [x, y] = [held.x - event.clientX, held.y - event.clientY];
    if (!this.dragged && Math.hypot(x, y) < STILL) return;
    event.stopImmediatePropagation();
    if (!this.dragged) {
      this.dragged = true;
      this.stage.setPointerCapture(event.pointerId);
      this.stage.classList.add('dragged');
    }
    const { width, height } = this.frame.size;
    this.steer(() => panned(held.viewport, { x: x / width, y: y / height }));
  }
}
