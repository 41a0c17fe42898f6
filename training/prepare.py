"""
Makes the text and the tokenizer that the bundled model is trained on.

    python prepare.py            # fetch sources.json, clean, train the tokenizer, write tokens
    python prepare.py --smoke    # the same on Python's own library alone, no network: under 20 s
    python prepare.py --pin      # write the versions and licences of what was fetched into sources.json

Writes data/: train-code.bin, train-prose.bin, heldout-code.bin, heldout-prose.bin (uint16 ids, no
special tokens inside), tokenizer.json, and meta.json with the counts.
Needs npm and Debian's apt-get and dpkg for the packages; see the end of the file for what it printed.
"""
import argparse
import gzip
import hashlib
import html
import json
import os
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

# -----------------------------------------------------------------------------
# settings
here = os.path.dirname(os.path.abspath(__file__))
vocabulary = 8192
specials = ['<s>', '<mask>', '<pad>']  # ids 0, 1, 2
max_file = 200_000       # characters taken of one file; the rest is left
max_package = 2_500_000  # characters taken of one package
bpe_sample = {'everyday': 6_000_000, 'code': 6_000_000, 'prose': 1_500_000}  # characters the tokenizer is trained on
bpe_piece = 4_000        # characters in which a word counts once
seed = 1

code_ends = ('.ts .tsx .mts .cts .js .mjs .cjs .jsx .py .c .h .hpp .cc .cpp .go .rs .css .scss .less '
             '.html .vue .svelte .sh .json').split()
prose_ends = '.md .markdown .txt .rst'.split()
skipped = re.compile(r'(\.min\.|/locales?/|/i18n/|/lang/|/languages?/|node_modules/|searchindex|search-index|'
                     r'genindex|/test-?data/|/testdata/|/data/|LICEN[CS]E|copyright|\.map$|/fonts?/|/_static/|'
                     r'package-lock|/licenses/|changelog|CHANGELOG|sidebar-items|/avx512|/stdarch/|/all\.html$)')
# -----------------------------------------------------------------------------

# The pre-tokenizer. GPT-2's idea, with three changes that suit code:
#   a line break takes the indentation after it along, all but the last space, which goes to what follows as it does
#   everywhere else: "\n    return" is "\n   " and the " return" of any other place;
#   a bracket is always a token of its own, so that a head can point at it;
#   an underscore counts as a letter, so that `__init__` may become one token.
# It names every character class itself (no \s), since \s is not the same set in Rust and in JavaScript.
words = '|'.join([
    r"'(?:ll|ve|re|s|d|m|t)(?![\p{L}\p{N}_])",
    r" ?[\p{L}\p{M}_]+",
    r" ?\p{N}{1,3}",
    r" ?[()\[\]{}]",
    r"(?:\r?\n)+(?:[ \t]*(?= [^ \t\r\n])|[ \t]*)",
    r" ?[^ \t\r\n\p{L}\p{M}\p{N}_()\[\]{}]+",
    r"[ \t]+(?![^ \t\r\n])",
    r"[ \t]+",
    r"\r",
])


def fetch(source, cache):
    """The package's archive, from the cache or from its registry; npm pack and apt-get check its hash."""
    name, version = source['name'], source.get('version')
    if source['from'] == 'npm':
        stem = name.lstrip('@').replace('/', '-')
        found = [f for f in os.listdir(cache) if re.fullmatch(re.escape(stem) + r'-\d[\w.+-]*\.tgz', f)]
        found = [f for f in found if not version or f == f'{stem}-{version}.tgz']
        command = ['npm', 'pack', '--silent', f'{name}@{version}' if version else name]
    else:
        found = [f for f in os.listdir(cache) if f.startswith(name + '_')]
        found = [f for f in found if not version or f.split('_')[1] == version.replace(':', '%3a')]
        command = ['apt-get', 'download', f'{name}={version}' if version else name]
    if not found:
        before = set(os.listdir(cache))
        subprocess.run(command, cwd=cache, check=True, stdout=subprocess.DEVNULL)
        found = sorted(set(os.listdir(cache)) - before)
    return os.path.join(cache, found[0])


