// A preload for the server (`openWorkbench({ preload })`): every answer says that the page is cross-origin isolated,
// as a browser wants before it gives threads their shared memory. VS Code by itself does not.
const { ServerResponse } = require('node:http');

const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (...args) {
  this.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  this.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  this.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  return writeHead.apply(this, args);
};
