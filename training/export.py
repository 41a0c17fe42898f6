"""
Turns a checkpoint into the model folder that ships, and measures it.

    python export.py                     # runs/main.pt -> ../media/models/headlight-small and ../test/golden
    python export.py --report            # only print what the shipped model has learned
    python export.py --checkpoint DIR    # the shipped ONNX back into a Transformers folder
    python export.py --smoke             # as the first, from the smoke run into the smoke folder

The weights are rounded to fp16 once, here. Everything after it (the ONNX, the golden values, the report) is computed
from the rounded weights, and nothing is written if ONNX and PyTorch differ by more than 1e-4 in a logit.
"""
import argparse
import hashlib
import json
import os
import shutil
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from transformers import Qwen3Config, Qwen3ForCausalLM
from transformers.models.qwen3.modeling_qwen3 import apply_rotary_pos_emb

from model import Config, Model, to_transformers

# -----------------------------------------------------------------------------
# settings
here = os.path.dirname(os.path.abspath(__file__))
tolerance = 1e-4       # of a logit, ONNX against PyTorch
limit = 14e6           # bytes of the ONNX
eval_windows = 64      # held-out windows of each kind
head_windows = 80      # held-out code windows for brackets and identifiers: half to choose a head, half to score it
eval_context = 256
seed = 5
examples = {           # golden texts; logits are kept for the first two only, to stay small
    'x': 'x',
    'cat': 'The cat sat on the mat because it was tired',
    'python': 'def total(items):\n    count = 0\n    for item in items:\n        count += item.size\n    return count\n',
    'typescript': 'export function clamp(value: number, low: number, high: number): number {\n'
                  '\treturn Math.min(Math.max(value, low), high);\n}\n',
    'emoji': 'const ok = "\U0001f600 caf\u00e9 \u2192 na\u00efve";\r\n// \U0001f468\u200d\U0001f469\u200d\U0001f467 <mask> <s>\r\n',
}
with_logits = ('x', 'cat')
with_heads = ('cat',)
# -----------------------------------------------------------------------------

help_text = __doc__ + """
To ask the Transformers folder for both masks, open it with eager attention and give a mask of four dimensions, 0
where a position may be seen and the lowest float where not:

    model = AutoModelForCausalLM.from_pretrained(DIR, attn_implementation='eager')
    ids = torch.tensor([tokenizer.encode(text).ids])                        # <s> is put in front
    n = ids.shape[1]
    both = torch.zeros(1, 1, n, n)                                          # bidirectional: all may be seen
    causal = both.masked_fill(torch.ones(n, n).triu(1).bool(), torch.finfo(torch.float32).min)
    out = model(ids, attention_mask=both, output_attentions=True)           # out.attentions, out.logits
"""


# ---- weights ----

def rounded(state_dict):
    return {name: value.float().half().float() for name, value in state_dict.items()}


def weights_of(folder):
    """The weights in a model folder's ONNX, by their PyTorch names. A name that ends in .T is stored transposed."""
    graph = onnx.load(os.path.join(folder, 'onnx', 'model.onnx')).graph
    out = {}
    for tensor in graph.initializer:
        if tensor.name.startswith('model.') and tensor.data_type == TensorProto.FLOAT16:
            value = numpy_helper.to_array(tensor).astype(np.float32)
            name = tensor.name.removesuffix('.T')
            out[name] = torch.from_numpy((value.T if tensor.name.endswith('.T') else value).copy())
    return out


def transformer(weights, config):
    """Transformers' own Qwen3 with these weights: the independent source of every golden value."""
    values = {k: v for k, v in config.items() if k != 'architectures'}
    model = Qwen3ForCausalLM(Qwen3Config(**values, attn_implementation='eager')).eval()
    state = model.load_state_dict(weights, strict=False)
    assert state.missing_keys == ['lm_head.weight'] and not state.unexpected_keys, state
    model.tie_weights()
    return model


def mask_of(n, causal):
    full = torch.zeros(1, 1, n, n)
    return full.masked_fill(torch.ones(n, n).triu(1).bool(), torch.finfo(torch.float32).min) if causal else full


# ---- ONNX ----

