"""Waiting in IDLE: how soon new mail is seen while many others wait, and what a compressed
session that waits weighs."""

import selectors
import smtplib
import socket
import ssl
import statistics
import time

import processes
import scratch
import smtp_load
from parking import Parked

ACCOUNTS = [f"{number}box@bench.test" for number in range(1, 101)]
WATCHED = ACCOUNTS[0]
COMPRESSED, LETTERS_EACH = 500, 10
SPARE_DESCRIPTORS = 1500
LETTER = "From: a@example.net\r\nSubject: now\r\n\r\nnow\r\n"


def mailboxes(_plan):
    return ACCOUNTS


class _Idle:
    """A session in IDLE, under TLS, that says when it was told of something."""

    def __init__(self, port, address):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._session = context.wrap_socket(plain)
        self._read_until(b"\r\n")
        for command, end in ((f"a LOGIN {address} bench", b"a OK"), ("b SELECT INBOX", b"b OK"),
                             ("c IDLE", b"+ ")):
            self._session.sendall(command.encode() + b"\r\n")
            self._read_until(end)

    def _read_until(self, mark):
        text = b""
        while mark not in text:
            piece = self._session.recv(65536)
            if not piece:
                raise scratch.Failed(f"closed after {text!r}")
            text += piece

    def told(self):
        self._read_until(b"EXISTS")
        return time.perf_counter()

    def close(self):
        self._session.close()


def _send(port):
    """Seconds of the 250. smtplib waits for it in the same thread, and so it is read at once."""
    with smtplib.SMTP("127.0.0.1", port) as session:
        session.ehlo()
        session.mail("a@example.net")
        session.rcpt(WATCHED)
        session.data(LETTER)
        return time.perf_counter()


def _delays(server, letters):
    """Milliseconds; what was told before the 250 was read counts as 0."""
    watcher = _Idle(server.imaps, WATCHED)
    delays = []
    for _ in range(letters):
        accepted = _send(server.port)
        delays.append(max(0.0, (watcher.told() - accepted) * 1000))
    watcher.close()
    return sorted(delays)


def _measure(server, count, letters):
    with Parked(server, count, ACCOUNTS), processes.Meter([server]) as meter:
        delays = _delays(server, letters)
    return {"sessions": count, "letters": letters, "median_ms": statistics.median(delays),
            "most_ms": delays[int(len(delays) * 0.99) - 1], "worst_ms": delays[-1],
            "others": meter.others}


def _compressed(server):
    roots = server.roots()
    with Parked(server, 20, ACCOUNTS, compressed=True):
        time.sleep(1)
    before = processes.memory_kib(roots)[1]
    with Parked(server, COMPRESSED, ACCOUNTS, compressed=True):
        after = processes.memory_kib(roots)[1]
    return {"sessions": COMPRESSED, "kib_each": (after - before) / COMPRESSED}


def run(_folder, servers, plan, report):
    troika = servers[0]
    for _ in range(LETTERS_EACH):
        smtp_load.send_numbered(troika.port, 4000, 10, len(ACCOUNTS), "box@bench.test")
    report.imap_compress(_compressed(troika))
    count = min(plan.idle, scratch.raise_descriptors() - SPARE_DESCRIPTORS)
    report.imap_idle(troika.name, _measure(troika, count, plan.letters))
