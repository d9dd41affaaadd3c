"""QUOTA (RFC 9208) with a limit, which only the administrator sets."""

import re

import pytest
from lib_troika import DOMAIN, PASSWORD, Troika
from test_imap_sessions import ok, signed_in


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("quota")) as server:
        server.add_accounts("anna")
        server.run("account", "limit", f"anna@{DOMAIN}", "--quota", "100K")
        yield server.start()


def used(session):
    line = ok(session, "GETQUOTAROOT INBOX")[-2]
    return tuple(map(int, re.fullmatch(r'\* QUOTA "" \(STORAGE (\d+) (\d+)\)\r\n', line).groups()))


def test_what_is_used_grows_up_to_the_limit(server):
    with signed_in(server) as session:
        assert used(session) == (0, 100)
        text = b"Subject: x\r\n\r\n" + b"y" * 60000
        session.send(b"a APPEND INBOX {%d+}\r\n%b\r\n" % (len(text), text))
        assert session.until("a ")[-1].startswith("a OK")
        assert used(session) == (59, 100)
        session.send(b"b APPEND INBOX {%d+}\r\n%b\r\n" % (len(text), text))
        assert session.until("b ")[-1].startswith("b NO [OVERQUOTA]")
        assert session.command("c", "COPY 1 Archive")[-1].startswith("c NO [OVERQUOTA]")
        assert used(session) == (59, 100)


def test_a_full_account_saves_its_draft_anew(server):
    """RFC 8508 1: what REPLACE takes away makes room for what it brings."""
    server.run("account", "add", f"boris@{DOMAIN}", input=f"{PASSWORD}\n")
    server.run("account", "limit", f"boris@{DOMAIN}", "--quota", "100K")
    text = b"Subject: y\r\n\r\n" + b"z" * 60000
    with signed_in(server, "boris") as session:
        session.send(b"a APPEND INBOX {%d+}\r\n%b\r\n" % (len(text), text))
        session.until("a ")
        session.send(b"b REPLACE 1 INBOX {%d+}\r\n%b\r\n" % (len(text), text))
        answer = session.until("b ")
        assert answer[-1].startswith("b OK") and "* 1 EXPUNGE\r\n" in answer, answer
        assert used(session) == (59, 100)
        session.send(b"c REPLACE 1 INBOX {%d+}\r\n%b\r\n" % (2 * len(text), 2 * text))
        assert session.until("c ")[-1].startswith("c NO [OVERQUOTA]")
        assert ok(session, "FETCH 1:* UID")[0] == "* 1 FETCH (UID 2)\r\n"
