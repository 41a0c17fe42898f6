// A process that checks one case after the other as it is told, so that a case that crashes or hangs ends only this.
import { checkCase } from './check';
import { onDisk } from './disk';

process.on('message', async (path: string) => {
  process.send!(await checkCase(onDisk(path)));
});
