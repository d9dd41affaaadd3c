"""A gigabyte of mail to search in, the same each time: the public corpus that tools/corpus fetches, again
and again, each time with other words and numbers; and every tenth message made up in Russian, Japanese
or Chinese. `search_corpus.py MAILDIR MEGABYTES [FILE]`; FILE is what build/src/post-search-bench reads."""

import base64
import pathlib
import random
import re
import sys

CORPUS = pathlib.Path(__file__).parent.parent / ".cache" / "corpus"  # where tools/corpus puts other people's mail
WORD = re.compile(rb"\b[a-z]{4,9}\b")
MADE_EACH = 10  # of so many messages one is made up


def texts_of_corpus():
    return [each.read_bytes() for each in sorted(CORPUS.rglob("*.txt"))]


def _vary(text, chance, words):
    """Another message of the same kind: other numbers in its head, other words here and there."""
    head, gap, body = text.partition(b"\n\n")
    head = re.sub(rb"[0-9]", lambda _: b"%d" % int(chance.random() * 10), head)
    if b"base64" not in text:
        count, draw = len(words), chance.random
        body = WORD.sub(lambda found: words[int(draw() * count)] if draw() < 0.5 else found[0], body)
    return head + gap + body


def _russian_words(chance):
    """Rough likenesses, each of some syllables: what is tried is how letters and words are spread."""
    syllables = [first + vowel + last for first in "бвгджзклмнпрстфхчш" for vowel in "аеиоуыя"
                 for last in ("", "", "н", "р", "л", "т", "с", "й")]
    endings = ("", "а", "у", "ом", "ы", "ов", "ами", "ый", "ая", "ого", "ить", "ал", "ение", "ость")
    return ["".join(chance.choice(syllables) for _ in range(1 + chance.randrange(3))) + chance.choice(endings)
            for _ in range(40_000)]


def _by_rank(chance, some):
    """One of them, the first ones far more often, as in languages."""
    return some[int(len(some) ** chance.random()) - 1]


class _Made:
    def __init__(self):
        chance = random.Random(3)
        self._russian = _russian_words(chance)
        self._han = [chr(0x4e00 + chance.randrange(0x4000)) for _ in range(3000)]
        self._kana = [chr(0x3041 + at) for at in range(80)]
        chance.shuffle(self._kana)

    def _russian_text(self, chance):
        return " ".join(_by_rank(chance, self._russian) + ("." if chance.random() < 0.08 else "")
                        for _ in range(300 + chance.randrange(500)))

    def _asian_text(self, chance, japanese):
        def sentence():
            kinds = (self._han, self._kana) if japanese else (self._han,)
            return "".join(_by_rank(chance, chance.choice(kinds)) for _ in range(8 + chance.randrange(30))) + "。"
        return "\n".join(sentence() for _ in range(20 + chance.randrange(40)))

    def message(self, chance, number):
        kind = number // MADE_EACH % 4
        charset = ("utf-8", "koi8-r", "utf-8", "gb18030")[kind]
        text = self._russian_text(chance) if kind < 2 else self._asian_text(chance, kind == 2)
        lines = re.sub(r"(.{60,70}) ", r"\1\n", text)
        subject = base64.b64encode(lines[:30].replace("\n", " ").encode()).decode()
        head = (f"From: Person {number % 97} <person{number % 97}@example.net>\n"
                f"To: anna@example.com\nSubject: =?utf-8?B?{subject}?=\nMessage-ID: <made-{number}@example.net>\n"
                f"Date: Mon, 30 Nov 2026 10:{number % 60:02}:00 +0300\nMIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n")
        return head.encode() + lines.encode(charset) + b"\n"


def messages(size):
    """Messages of so many bytes together."""
    chance = random.Random(1)
    texts, made = texts_of_corpus(), _Made()
    words = [word for text in chance.sample(texts, 1000) for word in WORD.findall(text)]
    number = 0
    while size > 0:
        text = texts[number % len(texts)]
        if number % MADE_EACH == 0:
            text = made.message(chance, number)
        elif number >= len(texts):
            text = _vary(text, chance, words)
        size -= len(text)
        number += 1
        yield text


def write(path, size, packed=None):
    """How many there are."""
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    number = 0
    for text in messages(size):
        (path / "cur" / f"{1740000000 + number}.M{number}P1.bench:2,S").write_bytes(text)
        if packed:
            packed.write(len(text).to_bytes(4, "big") + text)
        number += 1
    return number


if __name__ == "__main__":
    with open(sys.argv[3] if len(sys.argv) > 3 else "/dev/null", "wb") as file:
        print(write(pathlib.Path(sys.argv[1]), int(sys.argv[2]) * 1_000_000, file), "messages")
