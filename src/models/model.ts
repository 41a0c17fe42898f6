/** A model that can be run, wherever it comes from: described, not read. */
import type { Uri } from 'vscode';
import type { Graphs, ModelFile } from '../protocol';

export interface Model {
  /** Names this folder and variant across sessions. */
  readonly id: string;
  readonly name: string;
  readonly folder: Uri;
  /** Which version of the weights it holds; null where nobody knows. */
  readonly revision: string | null;
  /** All that the page may read of the folder. */
  readonly files: readonly ModelFile[];
  readonly graphs: Graphs;
  /** Of its graphs and their weights. */
  readonly bytes: number;
}
