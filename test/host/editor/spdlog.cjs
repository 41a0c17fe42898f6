// Stands in for @vscode/spdlog, whose native code would have to be compiled: appends lines to the log files.
// Each export is an assignment of its own, because the server loads this by import() and reads the names statically.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const names = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'off'];

class Logger {
  constructor(_name, file) {
    this.file = file;
    this.level = 2;
    mkdirSync(dirname(file), { recursive: true });
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  write(level, message) {
    if (level >= this.level)
      appendFileSync(this.file, `${new Date().toISOString()} [${names[level]}] ${message}\n`);
  }
  setPattern() {}
  clearFormatters() {}
  flush() {}
  drop() {}
}
names.slice(0, -1).forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
});

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = async (name, file) => new Logger(name, file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger(name, file);
