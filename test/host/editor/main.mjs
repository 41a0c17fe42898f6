// Starts VS Code's server, and ends it with the script that started it even if that was killed.
import watchdog from '@vscode/native-watchdog';

watchdog.start(process.ppid);
await import('./out/server-main.js');
