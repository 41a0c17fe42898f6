export interface BrowserOptions {
  webgpu?: boolean;
  headless?: boolean;
}
export function findBrowser(): string;
export function flags(options?: BrowserOptions): string[];
export function launchOptions(options?: BrowserOptions): {
  executablePath: string;
  headless: boolean;
  args: string[];
};
