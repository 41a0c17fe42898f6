/** The page's HTML. Pure: everything that depends on the webview comes in. */
interface PageParts {
  /** Webview URI of `dist`, without a slash at its end. */
  readonly dist: string;
  readonly cspSource: string;
  readonly nonce: string;
}

/**
 * Scripts run by nonce only; `wasm-unsafe-eval` lets WebAssembly compile; the worker is a blob, since VS Code
 * refuses workers of another origin; `connect-src` lets the page fetch the model and the worker from the extension.
 */
export function pageHtml({ dist, cspSource, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    `connect-src ${cspSource}`,
    'worker-src blob:',
    `style-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Headlight</title>
    <link rel="stylesheet" href="${dist}/page.css">
  </head>
  <body data-base="${dist}">
    <script nonce="${nonce}" src="${dist}/page.js"></script>
  </body>
</html>`;
}

export function createNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
