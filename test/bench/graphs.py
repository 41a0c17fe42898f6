"""Other graphs of the bundled model, for `npm run bench -- --inference DIR/*.onnx`, and how far their attention is off.

    pip install onnx==1.23.1 onnxruntime==1.30.0 tokenizers
    python test/bench/graphs.py DIR

optimised.onnx is what onnxruntime makes of the graph ahead of time, its weights as f32; int8.onnx has each weight matrix
as int8, channel by channel, and its inputs quantised as they come.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnxruntime.quantization import quantize_dynamic
from tokenizers import Tokenizer

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "media/models/headlight-small"
TOKENS = 256


def attention(path, ids):
    """What every Softmax of a graph gives on these tokens, layer by layer."""
    model = onnx.load(path)
    names = [node.output[0] for node in model.graph.node if node.op_type == "Softmax"]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "position_ids": np.arange(ids.shape[1])[None]}
    return session.run(names, {one.name: feeds[one.name] for one in session.get_inputs()})


def main():
    folder = Path(sys.argv[1])
    optimised, int8 = folder / "optimised.onnx", folder / "int8.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(optimised)
    onnxruntime.InferenceSession(MODEL / "onnx/model.onnx", options)
    quantize_dynamic(optimised, int8, op_types_to_quantize=["MatMul"], per_channel=True,
                     extra_options={"MatMulConstBOnly": True})

    words = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    ids = np.array([words.encode((ROOT / "test/samples/queue.ts").read_text()).ids[:TOKENS]])
    exported = attention(MODEL / "onnx/model.onnx", ids)
    for path in (optimised, int8):
        errors = [np.abs(a - b) for a, b in zip(exported, attention(path, ids))]
        moved = np.mean([error.sum(-1).mean() / 2 for error in errors])
        print(f"{path.name}: a weight is off by {max(error.max() for error in errors):.2g} at most; "
              f"of a row {moved:.2g} lies elsewhere on average")


if __name__ == "__main__":
    main()
