export interface BrowserOptions {
  webgpu?: boolean;
  timed?: boolean;
}
export function findBrowser(): string;
export function launchOptions(options?: BrowserOptions): {
  executablePath: string;
  headless: boolean;
  args: string[];
};
