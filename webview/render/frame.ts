/** One frame loop for the whole page: however many changes ask, there is one drawing a frame. */
export function frames(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
