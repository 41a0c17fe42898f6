/** The models that ship inside the extension: every folder of media/models, as the build found it. */
import * as vscode from 'vscode';
import type { ModelFile } from '../protocol';
import { describe } from './folder';
import { variantsOf } from './layout';
import type { Model } from './model';

/** Set by the build: the files of each model, since where the extension is served over HTTP no folder can be listed. */
declare const HEADLIGHT_SHIPPED: Record<string, readonly ModelFile[]>;

/** At least one. @param version of the extension: its models change with it */
export function bundledModels(extension: vscode.Uri, version: string): readonly Model[] {
  return Object.entries(HEADLIGHT_SHIPPED).map(([name, files]) => {
    const root = vscode.Uri.joinPath(extension, 'media', 'models', name);
    const variants = variantsOf(files);
    return describe({ root, files, variants }, variants[0]!, { revision: `headlight ${version}` });
  });
}
