/** The few globals that Node and a browser worker share; neither lib is included, so nothing else compiles. */
declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
declare class AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}
declare interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
/** @throws TypeError where the text is no address */
declare class URL {
  constructor(text: string);
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly origin: string;
  readonly href: string;
  readonly search: string;
  readonly hash: string;
}