def to_onnx(model, weights, path):
    """torch's exporter, then the weights as fp16 under their own names, each with one Cast to f32."""
    ids = torch.randint(3, model.config.vocab_size, (2, 12))
    axes = {0: torch.export.Dim('batch'), 1: torch.export.Dim('sequence')}
    names = ['input_ids', 'attention_mask', 'position_ids']
    torch.onnx.export(
        model, (), path, dynamo=True, opset_version=18, external_data=False, verbose=False,
        kwargs={'input_ids': ids, 'attention_mask': torch.ones_like(ids), 'position_ids': torch.arange(12).repeat(2, 1)},
        input_names=names, output_names=['logits'], dynamic_shapes={name: axes for name in names})
    proto = onnx.load(path)
    graph = proto.graph

    # the exporter folds the transposes of the weights away and so stores the tied embedding twice; a weight is
    # known again by its values
    known = {}
    for name, value in weights.items():
        value = value.numpy()
        known[value.shape, value.tobytes()] = (name, False)
        if value.ndim == 2:
            known.setdefault((value.T.shape, np.ascontiguousarray(value.T).tobytes()), (name, True))
    nodes, kept, stored = [], [], {}
    for tensor in graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or (value.shape, value.tobytes()) not in known:
            kept.append(tensor)
            continue
        name, transposed = known[value.shape, value.tobytes()]
        if 'embed' in name:
            if name not in stored:
                stored[name] = weights[name].numpy()
                nodes.append(helper.make_node('Cast', [name], [name + '_f32'], name + '_cast', to=TensorProto.FLOAT))
            source = name + '_f32'
            nodes.append(helper.make_node('Transpose', [source], [tensor.name], name + '_transpose', perm=[1, 0])
                         if transposed else helper.make_node('Identity', [source], [tensor.name], name + '_identity'))
        else:
            label = name + '.T' if transposed else name
            stored[label] = value
            nodes.append(helper.make_node('Cast', [label], [label + '_f32'], label + '_cast', to=TensorProto.FLOAT))
            rename(graph, tensor.name, label + '_f32')
    # an Identity says nothing: let its readers read the Cast
    for node in [n for n in nodes if n.op_type == 'Identity']:
        nodes.remove(node)
        rename(graph, node.output[0], node.input[0])
    missing = set(weights) - {label.removesuffix('.T') for label in stored}
    assert not missing, f'not found in the graph: {sorted(missing)}'
    halves = [numpy_helper.from_array(np.ascontiguousarray(v).astype(np.float16), k) for k, v in stored.items()]
    nodes += graph.node
    for field, values in (('initializer', halves + kept), ('node', nodes), ('value_info', []), ('metadata_props', [])):
        graph.ClearField(field)
        getattr(graph, field).extend(values)
    for node in graph.node:  # stack traces of the exporting machine
        node.ClearField('metadata_props')
        node.ClearField('doc_string')
    proto.ClearField('metadata_props')
    graph.name = 'headlight-small'
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def rename(graph, old, new):
    for node in graph.node:
        for i, name in enumerate(node.input):
            if name == old:
                node.input[i] = new


def compare(model, path):
    """The largest difference of a logit, ONNX against PyTorch, over two batches of two lengths."""
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    worst = 0.0
    for n in (2, 130):
        ids = torch.from_numpy(np.random.default_rng(seed).integers(3, model.config.vocab_size, (2, n)))
        ids[:, 0] = 0
        positions = torch.arange(n).repeat(2, 1)
        got, = session.run(['logits'], {'input_ids': ids.numpy(), 'attention_mask': np.ones((2, n), np.int64),
                                        'position_ids': positions.numpy()})
        with torch.no_grad():
            want = model(input_ids=ids, attention_mask=mask_of(n, True).expand(2, 1, n, n), position_ids=positions).logits
        worst = max(worst, float(np.abs(got - want.numpy()).max()))
    return worst


# ---- golden values ----

def inside(model, ids, mask):
    """What every head is fed and gives: queries and keys with their positions turned in, values and outputs, each
    (layers, nh, n, hs), what it writes to the last token, (layers, nh, C), and the length of what each key hands over
    through the output projection, (layers, nh, n)."""
    caught, hooks = {name: [] for name in ('q', 'k', 'v', 'out')}, []
    for layer in model.model.layers:
        a = layer.self_attn
        for name, module in (('q', a.q_norm), ('k', a.k_norm), ('v', a.v_proj)):
            hooks.append(module.register_forward_hook(lambda _, __, y, name=name: caught[name].append(y)))
        hooks.append(a.o_proj.register_forward_pre_hook(lambda _, x: caught['out'].append(x[0])))
    position_ids = torch.arange(ids.shape[1])[None]
    model(input_ids=ids, attention_mask=mask, position_ids=position_ids)
    for hook in hooks:
        hook.remove()
    nh, hs = model.config.num_attention_heads, model.config.head_dim
    split = lambda x: x.view(1, -1, nh, hs).transpose(1, 2)                                   # (1, nh, n, hs)
    cos, sin = model.model.rotary_emb(caught['v'][0], position_ids)
    turned = [apply_rotary_pos_emb(split(q), split(k), cos, sin) for q, k in zip(caught['q'], caught['k'])]
    outputs = torch.cat([split(x) for x in caught['out']])                                    # (layers, nh, n, hs)
    project = torch.stack([layer.self_attn.o_proj.weight.T.view(nh, hs, -1) for layer in model.model.layers])
    values = torch.cat([split(v) for v in caught['v']])
    return {'queries': torch.cat([q for q, _ in turned]), 'keys': torch.cat([k for _, k in turned]),
            'values': values, 'outputs': outputs,
            'written': torch.einsum('lhw,lhwc->lhc', outputs[:, :, -1], project),
            'lengths': torch.einsum('lhnw,lhwc->lhnc', values, project).norm(dim=-1)}


