/** What the host asks the page. Each question settles once: with its answer, with a refusal, or with the page's end. */
import type { Answer, Ask, Questions } from './protocol';
import { Refusal, sentences } from './sentences';

export interface Patience {
  /** In ms, until the question is given up. */
  readonly deadline?: number;
  /** Gives it up at once. */
  readonly cancel?: Cancel;
}

/** As much of `vscode.CancellationToken` as is needed here. */
interface Cancel {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): unknown };
}

/** A question was given up by the person, who need not be told. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

const deadline = 10_000;

export class Asking {
  private count = 0;
  private readonly waiting = new Map<number, (settle: { ok: unknown } | { failed: Error }) => void>();

  /** @param post false where no page listens */
  constructor(private readonly post: (message: Ask) => boolean) {}

  /** @throws Refusal with the page's sentence, or with ours where it does not answer; Cancelled */
  ask<Q extends keyof Questions>(
    name: Q,
    asked: Questions[Q]['asked'],
    patience: Patience = {},
  ): Promise<Questions[Q]['answer']> {
    const question = ++this.count;
    return new Promise((resolve, reject) => {
      const { cancel } = patience;
      if (cancel?.isCancellationRequested) return reject(new Cancelled());
      const late = () => this.settle(question, { failed: new Refusal(sentences.noAnswer) });
      const timer = setTimeout(late, patience.deadline ?? deadline);
      const listening = cancel?.onCancellationRequested(() =>
        this.settle(question, { failed: new Cancelled() }),
      );
      this.waiting.set(question, (settle) => {
        clearTimeout(timer);
        listening?.dispose();
        if ('ok' in settle) resolve(settle.ok as Questions[Q]['answer']);
        else reject(settle.failed);
      });
      if (!this.post({ type: 'ask', question, name, asked } as Ask))
        this.settle(question, { failed: new Refusal(sentences.noPanel) });
    });
  }

  /** An answer has come; one that nobody waits for any more is dropped. */
  answered({ question, ...answer }: Answer): void {
    if ('refused' in answer) this.settle(question, { failed: new Refusal(answer.refused) });
    else this.settle(question, { ok: answer.ok });
  }

  /** The page is gone, and with it every answer. */
  end(): void {
    for (const question of [...this.waiting.keys()])
      this.settle(question, { failed: new Refusal(sentences.noPanel) });
  }

  private settle(question: number, settle: { ok: unknown } | { failed: Error }): void {
    const waiting = this.waiting.get(question);
    this.waiting.delete(question);
    waiting?.(settle);
  }
}