def members(archive):
    """(path, bytes) of every plain file in an npm or a Debian package, in a fixed order."""
    if archive.endswith('.tgz'):
        tar = tarfile.open(archive)
    else:
        pipe = subprocess.Popen(['dpkg', '--fsys-tarfile', archive], stdout=subprocess.PIPE)
        tar = tarfile.open(fileobj=pipe.stdout, mode='r|')
    for member in tar:
        if member.isfile() and member.size < 20_000_000:
            yield member.name, tar.extractfile(member).read()


def from_html(text):
    """Documentation as plain text: paragraphs kept, pre blocks kept as they are."""
    text = re.sub(r'(?is)<(script|style|nav|head|footer)\b.*?</\1>', '', text)
    body = re.search(r'(?is)<(?:main|article|div role="main"|div class="body")\b.*', text)
    text = body.group(0) if body else text
    parts = re.split(r'(?is)(<pre\b.*?</pre>)', text)
    for i, part in enumerate(parts):
        if i % 2 == 0:
            part = re.sub(r'\s+', ' ', part)
            part = re.sub(r'(?i)</?(p|div|li|tr|h\d|br|ul|ol|dl|dt|dd|table|section)\b[^>]*>', '\n', part)
        parts[i] = html.unescape(re.sub(r'<[^>]*>', '', part))
    text = ''.join(parts).replace('¶', '').replace('\xa0', ' ')
    return re.sub(r' *\n[ \n]*\n *', '\n\n', text).strip() + '\n'


def from_wordnet(text):
    """'Example sentence.', 'word, word: meaning.' of each line of WordNet's data files."""
    out = []
    for line in text.splitlines():
        if ' | ' not in line or line.startswith('  '):
            continue
        data, gloss = line.split(' | ', 1)
        fields = data.split()
        names = [fields[4 + 2 * i].replace('_', ' ') for i in range(int(fields[3], 16))]
        examples = re.findall(r'"([^"]+)"', gloss)
        meaning = re.sub(r'\s*;?\s*"[^"]+"\s*', '', gloss).strip()
        # the example sentences come first, on a line of their own: they are the plainest English here
        sentences = ' '.join(e[0].upper() + e[1:] + ('.' if e[-1].isalnum() else '') for e in examples)
        out.append(sentences + '\n' * bool(examples) + ', '.join(names) + ': ' + meaning + '.')
    random.Random(seed).shuffle(out)
    return '\n'.join(out)


def texts(source, cache):
    """(kind, path, text) of the useful files of a package."""
    wanted = re.compile(source.get('paths', ''))
    total = 0
    files = members(fetch(source, cache))
    if source['from'] == 'npm':  # sources before builds, so that a build is the copy that is dropped
        files = sorted(files, key=lambda f: (not re.search(r'/(src|lib)/', f[0]), f[0]))
    else:
        files = sorted(files, key=lambda f: hashlib.sha1(f[0].encode()).digest())
    for path, data in files:
        if skipped.search(path) or not wanted.search(path):
            continue
        if path.endswith(('.gz', '.dz')):
            path, data = path[:-3], gzip.decompress(data)
        end = os.path.splitext(path)[1]
        kind = 'code' if end in code_ends else 'prose' if end in prose_ends else None
        if source['kind'] == 'prose':
            kind = 'prose' if end in ('.html', '.dict', '.md', '.txt', '') or '/data.' in path else None
        if not kind or b'\0' in data:
            continue
        try:
            text = data.decode('latin-1' if end == '.dict' else 'utf-8').lstrip('\ufeff').replace('\r\n', '\n')
        except UnicodeDecodeError:
            continue
        if source['kind'] == 'prose' and end == '.html':
            text = from_html(text)
        if '/wordnet/data.' in path:
            text = from_wordnet(text)
        if '/fortunes/' in path:
            text = text.replace('\n%\n', '\n\n')
        big = '/wordnet/data.' in path or path.endswith(('bible.txt', '.dict', 'sqlite3.c'))
        if end == '.json' and len(text) > 20_000:
            continue
        text = text[:8_000_000 if big else max_file]
        lines = text.splitlines()
        if len(text) < 200 or max(map(len, lines)) > 2_000 or len(text) / len(lines) > (400 if kind == 'prose' else 100):
            continue  # generated, minified, or next to nothing
        if sum(map(str.isascii, lines)) < 0.9 * len(lines):
            continue
        total += len(text)
        yield kind, path, text
        if total > source.get('most', max_package):
            return