def golden(model, tokenizer, revision, folder):
    config = model.config
    for name, text in examples.items():
        encoded = tokenizer.encode(text)
        ids = torch.tensor([encoded.ids])
        n = ids.shape[1]
        about = {'text': text, 'ids': encoded.ids, 'tokens': encoded.tokens, 'revision': revision,
                 'layers': config.num_hidden_layers, 'heads': config.num_attention_heads, 'n': n,
                 'hidden': config.hidden_size, 'vocabulary': config.vocab_size,
                 'order': 'little-endian f32, row by row; attention [layers, heads, n, n]; logits [n, vocabulary]; hidden '
                          '[layers + 1, n, hidden]: the embeddings, after each layer but the last, after the last norm; '
                          'queries, keys, values, outputs [layers, heads, n, width]; written [layers, heads, hidden], to the last token; '
                          'lengths [layers, heads, n], of values through the output projection',
                 'files': {}}
        for mask in ('causal', 'bidirectional'):
            with torch.no_grad():
                out = model(input_ids=ids, attention_mask=mask_of(n, mask == 'causal'), position_ids=torch.arange(n)[None],
                            output_attentions=True, output_hidden_states=True)
            values = {'attention': torch.cat(out.attentions), 'hidden': torch.cat(out.hidden_states)}
            if name in with_logits:
                values['logits'] = out.logits[0]
            if name in with_heads:
                with torch.no_grad():
                    values.update(inside(model, ids, mask_of(n, mask == 'causal')))
            about['files'][mask] = {}
            for kind, value in values.items():
                file = f'{name}.{mask}.{kind}.f32'
                value.numpy().astype('<f4').tofile(os.path.join(folder, file))
                about['files'][mask][kind] = file
        with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as f:
            json.dump(about, f, ensure_ascii=True, indent=1)
            f.write('\n')


# ---- what it has learned ----

class KneserNey:
    """Interpolated Kneser-Ney of a given order, one discount an order (n1 / (n1 + 2 n2)), by sorted 64-bit hashes."""

    def __init__(self, text, order):
        self.order, self.tables = order, []
        hashes = {k: self.hashes(text, k) for k in range(order + 1)}
        grams = np.unique(hashes[order], return_index=True, return_counts=True)
        for k in range(order, 0, -1):
            keys, first, counts = grams                      # first: a place where the gram stands
            discount = (counts == 1).sum() / max(1, (counts == 1).sum() + 2 * (counts == 2).sum())
            contexts, inverse = np.unique(hashes[k - 1][first], return_inverse=True)
            total = np.bincount(inverse, weights=counts)
            kinds = np.bincount(inverse)
            self.tables.append((k, keys, counts, contexts, total, kinds, float(discount)))
            if k > 1:  # lower orders count in how many ways a gram can be continued to the left
                inner, where, ways = np.unique(hashes[k - 1][first + 1], return_index=True, return_counts=True)
                grams = inner, first[where] + 1, ways

    @staticmethod
    def hashes(text, k):
        n = len(text)
        h = np.zeros(n, dtype=np.uint64)                     # h[i]: of text[i], ..., text[i + k - 1]
        for j in range(k):
            h[:n - j] = (h[:n - j] * np.uint64(0x9E3779B97F4A7C15)) ^ (h[:n - j] >> np.uint64(29))
            h[:n - j] += text[j:].astype(np.uint64) + np.uint64(1)
            h[n - j:] = 0
        return h[:n - k + 1] if k > 0 else h

    def losses(self, windows):
        """Nats of the last id of each row of windows (N, order)."""
        p = np.full(len(windows), 1 / 8192)
        for k, keys, counts, contexts, total, kinds, discount in reversed(self.tables):
            tail = windows[:, self.order - k:]
            gram, context = self.rows(tail), self.rows(tail[:, :-1])
            at = np.searchsorted(keys, gram).clip(max=len(keys) - 1)
            count = np.where(keys[at] == gram, counts[at], 0)
            at = np.searchsorted(contexts, context).clip(max=len(contexts) - 1)
            seen = contexts[at] == context
            p = np.where(seen, (np.maximum(count - discount, 0) + discount * kinds[at] * p) / total[at], p)
        return -np.log(p)

    @staticmethod
    def rows(tail):
        h = np.zeros(len(tail), dtype=np.uint64)
        for j in range(tail.shape[1]):
            h = (h * np.uint64(0x9E3779B97F4A7C15)) ^ (h >> np.uint64(29))
            h += tail[:, j].astype(np.uint64) + np.uint64(1)
        return h


def losses(model, source, data, kind, smoke):
    """Held-out nats a token under both masks, and those of the counting models on the very same positions."""
    rng = np.random.default_rng(seed)
    T = eval_context
    at = rng.integers(0, len(source) - T, eval_windows if not smoke else 4)
    ids = np.stack([np.concatenate([[0], source[a:a + T - 1]]) for a in at]).astype(np.int64)   # (N, T), <s> first
    chosen = rng.random(ids.shape) < 0.15
    chosen[:, :5], chosen[:, -1] = False, False              # five-grams and the right neighbour are inside the window
    scored = np.zeros(ids.shape, dtype=bool)
    scored[:, 5:] = True
    fate = rng.random(ids.shape)
    masked = np.where(chosen & (fate < 0.8), 1, np.where(chosen & (fate < 0.9), rng.integers(3, model.config.vocab_size, ids.shape), ids))
    out = {'causal': [], 'masked': []}
    for i in range(0, len(ids), 8):
        with torch.no_grad():
            x = torch.from_numpy(ids[i:i + 8])
            logits = model.logits(model(x, True)).log_softmax(-1)[:, :-1].gather(-1, x[:, 1:, None])[..., 0]
            out['causal'].append(-logits[torch.from_numpy(scored[i:i + 8, 1:])])
            hidden = model(torch.from_numpy(masked[i:i + 8]), False)[torch.from_numpy(chosen[i:i + 8])]
            target = x[torch.from_numpy(chosen[i:i + 8])]
            out['masked'].append(torch.nn.functional.cross_entropy(model.logits(hidden), target, reduction='none'))
    result = {k: round(float(torch.cat(v).mean()), 3) for k, v in out.items()}

    # the counting models read all of the training text of this kind; they do not change from export to export
    cache = os.path.join(data, f'counted-{kind}-{len(ids)}.json')
    if not os.path.exists(cache):
        text = np.fromfile(os.path.join(data, f'train-{kind}.bin'), dtype=np.uint16)
        gram = lambda mask, back: np.stack([ids[r, c - back:c + 1] for r, c in zip(*mask.nonzero())])
        left = KneserNey(text, 2)
        counted = {'bigram': left.losses(gram(scored, 1)).mean(), 'left neighbour': left.losses(gram(chosen, 1)).mean()}
        after = np.stack([ids[r, [c + 1, c]] for r, c in zip(*chosen.nonzero())])
        counted['right neighbour'] = KneserNey(text[::-1].copy(), 2).losses(after).mean()
        if not smoke:
            del left
            counted['5-gram'] = KneserNey(text, 5).losses(gram(scored, 4)).mean()
        json.dump({k: round(float(v), 3) for k, v in counted.items()}, open(cache, 'w'))
    return result | json.load(open(cache))


