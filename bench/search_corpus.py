"""A gigabyte of mail to search in, the same each time: the public corpus that tools/corpus fetches, again
and again, each time with other words and numbers; and every tenth message made up in Russian, Japanese
or Chinese. `search_corpus.py MAILDIR MEGABYTES [FILE [KIND]]`; FILE is what build/src/post-search-bench reads.

KIND is `lifelike`, when nothing is said: a word that is another one is the same other one throughout its
message, as people repeat themselves; every third message is an answer that quotes the one before; every
fortieth carries a file (a quarter of all bytes: in people's mailboxes it is more). Or `scattered`: each
place has a word of its own, nobody quotes, there are no files. So much at random is no mail, and hard."""

import base64
import pathlib
import random
import re
import sys

CORPUS = pathlib.Path(__file__).parent.parent / ".cache" / "corpus"  # where tools/corpus puts other people's mail
WORD = re.compile(rb"\b[a-z]{4,9}\b")
MADE_EACH = 10  # of so many messages one is made up
ANSWER_EACH, FILE_EACH = 3, 40
QUOTED_LINES = 40
KINDS = ("lifelike", "scattered")


def texts_of_corpus():
    return [each.read_bytes() for each in sorted(CORPUS.rglob("*.txt"))]


class _Throughout(dict):
    """What a word is in one message: itself, or another one."""

    def __init__(self, chance, words):
        super().__init__()
        self._chance, self._words = chance, words

    def __missing__(self, word):
        other = self._chance.choice(self._words) if self._chance.random() < 0.5 else word
        self[word] = other
        return other


def _vary(text, chance, words, kind):
    """Another message of the same kind: other numbers in its head, other words here and there."""
    head, gap, body = text.partition(b"\n\n")
    head = re.sub(rb"[0-9]", lambda _: b"%d" % int(chance.random() * 10), head)
    if b"base64" not in text:
        count, draw, throughout = len(words), chance.random, _Throughout(chance, words)
        if kind == "lifelike":
            body = WORD.sub(lambda found: throughout[found[0]], body)
        else:
            body = WORD.sub(lambda found: words[int(draw() * count)] if draw() < 0.5 else found[0], body)
    return head + gap + body


def _is_plain(head):
    return b"multipart" not in head.lower() and b"base64" not in head.lower() and b"text/html" not in head.lower()


def _answer(text, before):
    """The message, with the first lines of the one before under it."""
    head, gap, body = text.partition(b"\n\n")
    old_head, _gap, old = before.partition(b"\n\n")
    if not _is_plain(head) or not _is_plain(old_head) or not old.isascii():
        return text
    quoted = b"\n".join(b"> " + line for line in old.splitlines()[:QUOTED_LINES])
    return head + gap + body + b"\nSomebody wrote:\n" + quoted + b"\n"


def _with_file(text, chance):
    """The message, and a file of 10 to 200 KB beside it."""
    head, _gap, body = text.partition(b"\n\n")
    if not _is_plain(head):
        return text
    lines = [line for line in re.split(rb"\n(?![ \t])", head)
             if not line.lower().startswith((b"content-", b"mime-version"))]
    content = base64.encodebytes(chance.randbytes(int(10_000 * 20 ** chance.random())))
    return (b"\n".join(lines) + b"\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=-file-%d\"\n\n"
            b"--=-file-%d\nContent-Type: text/plain\n\n" % (len(body), len(body)) + body +
            b"\n--=-file-%d\nContent-Type: application/zip; name=\"photos %d.zip\"\n"
            b"Content-Transfer-Encoding: base64\n\n" % (len(body), chance.randrange(1000)) + content +
            b"--=-file-%d--\n" % len(body))


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


def messages(size, kind="lifelike"):
    """Messages of so many bytes together."""
    chance = random.Random(1)
    texts, made = texts_of_corpus(), _Made()
    words = [word for text in chance.sample(texts, 1000) for word in WORD.findall(text)]
    number, before = 0, b""
    while size > 0:
        text = texts[number % len(texts)]
        if number % MADE_EACH == 0:
            text = made.message(chance, number)
        elif number >= len(texts):
            text = _vary(text, chance, words, kind)
        if kind == "lifelike":
            plain = text
            if number % ANSWER_EACH == 0:
                text = _answer(text, before)
            if number % FILE_EACH == 3:
                text = _with_file(text, chance)
            before = plain
        size -= len(text)
        number += 1
        yield text


def write(path, size, packed=None, kind="lifelike"):
    """How many there are."""
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    number = 0
    for text in messages(size, kind):
        (path / "cur" / f"{1740000000 + number}.M{number}P1.bench:2,S").write_bytes(text)
        if packed:
            packed.write(len(text).to_bytes(4, "big") + text)
        number += 1
    return number


if __name__ == "__main__":
    with open(sys.argv[3] if len(sys.argv) > 3 else "/dev/null", "wb") as file:
        print(write(pathlib.Path(sys.argv[1]), int(sys.argv[2]) * 1_000_000, file, *sys.argv[4:5]), "messages")
