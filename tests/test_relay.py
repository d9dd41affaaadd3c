"""Mail that leaves: to another Troika, to a server that refuses; kill -9 in between."""

import collections
import ctypes
import email
import hashlib
import json
import pathlib
import random
import signal
import socket
import threading
import time

import pytest
from lib_away import Away
from lib_troika import DOMAIN, HOST, message, wait_until
from test_crash import Ledger, sender

AWAY = "somebody@away.test"


def queue(troika):
    return json.loads(troika.run("--json", "queue", "list"))


def submit(troika, to, body="some text\r\n"):
    with troika.submission() as client:
        client.sendmail(f"anna@{DOMAIN}", [to], message(sender=f"anna@{DOMAIN}", to=to, body=body))


# --- mailboxes that are full for a while


def fill_later(troika, *to):
    """A letter comes to boris while there is no room, then there is."""
    troika.run("account", "limit", f"boris@{DOMAIN}", "--quota", "600")
    with troika.smtp() as client:
        client.ehlo()
        client.mail("you@example.org")
        for address in to:
            assert client.rcpt(address)[0] == 250
        assert client.data(message(body="x\r\n" * 300))[0] == 250
    wait_until(lambda: all(row["reply"] == "the mailbox is full" for row in queue(troika)), "their first try")
    troika.run("account", "limit", f"boris@{DOMAIN}", "--quota", "1M")
    troika.run("queue", "retry", "--all")
    wait_until(lambda: not queue(troika), "an empty queue")


def test_who_has_a_copy_already_gets_none_when_there_is_room(troika):
    """An alias of an account's own name leads to it and to others; only the mailbox waits."""
    with Away() as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        troika.run("alias", "add", f"boris@{DOMAIN}", f"boris@{DOMAIN}", f"anna@{DOMAIN}", AWAY)
        fill_later(troika, f"boris@{DOMAIN}")
    assert [len(troika.messages("boris")), len(troika.messages("anna")), len(away.letters)] == [1, 1, 1]


def test_two_addresses_of_a_full_mailbox_are_one_copy(troika):
    fill_later(troika, f"boris@{DOMAIN}", f"anna@{DOMAIN}", f"boris+box@{DOMAIN}")
    assert [len(troika.messages("boris")), len(troika.messages("anna"))] == [1, 1]


# --- other servers


def test_two_troikas_speak_over_tls(make_troika):
    ours = make_troika("anna")
    theirs = make_troika("boris", start=False)
    theirs.add_accounts("boris", domain="elsewhere.test")
    theirs.start()
    ours.run("route", "add", "elsewhere.test", f"smtp://{HOST}:{theirs.ports['smtp']}")
    submit(ours, "boris@elsewhere.test", body=".dot\r\n..dots\r\ntext\r\n")
    client = theirs.imap("boris", domain="elsewhere.test")

    def arrived():
        client.select("INBOX")
        return client.search(None, "ALL")[1][0]

    wait_until(arrived, "the letter")
    text = client.fetch("1", "(BODY.PEEK[])")[1][0][1]
    client.logout()
    assert b"\r\n\r\n.dot\r\n..dots\r\ntext\r\n" in text
    assert text.startswith(f"Return-Path: <anna@{DOMAIN}>".encode())
    assert "tls=\"TLSv1.3" in next(line for line in ours.log().splitlines() if "relay.delivered" in line)
    wait_until(lambda: not queue(ours), "an empty queue")


def test_what_is_refused_comes_back(make_troika):
    ours = make_troika("anna")
    theirs = make_troika("boris", start=False)
    theirs.add_accounts("boris", domain="elsewhere.test")
    theirs.start()
    ours.run("route", "add", "*", f"smtp://{HOST}:{theirs.ports['smtp']}")
    submit(ours, "nobody@elsewhere.test")
    wait_until(lambda: ours.messages("anna"), "the report")
    report = email.message_from_bytes(ours.messages("anna")[0])
    assert report.get_content_type() == "multipart/report"
    status = report.get_payload()[1].get_payload()[1]
    assert status["Final-Recipient"] == "rfc822; nobody@elsewhere.test"
    assert status["Action"] == "failed"
    assert status["Status"] == "5.1.1"
    assert not queue(ours)


# --- what a person does


def test_the_queue_is_looked_after_by_commands(troika):
    with Away({b"RCPT": "450 4.2.0 later"}) as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        submit(troika, AWAY)
        wait_until(lambda: "450 4.2.0 later" in troika.run("queue", "list"), "the first try")
        troika.run("queue", "hold", "--all")
        away.answers = {}
        troika.stop()
        assert "held" in troika.run("queue", "list", "--to", "away.test")
        troika.start()
        assert not away.letters
        troika.run("queue", "retry", "--all")
        wait_until(lambda: away.letters, "the letter")
        wait_until(lambda: not queue(troika), "an empty queue")