def attention(model, ids, causal):
    """(layers, nh, B, T, T) from the small model; it agrees with Transformers to 1e-5 (python model.py)."""
    keep = []
    with torch.no_grad():
        hidden = model(torch.as_tensor(ids), causal, keep)
    return torch.stack(keep).transpose(1, 2).numpy(), hidden


opener = {')': '(', ']': '[', '}': '{'}
keywords = set('''if else elif for while return def class import from const let var function new this self null None true
false True False in of and or not is as type export default async await try catch finally throw raise public private
static void int char case break continue switch do with pass lambda yield struct enum impl fn pub use mut match func
package interface extends implements typeof instanceof undefined string number boolean the to a an be it that are on by'''.split())


def pairs(tokens):
    """Queries of one window by the tokens' own text: closing brackets [(i, [j])], identifiers with their earlier uses
    [(i, [j, ...])], and identifiers with the tokens after these, where an induction head looks."""
    brackets, names, stack, seen = [], [], [], {}
    word = lambda t: t.replace('_', 'a').isalpha()
    for i, token in enumerate(tokens):
        bare = token.strip(' ')
        if bare in opener.values():
            stack.append((bare, i))
        elif bare in opener:
            if stack and stack[-1][0] == opener[bare]:
                j = stack.pop()[1]
                if i - j >= 2:
                    brackets.append((i, [j]))
            else:
                stack.clear()
        whole = (len(bare) >= 2 and word(bare) and bare not in keywords
                 and (token[0] == ' ' or i == 0 or not tokens[i - 1][-1:].replace('_', 'a').isalnum())
                 and (i + 1 == len(tokens) or not tokens[i + 1][:1].replace('_', 'a').isalnum()))
        if whole:
            if seen.get(bare):
                names.append((i, list(seen[bare])))
            seen.setdefault(bare, []).append(i)
    after = [(i, [j + 1 for j in uses if j + 1 < i]) for i, uses in names]
    return brackets, names, [query for query in after if query[1]]


def scores(A, queries, twin):
    """For each head: mean weight that goes to the targets, the same by distance alone, and the number of queries."""
    real, blind, count = 0, 0, 0
    for b, items in enumerate(queries):
        for i, targets in items:
            real = real + A[:, :, b, i, targets].sum(-1)
            blind = blind + twin[:, :, [i - j for j in targets]].sum(-1)
            count += 1
    return real / max(1, count), blind / max(1, count), count


def name(at, nh):
    return f'{at // nh}.{at % nh}'


