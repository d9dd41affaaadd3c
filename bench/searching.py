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
QUIET_SECONDS, PATIENCE = 20, 3600
COMPARED = ("part of a word", "phrase")  # with the others, of which a search may take a minute
SLOW_MS = 2000
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
    found = {"part of a word": [], "phrase": [], "two words": [], "across words": []}
    while min(len(some) for some in found.values()) < count:
        body = chance.choice(files).read_bytes().partition(b"\n\n")[2]
        words = re.findall(rb"[a-z]{6,12} [a-z]{3,12} [a-z]{3,12}\b", body)
        if words and b"base64" not in body:
            phrase = chance.choice(words).decode()
            found["phrase"].append(phrase)
            found["part of a word"].append(phrase[1:5])
            first, second, _third = phrase.split()
            found["two words"].append(f"{first} {second}")
            found["across words"].append(f"{first[-2:]} {second[:2]}")
    return {kind: some[:count] for kind, some in found.items()}


class _Session:
    def __init__(self, port):
        imaplib._MAXLINE = 100_000_000
        self._imap = imaplib.IMAP4("127.0.0.1", port)
        self._imap.login(ADDRESS, "bench")
        self._imap.select("INBOX", readonly=True)

    def search(self, needle, *what):
        """(milliseconds, UIDs)"""
        began = time.perf_counter()
        _ok, answer = self._imap.uid("SEARCH", *what, "TEXT", f'"{needle}"')
        taken = (time.perf_counter() - began) * 1000
        return taken, set((answer[0] or b"").split())

    def search_twice(self, needle, *what):
        """(milliseconds of the better time, UIDs); what takes long is not asked again."""
        taken, found = self.search(needle, *what)
        if taken > SLOW_MS:
            return taken, found, 1
        return min(taken, self.search(needle, *what)[0]), found, 2

    def close(self):
        self._imap.logout()


def _measure_kind(server, session, needles, *what):
    before = processes.cpu_seconds(server.roots())
    answers = [session.search_twice(needle, *what) for needle in needles]
    cpu = processes.cpu_seconds(server.roots()) - before
    times = [taken for taken, _found, _asked in answers]
    return {"median_ms": statistics.median(times), "worst_ms": max(times),
            "cpu_ms": cpu * 1000 / sum(asked for _taken, _found, asked in answers),
            "found": [len(found) for _taken, found, _asked in answers]}


def _measure(server, needles):
    """{kind: times, processor time, numbers found}."""
    session = _Session(server.imap)
    kinds = needles if isinstance(server, Troika) else COMPARED
    made = {kind: _measure_kind(server, session, needles[kind]) for kind in kinds}
    if isinstance(server, Troika):  # RFC 9394, which the others do not have
        made["first 20, across"] = _measure_kind(
            server, session, needles["across words"], "RETURN", "(PARTIAL -1:-20)")
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
