"""The POP3 dialogue, RFC by RFC: scenarios/pop3, each with an account of its own."""

import pathlib

import pytest
from lib_scenario import Player, read_scenarios
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika, message, wait_until

FOLDER = pathlib.Path(__file__).parent / "scenarios" / "pop3"
SCENARIOS = [scenario for path in sorted(FOLDER.glob("*.txt")) for scenario in read_scenarios(path)]
BODIES = {
    "short": "text\r\n",
    "dots": ".\r\n.one dot more\r\ntext\r\n",
    "long": "".join(f"line {number}\r\n" for number in range(1, 6)),
}


def deliver(server, account, name):
    server.send(message(name, to=account, body=BODIES[name]), to=(account,))


class Pop3Player(Player):
    """Where a scenario names no listener, its sessions are signed in."""

    def connect(self):
        session = super().connect()
        if not self.scenario.listener:
            session.line()
            session.send(f"USER {self.names['account']}\r\nPASS {PASSWORD}\r\n")
            assert session.line().startswith("+OK")
            answer = session.line()
            assert answer.startswith("+OK"), answer
        return session

    def arrive(self, name):
        deliver(self.server, self.names["account"], name)

    def play(self):
        for (name,) in self.scenario.mail:
            self.arrive(name)
        super().play()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    limits = ("limits = { sessions_per_address = 0; sessions_per_network = 0; new_sessions_per_second = 0;"
              " wrong_passwords_per_hour = 1000; };")
    with Troika(tmp_path_factory.mktemp("pop3"), limits) as server:
        server.run("domain", "add", DOMAIN)
        yield server.start()


@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=map(str, SCENARIOS))
def test_dialogue(server, number):
    account = f"reader{number}"
    server.run("account", "add", f"{account}@{DOMAIN}", input=f"{PASSWORD}\n")
    Pop3Player(server, SCENARIOS[number], "pop3s", account).play()


def uidl(server, name):
    pop = server.pop3(name)
    ids = [row.split()[1] for row in pop.uidl()[1]]
    pop.quit()
    return ids


def test_unique_ids_are_kept_over_sessions_restarts_and_deletions(make_troika):
    """RFC 1939 7: an id is never given to another message; a client that keeps mail on the
    server would fetch it again, or never."""
    troika = make_troika("anna")
    for subject in ("first", "second", "third"):
        troika.send(message(subject))
    ids = uidl(troika, "anna")
    assert len(set(ids)) == 3 and all(0x21 <= byte <= 0x7e for each in ids for byte in each)
    assert all(len(each) <= 70 for each in ids)
    assert uidl(troika, "anna") == ids
    troika.stop()
    troika.start()
    assert uidl(troika, "anna") == ids
    pop = troika.pop3()
    pop.dele(3)
    pop.quit()
    troika.send(message("fourth"))
    after = uidl(troika, "anna")
    assert after[:2] == ids[:2] and after[2] not in ids
    troika.kill()
    troika.start()
    assert uidl(troika, "anna") == after


def test_top_and_retr_are_octet_for_octet_what_imap_has(make_troika):
    troika = make_troika("anna")
    troika.send(message("octets", body=BODIES["dots"] + "\r\n" + BODIES["long"] + "no line end"))
    (whole,) = troika.messages()
    pop = troika.pop3()
    _, lines, _ = pop.retr(1)
    assert b"".join(line + b"\r\n" for line in lines) == whole
    assert int(pop.list(1).split()[2]) == len(whole)
    header, body = whole.split(b"\r\n\r\n", 1)
    for count in (0, 1, 3, 100):
        wanted = header + b"\r\n\r\n" + b"".join(body.splitlines(keepends=True)[:count])
        assert b"".join(line + b"\r\n" for line in pop.top(1, count)[1]) == wanted
    pop.quit()


def test_what_is_deleted_here_is_gone_there_and_only_at_quit(make_troika):
    troika = make_troika("anna")
    for subject in ("first", "second"):
        troika.send(message(subject))
    imap = troika.imap()
    imap.select()
    pop = troika.pop3()
    pop.dele(1)
    imap.noop()
    assert imap.search(None, "ALL")[1] == [b"1 2"]
    pop.quit()
    imap.noop()
    assert imap.search(None, "ALL")[1] == [b"1"]
    # The other way round: a number whose message is gone meanwhile is an error, not another message.
    pop = troika.pop3()
    imap.store("1", "+FLAGS", "\\Deleted")
    imap.expunge()
    assert pop.stat()[0] == 1
    imap.logout()
    pop.quit()
    assert uidl(troika, "anna") == []


