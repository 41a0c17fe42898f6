/** Where models come from: each source lists folders laid out as Hugging Face does. */
import type { Uri } from 'vscode';

export interface Model {
  readonly name: string;
  readonly folder: Uri;
  /** Which version of the weights it holds; null where nobody knows. */
  readonly revision: string | null;
}

export interface ModelSource {
  /** At least one; where none can be had it fails with the sentence that says so. */
  list(): Promise<readonly Model[]>;
}
