"""
Trains the bundled model: one set of weights, half of the steps causal next-token, half masked-token under no mask.

    python train.py --tokens 7e6                         # the main run, warmup then stable
    python train.py --cooldown 3e6                       # from the last checkpoint, rate falling to 0
    python train.py --init ../media/models/headlight-small --tokens 30e6   # go on from the shipped weights
    python train.py --smoke                              # a few steps on the smoke data

What was run, how long it took and what came out is in LOG.md. A checkpoint is written every few minutes to
runs/main.pt (weights, optimiser state, token count); a run that finds it goes on from it. The shipped weights
carry a small state file (training-state.json: tokens and seconds); going on from them only rebuilds the momenta.
"""
import argparse
import ctypes
import json
import os
import signal
import sys
import time

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from model import Config, Model

# -----------------------------------------------------------------------------
# settings
here = os.path.dirname(os.path.abspath(__file__))
# I/O
log_every = 25           # steps
save_every = 150         # seconds
heldout_every = 1_000_000  # tokens
# batch
batch_tokens = 3072      # small: induction heads form after a number of tokens that grows with its root; --batch
prose_share = 0.5        # of the windows; the rest is code
repeat_share = 1/8, 1/8  # of the windows, causal and masked: a snippet twice or more; see `windows` and --repeats
mirror_share = 0, 0      # of these: the snippet runs back after it ran forth; --mirrored
random_share = 0.5       # of these: random ordinary ids instead of text
long_context = 1024      # what a cooldown turns to
lengthen_at = 0.65       # after this share of it; 0.8 was too late, see LOG.md
# masked tokens, as BERT does it
mask_rate, mask_token, mask_random = 0.15, 0.8, 0.1
guide_weight = 0.1       # of the loss of a head that is taught where to look; --guide
# optimiser
muon_rate, muon_momentum = 0.02, 0.95
adam_rate, adam_betas = 0.004, (0.9, 0.95)
gain_rate = 0.01         # the norms, those on queries and keys among them
weight_decay = 0.02      # of the matrices, times the rate
warmup = 60              # steps
clip = 1.0
seed = 1
# -----------------------------------------------------------------------------
BOS, MASK, FIRST = 0, 1, 3  # <s>, <mask>, the first ordinary id


