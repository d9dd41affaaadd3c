"""kill -9 under load: each acknowledged message is there once, none twice, none torn."""

import collections
import email
import hashlib
import random
import socket
import threading
import time

import pytest
from lib_troika import DOMAIN, HOST, Dialogue, wait_until

SENDERS = 6
RECIPIENTS = [f"anna@{DOMAIN}", f"boris@{DOMAIN}"]


class Ledger:
    """What was acknowledged, and what was tried; nothing is ever sent again."""

    def __init__(self):
        self.lock = threading.Lock()
        self.number = 0
        self.acknowledged = set()
        self.tried = set()

    def begin(self):
        with self.lock:
            self.number += 1
            self.tried.add(self.number)
            return self.number

    def acknowledge(self, number):
        with self.lock:
            self.acknowledged.add(number)


def letter(number):
    size = random.Random(number).choice([100, 4000, 12000, 70000])
    body = (f"{number:08d}" * 9 + "\r\n") * (size // 74)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return (f"From: you@example.org\r\nSubject: {number}\r\nX-Digest: {digest}\r\n\r\n{body}").encode()


def send_until_refused(port, ledger, stop):
    with Dialogue(socket.create_connection((HOST, port), timeout=30)) as smtp:
        smtp.smtp_reply()
        smtp.say("EHLO load")
        while not stop.is_set():
            number = ledger.begin()
            head = "MAIL FROM:<you@example.org>\r\n"
            head += "".join(f"RCPT TO:<{to}>\r\n" for to in RECIPIENTS) + "DATA\r\n"
            smtp.send(head)
            codes = [smtp.smtp_reply()[0] for _ in range(len(RECIPIENTS) + 2)]
            if codes[-1] != 354:
                return
            smtp.send(letter(number) + b".\r\n")
            if smtp.smtp_reply()[0] != 250:
                return
            ledger.acknowledge(number)


def sender(port, ledger, stop):
    while not stop.is_set():
        try:
            send_until_refused(port, ledger, stop)
        except OSError:
            time.sleep(0.05)


def check_mailbox(texts, ledger):
    seen = collections.Counter()
    for text in texts:
        parsed = email.message_from_bytes(text)
        body = text.split(b"\r\n\r\n", 1)[1]
        assert hashlib.sha256(body).hexdigest() == parsed["X-Digest"], f"torn: {parsed['Subject']}"
        seen[int(parsed["Subject"])] += 1
    assert not [number for number, times in seen.items() if times > 1], "twice"
    assert set(seen) <= ledger.tried
    lost = ledger.acknowledged - set(seen)
    assert not lost, f"{len(lost)} of {len(ledger.acknowledged)} acknowledged are lost"


def kill_under_load(troika, kills, seed):
    chance = random.Random(seed)
    ledger, stop = Ledger(), threading.Event()
    threads = [
        threading.Thread(target=sender, args=(troika.ports["smtp"], ledger, stop)) for _ in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(kills):
            before = len(ledger.acknowledged)
            wait_until(lambda: len(ledger.acknowledged) > before + 20, "mail to be taken")
            time.sleep(chance.random() * 0.3)
            troika.kill()
            troika.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for name in ("anna", "boris"):
        check_mailbox(troika.messages(name), ledger)
    troika.run("check")
    troika.stop()
    troika.run("check")
    print(f"{len(ledger.acknowledged)} acknowledged, {len(ledger.tried)} tried, {kills} kills")


def test_nothing_acknowledged_is_lost_in_five_kills(troika):
    kill_under_load(troika, 5, seed=random.randrange(2**32))


@pytest.mark.torture
def test_nothing_acknowledged_is_lost_in_fifty_kills(troika):
    kill_under_load(troika, 50, seed=random.randrange(2**32))


def test_the_child_is_started_again_and_nothing_is_lost(troika):
    """The parent lives: it starts another child, whose ports were never closed."""
    import os
    import signal

    ledger, stop = Ledger(), threading.Event()
    thread = threading.Thread(target=sender, args=(troika.ports["smtp"], ledger, stop))
    thread.start()
    for _ in range(3):
        before = len(ledger.acknowledged)
        wait_until(lambda: len(ledger.acknowledged) > before + 5, "mail to be taken")
        (child,) = troika.children()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: troika.children() not in ([], [child]), "another child")
    before = len(ledger.acknowledged)
    wait_until(lambda: len(ledger.acknowledged) > before + 5, "mail to be taken")
    stop.set()
    thread.join()
    for name in ("anna", "boris"):
        check_mailbox(troika.messages(name), ledger)
