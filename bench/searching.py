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
import search_corpus
from postfix_dovecot import PostfixDovecot
from troika_server import BINARY, Troika

ADDRESS = "search@bench.test"
MADE_SIZE = (maildir.LEAST + maildir.MOST) // 2
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


def _make(path, size):
    """How many messages there are."""
    if search_corpus.CORPUS.exists():
        return search_corpus.write(path, size)
    maildir.make(path, size // MADE_SIZE)
    return size // MADE_SIZE


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
        before = processes.cpu_seconds(server.roots())
        answers = [(session.search(needle), session.search(needle)) for needle in some]
        cpu = processes.cpu_seconds(server.roots()) - before
        times = [min(first[0], again[0]) for first, again in answers]
        made[kind] = {"median_ms": statistics.median(times), "worst_ms": max(times),
                      "cpu_ms": cpu * 1000 / (2 * len(some)),
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
    count = _make(path, plan.searched)
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
    report.searching(count, bytes_all, measured)
