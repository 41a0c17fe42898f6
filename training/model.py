"""
The bundled model: Qwen3 as Transformers defines it, with the same parameter names, written out small.

One set of weights for two masks. `forward(ids, causal)`: the mask is the only difference between the two, there
is no mode flag and no mode token. `python model.py` compares it with Transformers' own Qwen3.
"""
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
from torch.nn import functional as F


@dataclass
class Config:
    vocab_size: int = 8192
    hidden_size: int = 256
    intermediate_size: int = 704
    num_hidden_layers: int = 5
    num_attention_heads: int = 8
    head_dim: int = 32
    max_position_embeddings: int = 1024
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6
    qk_gain: float = 1.75  # where the norms on queries and keys start: see LOG.md


def to_transformers(config):
    """config.json of the model folder."""
    values = asdict(config)
    values.pop('qk_gain')
    theta = values.pop('rope_theta')
    return {
        'architectures': ['Qwen3ForCausalLM'],
        'model_type': 'qwen3',
        **values,
        'num_key_value_heads': config.num_attention_heads,
        'hidden_act': 'silu',
        'attention_bias': False,
        'attention_dropout': 0.0,
        'rope_theta': theta,
        # Longer texts than those of the training are read with stretched positions: long.py has what that costs.
        'rope_parameters': {'rope_type': 'dynamic', 'rope_theta': theta, 'factor': 1.0},
        'tie_word_embeddings': True,
        'use_cache': False,
        'initializer_range': 0.02,
        'bos_token_id': 0,
        'mask_token_id': 1,
        'pad_token_id': 2,
        'eos_token_id': None,
        'attention_masks_trained': ['causal', 'bidirectional'],
    }


class RMSNorm(nn.Module):
    def __init__(self, size, eps, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.full((size,), gain))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)  # (B, nh, T, hs/2) each: the halves turn together, as in Llama
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.nh, self.hs = config.num_attention_heads, config.head_dim
        inner = self.nh * self.hs
        self.q_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.o_proj = nn.Linear(inner, config.hidden_size, bias=False)
        self.q_norm = RMSNorm(self.hs, config.rms_norm_eps, config.qk_gain)
        self.k_norm = RMSNorm(self.hs, config.rms_norm_eps, config.qk_gain)

    def probabilities(self, q, k, causal):
        """By hand, to see them: (..., T, T) of queries and keys (..., T, hs)."""
        scores = q @ k.mT / self.hs ** 0.5
        if causal:
            scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), -torch.inf)
        return scores.softmax(dim=-1)

    def forward(self, x, cos, sin, causal, keep=None, head=None):
        B, T, C = x.shape
        split = lambda y: y.view(B, T, self.nh, self.hs)
        q = self.q_norm(split(self.q_proj(x))).transpose(1, 2)  # (B, nh, T, hs)
        k = self.k_norm(split(self.k_proj(x))).transpose(1, 2)  # (B, nh, T, hs)
        v = split(self.v_proj(x)).transpose(1, 2)               # (B, nh, T, hs)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if keep is not None:
            one = slice(None) if head is None else head
            keep.append(self.probabilities(q[:, one], k[:, one], causal))
        if keep is None or head is not None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        else:
            y = keep[-1] @ v                                    # (B, nh, T, hs)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, -1))


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = MLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x, cos, sin, causal, keep, head):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, causal, keep, head)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class Model(nn.Module):
    """Two levels, so that names read `model.layers.0.self_attn.q_proj.weight` as in Transformers."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = Body(config)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 if 'embed' in name else p.shape[1] ** -0.5)
            if name.endswith(('o_proj.weight', 'down_proj.weight')):
                nn.init.zeros_(p)  # every layer starts as the identity
        angle = torch.arange(0, config.head_dim, 2) / config.head_dim
        self.register_buffer('frequencies', config.rope_theta ** -angle, persistent=False)  # (hs/2,)

    def forward(self, ids, causal, keep=None, only=None):
        """Hidden states after the last norm (B, T, C). With a list in `keep`, attention (B, nh, T, T) of each layer; of
        one head alone, (B, T, T), with `only` = (layer, head)."""
        T = ids.shape[1]
        angles = torch.arange(T, device=ids.device)[:, None] * self.frequencies  # (T, hs/2)
        angles = torch.cat((angles, angles), dim=-1)                             # (T, hs)
        x = self.model.embed_tokens(ids)                                         # (B, T, C)
        if torch.is_autocast_enabled(ids.device.type):
            x = x.to(torch.get_autocast_dtype(ids.device.type))
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        for i, layer in enumerate(self.model.layers):
            kept, head = (keep, None) if only is None else (keep, only[1]) if only[0] == i else (None, None)
            x = layer(x, cos, sin, causal, kept, head)
        return self.model.norm(x)

    def logits(self, x):
        """(N, C) -> (N, vocab). Called only on the rows that carry loss: the head is a third of the work."""
        return F.linear(x, self.model.embed_tokens.weight)


if __name__ == '__main__':
    from transformers import Qwen3Config, Qwen3ForCausalLM
    torch.manual_seed(1)
    ours = Model(Config())
    for p in ours.parameters():
        p.data += 0.02 * torch.randn_like(p)
    theirs = Qwen3ForCausalLM(Qwen3Config(**to_transformers(ours.config), attn_implementation='eager')).eval()
    missing = theirs.load_state_dict(ours.state_dict(), strict=False)
    assert missing.missing_keys == ['lm_head.weight'] and not missing.unexpected_keys, missing
    theirs.tie_weights()
    ids = torch.randint(3, 8192, (2, 100))
    with torch.no_grad():
        for causal in (True, False):
            mask = torch.ones(2, 1, 100, 100, dtype=torch.bool)
            mask = torch.where(mask.tril() if causal else mask, 0.0, torch.finfo(torch.float32).min)
            want = theirs(ids, attention_mask=mask, output_attentions=True)
            keep = []
            got = ours.logits(ours(ids, causal, keep))
            fast = ours.logits(ours(ids, causal))
            print('causal' if causal else 'bidirectional',
                  'logits', float((got - want.logits).abs().max()), 'fast path', float((fast - want.logits).abs().max()),
                  'attention', max(float((a - b).abs().max()) for a, b in zip(keep, want.attentions)))
    print(sum(p.numel() for p in ours.parameters()), 'parameters')
