/** Tells whether the same things came again: what was made of them then need not be made once more. */
export class Again {
  private last: readonly unknown[] | null = null;

  /** True where every part is the very one of the last call. */
  same(...parts: readonly unknown[]): boolean {
    const { last } = this;
    this.last = parts;
    return (
      last !== null && last.length === parts.length && parts.every((part, i) => Object.is(part, last[i]))
    );
  }
}
