"""Hostile letters and commands cost a server in proportion to their size: of each input four times
as much is given to it, sixteen times the work would be its square. Counted is the processor time of
the workers, so that it does not matter what else the machine does, nor what the chores do."""

import pathlib

import pytest
from lib_troika import Troika

FEW, TIMES = 2500, 4
GROWTH = TIMES * 2.5
SLACK_MS = 40  # of the allocator, the caches, the chores
TRIES = 3


def multipart(kind, part):
    front = f"Subject: x\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n"
    return lambda count: front + "".join(f"--b\r\n{part}" % number for number in range(count)) + "--b--\r\n"


def header(front, unit, end=""):
    return lambda count: front + "".join(unit % number for number in range(count)) + f"{end}\r\n\r\nhello\r\n"


# "%.0d" of a number is nothing.
LETTERS = {
    "parts": multipart("mixed", "\r\nword%d here\r\n"),
    "letters in a digest": multipart("digest", "\r\nFrom: a@b.example\r\nSubject: %d\r\n\r\nword\r\n"),
    "names of files": multipart("mixed", "Content-Disposition: attachment; filename*=utf-8''%%41%d\r\n\r\nx\r\n"),
    "levels": lambda count: "".join(f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n"
                                    for number in range(count)) + "\r\nhello\r\n",
    "levels of messages": lambda count: "Content-Type: message/rfc822\r\n\r\n" * count + "\r\nhello\r\n",
    "encoded words": header("Subject:", " =?utf-8?q?a=20b%.0d?=\r\n"),
    "names of lists": header("Subject:", " [a]%.0d\r\n"),
    "parentheses": header("To:", " (a@b.example,%.0d\r\n"),
    "addresses": header("X: y", "\r\nCc: a%d@b.example"),
    "references": header("Message-ID: <x@y.example>\r\nReferences:", " <%d@b.example>\r\n"),
    "parameters": header("Content-Type: text/plain", ";\r\n a*%d*=utf-8''%%41"),
}
QUESTIONS = {
    "TEXT": ("SEARCH", "TEXT", '"no such thing"'),
    "BODY": ("SEARCH", "BODY", '"q z"'),
    "HEADER": ("SEARCH", "HEADER", "Subject", '"no such"'),
    "SORT": ("SORT", "(SUBJECT FROM TO DISPLAYFROM)", "UTF-8", "ALL"),
    "REFERENCES": ("THREAD", "REFERENCES", "UTF-8", "ALL"),
    "ORDEREDSUBJECT": ("THREAD", "ORDEREDSUBJECT", "UTF-8", "ALL"),
    "structure": ("FETCH", "1", "(ENVELOPE BODYSTRUCTURE)"),
    "parts": ("FETCH", "1", "(BODY.PEEK[2.MIME] BODY.PEEK[2000] BODY.PEEK[HEADER.FIELDS (X Y)] PREVIEW)"),
}
# In one line, whose most is 64 KiB: four times as many fit.
COMMANDS = {
    "ranges": lambda count: ("UID", "SEARCH", "UID", ",".join(f"{number * 3}:{number * 3 + 1}" for number in range(1, count))),
    "turned ranges": lambda count: ("UID", "FETCH", ",".join(f"9{number}:1" for number in range(count)), "FLAGS"),
    "open parentheses": lambda count: ("SEARCH", "(" * count * 8),
    "negations": lambda count: ("SEARCH", "NOT " * count + "ALL"),
    "stars": lambda count: ("LIST", '""', '"' + "*a" * count + '"'),
    "patterns": lambda count: ("LIST", '""', "(" + "*a " * count + "b)"),
    "keywords": lambda count: ("STORE", "1", "FLAGS", "(" + " ".join(f"k{number}" for number in range(count)) + ")"),
    "fields": lambda count: ("FETCH", "1", "BODY.PEEK[HEADER.FIELDS (" + " ".join(f"a{number}" for number in range(count)) + ")]"),
}
FEW_WORDS = 1200


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("growth")) as server:
        server.add_accounts("anna")
        server.start()
        yield server


def cpu_ms(server):
    (pid,) = server.children()
    workers = [task for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
               if (task / "comm").read_text() == "worker\n"]
    assert workers
    return sum(int((task / "schedstat").read_text().split()[0]) for task in workers) / 1e6


def cost_ms(server, work):
    """The least of some tries."""
    def once():
        before = cpu_ms(server)
        work()
        return cpu_ms(server) - before
    return min(once() for _ in range(TRIES))


def assert_in_proportion(costs):
    steep = {name: f"{few:.1f} ms, of {TIMES} times as much {many:.1f} ms"
             for name, (few, many) in costs.items() if many > GROWTH * few + SLACK_MS}
    assert not steep


@pytest.fixture
def imap(server, monkeypatch):
    monkeypatch.setattr("imaplib._MAXLINE", 1 << 30)
    client = server.imap("anna")
    yield client
    client.logout()


@pytest.mark.parametrize("letter", LETTERS)
def test_letters(server, imap, letter):
    costs = {}
    for count in (FEW, FEW * TIMES):
        text, mailbox = LETTERS[letter](count).encode(), f'"{letter} {count}"'
        assert imap.create(mailbox)[0] == "OK"
        costs.setdefault("APPEND", []).append(cost_ms(server, lambda: imap.append(mailbox, None, None, text)))
        imap.select(mailbox)
        for name, words in QUESTIONS.items():
            costs.setdefault(name, []).append(cost_ms(server, lambda: imap._simple_command(*words)))
    assert_in_proportion(costs)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(server, imap, command):
    imap.append("INBOX", None, None, b"Subject: x\r\n\r\nhello\r\n")
    imap.select()

    def ask(count):
        tag = imap._new_tag()
        imap.send(tag + b" " + " ".join(COMMANDS[command](count)).encode() + b"\r\n")
        while not imap.readline().startswith(tag):
            pass
    assert_in_proportion({command: [cost_ms(server, lambda: ask(count)) for count in (FEW_WORDS, FEW_WORDS * TIMES)]})
