"""Text search in one mailbox over IMAP: milliseconds of SEARCH TEXT, by kinds of needle."""

import imaplib
import random
import re
import shutil
import statistics
import subprocess
import time

import maildir
import processes
import scratch
from postfix_dovecot import PostfixDovecot
from troika_server import BINARY, Troika

ADDRESS = "search@bench.test"
CORPUS = scratch.ROOT / "build" / "corpus"  # where the tests keep other people's mail
QUIET_SECONDS, PATIENCE = 20, 900
XAPIAN = """\
mail_plugins = fts fts_xapian
plugin {
  fts = xapian
  fts_xapian = partial=3 full=20
}
service indexer-worker {
  vsz_limit = 2G
}
"""


def _vary(text, chance, words):
    """Another message of the same kind: other numbers in its head, other words here and there."""
    head, gap, body = text.partition(b"\n\n")
    head = re.sub(rb"[0-9]", lambda _: b"%d" % chance.randrange(10), head)
    if b"base64" not in text:
        body = re.sub(rb"\b[a-z]{4,9}\b",
                      lambda found: chance.choice(words) if chance.random() < 0.5 else found[0], body)
    return head + gap + body


def _from_corpus(path, count):
    """The corpus again and again, each time varied."""
    chance = random.Random(1)
    texts = [each.read_bytes() for each in sorted(CORPUS.rglob("*.txt"))]
    words = [word for text in chance.sample(texts, min(1000, len(texts)))
             for word in re.findall(rb"\b[a-z]{4,9}\b", text)]
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    for number in range(count):
        text = texts[number % len(texts)]
        if number >= len(texts):
            text = _vary(text, chance, words)
        (path / "cur" / f"{1740000000 + number}.M{number}P1.bench:2,S").write_bytes(text)


def _make(path, count):
    if CORPUS.exists():
        _from_corpus(path, count)
    else:
        maildir.make(path, count)


def _needles(path, count):
    """{kind: needles} of plain words, taken from bodies at random."""
    chance = random.Random(2)
    files = sorted((path / "cur").iterdir())
    found = {"part of a word": [], "phrase": []}
    while min(len(some) for some in found.values()) < count:
        body = chance.choice(files).read_bytes().partition(b"\n\n")[2]
        words = re.findall(rb"[a-z]{6,12} [a-z]{3,12} [a-z]{3,12}\b", body)
        if words and b"base64" not in body:
            phrase = chance.choice(words).decode()
            found["phrase"].append(phrase)
            found["part of a word"].append(phrase[1:5])
    return {kind: some[:count] for kind, some in found.items()}


class _Session:
    def __init__(self, port):
        imaplib._MAXLINE = 100_000_000
        self._imap = imaplib.IMAP4("127.0.0.1", port)
        self._imap.login(ADDRESS, "bench")
        self._imap.select("INBOX", readonly=True)

    def search(self, needle):
        """(milliseconds, UIDs)"""
        began = time.perf_counter()
        _ok, answer = self._imap.uid("SEARCH", "TEXT", f'"{needle}"')
        taken = (time.perf_counter() - began) * 1000
        return taken, set((answer[0] or b"").split())

    def close(self):
        self._imap.logout()


def _measure(server, needles):
    """{kind: (median, worst, number found by needle)}; each needle is asked twice."""
    session = _Session(server.imap)
    made = {}
    for kind, some in needles.items():
        answers = [(session.search(needle), session.search(needle)) for needle in some]
        times = [min(first[0], again[0]) for first, again in answers]
        made[kind] = {"median_ms": statistics.median(times), "worst_ms": max(times),
                      "found": [len(first[1]) for first, _again in answers]}
    session.close()
    return made


def _wait_until_quiet(server):
    """Until the server has used no processor for a while: its index is made."""
    end = time.monotonic() + PATIENCE
    before = processes.cpu_seconds(server.roots())
    while time.monotonic() < end:
        time.sleep(QUIET_SECONDS)
        now = processes.cpu_seconds(server.roots())
        if now - before < 0.05:
            return
        before = now
    raise scratch.Failed("the index was not made in time")


def _troika(folder, path):
    server = Troika(folder, [ADDRESS])
    subprocess.run([BINARY, "-c", server.configuration, "import", ADDRESS, path],
                   check=True, capture_output=True)
    _wait_until_quiet(server)
    return server


def _dovecot(folder, path, more=""):
    server = PostfixDovecot(folder, [ADDRESS], more=more)
    home = server.folder / "mail" / "bench.test" / "search"
    home.mkdir(parents=True)
    shutil.copytree(path, home / "Maildir")
    subprocess.run(["chown", "-R", "mail:mail", server.folder / "mail"], check=True)
    index = ["doveadm", "-c", server.folder / "dovecot.conf", "index", "-u", ADDRESS, "INBOX"]
    subprocess.run(index, check=True, capture_output=True)
    return server


def _has_xapian():
    return bool(list(scratch.pathlib.Path("/usr/lib/dovecot").glob("**/lib*fts_xapian*")))


def run(folder, plan, report):
    path = folder / "Maildir"
    _make(path, plan.searched)
    bytes_all = sum(each.stat().st_size for each in (path / "cur").iterdir())
    needles = _needles(path, plan.needles)
    contestants = {"Troika": lambda at: _troika(at, path)}
    if plan.pair:
        contestants["Dovecot"] = lambda at: _dovecot(at, path)
    if plan.pair and _has_xapian():
        contestants["Dovecot + fts-xapian"] = lambda at: _dovecot(at, path, XAPIAN)
    measured = {}
    for number, (name, make) in enumerate(contestants.items()):
        place = folder / f"contestant-{number}"
        place.mkdir()
        place.chmod(0o755)
        server = make(place)
        try:
            measured[name] = _measure(server, needles)
        finally:
            server.stop()
    report.searching(plan.searched, bytes_all, measured)
