"""
How the shipped model reads beyond the 1,024 tokens that it was trained on.

    python long.py                   # golden values of a long text -> ../test/golden/long/
    python long.py --loss            # nats a token on held-out text by position, rotary positions stretched and not

Positions are stretched as Transformers' `rope_type: "dynamic"` stretches them (NTK-aware scaling): for a text of n
tokens, more than L = max_position_embeddings, theta becomes theta (n / L)^(d / (d - 2)).
"""
import argparse
import json
import os

import numpy as np
import torch
from tokenizers import Tokenizer

from export import transformer, weights_of

# -----------------------------------------------------------------------------
# settings
here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, '..', 'media', 'models', 'headlight-small')
golden = os.path.join(here, '..', 'test', 'golden', 'long')
samples = [os.path.join(here, '..', 'test', 'samples', name) for name in ('queue.ts', 'shapes.py', 'sentences.txt')]
length = 4000                            # tokens of the golden text, <s> included
heads = ((2, 1), (4, 6))                 # whose rows are kept
queries = (1023, 3999)
windows = {'code': 8, 'prose': 4}        # held-out windows of the loss
longest = 4096
bounds = (0, 256, 1024, 1536, 2048, 3072, 4096)
# -----------------------------------------------------------------------------


def stretched(config, n):
    """The inverse frequencies for a text of n tokens."""
    d, theta, trained = config['head_dim'], config['rope_theta'], config['max_position_embeddings']
    if n > trained:
        theta *= (n / trained) ** (d / (d - 2))
    return 1.0 / theta ** (torch.arange(0, d, 2, dtype=torch.int64).float() / d)


def write_golden(config):
    text = ''.join(open(path, encoding='utf-8').read() for path in samples) * 40
    encoded = Tokenizer.from_file(os.path.join(folder, 'tokenizer.json')).encode(text)
    ids = torch.tensor([encoded.ids[:length]])
    text = text[:encoded.offsets[length - 1][1]]
    model = transformer(weights_of(folder), config)  # its own dynamic frequencies, not those above
    caught = {}
    for layer in {layer for layer, _ in heads}:
        model.model.layers[layer].self_attn.register_forward_hook(lambda _, __, out, layer=layer: caught.update({layer: out[1]}))
    with torch.no_grad():
        model.model(input_ids=ids, position_ids=torch.arange(length)[None])
    rows = torch.stack([torch.stack([caught[layer][0, head, query] for query in queries]) for layer, head in heads])
    rows.numpy().astype(np.float32).tofile(os.path.join(golden, 'rows.f32'))
    about = {'samples': [os.path.basename(path) for path in samples], 'characters': len(text.encode('utf-16-le')) // 2,
             'tokens': length, 'heads': heads, 'queries': queries, 'shape': list(rows.shape), 'file': 'rows.f32'}
    with open(os.path.join(golden, 'rows.json'), 'w') as file:
        file.write(json.dumps(about) + '\n')


def print_loss(config):
    model = transformer(weights_of(folder), config)
    model.config._attn_implementation = 'sdpa'
    rotary = model.model.rotary_emb
    rotary.rope_type = 'default'
    for kind, count in windows.items():
        text = np.fromfile(os.path.join(here, 'data', f'heldout-{kind}.bin'), dtype=np.uint16)
        at = np.random.default_rng(7).integers(0, len(text) - longest, count)
        for name, n in (('as trained', 1), ('stretched', longest)):
            rotary.inv_freq = stretched(config, n)
            total = np.zeros(longest - 1)
            for a in at:
                ids = torch.from_numpy(np.concatenate([[0], text[a:a + longest - 1]]).astype(np.int64))[None]
                with torch.no_grad():
                    states = model.model(input_ids=ids).last_hidden_state[0]
                    for b in range(0, longest - 1, 512):
                        e = min(longest - 1, b + 512)
                        total[b:e] += torch.nn.functional.cross_entropy(
                            states[b:e] @ model.lm_head.weight.T, ids[0, b + 1:e + 1], reduction='none').numpy()
            total /= count
            print(kind, name, ', '.join(f'{a}-{b}: {total[a:b].mean():.2f}' for a, b in zip(bounds, bounds[1:])), flush=True)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--loss', action='store_true')
    args = parser.parse_args()
    config = json.load(open(os.path.join(folder, 'config.json')))
    print_loss(config) if args.loss else write_golden(config)