def bible(cache):
    """The King James text out of its packed form, printed by the reader that belongs to it."""
    folder = os.path.join(cache, 'bible')
    for name in ('bible-kjv', 'bible-kjv-text'):
        archive = fetch({'name': name, 'from': 'debian'}, cache)
        subprocess.run(['dpkg', '-x', archive, folder], check=True)
    reader = subprocess.run([os.path.join(folder, 'usr/bin/bible'), '-p', os.path.join(folder, 'usr/lib'), '-f',
                             'gen1:1-rev22:21'], capture_output=True, text=True, check=True).stdout
    return re.sub(r'(?m)^[\w ]+?\d+:\d+ ', '', reader)


def smoke_sources():
    """No package at all: a little of the library and the documentation strings of the Python that runs this."""
    folder = sysconfig.get_path('stdlib')
    names = sorted(f for f in os.listdir(folder) if f.endswith('.py'))[:90]
    for i, name in enumerate(names):
        text = open(os.path.join(folder, name), encoding='utf-8').read()[:40_000]
        use = 'heldout' if i % 6 < 2 else 'train'
        if i % 2:
            text = '\n\n'.join(re.findall(r'(?s)"""(.*?)"""', text) + re.findall(r'(?m)^\s*# (.*)$', text))
        yield use, 'prose' if i % 2 else 'code', name, text


def everyday(path, text):
    """What is plain English in a prose file, which decides about the common words of the vocabulary; or ''."""
    if path.startswith('wordnet'):
        return '\n'.join(line for line in text.splitlines() if line[:1].isupper() and ': ' not in line)
    if path == 'bible.txt':
        return text[:500_000]  # more would bring "thereof" and "begat" in
    return text if path.startswith(('fortunes/', 'dict-')) else ''


def sample(documents):
    """The words that the tokenizer is trained on. One counts once in every few thousand characters, so that what a
    single file says over and over does not push out what is said everywhere."""
    split = pre_tokenizers.Split(Regex(words), behavior='isolated')
    room = dict(bpe_sample)
    for use, kind, path, text in documents:
        plain = everyday(path, text) if kind == 'prose' else ''
        kind, text = ('everyday', plain) if plain else (kind, text[:50_000])
        if use == 'train' and room[kind] > 0:
            room[kind] -= len(text)
            for i in range(0, len(text), bpe_piece):
                yield sorted({word for word, _ in split.pre_tokenize_str(text[i:i + bpe_piece])})


