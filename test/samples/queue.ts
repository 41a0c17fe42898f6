/** A queue of waiting tasks: the first that came is the first that goes. */
export interface Task {
  name: string;
  run(): Promise<void>;
}

export class Queue {
  private tasks: Task[] = [];
  private busy = false;

  add(task: Task): void {
    this.tasks.push(task);
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.tasks.length > 0) {
      const task = this.tasks.shift()!;
      try {
        await task.run();
      } catch (error) {
        console.error(`${task.name} failed`, error);
      }
    }
    this.busy = false;
  }
}
