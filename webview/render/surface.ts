/** A canvas that has exactly the device pixels it covers. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
}

/**
 * Sizes a canvas, in CSS pixels, and gives an empty context in device pixels. One that has its size already is only
 * cleared: an overlay is drawn with every move of the pointer.
 * @throws Error where the browser gives no 2D context (too many, or out of memory)
 */
export function surface(canvas: HTMLCanvasElement, width: number, height: number): Surface {
  const ratio = devicePixelRatio || 1;
  const across = Math.max(1, Math.round(width * ratio));
  const down = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  if (canvas.width === across && canvas.height === down) {
    context.clearRect(0, 0, across, down);
  } else {
    canvas.width = across;
    canvas.height = down;
  }
  canvas.style.width = `${across / ratio}px`;
  canvas.style.height = `${down / ratio}px`;
  return { context, ratio };
}