def train_tokenizer(samples):
    """A byte-level BPE from an iterator of lists of words."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(words), behavior='isolated'),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=specials, max_token_length=24,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    tokenizer.train_from_iterator(samples, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single='<s> $A', pair='<s> $A $B', special_tokens=[('<s>', 0)])
    # The special tokens stay in the vocabulary but are no *added* tokens: an added token is cut out of ordinary
    # text, so that "<s>" in a page of HTML would open a window and "<mask>" in a comment would ask for a guess.
    # Like this no text can produce them (the pre-tokenizer splits "<", "s", ">"); only the template writes <s>.
    saved = json.loads(tokenizer.to_str())
    saved['added_tokens'] = []
    return Tokenizer.from_str(json.dumps(saved)), saved


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--smoke', action='store_true')
    parser.add_argument('--pin', action='store_true')
    parser.add_argument('--out', help='data/, or smoke/data/ for a smoke run')
    args = parser.parse_args()
    args.out = args.out or os.path.join(here, 'smoke' if args.smoke else '', 'data')
    cache = os.path.join(args.out, 'packages')
    os.makedirs(cache, exist_ok=True)

    sources = json.load(open(os.path.join(here, 'sources.json')))['packages']
    if args.pin:
        pin(sources, cache)
        return

    # 1) read: (use, kind, path, text)
    documents = []
    if args.smoke:
        documents = list(smoke_sources())
    else:
        for source in sources:
            got = [(source['use'], kind, source['name'] + '/' + path, text) for kind, path, text in texts(source, cache)]
            if source['name'] == 'bible-kjv-text':
                got = [(source['use'], 'prose', 'bible.txt', bible(cache))]
            print(f"{source['name']:32} {len(got):5} files {sum(len(d[3]) for d in got):9,} characters", flush=True)
            documents += got

    # 2) deduplicate: a file half of whose longer lines were seen before is a copy. Held-out files come last, so
    #    that what they share with the training text is dropped from them and not the other way round.
    documents.sort(key=lambda d: d[0] == 'heldout')
    seen, kept = set(), []
    for use, kind, path, text in documents:
        longer = {hash(line.strip()) for line in text.splitlines() if len(line.strip()) >= 24}
        share = len(longer & seen) / max(1, len(longer))
        if share < (0.5 if use == 'train' else 0.2):
            kept.append((use, kind, path, text))
        seen |= longer
    print(f'{len(documents)} files, {len(documents) - len(kept)} of them copies')
    rng = random.Random(seed)
    rng.shuffle(kept)

    # 3) tokenizer, from a sample of the training text
    tokenizer, saved = train_tokenizer(sample(kept))
    with open(os.path.join(args.out, 'tokenizer.json'), 'w', encoding='utf-8') as f:
        json.dump(saved, f, ensure_ascii=False, indent=0)

    # 4) ids
    meta = {'vocabulary': tokenizer.get_vocab_size(), 'seed': seed}
    for use in ('train', 'heldout'):
        for kind in ('code', 'prose'):
            chosen = [text.rstrip() + '\n\n' for u, k, path, text in kept if u == use and k == kind]
            if use == 'heldout':
                chosen = [text[:30_000] for text in chosen]
            ids = []
            for i in range(0, len(chosen), 512):
                batch = tokenizer.encode_batch_fast(chosen[i:i + 512], add_special_tokens=False)
                ids += [np.array(e.ids, dtype=np.uint16) for e in batch]
            ids = np.concatenate(ids)
            ids.tofile(os.path.join(args.out, f'{use}-{kind}.bin'))
            characters = sum(map(len, chosen))
            meta[f'{use}-{kind}'] = {'files': len(chosen), 'characters': characters, 'tokens': len(ids)}
            print(f'{use}-{kind}: {len(chosen)} files, {characters:,} characters, {len(ids):,} tokens, '
                  f'{characters / len(ids):.2f} characters a token')
    json.dump(meta, open(os.path.join(args.out, 'meta.json'), 'w'), indent=1)


def pin(sources, cache):
    """Reads version and licence out of each package and writes them down. Debian's licences are kept by hand."""
    for source in sources:
        archive = fetch(source, cache)
        if source['from'] == 'npm':
            with tarfile.open(archive) as tar:
                manifest = next(m for m in tar if re.fullmatch(r'[^/]+/package\.json', m.name))
                about = json.load(tar.extractfile(manifest))
            source['version'], source['licence'] = about['version'], about.get('license', '?')
        else:
            source['version'] = subprocess.run(['dpkg-deb', '-f', archive, 'Version'], capture_output=True,
                                               text=True, check=True).stdout.strip()
    lines = ',\n'.join('  ' + json.dumps(source, ensure_ascii=False) for source in sources)
    about = json.dumps(json.load(open(os.path.join(here, 'sources.json')))['about'], ensure_ascii=False)
    open(os.path.join(here, 'sources.json'), 'w').write('{\n "about": ' + about + ',\n "packages": [\n' + lines + '\n ]\n}\n')


if __name__ == '__main__':
    main()

# 2026-11-24, 1 min 45 s with the packages already fetched:
# 21875 files, 7187 of them copies
# train-code: 10894 files, 96,402,454 characters, 31,645,854 tokens, 3.05 characters a token
# train-prose: 3171 files, 51,170,202 characters, 15,338,830 tokens, 3.34 characters a token
# heldout-code: 532 files, 4,037,076 characters, 1,438,205 tokens, 2.81 characters a token
# heldout-prose: 91 files, 636,407 characters, 185,931 tokens, 3.42 characters a token