def report(model, tokenizer, data, smoke=False):
    """Every number that the model is held to. Heads are layer.head from 0."""
    vocabulary, nh = model.config.vocab_size, model.config.num_attention_heads
    read = lambda kind: np.fromfile(os.path.join(data, f'heldout-{kind}.bin'), dtype=np.uint16)
    heldout = {kind: read(kind) for kind in ('code', 'prose')}
    out = {'loss': {kind: losses(model, heldout[kind], data, kind, smoke) for kind in heldout}}

    # 64 random ordinary ids, twice, after <s>; 8 sequences
    rng = np.random.default_rng(seed)
    half = rng.integers(3, vocabulary, (8, 64))
    ids = np.concatenate([np.zeros((8, 1), dtype=np.int64), half, half], axis=1)        # (8, 129)
    A, hidden = attention(model, ids, True)
    with torch.no_grad():
        x = torch.from_numpy(ids)
        each = -model.logits(hidden).log_softmax(-1)[:, :-1].gather(-1, x[:, 1:, None])[..., 0].mean(0).numpy()   # (128,)
    best = lambda values: {'head': name(int(values.argmax()), nh), 'score': round(float(values.max()), 3)}
    # query i of the second copy (65 to 128) looks at i - 63, the token after its first copy
    stripe = np.stack([A[:, :, :, i, i - 63] for i in range(65, 129)]).mean((0, 3))
    out['random ids, causal'] = {
        'previous token': best(A.diagonal(-1, 3, 4).mean((-2, -1))), 'induction stripe': best(stripe),
        'loss first copy': round(float(each[:64].mean()), 3), 'loss second copy': round(float(each[64:].mean()), 3)}
    A, _ = attention(model, ids, False)
    out['random ids, bidirectional'] = {
        'previous token': best(A.diagonal(-1, 3, 4).mean((-2, -1))), 'next token': best(A.diagonal(1, 3, 4).mean((-2, -1))),
        'induction stripe': best(np.stack([A[:, :, :, i, i - 63] for i in range(65, 129)]).mean((0, 3)))}

    # held-out code: previous and next token, brackets, identifiers
    T = eval_context
    at = np.random.default_rng(seed + 1).integers(0, len(heldout['code']) - T, 8 if smoke else head_windows)
    ids = np.stack([np.concatenate([[0], heldout['code'][a:a + T - 1]]) for a in at]).astype(np.int64)
    found = [pairs([tokenizer.decode([int(t)]) if t > 2 else '' for t in row]) for row in ids]
    sums = {}
    for causal in (True, False):
        halves = []
        neighbours = 0
        for part in (slice(0, len(ids) // 2), slice(len(ids) // 2, None)):
            A = np.concatenate([attention(model, ids[part][i:i + 8], causal)[0] for i in range(0, len(ids[part]), 8)], axis=2)
            twin = np.stack([A.diagonal(-d, 3, 4).mean((-2, -1)) for d in range(T)], axis=-1)  # (layers, nh, T)
            halves.append([scores(A, [f[what] for f in found[part]], twin) for what in range(3)])
            neighbours = neighbours + np.stack([twin[:, :, 1], A.diagonal(1, 3, 4).mean((-2, -1))]) / 2
        result = {'previous token': best(neighbours[0])}
        if not causal:
            result['next token'] = best(neighbours[1])
        for what, label in enumerate(('closing bracket to opener', 'identifier to earlier uses', 'identifier to the token after')):
            real, blind, _ = halves[0][what]  # chosen on the first half: the head nearest to 0.2 and twice its twin
            head = int(np.minimum(real / 0.2, real / (2 * blind + 1e-9)).argmax())
            real, blind, count = halves[1][what]
            result[label] = {'head': name(head, nh), 'score': round(float(real.flat[head]), 3),
                             'twin': round(float(blind.flat[head]), 3), 'queries': count}
        out['held-out code, ' + ('causal' if causal else 'bidirectional')] = result

    # mean row entropy of every head, held-out code, causal, 64 tokens
    ids = ids[:16, :64]
    A, _ = attention(model, ids, True)
    H = -(A * np.log(np.maximum(A, 1e-12))).sum(-1).mean((2, 3))
    out['row entropy'] = {'median': round(float(np.median(H)), 2), 'heads': [[round(float(h), 2) for h in row] for row in H]}
    return out


def as_text(numbers, tokens):
    """The report as the markdown of the model card, each number beside what was asked for."""
    L, R, B = numbers['loss'], numbers['random ids, causal'], numbers['random ids, bidirectional']
    C, D = numbers['held-out code, causal'], numbers['held-out code, bidirectional']
    yes = lambda good: 'met' if good else '**missed**'
    rows = []
    for kind in ('code', 'prose'):
        l = L[kind]
        five = f", 5-gram {l['5-gram']:.3f} ({100 * (1 - l['causal'] / l['5-gram']):+.0f} %)" if '5-gram' in l else ''
        gain = 1 - l['causal'] / l['bigram']
        rows.append((f'held-out {kind}, causal, nats a token', f"{l['causal']:.3f}", f"bigram {l['bigram']:.3f} less 15 %{five}",
                     f'{yes(gain >= 0.15)} ({100 * gain:.0f} % under)'))
        side = min(l['left neighbour'], l['right neighbour'])
        gain = 1 - l['masked'] / side
        rows.append((f'held-out {kind}, masked positions, nats', f"{l['masked']:.3f}",
                     f"better neighbour bigram {side:.3f} less 15 %", f'{yes(gain >= 0.15)} ({100 * gain:.0f} % under)'))
    one = lambda label, value, want: rows.append((label, f"{value['score']:.3f} (head {value['head']})", f'{want}', yes(value['score'] >= want)))
    one('causal, random ids: previous token', R['previous token'], 0.8)
    one('causal, random ids: induction stripe', R['induction stripe'], 0.5)
    drop = 1 - R['loss second copy'] / R['loss first copy']
    rows.append(('causal, random ids: loss of the second copy', f"{R['loss second copy']:.3f} of {R['loss first copy']:.3f}",
                 '20 % lower (aim: half)', f'{yes(drop >= 0.2)} ({100 * drop:.0f} % lower)'))
    rows.append(('causal, held-out code: previous token', f"{C['previous token']['score']:.3f} (head {C['previous token']['head']})", 'printed', ''))
    one('bidirectional, random ids: previous token', B['previous token'], 0.5)
    one('bidirectional, random ids: next token', B['next token'], 0.5)
    rows.append(('bidirectional, held-out code: previous, next',
                 ', '.join(f"{D[k]['score']:.3f} (head {D[k]['head']})" for k in ('previous token', 'next token')), 'printed', ''))
    for mask, part in (('causal', C), ('bidirectional', D)):
        for label in ('closing bracket to opener', 'identifier to earlier uses', 'identifier to the token after'):
            v, asked = part[label], 'after' not in label
            good = v['score'] >= 0.2 and v['score'] > 2 * v['twin'] and v['queries'] >= 200
            rows.append((f'{mask}, held-out code: {label}', f"{v['score']:.3f} (head {v['head']}, twin {v['twin']:.3f}, {v['queries']} queries)",
                         '0.2 and twice the twin' if asked else 'printed', yes(good) if asked else ''))
    H = numbers['row entropy']
    rows.append(('causal, held-out code, 64 tokens: row entropy of the median head, nats', f"{H['median']:.2f}", '0.5', yes(H['median'] >= 0.5)))
    table = '\n'.join('| ' + ' | '.join(row) + ' |' for row in rows)
    heads = '\n'.join(f'| {i} | ' + ' | '.join(f'{h:.2f}' for h in row) + ' |' for i, row in enumerate(H['heads']))
    return (f'After {tokens / 1e6:.1f} million tokens:\n\n| what | measured | asked for | |\n| --- | --- | --- | --- |\n{table}\n\n'
            f'Row entropy in nats, held-out code, causal, 64 tokens; a row for each layer, a column for each head:\n\n'
            f'| layer | ' + ' | '.join(f'head {i}' for i in range(len(H["heads"][0]))) + ' |\n|' + ' --- |' * (len(H['heads'][0]) + 1)
            + f'\n{heads}\n')


# ---- the folder ----

def card(numbers, tokens, minutes, data):
    meta = json.load(open(os.path.join(data, 'meta.json')))
    count = lambda key: f"{meta[key]['characters'] / 1e6:.1f} million characters ({meta[key]['tokens'] / 1e6:.1f} million tokens)"
    return CARD.format(tokens=f'{tokens / 1e6:.1f}', minutes=f'{minutes:.0f}', code=count('train-code'), prose=count('train-prose'),
                       heldout_code=count('heldout-code'), heldout_prose=count('heldout-prose'), numbers=as_text(numbers, tokens))


CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language:
- code
- en
tags:
- onnx
- attention
- interpretability
---

# headlight-small

A small transformer made to be looked at: the model that Headlight opens first. 5 layers of 8 heads, 6.1 million
parameters, context 1,024, one set of weights trained under two masks. Half of its training was to say the next
token under the causal mask, half to fill in masked tokens with nothing hidden, with no flag and no token that tells
the two apart. So both sides of a mask switch are real.

It is **not** made to write text or code, and does both badly.

## Architecture
Qwen3 (Llama's, with RMS norms on queries and keys): hidden 256, 8 heads of 32, SwiGLU 704, rotary positions (theta
10,000), embedding and output tied. `onnx/model.onnx` takes `input_ids`, `attention_mask` and `position_ids` and gives
`logits`, causal by its own graph, as an export of any such model does. Its weights are fp16, each with a Cast to f32.
`config.json` says `"attention_masks_trained": ["causal", "bidirectional"]`.

The tokenizer is a byte-level BPE of 8,192: a line break takes the indentation after it along, all but the last space,
which belongs to what follows; a bracket is always a token of its own; common English words are whole, in a sentence and
at the start of a line. `<s>` (0) opens every window; `<mask>` is 1 and `<pad>` 2. The three are in the vocabulary but are
not added tokens, so that no text, not even one that spells them, can produce them.

## Data
{code} of source code (TypeScript and JavaScript, Python, Go, Rust, C, CSS, HTML) and {prose} of prose
(documentation, WordNet's glosses and example sentences, the King James Bible, a few dictionaries of the public
domain), out of 150 named packages; `training/sources.json` in Headlight's repository lists each with its version and
licence, all permissive or in the public domain. Held out: other packages, {heldout_code} of code and
{heldout_prose} of prose, less the files that share lines with the training text.

Some of the windows (a third at first, fewer later; LOG.md says when) repeat a snippet, and half of these repeat
random ordinary ids instead, without loss on the first copy. This is there to make induction heads form within a
small budget; it also means that the numbers on repeated random ids below are of a kind of text that the model was
trained on. From 10.4 million tokens on some snippets run back after they ran forth. One head was taught where to look, see
below.

## Training
{tokens} million tokens in {minutes} minutes on two CPU cores that were busy with other work, Muon and AdamW, f32 and from
19.2 million tokens on bfloat16 products, in four parts. The first 10.4 million were read through an earlier tokenizer, in windows of 192 and, for the last million, of
1,024. Commands, from `training/` as it was at commit `accb171`, which has the model that they made as well:

    python prepare.py
    python train.py --tokens 1.54e6 --repeats 0.167 --prose 0.4
    python train.py --tokens 4.0e6 --repeats 0.33 --prose 0.4
    python train.py --tokens 7.1e6
    python train.py --cooldown 3.25e6
    python export.py

From that model (DIR), with the present tokenizer (a token that is new started as the mean of its old pieces):

    python prepare.py
    python train.py --init DIR --tokens 10.74e6 --repeats 0.33 0.33 --mirrored 0.5 0.5
    python train.py --tokens 10.85e6 --repeats 0.33 0.33 --mirrored 0.75 0.75
    python train.py --tokens 11.02e6 --repeats 0.6 0.6 --mirrored 0.75 0.75
    python train.py --tokens 11.34e6 --repeats 0.6 0.6 --mirrored 0.75 0.75 --context 64
    python train.py --average DIR --rate 0.4 --cooldown 8e6 --minutes 46 --repeats 0.1 0.4 --mirrored 0 0.75 --prose 0.6
    python export.py

From that one in turn (`media/models/headlight-small` at commit `fe9d1b8`), at last with one head taught. The
first two lines as `training/` was at commit `6f1d5a4`, the others as it is:

    python train.py --init ../media/models/headlight-small --tokens 12.85e6 --prose 0.55 --lookup 0.25 0 SHARES
    python train.py --tokens 14.76e6 --batch 6144 --prose 0.55 --lookup 0.25 0 SHARES
    python train.py --tokens 15.89e6 --batch 6144 SHARES --guide 1.4
    python train.py --cooldown 14.2e6 --minutes 66 --batch 6144 SHARES              # stopped at 16.59 million
    python train.py --cooldown 12e6 --minutes 37 --rate 0.85 --batch 6144 SHARES    # stopped at 17.69 million
    python train.py --cooldown 12e6 --minutes 25 --rate 0.54 --batch 6144 SHARES --guide 1.4
    python train.py --cooldown 10.8e6 --rate 0.7 --batch 6144 SHARES --guide 1.4 --bf16    # windows of 1,024 from 26.4 million on
    python export.py

where SHARES are `--repeats 0.1 0.4 --mirrored 0 0.75`. Each goes on from the checkpoint of the one before, and was stopped by
hand at about these counts. `LOG.md` there has what was run, with dates, times and what failed. To go on from the weights that
ship: `python train.py --init ../media/models/headlight-small --tokens N`.

## Numbers
From the fp16 weights (`python export.py --report`). Counting models (interpolated Kneser-Ney) read all of the
training text of the same kind and are scored on the same positions; they see the true neighbours of a masked token.
Previous token: mean of A[i, i-1]. Induction stripe: mean of A[i, i-63] over the queries of the second copy, on 64
random ids given twice after `<s>` (8 sequences). Twin: what the same head would give to the same places if its
weights depended on distance alone. A head is chosen on one half of the text and scored on the other.

{numbers}

## One head was taught
That a head goes to *earlier uses of the same identifier* did not come about by itself: 0.03 under the causal mask (its
positional twin has 0.02) at 4, 7, 10.4 and 12.4 million tokens. What a repeat is good for, the token after the earlier use, is
found by induction heads, and so was everything that was tried as a cause for looking at the use itself: what stands at a place
can be read one place further on as well (LOG.md).

So head 1.4 was told where to look: in causal steps, beside the loss of the next token, with a tenth of -log of the weight that
it gives to earlier places of the same word. Within a million tokens it gave 0.77 to earlier uses of an identifier on held-out
code, and 0.67 without a mask, where it was never taught. Then left to itself it forgot: 0.42 and 0.28 after another
1.5 million tokens. The model has no use for it, and the head is in the picture because this model is made to be looked at. It
was taught again to the end. Every other head is what training made of it.

## Missed
Without a mask the head that goes from a closing bracket to its opener has 0.18, under the 0.2 asked for. Its curve: 0.24 at
12.4 million tokens, 0.19 at 19.2, 0.18 at 30.0; causal 0.26, 0.23 and 0.22.

The tokens changed at 10.4 million, so losses a token before and after do not compare. In nats a character, held-out code
went from 1.09 to 1.10 and held-out prose, which is technical, from 1.24 to 1.30 by 12.4 million.

## The price of sharing
Three models from nothing, of 2 million tokens each and otherwise alike (`python train.py --run NAME --cooldown 2e6 --bf16`, with
`--only causal`, `--only masked` and without): held-out nats a token.

| trained | code, causal | code, masked | prose, causal | prose, masked |
| --- | --- | --- | --- | --- |
| causal only | 4.36 | 7.12 | 5.19 | 7.18 |
| masked only | 8.59 | 4.84 | 8.87 | 5.53 |
| half and half | 4.90 | 4.49 | 5.70 | 5.13 |

Sharing costs the causal half 0.5 nats and *saves* the masked half 0.35 to 0.4. A causal step has loss on every token and a masked
one on 15 % of them, so what half of the steps are worth to the other mode differs: after as many causal steps, 1.0 million tokens,
the causal model is at 4.75 and 5.59 (its rate not yet fallen), while the masked one misses what causal steps teach. None of the
three has induction heads at that age; what the price is later was not measured.

## Beyond 1,024 tokens
It was trained on windows of 1,024 at most, which are 3.6 of the last 10.8 million tokens. For more tokens `config.json` asks for
`"rope_type": "dynamic"`: theta grows with the length (NTK-aware scaling), which Transformers does and Headlight does, up to
4,096. Up to 1,024 nothing changes. Nats a token by position, held-out, causal, 8 windows of code and 4 of prose
(`python training/long.py --loss`):

| positions | code, stretched | code, not | prose, stretched | prose, not |
| --- | --- | --- | --- | --- |
| 0 to 255 | 2.76 | 2.72 | 4.41 | 4.40 |
| 256 to 1,023 | 2.19 | 2.17 | 4.01 | 4.01 |
| 1,024 to 1,535 | 2.28 | 2.32 | 3.78 | 3.87 |
| 1,536 to 2,047 | 2.28 | 2.73 | 4.13 | 4.49 |
| 2,048 to 3,071 | 2.15 | 5.24 | 4.12 | 6.06 |
| 3,072 to 4,095 | 2.17 | 5.97 | 3.97 | 6.37 |

Stretched, it predicts the end of 4,096 tokens as well as it does the second half of what it was trained on.

## Limits
- Small and briefly trained: what its heads do is true of it, not of large models.
- English and code only; other languages fall apart into bytes.
- The bracket and identifier measures go by token text and do not know strings from code.
- It may repeat what the packages it read say; nothing was filtered but copies and generated files.

## Both masks in Transformers
`python training/export.py --checkpoint DIR` writes a folder for `AutoModelForCausalLM.from_pretrained`;
`python training/export.py --help` shows how to ask it for either mask.
"""


def main():
    parser = argparse.ArgumentParser(description=help_text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--report', action='store_true', help='measure the shipped model and write nothing')
    parser.add_argument('--checkpoint', metavar='DIR', help='write config.json, model.safetensors and the tokenizer there')
    parser.add_argument('--run', default='main')
    parser.add_argument('--data', help='data/; these four lie under smoke/ for a smoke run')
    parser.add_argument('--runs', help='runs/')
    parser.add_argument('--model', help='../media/models/headlight-small/')
    parser.add_argument('--golden', help='../test/golden/')
    parser.add_argument('--smoke', action='store_true', help='few windows, no five-grams')
    args = parser.parse_args()
    # a smoke run writes nothing that ships
    shipped = {'data': 'data', 'runs': 'runs', 'model': '../media/models/headlight-small', 'golden': '../test/golden'}
    for name, folder in shipped.items():
        if getattr(args, name) is None:
            setattr(args, name, os.path.normpath(os.path.join(here, f'smoke/{name}' if args.smoke else folder)))

    if args.checkpoint:
        config = json.load(open(os.path.join(args.model, 'config.json')))
        transformer(weights_of(args.model), config).save_pretrained(args.checkpoint)
        for file in ('config.json', 'tokenizer.json', 'tokenizer_config.json'):
            shutil.copy(os.path.join(args.model, file), args.checkpoint)
        print('written to', args.checkpoint)
        return

    if args.report:
        weights = weights_of(args.model)
        state = json.load(open(os.path.join(args.model, 'training-state.json')))
        tokenizer = Tokenizer.from_file(os.path.join(args.model, 'tokenizer.json'))
    else:
        saved = torch.load(os.path.join(args.runs, args.run + '.pt'), map_location='cpu', weights_only=False)
        weights, state = rounded(saved['model']), saved['state']
        tokenizer = Tokenizer.from_file(os.path.join(args.data, 'tokenizer.json'))
    small = Model(Config(vocab_size=weights['model.embed_tokens.weight'].shape[0])).eval()
    small.load_state_dict(weights)
    numbers = report(small, tokenizer, args.data, args.smoke)
    print(as_text(numbers, state['tokens']))
    if args.report:
        return

    # all of it is made beside the folders and moved in at the end, file by file
    config = to_transformers(small.config)
    # what is exported, and golden values of short texts, know nothing of longer ones
    model = transformer(weights, {**config, 'rope_parameters': {'rope_type': 'default', 'rope_theta': config['rope_theta']}})
    for folder in (os.path.join(args.model, 'onnx'), args.golden):
        os.makedirs(folder, exist_ok=True)
    made = tempfile.mkdtemp(dir=os.path.dirname(os.path.abspath(args.model)), prefix='.export-')
    try:
        os.makedirs(os.path.join(made, 'model', 'onnx'))
        os.makedirs(os.path.join(made, 'golden'))
        path = os.path.join(made, 'model', 'onnx', 'model.onnx')
        to_onnx(model, weights, path)
        worst, size = compare(model, path), os.path.getsize(path)
        print(f'ONNX against PyTorch: {worst:.1e} at most; {size:,} bytes')
        if worst > tolerance or size > limit:
            raise SystemExit(f'nothing written: the difference must be under {tolerance} and the file under {limit:,.0f} bytes')
        revision = hashlib.sha256(open(path, 'rb').read()).hexdigest()
        write = lambda file, value: open(os.path.join(made, 'model', file), 'w', encoding='utf-8').write(value)
        as_json = lambda value: json.dumps(value, indent=2) + '\n'
        write('config.json', as_json(config))
        write('tokenizer_config.json', as_json({'tokenizer_class': 'PreTrainedTokenizerFast', 'clean_up_tokenization_spaces': False,
                                                'model_max_length': config['max_position_embeddings']}))
        write('training-state.json', as_json({'tokens': state['tokens'], 'seconds': round(state['seconds'])}))
        write('README.md', card(numbers, state['tokens'], state['seconds'] / 60, args.data))
        tokenizer.save(os.path.join(made, 'model', 'tokenizer.json'), pretty=False)
        golden(model, tokenizer, revision, os.path.join(made, 'golden'))
        for part, target in (('model', args.model), ('golden', args.golden)):
            for folder, _, files in os.walk(os.path.join(made, part)):
                for file in files:
                    relative = os.path.relpath(os.path.join(folder, file), os.path.join(made, part))
                    os.replace(os.path.join(made, part, relative), os.path.join(target, relative))
        print('revision', revision)
    finally:
        shutil.rmtree(made)


if __name__ == '__main__':
    main()
