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


def add(server, name, *limits):
    server.run("account", "add", f"{name}@{DOMAIN}", input=f"{PASSWORD}\n")
    server.run("account", "limit", f"{name}@{DOMAIN}", *limits)


def quota(session):
    return ok(session, 'GETQUOTA ""')[0]


def append(session, tag="x", mailbox="INBOX", count=1):
    session.send(f"{tag} APPEND {mailbox}".encode() + b" {4+}\r\na: b" * count + b"\r\n")
    return session.until(f"{tag} ")[-1]


def test_messages_are_counted(server):
    """RFC 9208 5.2: MESSAGE, of all mailboxes together; a move needs no room."""
    add(server, "clara", "--messages", "3")
    with signed_in(server, "clara") as session:
        assert quota(session) == '* QUOTA "" (MESSAGE 0 3)\r\n'
        assert append(session, count=4).startswith("x NO [OVERQUOTA]")
        assert append(session, count=2).startswith("x OK")
        assert session.command("a", "COPY 1:2 Archive")[-1].startswith("a NO [OVERQUOTA]")
        assert session.command("b", "COPY 1 Archive")[-1].startswith("b OK")
        assert quota(session) == '* QUOTA "" (MESSAGE 3 3)\r\n'
        assert append(session).startswith("x NO [OVERQUOTA]")
        assert session.command("c", "MOVE 1 Archive")[-1].startswith("c OK")
        # RFC 9208 4.1.4: what is marked could be freed.
        ok(session, "STORE 1 +FLAGS.SILENT (\\Deleted)")
        assert ok(session, "STATUS INBOX (DELETED DELETED-STORAGE)")[0] == \
            "* STATUS INBOX (DELETED 1 DELETED-STORAGE 4)\r\n"
        ok(session, "EXPUNGE")
        assert quota(session) == '* QUOTA "" (MESSAGE 2 3)\r\n'
        assert append(session).startswith("x OK")


def test_mailboxes_are_counted(server):
    """RFC 9208 5.3: MAILBOX; who has more than a later limit keeps them."""
    add(server, "dora", "--mailboxes", "8")
    assert server.run("account", "usage", f"dora@{DOMAIN}").splitlines()[-1].split() == ["mailboxes", "6", "8"]
    with signed_in(server, "dora") as session:
        assert quota(session) == '* QUOTA "" (MAILBOX 6 8)\r\n'
        assert session.command("a", "CREATE one/two/three")[-1].startswith("a NO [OVERQUOTA]")
        ok(session, "CREATE one/two")
        assert session.command("b", "CREATE three")[-1].startswith("b NO [OVERQUOTA]")
        assert session.command("c", "RENAME one/two five/six")[-1].startswith("c NO [OVERQUOTA]")
        assert session.command("d", "RENAME INBOX seven")[-1].startswith("d NO [OVERQUOTA]")
        ok(session, "RENAME one/two one/three")
        server.run("account", "limit", f"dora@{DOMAIN}", "--mailboxes", "2", "--messages", "9", "--quota", "1M")
        assert quota(session) == '* QUOTA "" (STORAGE 0 1024 MESSAGE 0 9 MAILBOX 8 2)\r\n'
        ok(session, "RENAME one/three one/four")
        ok(session, "DELETE one/four")
        assert session.command("e", "CREATE eight")[-1].startswith("e NO [OVERQUOTA]")
        server.run("account", "limit", f"dora@{DOMAIN}", "--mailboxes", "0")
        assert quota(session) == '* QUOTA "" (STORAGE 0 1024 MESSAGE 0 9)\r\n'
        ok(session, "CREATE eight")


def test_letters_count_too(server):
    """RFC 5321 4.2.2: who may hold no more is told to the sender."""
    add(server, "emil", "--messages", "1")
    with signed_in(server, "emil") as session:
        assert append(session).startswith("x OK")
    with server.smtp() as client:
        client.ehlo("client.example.org")
        assert client.mail("b@example.org")[0] == 250
        assert client.rcpt(f"emil@{DOMAIN}")[0] == 452
