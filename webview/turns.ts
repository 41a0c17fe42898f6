/** One thing at a time: what the screen waits for first, and errands, for which nothing on it waits, when that is done. */

/** What the screen waits for. */
export interface Urgent {
  isWanted(): boolean;
  /** Whether anything is wanted in place of what is under way. */
  overtakes(): boolean;
  /** Does the most urgent thing; never throws. */
  next(): Promise<void>;
}

/** Nothing was wanted for so many ms. */
const IDLE = 4000;

export class Turns {
  private readonly errands: (() => Promise<void>)[] = [];
  private working = false;
  private onErrand = false;
  private resting = 0;

  /** @param rest is called when nothing was wanted for a while */
  constructor(
    private readonly urgent: Urgent,
    private readonly rest: () => void,
  ) {}

  get atWork(): boolean {
    return this.working;
  }

  /** Something urgent is wanted. */
  begin(): void {
    void this.pump();
  }

  /** Done when nothing else is wanted, one by one. */
  errand<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.errands.push(() => work().then(resolve, reject));
      void this.pump();
    });
  }

  /**
   * Between two parts of long work: what is wanted meanwhile goes first. An errand goes on after it.
   * @throws Overtaken in a look or a picture that is wanted no more
   */
  async giveWay(): Promise<void> {
    if (!this.urgent.overtakes()) return;
    if (!this.onErrand) throw new Overtaken();
    this.onErrand = false;
    await this.haste();
    this.onErrand = true;
  }

  private async pump(): Promise<void> {
    if (this.working) return;
    this.working = true;
    for (;;) {
      await this.haste();
      const errand = this.errands.shift();
      if (!errand) break;
      this.onErrand = true;
      await errand();
      this.onErrand = false;
    }
    this.working = false;
    clearTimeout(this.resting);
    this.resting = setTimeout(this.rest, IDLE) as unknown as number;
  }

  private async haste(): Promise<void> {
    while (this.urgent.isWanted()) await this.urgent.next();
  }
}

/** The work was not finished, because something else is wanted in its place. */
export class Overtaken extends Error {}
