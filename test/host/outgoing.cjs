// A preload for the server (`openWorkbench({ preload })`): the server and its extension hosts write down every
// connection that would leave this machine, in the file that HEADLIGHT_TEST_OUTGOING names.
const children = require('node:child_process');
const { appendFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { Socket } = require('node:net');

const write = (line) => appendFileSync(process.env.HEADLIGHT_TEST_OUTGOING, `${line}\n`);

// Each process says what it is, so that a test can tell that it was watched.
write(`watching ${process.env.VSCODE_ESM_ENTRYPOINT ?? 'the server'}`);

const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  // Other parts of Node hand over arguments that they have put in order already: [[options, callback]].
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: second };
  const host = typeof options.host === 'string' ? options.host : 'localhost';
  const isPipe = options.path !== undefined || (typeof first === 'string' && Number.isNaN(Number(first)));
  if (!isPipe && !/^(localhost|127\.[\d.]+|::1|\[::1\])$/.test(host)) write(`to ${host}:${options.port}`);
  return connect.apply(this, args);
};

// VS Code gives its children no NODE_OPTIONS, so they are told on the command line.
const { fork } = children;
children.fork = (file, args, options) =>
  fork(file, args, { ...options, execArgv: ['--require', __filename, ...(options?.execArgv ?? [])] });
syncBuiltinESMExports();
