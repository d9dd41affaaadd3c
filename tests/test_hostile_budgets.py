"""How much of the server one peer may have: sessions, haste, guesses."""

import base64
import concurrent.futures
import contextlib
import imaplib
import os
import pathlib
import poplib
import smtplib
import socket
import time

import pytest
from lib_troika import DOMAIN, HOST, PASSWORD, Dialogue, insecure_tls, wait_until

ANNA = f"anna@{DOMAIN}"
BUSY = {
    "smtp": "421 4.3.2 ",
    "submission": "421 4.3.2 ",
    "imap": "* BYE [UNAVAILABLE] ",
    "pop3": "-ERR [SYS/TEMP] ",
}
WELCOME = {"smtp": "220 ", "submission": "220 ", "imap": "* OK ", "pop3": "+OK "}


def limits(**numbers):
    usual = {"sessions_per_address": 0, "sessions_per_network": 0, "new_sessions_per_second": 0,
             "sessions_per_account": 0, "letters_per_hour": 0}
    return "limits = { " + " ".join(f"{name} = {value};" for name, value in {**usual, **numbers}.items()) + " };"


def dial(server, listener, source=HOST):
    address = (HOST, server.ports[listener])
    return Dialogue(socket.create_connection(address, timeout=60, source_address=(source, 0)))


def first_line(server, listener, source=HOST):
    with dial(server, listener, source) as session:
        return session.line()


