/** What can go wrong between this machine and the hub. Each kind is one sentence for people (src/models/remote.ts). */
export type HubProblem =
  /** No token, or one that the hub does not take. */
  | 'unauthorized'
  /** The token is known and may not: the owners want to be asked first. */
  | 'gated'
  | 'not found'
  /** Too many requests, for longer than is waited. */
  | 'busy'
  | 'server'
  | 'network'
  /** What came is not what the hub said it would be, twice. */
  | 'damaged'
  /** An answer that no hub gives. */
  | 'not a hub'
  | 'disk full'
  | 'disk'
  | 'cancelled';

export class HubError extends Error {
  override readonly name = 'HubError';
  constructor(
    readonly problem: HubProblem,
    /** For the log. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
