// Runs in a page before its own script, and notes when things happen. Nothing of the page is changed.
const bench = (window.bench = {
  /** Calls to the worker by method, and the bytes that came back with an overview. */
  calls: {},
  bytes: 0,
  /** When the host asked, when the model had run and for how long, and the frame that showed the last matrix. */
  asked: 0,
  run: 0,
  drawing: 0,
  drawn: 0,
  pressed: 0,
  hovers: [],
  waiting: false,
});

const Plain = window.Worker;
window.Worker = class extends Plain {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', ({ data }) => {
      const { attentions, ms, weights } = data.ok ?? {};
      if (attentions) {
        bench.bytes = attentions.reduce((sum, { overview }) => sum + overview.bytes.byteLength, 0);
        bench.run = ms;
      }
      if (weights) frame();
    });
  }
  postMessage(message, ...rest) {
    if (message?.method) bench.calls[message.method] = (bench.calls[message.method] ?? 0) + 1;
    return super.postMessage(message, ...rest);
  }
};

/** As floor.html does it: from the beginning of the frame that draws to the beginning of the next one. */
function frame() {
  bench.drawn = 0;
  requestAnimationFrame(() => {
    bench.drawing = performance.now();
    requestAnimationFrame(() => (bench.drawn = performance.now()));
  });
}

window.addEventListener('message', ({ data }) => {
  if (data?.type === 'show') bench.asked = performance.now();
});

// From the event to the end of the main thread's work on the frame that answers it: a message posted in the frame
// arrives when that work is done.
window.addEventListener(
  'mouseover',
  ({ timeStamp }) => {
    if (bench.waiting) return;
    bench.waiting = true;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        bench.waiting = false;
        bench.hovers.push(performance.now() - timeStamp);
      };
      port2.postMessage(null);
    });
  },
  true,
);
window.addEventListener('keydown', ({ timeStamp }) => (bench.pressed = timeStamp), true);
