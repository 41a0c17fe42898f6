/** A canvas that has exactly the device pixels it covers. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
}

/**
 * Sizes a canvas, in CSS pixels, and gives a context in device pixels. Setting the size clears it, also where it stays.
 * @throws Error where the browser gives no 2D context (too many, or out of memory)
 */
export function surface(canvas: HTMLCanvasElement, width: number, height: number): Surface {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  return { context, ratio };
}
