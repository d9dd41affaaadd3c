"""The IMAP dialogue, RFC by RFC: scenarios/imap, each with an account of its own."""

import pathlib

import pytest
from lib_scenario import Player, read_scenarios
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika

FOLDER = pathlib.Path(__file__).parent / "scenarios" / "imap"
SCENARIOS = [scenario for path in sorted(FOLDER.glob("*.txt")) for scenario in read_scenarios(path)]


class ImapPlayer(Player):
    """Where a scenario names no listener, its sessions are signed in."""

    def connect(self):
        session = super().connect()
        if not self.scenario.listener:
            session.line()
            answer = session.command("login", f"LOGIN {self.names['account']} {PASSWORD}")
            assert answer[-1].startswith("login OK"), answer
        return session

    def put_mail(self):
        with self.connect() as session:
            for name, *flags in self.scenario.mail:
                text = (FOLDER / "messages" / name).read_bytes().replace(b"\n", b"\r\n")
                date = " 1-Feb-2024 10:00:00 +0000"
                session.send(f'm APPEND INBOX ({" ".join(flags)}) "{date}" {{{len(text)}+}}\r\n'.encode() + text + b"\r\n")
                answer = session.until("m ")
                assert answer[-1].startswith("m OK"), answer

    def play(self):
        if self.scenario.mail:
            self.put_mail()
        super().play()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    limits = "limits = { message_size = \"1M\"; sessions_per_address = 0; new_sessions_per_second = 0; wrong_passwords_per_hour = 1000; };" \
             "imap = { comment = \"A server of tests\"; administrator = \"mailto:postmaster@troika.test\"; };"
    with Troika(tmp_path_factory.mktemp("imap"), limits) as server:
        server.run("domain", "add", DOMAIN)
        yield server.start()


@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=map(str, SCENARIOS))
def test_dialogue(server, number):
    account = f"reader{number}"
    server.run("account", "add", f"{account}@{DOMAIN}", input=f"{PASSWORD}\n")
    ImapPlayer(server, SCENARIOS[number], "imaps", account).play()


NOT_HERE = {"UIDONLY", "MESSAGELIMIT", "SAVELIMIT"}  # where the configuration does not say otherwise
WITH_A_VALUE = {"AUTH=": {"AUTH=PLAIN", "AUTH=LOGIN"}, "APPENDLIMIT": {"APPENDLIMIT=1048576"}}


def capabilities_of(*times):
    """Of the reference, which is made from the descriptors."""
    lines = (FOLDER.parent.parent.parent / "docs" / "imap.md").read_text().split("## Capabilities")[1].splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in lines if line.startswith("| ")][1:]
    names = {name for cell, when in rows if when in times for name in cell.split()} - NOT_HERE
    return set().union(*(WITH_A_VALUE.get(name, {name}) for name in names))


def told_by(session):
    return set(session.command("a", "CAPABILITY")[0].split()[2:])


def test_every_capability_is_announced(server):
    """Who is not told of one does not use it (bug: stalwart 816)."""
    server.run("account", "add", f"capable@{DOMAIN}", input=f"{PASSWORD}\n")
    before, after = capabilities_of("always", "before sign-in"), capabilities_of("always", "after sign-in")
    with Dialogue(server.connect("imap")) as session:
        session.line()
        assert told_by(session) == before - {"AUTH=PLAIN", "AUTH=LOGIN", "SASL-IR"}
    with Dialogue(server.connect("imaps")) as session:
        session.line()
        assert told_by(session) == before - {"STARTTLS", "LOGINDISABLED"}
        greeting = session.command("b", f"LOGIN capable@{DOMAIN} {PASSWORD}")[-1]
        assert told_by(session) == after and len(after) > 60
        assert set(greeting.split("[CAPABILITY ")[1].split("]")[0].split()) == after


def test_differences_of_imap4rev2_have_scenarios():
    """Each line of docs/imap-rev2.md names one, and each scenario of rev2.txt but ENABLE's has a line."""
    lines = (FOLDER.parent.parent.parent / "docs" / "imap-rev2.md").read_text().splitlines()
    named = [line.strip("|").split("|")[-1].strip() for line in lines if line.startswith("| ")][1:]
    titles = [scenario.title for scenario in SCENARIOS]
    assert named and not set(named) - set(titles)
    told = {scenario.title for scenario in SCENARIOS if scenario.path.stem == "rev2"}
    assert told - set(named) == {"RFC 9051 6.3.1: ENABLE, also of more at once"}