def highest_modseq(client):
    (answer,) = client.response("HIGHESTMODSEQ")[1]
    return int(answer)


def import_many(troika, folder, count):
    text = message("many").replace(b"\r\n", b"\n")
    (folder / "INBOX.mbox").write_bytes((b"From x Mon Jan  2 15:04:05 2006\n" + text + b"\n") * count)
    troika.run("import", f"anna@{DOMAIN}", str(folder / "INBOX.mbox"))


def mark(pop, first, last):
    """Signs in and deletes those, up to QUIT."""
    assert pop.line().startswith("+OK")
    pop.send(f"USER anna@{DOMAIN}\r\nPASS {PASSWORD}\r\n")
    pop.send("".join(f"DELE {number}\r\n" for number in range(first, last + 1)))
    assert all(pop.line().startswith("+OK") for _ in range(2 + last - first + 1))


def test_thousands_are_deleted_in_slices(troika, tmp_path):
    """docs/decisions/008: no commit of thousands."""
    import_many(troika, tmp_path, 4500)
    imap = troika.imap()
    imap.enable("CONDSTORE")
    imap.select("INBOX")
    before = highest_modseq(imap)
    with Dialogue(troika.connect("pop3s")) as pop:
        mark(pop, 2, 4500)
        pop.send("QUIT\r\n")
        assert pop.line() == "+OK Good-bye\r\n"
    assert len(uidl(troika, "anna")) == 1
    imap.select("INBOX")
    assert highest_modseq(imap) == before + 3
    imap.logout()


def test_a_client_that_leaves_after_quit_has_deleted(troika, tmp_path):
    import_many(troika, tmp_path, 4500)
    with Dialogue(troika.connect("pop3s")) as pop:
        mark(pop, 1, 4500)
        pop.send("QUIT\r\n")
    wait_until(lambda: not troika.messages(), "an empty INBOX")
    assert uidl(troika, "anna") == []


def test_the_final_dot_comes_with_what_is_before_it(make_troika):
    """Thunderbird misses one that comes in a segment of its own."""
    server = make_troika("anna")
    deliver(server, f"anna@{DOMAIN}", "short")
    with server.connect("pop3s") as plain:
        for command in (f"USER anna@{DOMAIN}", f"PASS {PASSWORD}"):
            plain.recv(4096)
            plain.sendall(command.encode() + b"\r\n")
        plain.recv(4096)
        for command in (b"RETR 1", b"TOP 1 0", b"LIST", b"UIDL"):
            plain.sendall(command + b"\r\n")
            assert plain.recv(65536).endswith(b"\r\n.\r\n"), command


def test_a_header_without_a_body_ends_in_a_blank_line(make_troika):
    """Outlook waits for it."""
    server = make_troika("anna")
    with server.imap("anna") as imap:
        imap.append("INBOX", None, None, b"Subject: nothing else\r\n")
    pop = server.pop3("anna")
    for lines in (pop.retr(1)[1], pop.top(1, 0)[1]):
        assert lines == [b"Subject: nothing else", b""]
    pop.quit()


def test_no_mail_holds_what_outlook_hangs_on(make_troika):
    """NUL: neither APPEND nor DATA lets it in; what BDAT brings is encoded (test_smtp_rules.py)."""
    server = make_troika("anna")
    with server.imap("anna") as imap:
        assert imap.append("INBOX", None, None, b"a: b\r\n\r\n\0\r\n")[0] == "NO"
    with server.connect("smtp") as plain:
        for command in (b"EHLO a", b"MAIL FROM:<a@example.org>", f"RCPT TO:<anna@{DOMAIN}>".encode(), b"DATA"):
            plain.recv(4096)
            plain.sendall(command + b"\r\n")
        assert plain.recv(4096).startswith(b"354")
        plain.sendall(b"a: b\r\n\r\n\0\r\n.\r\n")
        answer = plain.recv(4096)
    pop = server.pop3("anna")
    assert answer.startswith(b"5") or b"\0" not in b"".join(pop.retr(1)[1]), answer
    pop.quit()
