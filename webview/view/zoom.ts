/** Zoom and pan of the matrix: wheel and pinch, drag, keys, buttons, and the map of the whole. */
import type { Viewport } from '../core/viewport';
import { centred, isWhole, panned, whole, zoomed } from '../core/viewport';
import { element, setAttribute } from '../element';
import type { MatrixView } from './matrix';
import { isEnabled } from './controls';

/** Changes what is seen, with `follow` so that what is told stays in sight; tells whether anything changed. */
export type Steer = (by: (viewport: Viewport) => Viewport, follow?: boolean) => boolean;

/** A step of a key or a button. */
const STEP = 1.6;
/** Of a wheel, how much a pixel magnifies, and how many pixels count at most: a notch is about a quarter. */
const WHEEL = 0.01;
const NOTCH = 24;
/** Pixels that a line of a wheel is. */
const LINE = 16;
/** A pointer that moves less than this, in CSS pixels, clicks. */
const STILL = 4;
const MIDDLE = { x: 0.5, y: 0.5 };

export class Zoom {
  readonly root = element('div', { role: 'group', 'aria-label': 'Zoom', class: 'zoom' });
  private readonly out = this.button('Zoom out', '−', '-', () => this.by(-1));
  private readonly into = this.button('Zoom in', '+', '+', () => this.by(1));
  private readonly all = this.button('Whole matrix', 'Whole', '0', () => this.reset());
  private held: {
    readonly x: number;
    readonly y: number;
    readonly viewport: Viewport;
    readonly onMap: boolean;
  } | null = null;
  private dragged = false;
  private seen = whole;

  /** Takes what is done on `stage` before any listener that is added to it later. */
  constructor(
    private readonly stage: HTMLElement,
    private readonly matrix: MatrixView,
    private readonly steer: Steer,
  ) {
    this.root.append(this.out, this.into, this.all);
    stage.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.onDown(event));
    stage.addEventListener('pointermove', (event) => this.onMove(event));
    for (const end of ['pointerup', 'pointercancel'] as const)
      stage.addEventListener(end, () => {
        this.held = null;
        stage.classList.remove('dragged');
      });
    stage.addEventListener('click', (event) => {
      if (this.dragged || this.onMap(event)) event.stopImmediatePropagation();
      this.dragged = false;
    });
    stage.addEventListener('dblclick', (event) => this.onDouble(event));
  }

  /** @param on whether what is drawn can be magnified */
  update(viewport: Viewport, on: boolean): void {
    this.seen = viewport;
    this.root.hidden = !on;
    setAttribute(this.out, 'aria-disabled', isWhole(viewport) ? 'true' : null);
    setAttribute(this.all, 'aria-disabled', isWhole(viewport) ? 'true' : null);
    setAttribute(this.into, 'aria-disabled', viewport.zoom >= this.matrix.most ? 'true' : null);
  }

  /** Magnifies about the middle, so many steps. */
  by(steps: number): void {
    if (!this.on) return;
    this.steer((viewport) => zoomed(viewport, STEP ** steps, MIDDLE, this.matrix.most), true);
  }

  reset(): void {
    this.steer(() => whole);
  }

  /** Moves by a quarter of the frame. */
  pan(x: number, y: number): void {
    this.steer((viewport) => panned(viewport, { x: x / 4, y: y / 4 }));
  }

  private get on(): boolean {
    return !this.root.hidden && this.matrix.isDrawn;
  }

  private onMap({ target }: Event): boolean {
    return target === this.matrix.map;
  }

  private onWheel(event: WheelEvent): void {
    if (!this.on) return;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    const [x, y] = [event.deltaX * unit, event.deltaY * unit];
    // A pinch comes as a wheel with Ctrl.
    if (event.ctrlKey || event.metaKey) {
      const factor = Math.exp(-WHEEL * Math.max(-NOTCH, Math.min(NOTCH, y)));
      const at = this.onMap(event) ? MIDDLE : this.matrix.placeAt(event);
      this.steer((viewport) => zoomed(viewport, factor, at, this.matrix.most));
      event.preventDefault();
      return;
    }
    const { width, height } = this.matrix.size;
    // At its edges the page scrolls on.
    if (this.steer((viewport) => panned(viewport, { x: x / width, y: y / height }))) event.preventDefault();
  }

  private onDown(event: PointerEvent): void {
    this.dragged = false;
    if (!this.on || event.button !== 0 || isWhole(this.seen)) return;
    this.held = { x: event.clientX, y: event.clientY, viewport: this.seen, onMap: this.onMap(event) };
    if (!this.held.onMap) return;
    this.stage.setPointerCapture(event.pointerId);
    this.dragged = true;
    this.toMap(event);
  }

  private onMove(event: PointerEvent): void {
    // It was let go of where nobody saw it.
    if (event.buttons === 0) this.held = null;
    const { held } = this;
    if (!held) {
      if (this.onMap(event)) event.stopImmediatePropagation();
      return;
    }
    const [x, y] = [held.x - event.clientX, held.y - event.clientY];
    if (!this.dragged && Math.hypot(x, y) < STILL) return;
    event.stopImmediatePropagation();
    if (!this.dragged) {
      this.dragged = true;
      this.stage.setPointerCapture(event.pointerId);
      this.stage.classList.add('dragged');
    }
    if (held.onMap) return this.toMap(event);
    const { width, height } = this.matrix.size;
    this.steer(() => panned(held.viewport, { x: x / width, y: y / height }));
  }

  private toMap(event: PointerEvent): void {
    const { left, top, width, height } = this.matrix.map.getBoundingClientRect();
    const place = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
    this.steer((viewport) => centred(viewport, place));
  }

  /** In where labels can be read, and out again. */
  private onDouble(event: MouseEvent): void {
    if (!this.on || this.onMap(event)) return;
    const at = this.matrix.placeAt(event);
    const { most } = this.matrix;
    this.steer((viewport) => (isWhole(viewport) ? zoomed(viewport, most / 3, at, most) : whole));
  }

  private button(name: string, text: string, key: string, act: () => void): HTMLButtonElement {
    const made = element(
      'button',
      {
        type: 'button',
        class: 'plain',
        'aria-label': name,
        title: `${name} (${key})`,
        'aria-keyshortcuts': key,
      },
      text,
    );
    made.addEventListener('click', () => {
      if (isEnabled(made)) act();
    });
    return made;
  }
}
