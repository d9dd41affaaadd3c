"""What single accounts and broken clients want otherwise: capabilities that they are not told of, news once more."""

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika

CLIENTS = """imap = { hide = "MOVE THREAD=REFS";
    client = ( { name = "*Outlook*"; version = "16.*"; hide = "UIDPLUS COMPRESS=DEFLATE"; },
               { name = "Outlook"; hide = "IDLE"; }, { name = "Thunderbird"; hide = "CONDSTORE QRESYNC"; } ); };"""


@pytest.fixture
def server(tmp_path):
    with Troika(tmp_path, CLIENTS) as server:
        server.run("domain", "add", DOMAIN)
        for name in ("anna", "boris"):
            server.run("account", "add", f"{name}@{DOMAIN}", input=f"{PASSWORD}\n")
        yield server.start()


def sign_in(server, name="anna"):
    session = Dialogue(server.connect("imaps"))
    session.line()
    return session, told(session.command("a", f"LOGIN {name}@{DOMAIN} {PASSWORD}")[-1])


def told(line):
    return line.replace("[CAPABILITY", "").replace("]", " ").split()


def test_hidden_from_all(server):
    session, offered = sign_in(server)
    assert "MOVE" not in offered and "THREAD=REFS" not in offered
    assert "THREAD=REFERENCES" in offered and "UIDPLUS" in offered
    session.close()


@pytest.mark.parametrize("name,version,missing", [
    ("Microsoft Outlook for Mac", "16.1", ["UIDPLUS", "COMPRESS=DEFLATE"]),
    ("microsoft outlook", "16.", ["UIDPLUS", "COMPRESS=DEFLATE"]),
    ("outlook", "15", ["IDLE"]),
    ("Thunderbird", "140.3", ["CONDSTORE", "QRESYNC"]),
    ("Outlook Express", "6", None),
])
def test_hidden_from_a_client_by_its_name(server, name, version, missing):
    session, before = sign_in(server)
    answer = session.command("b", f'ID ("name" "{name}" "version" "{version}")')
    if missing is None:
        assert [line for line in answer if "CAPABILITY" in line] == []
    else:
        now = told(next(line for line in answer if line.startswith("* CAPABILITY")))
        assert set(before) - set(now) >= set(missing) and not set(missing) & set(now)
        # Who says another name is another client.
        assert told(session.command("c", "ID NIL")[1])[2:] == told(session.command("d", "CAPABILITY")[0])[2:]
    session.close()


def test_hidden_from_an_account(server):
    server.run("account", "hide", f"anna@{DOMAIN}", "CONDSTORE  qresync")
    session, offered = sign_in(server)
    assert "CONDSTORE" not in offered and "QRESYNC" not in offered and "ENABLE" in offered
    assert session.command("b", "ENABLE QRESYNC")[0] == "* ENABLED\r\n"
    session.close()
    session, offered = sign_in(server, "boris")
    assert "CONDSTORE" in offered
    session.close()
    assert "CONDSTORE qresync" in server.run("account", "list")
    server.run("account", "hide", f"anna@{DOMAIN}")
    session, offered = sign_in(server)
    assert "CONDSTORE" in offered
    session.close()


DEAF = 'imap = { client = ( { name = "Mail"; version = "1.*"; repeat_new_mail = true; } ); };'


@pytest.mark.parametrize("version, again", [("1.3", True), ("2.1", False)])
def test_old_clients_hear_of_new_mail_when_they_ask(make_troika, version, again):
    """As Dovecot's delay-newmail: some are deaf to EXISTS where it answers anything but NOOP and CHECK."""
    server = make_troika("anna", extra=DEAF)
    session, _ = sign_in(server)
    session.command("b", f'ID ("name" "Mail" "version" "{version}")')
    session.command("c", "SELECT INBOX")
    told = ["* 1 EXISTS\r\n", "* 1 RECENT\r\n"]
    assert session.command("d", "APPEND INBOX {4+}\r\na: b")[:2] == told
    assert session.command("e", "SEARCH ALL")[0] == "* SEARCH 1\r\n"
    assert session.command("f", "CHECK")[:-1] == (told if again else [])
    assert session.command("g", "NOOP")[:-1] == []  # once is enough
    other, _ = sign_in(server)
    other.command("h", "APPEND INBOX {4+}\r\na: b")
    other.close()
    # What NOOP tells by itself is heard.
    assert session.command("i", "NOOP")[:-1] == ["* 2 EXISTS\r\n", "* 2 RECENT\r\n"]
    assert session.command("j", "NOOP")[:-1] == []
    session.close()