@contextlib.contextmanager
def held(server, listener, source, count):
    """So many sessions, all welcome."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            session = stack.enter_context(dial(server, listener, source))
            assert session.line().startswith(WELCOME[listener])
        yield


@pytest.mark.parametrize("listener", BUSY)
def test_sessions_of_one_address_are_bounded(make_troika, listener):
    troika = make_troika(extra=limits(sessions_per_address=3))
    with held(troika, listener, HOST, 3):
        line = first_line(troika, listener)
        assert line.startswith(BUSY[listener]) and line.endswith("\r\n")
        assert first_line(troika, listener, "127.0.0.2").startswith(WELCOME[listener])
    wait_until(lambda: first_line(troika, listener).startswith(WELCOME[listener]), "room again")


def test_the_bound_is_one_for_all_listeners_and_for_tls(make_troika):
    troika = make_troika("anna", extra=limits(sessions_per_address=3))
    with held(troika, "imap", HOST, 3):
        assert first_line(troika, "smtp").startswith(BUSY["smtp"])
        with pytest.raises(OSError):  # in TLS nothing can be said; it is closed
            troika.imap(None)


def test_sessions_of_one_network_are_bounded(make_troika):
    troika = make_troika(extra=limits(sessions_per_address=2, sessions_per_network=4))
    with held(troika, "smtp", "127.0.9.1", 2), held(troika, "smtp", "127.0.9.2", 2):
        assert first_line(troika, "smtp", "127.0.9.3").startswith(BUSY["smtp"])
        assert first_line(troika, "smtp", "127.0.8.3").startswith(WELCOME["smtp"])


def test_sessions_all_together_are_bounded(make_troika):
    troika = make_troika(extra=limits(sessions=4))
    with held(troika, "smtp", "127.0.9.1", 2), held(troika, "pop3", "127.0.8.1", 2):
        assert first_line(troika, "imap", "127.0.7.1").startswith(BUSY["imap"])
    wait_until(lambda: first_line(troika, "imap").startswith(WELCOME["imap"]), "room again")


def test_new_sessions_come_at_a_pace(make_troika):
    """A burst of ten times the pace, then some are sent away; others do not notice."""
    troika = make_troika(extra=limits(new_sessions_per_second=1))
    lines = [first_line(troika, "smtp", "127.0.9.1") for _ in range(200)]
    assert all(line.startswith(WELCOME["smtp"]) for line in lines[:10])
    assert any(line.startswith(BUSY["smtp"]) for line in lines)
    assert first_line(troika, "smtp", "127.0.8.1").startswith(WELCOME["smtp"])


def test_sessions_of_one_account_are_bounded(make_troika):
    troika = make_troika("anna", "boris", extra=limits(sessions_per_account=2))
    first, second = troika.submission("anna"), troika.imap("anna")
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        troika.submission("anna")
    assert caught.value.smtp_code == 454
    with pytest.raises(imaplib.IMAP4.error):
        troika.imap("anna")
    troika.submission("boris").quit()
    second.logout()
    wait_until(lambda: signs_in(lambda: troika.imap("anna").logout()), "room again")
    first.quit()


def signs_in(attempt):
    try:
        attempt()
    except (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException):
        return False
    return True


# --- guessing ------------------------------------------------------------------------------------


def secured(server, listener, source):
    plain = socket.create_connection((HOST, server.ports[listener]), timeout=60, source_address=(source, 0))
    session = Dialogue(insecure_tls().wrap_socket(plain))
    session.line()
    return session


def smtp_attempt(server, source, password):
    with secured(server, "submissions", source) as smtp:
        smtp.say("EHLO client")
        plain = base64.b64encode(f"\0{ANNA}\0{password}".encode()).decode()
        smtp.send(f"AUTH PLAIN {plain}\r\n")
        return smtp.line()


def imap_attempt(server, source, password):
    with secured(server, "imaps", source) as imap:
        return imap.command("a", f'LOGIN {ANNA} "{password}"')[-1]


def pop3_attempt(server, source, password):
    with secured(server, "pop3s", source) as pop:
        pop.send(f"USER {ANNA}\r\n")
        pop.line()
        pop.send(f"PASS {password}\r\n")
        return pop.line()


ATTEMPTS = {smtp_attempt: ("235 ", "535 5.7.8", "454 4.7.0"),
            imap_attempt: ("a OK", "a NO [AUTHENTICATIONFAILED]", "a NO [LIMIT]"),
            pop3_attempt: ("+OK", "-ERR [AUTH]", "-ERR [SYS/TEMP]")}


def test_guesses_are_slowed_down_then_refused_and_the_owner_comes_in(make_troika):
    troika = make_troika("anna", "boris", extra=limits(wrong_passwords_per_hour=6))
    # The owner was here before the guesser, at the same address.
    assert imap_attempt(troika, "127.0.9.9", PASSWORD).startswith("a OK")
    number = 0
    begun = time.monotonic()
    for _ in range(2):
        for attempt, (_, wrong, _) in ATTEMPTS.items():
            number += 1
            assert attempt(troika, "127.0.9.9", f"guess {number}").startswith(wrong), number
    assert time.monotonic() - begun >= 0.5  # the last ones had to wait
    # The right password is no better than a wrong one now, to who was not seen before …
    with secured(troika, "imaps", "127.0.9.9") as imap:
        answer = imap.command("a", f"LOGIN boris@{DOMAIN} {PASSWORD}")[-1]
        assert answer.startswith("a NO [") and "AUTHENTICATIONFAILED" not in answer
    # … but the owner is known there, and elsewhere was never in doubt.
    for source in ("127.0.9.9", "127.0.4.4"):
        for attempt, (right, _, _) in ATTEMPTS.items():
            assert attempt(troika, source, PASSWORD).startswith(right), (source, attempt)


def test_a_refusal_says_so_in_each_protocol(make_troika):
    troika = make_troika("anna", extra=limits(wrong_passwords_per_hour=1))
    assert pop3_attempt(troika, "127.0.9.9", "guess").startswith("-ERR [AUTH]")
    with concurrent.futures.ThreadPoolExecutor() as pool:  # as each is kept waiting
        answers = pool.map(lambda attempt: attempt(troika, "127.0.9.9", "another"), ATTEMPTS)
    for answer, (_, _, limited) in zip(answers, ATTEMPTS.values()):
        assert answer.startswith(limited)


def seconds_of_the_processor(server):
    (child,) = server.children()
    times = pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def test_an_unknown_name_costs_what_a_wrong_password_does(make_troika):
    """Else the time of the answer tells who lives here. By what is counted, not by a clock on the wall."""
    troika = make_troika("anna", extra=limits(wrong_passwords_per_hour=1000))
    cost = {}
    for name in ("nobody", "anna", "nobody", "anna"):  # the first warms up
        before = seconds_of_the_processor(troika)
        for number in range(10):
            with secured(troika, "imaps", HOST) as imap:
                answer = imap.command("a", f'LOGIN {name}@{DOMAIN} "guess {number} {len(cost)} {before}"')[-1]
                assert answer == "a NO [AUTHENTICATIONFAILED] Wrong name or password\r\n"
        cost[name] = seconds_of_the_processor(troika) - before
    assert cost["anna"] > 0.1 and 0.6 < cost["nobody"] / cost["anna"] < 1.6, cost


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_wrong_password_repeated_is_one_guess(make_troika, attempt):
    """A program with an old password locks nobody out."""
    troika = make_troika("anna", extra=limits(wrong_passwords_per_hour=2))
    for _ in range(5):
        assert attempt(troika, "127.0.9.9", "forgotten").startswith(ATTEMPTS[attempt][1])
    assert attempt(troika, "127.0.9.9", PASSWORD).startswith(ATTEMPTS[attempt][0])