def test_a_dropped_letter_is_told_of(troika):
    with Away({b"RCPT": "450 4.2.0 later"}) as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        submit(troika, AWAY)
        wait_until(lambda: "450 4.2.0 later" in troika.run("queue", "list"), "the first try")
        troika.run("queue", "drop", "--report", "--all")
        wait_until(lambda: troika.messages("anna"), "the report")
        assert b"somebody@away.test" in troika.messages("anna")[0]
        assert not queue(troika)
        troika.run("check")


# --- a stop in between


def test_a_stop_waits_for_the_answer_to_a_whole_letter(troika):
    """It may have been taken: without the answer it would go a second time (RFC 5321 4.5.3.2.6)."""
    class Slow(Away):
        def keep(self, text):
            super().keep(text)
            time.sleep(3)

    with Slow() as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        submit(troika, AWAY)
        wait_until(lambda: away.letters, "the letter")
        troika.stop()
        troika.start()
        wait_until(lambda: not queue(troika), "an empty queue")
        assert len(away.letters) == 1


# --- what takes the server down with it


def crash_in_delivery(troika):
    """As a fault of the code would, in the thread that carries the letter."""
    (child,) = troika.children()
    threads = [path for path in pathlib.Path(f"/proc/{child}/task").iterdir()
               if (path / "comm").read_text() == "delivery\n"]
    ctypes.CDLL(None).tgkill(child, int(threads[0].name), signal.SIGABRT)
    wait_until(lambda: troika.children() not in ([child], []), "another child")


def states(troika):
    return [row["state"] for row in queue(troika)]


def test_letters_that_crash_the_server_twice_are_held(troika):
    ready = troika.log().count("serve.ready")
    with socket.create_server((HOST, 0)) as silent:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{silent.getsockname()[1]}")
        with troika.submission() as client:
            client.sendmail(f"anna@{DOMAIN}", [AWAY, "another@away.test"], message(sender=f"anna@{DOMAIN}", to=AWAY))
        for times in range(2):
            wait_until(lambda: states(troika) == ["active"] * 2, "their delivery")
            crash_in_delivery(troika)
            wait_until(lambda: troika.log().count("serve.ready") == ready + times + 1, "its return")
        assert states(troika) == ["held"] * 2
    assert "crashed twice" in queue(troika)[0]["reply"]


# --- kill -9


def check_arrivals(letters, ledger, kills):
    seen = collections.Counter()
    for text in letters:
        parsed = email.message_from_bytes(text)
        body = text.split(b"\r\n\r\n", 1)[1]
        assert hashlib.sha256(body).hexdigest() == parsed["X-Digest"], f"torn: {parsed['Subject']}"
        seen[int(parsed["Subject"])] += 1
    lost = ledger.acknowledged - set(seen)
    assert not lost, f"{len(lost)} of {len(ledger.acknowledged)} acknowledged are lost"
    doubles = sum(times - 1 for times in seen.values())
    print(f"{len(ledger.acknowledged)} acknowledged, {doubles} double, {kills} kills")
    return doubles


def relay_through_kills(troika, kills, monkeypatch):
    """A letter that was on the wire at a kill may come again, and no other."""
    monkeypatch.setattr("test_crash.RECIPIENTS", [f"out@{DOMAIN}"])
    ledger, stop = Ledger(), threading.Event()
    with Away() as away:
        troika.run("alias", "add", f"out@{DOMAIN}", AWAY)
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        threads = [threading.Thread(target=sender, args=(troika.ports["smtp"], ledger, stop))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(kills):
                before = len(ledger.acknowledged)
                wait_until(lambda: len(ledger.acknowledged) > before + 20, "mail to be taken")
                time.sleep(random.random() * 0.2)
                troika.kill()
                troika.start()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        wait_until(lambda: not queue(troika), "an empty queue")
        troika.run("check")
        # Under way at a kill: what 20 connections hold, and results not yet on the disk.
        assert check_arrivals(away.letters, ledger, kills) <= kills * 100


def test_nothing_acknowledged_is_lost_on_its_way_out(troika, monkeypatch):
    relay_through_kills(troika, 5, monkeypatch)


@pytest.mark.torture
def test_nothing_acknowledged_is_lost_on_its_way_out_in_fifty_kills(troika, monkeypatch):
    relay_through_kills(troika, 50, monkeypatch)
