// The least attention there is, softmax(X Xᵀ) X of one head: a model for when there is none yet.
import { FLOAT } from './element';
import { Message } from './wire';

/** Of "x" [n, width] it makes "y" [n, width], both float32. */
export function leastModel(): Uint8Array {
  const graph = new Message()
    .message(1, node('Transpose', ['x'], 'keys'))
    .message(1, node('MatMul', ['x', 'keys'], 'scores'))
    .message(1, node('Softmax', ['scores'], 'weights'))
    .message(1, node('MatMul', ['weights', 'x'], 'y'))
    .text(2, 'least')
    .message(11, matrix('x'))
    .message(12, matrix('y'));
  return new Message().number(1, 8).message(8, new Message().number(2, 13)).message(7, graph).finish();
}

function node(op: string, inputs: readonly string[], output: string): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  return message.text(2, output).text(4, op);
}

/** ValueInfoProto of float32 with two free axes. */
function matrix(name: string): Message {
  const axes = ['n', 'width'].reduce(
    (shape, axis) => shape.message(1, new Message().text(2, `${name}_${axis}`)),
    new Message(),
  );
  const tensor = new Message().number(1, FLOAT).message(2, axes);
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}
