"""The IMAP dialogue, RFC by RFC: scenarios/imap, each with an account of its own."""

import pathlib
import re

import pytest
from lib_scenario import Player, read_scenarios
from lib_troika import DOMAIN, PASSWORD, Troika

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


def test_differences_of_imap4rev2_have_scenarios():
    """Each line of docs/imap-rev2.md names one, and each scenario of rev2.txt but ENABLE's has a line."""
    lines = (FOLDER.parent.parent.parent / "docs" / "imap-rev2.md").read_text().splitlines()
    named = [line.strip("|").split("|")[-1].strip() for line in lines if line.startswith("| ")][1:]
    titles = [scenario.title for scenario in SCENARIOS]
    assert named and not set(named) - set(titles)
    told = {scenario.title for scenario in SCENARIOS if scenario.path.stem == "rev2"}
    assert told - set(named) == {"RFC 9051 6.3.1: ENABLE, also of more at once"}


def test_habits_and_faults_have_tests():
    """Each line of docs/imap-clients.md ends in a scenario's title, or a test's name."""
    tests = FOLDER.parent.parent
    known = {scenario.title for scenario in SCENARIOS}
    for path in tests.glob("test_*.py"):
        known |= set(re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE))
    lines = (tests.parent / "docs" / "imap-clients.md").read_text().splitlines()
    named = [line.strip("|").split(" | ")[-1].strip() for line in lines if line.startswith("| ")]
    named = [name for name in named if name != "Test"]
    assert len(named) > 40 and not [name for name in named if name not in known]
