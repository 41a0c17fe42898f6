export interface EditorOptions {
  dataDir?: string;
  extensions?: string[];
  settings?: Record<string, unknown>;
  port?: number;
  env?: Record<string, string>;
  preload?: string;
}
export interface Editor {
  url: string;
  port: number;
  dataDir: string;
  pid: number;
  log(): string;
  installExtension(file: string): Promise<void>;
  stop(): Promise<void>;
}
export interface What {
  folder: string;
  openFile?: string | undefined;
  developmentPath?: string | undefined;
  testsPath?: string | undefined;
}
export function fetchEditor(): Promise<{ node: string; main: string }>;
export function startEditor(options?: EditorOptions): Promise<Editor>;
export function workbenchUrl(editor: Pick<Editor, 'url' | 'port'>, what: What): string;
