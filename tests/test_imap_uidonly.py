"""UIDONLY (RFC 9586), which is hidden where the configuration does not say otherwise."""

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika


def sign_in(server):
    session = Dialogue(server.connect("imaps"))
    session.line()
    return session, session.command("a", f"LOGIN anna@{DOMAIN} {PASSWORD}")[-1]


def start(folder, settings):
    server = Troika(folder, settings)
    server.__enter__()
    server.run("domain", "add", DOMAIN)
    server.run("account", "add", f"anna@{DOMAIN}", input=f"{PASSWORD}\n")
    return server.start()


@pytest.fixture
def shown(tmp_path):
    server = start(tmp_path, 'imap = { hide = ""; };')
    yield server
    server.__exit__(None, None, None)


def test_uidonly_is_hidden_for_clients_that_enable_it_and_use_numbers(make_troika):
    session, answer = sign_in(make_troika("anna"))
    assert "UIDONLY" not in answer
    assert session.command("b", "ENABLE UIDONLY") == ["* ENABLED\r\n", "b OK Done\r\n"]
    session.close()


def test_a_session_without_numbers(shown):
    session, answer = sign_in(shown)
    assert " UIDONLY" in answer
    session.command("b", "APPEND INBOX {4+}\r\na: b")
    session.command("c", "ENABLE UIDONLY")
    session.command("d", "SELECT INBOX")
    for command in ("FETCH 1 FLAGS", "STORE 1 FLAGS ()", "COPY 1 Sent", "MOVE 1 Sent", "SEARCH ALL", "SORT (DATE) UTF-8 ALL",
                    "THREAD REFS UTF-8 ALL", "UID SEARCH 1", "UID SEARCH NOT 1:*"):
        assert session.command("e", command)[-1].startswith("e BAD [UIDREQUIRED]"), command
    assert session.command("f", "UID FETCH 1 (FLAGS)")[0] == "* 1 UIDFETCH (FLAGS (\\Recent))\r\n"
    assert session.command("g", "UID SEARCH UID 1:*")[0] == "* SEARCH 1\r\n"
    assert session.command("h", "UID STORE 1 +FLAGS (\\Deleted)")[0].startswith("* 1 UIDFETCH (UID 1 FLAGS (\\Deleted \\Recent)")
    assert session.command("i", "EXPUNGE")[0] == "* VANISHED 1\r\n"
    session.close()


def test_no_number_is_told_or_taken(shown):
    """RFC 9586 3: neither UNSEEN, nor one past the end, nor QRESYNC's pairs."""
    session, _ = sign_in(shown)
    session.command("b", "APPEND INBOX {4+}\r\na: b")
    session.command("c", "ENABLE UIDONLY QRESYNC")
    assert not [line for line in session.command("d", "SELECT INBOX") if "UNSEEN" in line]
    for command in ("FETCH 9 FLAGS", "MOVE 9 Sent", "STORE 9 FLAGS ()", "SELECT INBOX (QRESYNC (1 1 1:3 (1 1)))"):
        assert session.command("e", command)[-1].startswith("e BAD [UIDREQUIRED]"), command
    assert session.command("f", "UID FETCH 9 FLAGS") == ["f OK Done\r\n"]
    session.close()
