"""What waiting costs: 10,000 parked IMAPS sessions, a server with none, and the time until
"ready" with 100,000 messages stored."""

import statistics
import threading
import time

import maildir
import processes
import scratch
import smtp_load
from parking import Parked
from postfix_dovecot import PostfixDovecot
from troika_server import Troika

ACCOUNTS = [f"{number}box@bench.test" for number in range(1, 101)]
IMPORTED = "import@bench.test"
MESSAGES_EACH = 20
DOVECOT_SESSIONS = 300
SPARE_DESCRIPTORS = 1500


def _fill(server):
    """100 accounts with some messages each."""
    for _ in range(MESSAGES_EACH):
        smtp_load.send_numbered(server.port, 4000, 10, len(ACCOUNTS), "box@bench.test")


def _weigh(server, count):
    roots = server.reading_roots()
    before = processes.memory_kib(roots)[1]
    threads = processes.threads(roots)
    began = time.monotonic()
    with Parked(server, count, ACCOUNTS):
        seconds = time.monotonic() - began
        after = processes.memory_kib(roots)[1]
        more_threads = processes.threads(roots) - threads
    return {"sessions": count, "idle_mib": before / 1024, "parked_mib": after / 1024,
            "kib_each": (after - before) / count, "all_in_kib_each": after / count,
            "threads_more": more_threads, "seconds_to_park": seconds}


def _parked(folder, plan, report):
    server = Troika(folder, ACCOUNTS)
    try:
        time.sleep(2)
        idle_mib = processes.memory_kib(server.roots())[1] / 1024
        _fill(server)
        count = min(plan.parked, scratch.raise_descriptors() - SPARE_DESCRIPTORS)
        report.parked("Troika", _weigh(server, count) | {"fresh_mib": idle_mib})
    finally:
        server.stop()
    if plan.pair:
        _parked_dovecot(folder, report)


def _parked_dovecot(folder, report):
    server = PostfixDovecot(folder, ACCOUNTS)
    try:
        _fill(server)
        report.parked("Dovecot", _weigh(server, DOVECOT_SESSIONS))
    finally:
        server.stop()


def _load_until_killed(port):
    try:
        smtp_load.send(port, 12000, 20, 1_000_000, ACCOUNTS[0])
    except scratch.Failed:
        return  # what it was there for


def _kill_under_load(server):
    load = threading.Thread(target=_load_until_killed, args=(server.port,))
    load.start()
    time.sleep(2)
    server.kill()
    load.join()


def _starts(folder, plan, report):
    (folder / "stored").mkdir()
    server = Troika(folder / "stored", [*ACCOUNTS[:1], IMPORTED])
    maildir.make(folder / "Maildir", plan.stored)
    server.command("import", IMPORTED, str(folder / "Maildir"))
    clean, killed = [], []
    for _ in range(plan.starts):
        server.stop()
        clean.append(server.start())
        _kill_under_load(server)
        killed.append(server.start())
    server.stop()
    report.starts(plan.stored, {"clean_s": statistics.median(clean), "clean_all": clean,
                                "killed_s": statistics.median(killed), "killed_all": killed})


def run(folder, plan, report):
    _parked(folder, plan, report)
    _starts(folder, plan, report)