def windows(text, n, T, rng, repeats, mirrored):
    """n windows of T ids, <s> first, each from anywhere in the text; ids (n, T) and which of them carry loss.

    `repeats` of them (on average) repeat a snippet until the window is full, so that looking back pays at once.
    Half of those are random ids rather than text; their first copy cannot be foreseen and carries no loss. `mirrored`
    of them run back after they ran forth, A B C C B A: what follows the second B is what came before the first, so
    here it is the earlier use itself that pays, and not the token after it.
    """
    code, prose = text
    ids = np.zeros((n, T), dtype=np.int64)
    counts = np.ones((n, T), dtype=bool)
    for row, count in zip(ids, counts):
        source = prose if rng.random() < prose_share else code
        row[0] = BOS
        if rng.random() < repeats:
            S = int(rng.integers(8, max(9, min(T // 2, 128))))
            if rng.random() < random_share:
                snippet = rng.integers(FIRST, vocabulary, S)
                count[:S + 1] = False
            else:
                at = rng.integers(0, len(source) - S)
                snippet = source[at:at + S]
            if rng.random() < mirrored:
                snippet = np.concatenate((snippet, snippet[::-1]))
            row[1:] = np.resize(snippet, T - 1)  # again and again
        else:
            at = rng.integers(0, len(source) - T)
            row[1:] = source[at:at + T - 1]
    return ids, counts


def causal_batch(text, n, T, rng, repeats=0.0, mirrored=0.0):
    """ids (n, T), rows (N,) of the flattened positions that carry loss, targets (N,)."""
    ids, counts = windows(text, n, T, rng, repeats, mirrored)
    chosen = np.zeros((n, T), dtype=bool)
    chosen[:, :-1] = counts[:, 1:]
    following = np.roll(ids, -1, axis=1)
    return torch.from_numpy(ids), torch.from_numpy(chosen.reshape(-1).nonzero()[0]), torch.from_numpy(following[chosen])


def masked_batch(text, n, T, rng, repeats=0.0, mirrored=0.0):
    """The same, with 15 % of the ids chosen: 80 % of these become <mask>, 10 % a random id, 10 % stay."""
    ids, counts = windows(text, n, T, rng, repeats, mirrored)
    chosen = rng.random((n, T)) < mask_rate
    chosen[:, 0] = False
    targets = ids[chosen]
    fate = rng.random(len(targets))
    ids[chosen] = np.where(fate < mask_token, MASK, np.where(
        fate < mask_token + mask_random, rng.integers(FIRST, vocabulary, len(targets)), targets))
    return torch.from_numpy(ids), torch.from_numpy(chosen.reshape(-1).nonzero()[0]), torch.from_numpy(targets)


def translated(rows, old, new):
    """Embedding rows (vocab, C) of one tokenizer's tokens, for those of another. A token that both have keeps its
    row; a new one starts as the mean of the pieces that the old tokenizer makes of it."""
    known, wanted = old.get_vocab(), new.get_vocab()
    pieces = lambda token: [known[token]] if token in known else [piece.id for piece in old.model.tokenize(token)]
    return torch.stack([rows[pieces(token)].mean(0) for token in sorted(wanted, key=wanted.get)])


def shipped(folder, data):
    """The weights of a model folder, its embedding translated if the data were read through another tokenizer."""
    from export import weights_of
    weights, embedding = weights_of(folder), 'model.embed_tokens.weight'
    old, new = (Tokenizer.from_file(os.path.join(f, 'tokenizer.json')) for f in (folder, data))
    if old.get_vocab() != new.get_vocab():
        weights[embedding] = translated(weights[embedding], old, new)
    return weights


def loss_of(model, batch, causal, forward=None):
    ids, rows, targets = (x.to(device) for x in batch)
    x = (forward or model)(ids, causal)
    return prediction_loss(model, x, rows, targets)


def prediction_loss(model, x, rows, targets):
    x = x.flatten(0, 1)[rows]  # (N, C)
    return F.cross_entropy(model.logits(x).float(), targets)


def words_of(tokenizer):
    """For each id the word that it is, by a number, with or without the space before it; -1 for what is no word."""
    known = {}
    def number(id):
        bare = tokenizer.decode([id]).strip(' ')
        whole = len(bare) >= 2 and bare.replace('_', 'a').isalpha()
        return known.setdefault(bare, len(known)) if whole else -1
    return torch.tensor([number(id) for id in range(vocabulary)])


def guidance(A, ids, words):
    """How far a head with attention A (B, T, T) is from going to the earlier uses of each word: -log of the weight that
    these get together, nats, mean over the queries that have any."""
    word = words[ids]                                                          # (B, T)
    earlier = ((word[:, :, None] == word[:, None]) & (word >= 0)[:, None]).tril(-1)
    return -(A.float() * earlier).sum(-1)[earlier.any(-1)].clamp_min(1e-6).log().mean()


def orthogonal(G):
    """The nearest matrix with all singular values about 1, for a stack (n, a, b), by five Newton-Schulz steps."""
    a, b, c = 3.4445, -4.7750, 2.0315
    X = G.to(torch.bfloat16 if bf16 else torch.float32)
    if G.shape[1] > G.shape[2]:
        X = X.mT
    X = X / (X.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        A = X @ X.mT
        X = a * X + (b * A + c * A @ A) @ X
    return (X.mT if G.shape[1] > G.shape[2] else X).to(G.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal (Keller Jordan's Muon). Matrices of one shape are stacked: fewer, larger products."""

    def __init__(self, matrices, lr):
        groups = {}
        for p in matrices:
            groups.setdefault(p.shape, []).append(p)
        super().__init__([{'params': ps} for ps in groups.values()], {'lr': lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            pending = []
            for p in group['params']:
                m = self.state[p].setdefault('momentum', torch.zeros_like(p))
                m.lerp_(p.grad, 1 - muon_momentum)
                pending.append(p.grad.lerp(m, muon_momentum))  # Nesterov
            scale = group['lr'] * max(1, p.shape[0] / p.shape[1]) ** 0.5
            for p, update in zip(group['params'], orthogonal(torch.stack(pending))):
                p.mul_(1 - group['lr'] * weight_decay)
                p.add_(update, alpha=-scale)


def optimisers(model):
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and 'embed' not in n]
    gains = [p for n, p in model.named_parameters() if p.dim() == 1]
    adam = torch.optim.AdamW([{'params': [model.model.embed_tokens.weight], 'lr': adam_rate},
                              {'params': gains, 'lr': gain_rate}], betas=adam_betas, weight_decay=0.0)
    made = [Muon(matrices, muon_rate), adam]
    for opt in made:
        for group in opt.param_groups:
            group['peak'] = group['lr']
    return made


@torch.no_grad()
def heldout_losses(model, text, T=256, batches=4):
    """Nats a token on held-out code and prose, under both masks; the same windows every time."""
    out = {}
    for kind, name in enumerate(('code', 'prose')):
        for causal in (True, False):
            rng = np.random.default_rng(7)
            make = causal_batch if causal else masked_batch
            losses = [float(loss_of(model, make((text[kind], text[kind]), 16, T, rng), causal)) for _ in range(batches)]
            out[f'{name} {"causal" if causal else "masked"}'] = round(sum(losses) / len(losses), 3)
    return out


@torch.no_grad()
def heads_now(model):
    """Best previous-token and induction scores on 64 random ids twice, for the log; export.py --report has all."""
    rng = np.random.default_rng(11)
    half = rng.integers(FIRST, vocabulary, (4, 64))
    ids = torch.from_numpy(np.concatenate([np.zeros((4, 1), dtype=np.int64), half, half], axis=1)).to(device)
    keep = []
    model(ids, True, keep)
    A = torch.stack(keep).float().mean(dim=1)                # (layers, nh, T, T), mean of the sequences
    previous = A.diagonal(-1, 2, 3).mean(-1)
    induction = A.diagonal(-63, 2, 3)[..., 2:].mean(-1)      # queries 65 to 128, each to the token after its first copy
    rows = -(A.clamp_min(1e-9).log() * A).sum(-1).mean(-1)
    return f'previous {float(previous.max()):.2f} induction {float(induction.max()):.2f} row entropy of means {float(rows.median()):.1f}'


def save(path, model, opts, state):
    """Written beside and renamed: a reader never sees half a file."""
    torch.save({'model': model.state_dict(), 'opts': [o.state_dict() for o in opts], 'state': state}, path + '.part')
    os.replace(path + '.part', path)


def main():
    global device, bf16, vocabulary, prose_share
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tokens', type=float, default=0, help='stop at this many tokens in all')
    parser.add_argument('--cooldown', type=float, default=0, help='let the rates fall to 0 over this many tokens')
    parser.add_argument('--minutes', type=float, default=1e9, help='or stop after this long; in a cooldown the rates fall by the clock')
    parser.add_argument('--context', type=int, default=192)
    parser.add_argument('--batch', type=int, default=batch_tokens, help='tokens of a step')
    pair = dict(type=float, nargs=2, metavar=('CAUSAL', 'MASKED'))
    parser.add_argument('--repeats', **pair, default=repeat_share, help='share of windows that repeat a snippet')
    parser.add_argument('--mirrored', **pair, default=mirror_share, help='share of these that run back after they ran forth')
    parser.add_argument('--guide', metavar='LAYER.HEAD', help='a head that is taught, in causal steps, to go to earlier uses of a word')
    parser.add_argument('--prose', type=float, default=prose_share, help='share of windows that are prose')
    parser.add_argument('--only', choices=['causal', 'masked'], help='a single-mode model, for comparison')
    parser.add_argument('--init', help='a model folder or a checkpoint to start from')
    parser.add_argument('--average', metavar='DIR', help='start halfway between the start above and this model folder')
    parser.add_argument('--rate', type=float, default=1.0, help='share of the full rates')
    parser.add_argument('--run', default='main')
    parser.add_argument('--data', help='data/, or smoke/data/ for a smoke run')
    parser.add_argument('--runs', help='runs/, or smoke/runs/')
    parser.add_argument('--threads', type=int, default=0)
    parser.add_argument('--bf16', action='store_true', help='autocast; faster on a GPU, and on some CPUs: see LOG.md')
    parser.add_argument('--eager', action='store_true', help='no torch.compile (which needs a C++ compiler on a CPU)')
    parser.add_argument('--smoke', action='store_true')
    args = parser.parse_args()
    home = os.path.join(here, 'smoke' if args.smoke else '')
    args.data, args.runs = args.data or os.path.join(home, 'data'), args.runs or os.path.join(home, 'runs')
    if args.smoke:
        args.tokens, args.context, args.eager = args.tokens or 12_000, 64, True
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(seed)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    prose_share = args.prose
    bf16 = args.bf16 or device == 'cuda'
    if device == 'cpu' and sys.platform == 'linux':
        # glibc hands large blocks back to the kernel and faults them in again at every step: 1.3 times the time
        libc = ctypes.CDLL(None)
        libc.mallopt(-4, 0), libc.mallopt(-1, 2**31 - 1), libc.mallopt(-2, 2**28)  # M_MMAP_MAX, _TRIM_THRESHOLD, _TOP_PAD
    os.makedirs(args.runs, exist_ok=True)

    # data
    vocabulary = json.load(open(os.path.join(args.data, 'meta.json')))['vocabulary']
    read = lambda use: [np.fromfile(os.path.join(args.data, f'{use}-{kind}.bin'), dtype=np.uint16).astype(np.int64)
                        for kind in ('code', 'prose')]
    text, heldout = read('train'), read('heldout')

    # model, from the run's own checkpoint, from another one, or from nothing
    path = os.path.join(args.runs, args.run + '.pt')
    model = Model(Config(vocab_size=vocabulary)).to(device)
    opts = optimisers(model)
    state = {'tokens': 0, 'step': 0, 'seconds': 0.0}
    start = path if os.path.exists(path) else args.init
    if start and os.path.isdir(start):
        model.load_state_dict(shipped(start, args.data))
        state.update(json.load(open(os.path.join(start, 'training-state.json'))))
        state['step'] = 0  # warms up again: the momenta are not shipped
    elif start:
        saved = torch.load(start, map_location=device, weights_only=False)
        model.load_state_dict(saved['model'])
        for opt, values in zip(opts, saved['opts']):
            opt.load_state_dict(values)
        state.update(saved['state'])
    if args.average:
        weights = shipped(args.average, args.data)
        with torch.no_grad():
            for name, p in model.named_parameters():
                p.lerp_(weights[name].to(device), 0.5)
    first = state['tokens']
    target = first + args.cooldown if args.cooldown else args.tokens
    print(f'{args.run}: {sum(p.numel() for p in model.parameters()):,} parameters on {device}, from {first:,} to '
          f'{target:,.0f} tokens, context {args.context}', flush=True)

    # loop
    guided = args.guide and tuple(map(int, args.guide.split('.')))
    words = words_of(Tokenizer.from_file(os.path.join(args.data, 'tokenizer.json'))).to(device) if guided else None
    def watching(ids):
        keep = []
        return model(ids, True, keep, guided), keep[0]
    compiled = (lambda f: f) if args.eager else (lambda f: torch.compile(f, dynamic=False))
    forward, watched = compiled(model.forward), compiled(watching)
    begun = saved_at = logged_at = time.time()
    before, cpu_at = state['seconds'], time.process_time()
    recent, taught = {True: [], False: []}, []
    since = 0
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))  # asked to stop: save first
    while not stopped and state['tokens'] < target and time.time() - begun < args.minutes * 60:
        causal = {'causal': True, 'masked': False}.get(args.only, state['step'] % 2 == 0)
        rng = np.random.default_rng((seed, state['step'], state['tokens']))

        T = args.context
        # the rate: 1) up in the warmup 2) stable 3) in a cooldown, straight down to nothing
        rate = args.rate * min(1.0, (state['step'] + 1) / warmup)
        if args.cooldown:
            gone = max((state['tokens'] - first) / args.cooldown, (time.time() - begun) / (args.minutes * 60))
            rate *= max(0.0, 1 - gone)
            if gone > lengthen_at and not args.smoke:
                T = long_context
        B = max(1, args.batch // T)
        for opt in opts:
            for group in opt.param_groups:
                group['lr'] = group['peak'] * rate

        make = causal_batch if causal else masked_batch
        batch = make(text, B, T, rng, *(share[0 if causal else 1] for share in (args.repeats, args.mirrored)))
        with torch.autocast(device, dtype=torch.bfloat16, enabled=bf16):
            if causal and guided:
                ids, rows, targets = (x.to(device) for x in batch)
                x, A = watched(ids)
                loss = prediction_loss(model, x, rows, targets)
                far = guidance(A, ids, words)
                (loss + guide_weight * far).backward()
                taught.append(far.item())
            else:
                loss = loss_of(model, batch, causal, forward)
                loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        for opt in opts:
            opt.step()
            opt.zero_grad(set_to_none=True)

        state['step'] += 1
        state['tokens'] += B * T
        since += B * T
        recent[causal].append(loss.item())
        now = time.time()
        state['seconds'] = before + now - begun
        if state['step'] % log_every == 0:
            mean = {k: sum(v) / len(v) if v else 0 for k, v in recent.items()}
            guiding = f'guidance {sum(taught) / len(taught):.3f} ' if taught else ''
            print(f"step {state['step']} tokens {state['tokens']:,} causal {mean[True]:.3f} masked {mean[False]:.3f} {guiding}"
                  f"rate {rate:.2f} {since / (now - logged_at):,.0f} tokens/s, "
                  f"{since / (time.process_time() - cpu_at):,.0f} a CPU second", flush=True)
            recent, taught, since, logged_at, cpu_at = {True: [], False: []}, [], 0, now, time.process_time()
        if state['tokens'] // heldout_every > (state['tokens'] - B * T) // heldout_every:
            print(f"  held out at {state['tokens']:,}: {heldout_losses(model, heldout)}; {heads_now(model)}; "
                  f"{state['seconds'] / 60:.0f} min", flush=True)
        if now - saved_at > save_every:
            save(path, model, opts, state)
            saved_at = now
    save(path, model, opts, state)
    if stopped:
        return
    print(f"  held out at {state['tokens']:,}: {heldout_losses(model, heldout, T=min(256, 4 * args.context))}; "
          f"{heads_now(model)}; {state['seconds'] / 60:.0f} min", flush=True)


if __name__ == '__main__':
    main()

# 2026-11-30, two busy CPU cores, 267 minutes in all, 19.2 M tokens (LOG.md has the parts):
#   held out at 19,224,576: {'code causal': 2.914, 'code masked': 2.06, 'prose causal': 4.257, 'prose masked': 3.147};
#   previous 0.96 induction 0.90 row entropy of means 1.9; 267 min
