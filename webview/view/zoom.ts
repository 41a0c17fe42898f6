/** Zoom and pan of the matrix: wheel and pinch, drag, keys, buttons, and the map of the whole. */
import type { Place, Viewport } from '../core/viewport';
import { centred, isWhole, panned, whole, zoomed } from '../core/viewport';
import { element, setAttribute, setHidden } from '../element';
import type { MatrixView } from './matrix';
import { isEnabled } from './controls';
import type { Frame, Seen, Steer } from './gestures';
import { factorOf, Gestures, isPinch, turnOf } from './gestures';

/** A step of a key or a button. */
const STEP = 1.6;
const MIDDLE = { x: 0.5, y: 0.5 };

export class Zoom implements Seen, Frame {
  readonly root = element('div', { role: 'group', 'aria-label': 'Zoom', class: 'zoom' });
  private readonly out = this.button('Zoom out', '−', '-', () => this.by(-1));
  private readonly into = this.button('Zoom in', '+', '+', () => this.by(1));
  private readonly all = this.button('Whole matrix', 'Whole', '0', () => this.reset());
  viewport = whole;

  constructor(
    stage: HTMLElement,
    private readonly matrix: MatrixView,
    private readonly steer: Steer,
  ) {
    this.root.append(this.out, this.into, this.all);
    new Gestures(stage, this, this, steer);
    stage.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    stage.addEventListener('dblclick', (event) => this.onDouble(event));
    this.listenToMap();
  }

  /** @param on whether what is drawn can be magnified */
  update(viewport: Viewport, on: boolean): void {
    this.viewport = viewport;
    setHidden(this.root, !on);
    setAttribute(this.out, 'aria-disabled', isWhole(viewport) ? 'true' : null);
    setAttribute(this.all, 'aria-disabled', isWhole(viewport) ? 'true' : null);
    setAttribute(this.into, 'aria-disabled', viewport.zoom >= this.matrix.most ? 'true' : null);
  }

  /** Magnifies about the middle, so many steps. */
  by(steps: number): void {
    if (this.on) this.steer((viewport) => zoomed(viewport, STEP ** steps, MIDDLE, this.most), true);
  }

  reset(): void {
    this.steer(() => whole);
  }

  /** Moves by a quarter of the frame. */
  pan(x: number, y: number): void {
    this.steer((viewport) => panned(viewport, { x: x / 4, y: y / 4 }));
  }

  get most(): number {
    return this.on ? this.matrix.most : 1;
  }

  get size() {
    return this.matrix.size;
  }

  placeAt(event: MouseEvent): Place | null {
    return event.target === this.matrix.map ? null : this.matrix.placeAt(event);
  }

  private get on(): boolean {
    return !this.root.hidden && this.matrix.isDrawn;
  }

  private onWheel(event: WheelEvent): void {
    if (!this.on) return;
    if (isPinch(event)) {
      // Over the map; elsewhere it was taken for a gesture.
      this.steer((viewport) => zoomed(viewport, factorOf(event), MIDDLE, this.most));
      event.preventDefault();
      return;
    }
    const { width, height } = this.size;
    const { x, y } = turnOf(event);
    // At its edges the page scrolls on.
    if (this.steer((viewport) => panned(viewport, { x: x / width, y: y / height }))) event.preventDefault();
  }

  /** A pointer that is held on the map takes the frame along. No token is told of there, and none pinned. */
  private listenToMap(): void {
    const { map } = this.matrix;
    const go = (event: PointerEvent) => {
      const { left, top, width, height } = map.getBoundingClientRect();
      const place = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
      this.steer((viewport) => centred(viewport, place));
    };
    map.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      map.setPointerCapture(event.pointerId);
      go(event);
    });
    map.addEventListener('pointermove', (event) => {
      event.stopPropagation();
      if (map.hasPointerCapture(event.pointerId)) go(event);
    });
    for (const kind of ['click', 'dblclick'] as const)
      map.addEventListener(kind, (event) => event.stopPropagation());
  }

  /** In where labels can be read, and out again. */
  private onDouble(event: MouseEvent): void {
    const at = this.placeAt(event);
    if (!this.on || !at) return;
    const { most } = this;
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
