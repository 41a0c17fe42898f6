// The same in a page: `check(name, url)` for the folder served at `url`.
import * as ort from 'onnxruntime-web/wasm';
import { checkCase } from './check';

ort.env.wasm.wasmPaths = '/ort/';

Object.assign(window, {
  check: (name: string, url: string) =>
    checkCase({
      name,
      async read(file) {
        const response = await fetch(`${url}/${file}`);
        if (!response.ok) throw new Error(`there is no file ${file}`);
        return new Uint8Array(await response.arrayBuffer());
      },
    }),
});
