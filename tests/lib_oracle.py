"""Knows what a mailbox holds while nobody changes it, asks for it at random, and compares.

Text is compared as RFC 5051 folds it: title case, decomposed, octet by octet.
"""

import re
import unicodedata
from typing import NamedTuple

QUESTIONS = 4
FLAG_KEYS = {"SEEN": "\\Seen", "ANSWERED": "\\Answered", "FLAGGED": "\\Flagged", "DRAFT": "\\Draft",
             "DELETED": "\\Deleted", "KEYWORD $Forwarded": "$Forwarded", "KEYWORD later": "Later"}
HEADER = "Subject: {}\nContent-Type: text/plain; charset=utf-8\n"


class Message(NamedTuple):
    uid: int
    flags: set
    modseq: int
    text: str

    @property
    def subject(self):
        return self.text.split()[-1]


def folded(text):
    simple = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
    return unicodedata.normalize("NFKD", simple)


def literal(text):
    return f"{{{len(text.encode())}+}}\r\n{text}"


def ranges(numbers):
    """Numbers as a set of IMAP's, made as short as can be."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(f"{first}:{last}" if first < last else f"{first}" for first, last in parts)


class Oracle:
    def __init__(self, random, words):
        self.random, self.words = random, words

    def needle(self, messages):
        text = self.random.choice(messages).text if messages else self.random.choice(self.words)
        begin = self.random.randrange(len(text))
        return text[begin:begin + self.random.randint(1, 12)] if self.random.random() < 0.7 else self.random.choice(self.words)

    def leaf(self, messages):
        """A search key, and what it says of a message that stands at a number."""
        kind = self.random.choice(["flag", "flag", "no flag", "uid", "number", "body", "text", "subject", "modseq", "all"])
        if kind in ("flag", "no flag"):
            key, flag = self.random.choice(list(FLAG_KEYS.items()))
            yes = kind == "flag"
            return (key if yes else f"UN{key}"), lambda number, message: (flag in message.flags) == yes
        if kind in ("uid", "number"):
            last = (messages[-1].uid if messages else 1) if kind == "uid" else len(messages)
            some = {self.random.randint(1, max(1, last)) for _ in range(5)}
            if kind == "uid":
                return f"UID {ranges(some)}", lambda number, message: message.uid in some
            return (ranges(some) if messages else "ALL"), lambda number, message: number in some
        if kind == "modseq" and messages:
            least = self.random.choice(messages).modseq
            return f"MODSEQ {least}", lambda number, message: message.modseq >= least
        if kind == "subject":
            needle = str(self.random.randint(0, 99))
            return f"SUBJECT {needle}", lambda number, message: needle in message.subject
        if kind in ("body", "text"):
            return self.text_key(kind, self.needle(messages))
        return "ALL", lambda number, message: True

    @staticmethod
    def text_key(kind, needle):
        wanted = folded(needle)

        def holds(number, message):
            header = folded(HEADER.format(message.subject)).split("\n") if kind == "text" else []
            return any(wanted in part for part in [*header, folded(message.text)])

        return f"{kind.upper()} {literal(needle)}", holds

    def key(self, messages, depth=2):
        shape = self.random.choice(["leaf", "not", "or", "and"]) if depth else "leaf"
        if shape == "leaf":
            return self.leaf(messages)
        first, one = self.key(messages, depth - 1)
        if shape == "not":
            return f"NOT {first}", lambda *at: not one(*at)
        second, other = self.key(messages, depth - 1)
        if shape == "or":
            return f"OR {first} {second}", lambda *at: one(*at) or other(*at)
        return f"({first} {second})", lambda *at: one(*at) and other(*at)

    def found(self, messages):
        """A key, and the messages it finds with their numbers."""
        key, holds = self.key(messages)
        return key, [(number, message) for number, message in enumerate(messages, 1) if holds(number, message)]

    def ask(self, dialogue, mailbox, messages):
        for _ in range(QUESTIONS):
            ask = self.random.choice([self.search, self.extended, self.sort, self.status, self.part])
            ask(dialogue, mailbox, messages)

    def search(self, dialogue, mailbox, messages):
        key, found = self.found(messages)
        by = self.random.choice(["", "UID "])
        expected = [message.uid if by else number for number, message in found]
        said = f"{by}SEARCH CHARSET UTF-8 {key}"
        line = answer(dialogue, said, "* SEARCH")
        modseq = f" (MODSEQ {max(m.modseq for _, m in found)})" if "MODSEQ" in key and found else ""
        assert line == "* SEARCH" + "".join(f" {n}" for n in expected) + modseq, (said, line, expected)

    def extended(self, dialogue, mailbox, messages):
        key, found = self.found(messages)
        uids = [message.uid for _, message in found]
        said = f"UID SEARCH RETURN (MIN MAX COUNT ALL) CHARSET UTF-8 {key}"
        line = answer(dialogue, said, "* ESEARCH")
        items = {name: value for name, value in re.findall(r"(MIN|MAX|COUNT|ALL) (\S+)", line)}
        expected = {"COUNT": str(len(uids))}
        if uids:
            expected.update(MIN=str(uids[0]), MAX=str(uids[-1]), ALL=ranges(uids))
        assert items == expected, (said, line, expected)

    def sort(self, dialogue, mailbox, messages):
        key, found = self.found(messages)
        reverse = self.random.random() < 0.5
        found = [message for _, message in found]
        found.sort(key=lambda message: message.subject, reverse=reverse)
        expected = "".join(f" {message.uid}" for message in found)
        said = f"UID SORT ({'REVERSE ' if reverse else ''}SUBJECT) UTF-8 {key}"
        line = answer(dialogue, said, "* SORT")
        assert line.partition(" (MODSEQ")[0] == "* SORT" + expected, (said, line, expected)

    def status(self, dialogue, mailbox, messages):
        line = answer(dialogue, f"STATUS {mailbox} (MESSAGES UNSEEN HIGHESTMODSEQ)", "* STATUS")
        items = dict(re.findall(r"([A-Z]+) (\d+)", line))
        assert int(items["MESSAGES"]) == len(messages), line
        assert int(items["UNSEEN"]) == sum("\\Seen" not in message.flags for message in messages), line
        assert int(items["HIGHESTMODSEQ"]) >= max((message.modseq for message in messages), default=0), line

    def part(self, dialogue, mailbox, messages):
        if not messages:
            return
        number = self.random.randrange(len(messages)) + 1
        octets = messages[number - 1].text.encode()
        begin, length = self.random.randrange(len(octets) + 2), self.random.randint(1, 10)
        dialogue.send(f"q FETCH {number} BODY.PEEK[TEXT]<{begin}.{length}>\r\n")
        row = dialogue.file.readline()
        size = int(re.search(rb"\{(\d+)\}\r\n$", row)[1]) if row.endswith(b"}\r\n") else 0
        got = dialogue.file.read(size)
        lines = dialogue.until("q ")
        assert lines[-1].startswith("q OK"), lines
        assert got == octets[begin:begin + length], (row, got, octets, begin, length)


def answer(dialogue, said, start):
    """The one line of the answer that begins so."""
    lines = dialogue.command("q", said)
    assert lines[-1].startswith("q OK"), (said, lines)
    (line,) = [line for line in lines if line.startswith(start)]
    return line.rstrip("\r\n")
