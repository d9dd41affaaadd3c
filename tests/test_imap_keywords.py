"""A mailbox whose table of keywords is full: RFC 3501 2.3.2, 7.1 (PERMANENTFLAGS), 7.2.6."""

import re

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue

MOST = 248
SYSTEM = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"


def named(lines, word):
    """What the last "* FLAGS (…)" or PERMANENTFLAGS names; None if none is there."""
    found = [match[1].split() for line in lines if (match := re.search(rf"{word} \(([^)]*)\)", line))]
    return found[-1] if found else None


class Client(Dialogue):
    def __init__(self, server, enable=""):
        super().__init__(server.connect("imaps"))
        self.line()
        self.ok(f"LOGIN anna@{DOMAIN} {PASSWORD}")
        if enable:
            self.ok(f"ENABLE {enable}")

    def ok(self, text):
        lines = self.command("t", text)
        assert lines[-1].startswith("t OK"), lines[-1]
        return lines


@pytest.fixture
def server(make_troika):
    """INBOX has five messages; the first has had all the keywords there can be, and has all but two."""
    server = make_troika("anna")
    with Client(server) as client:
        for number in range(5):
            client.ok("APPEND INBOX {4+}\r\na: b")
        client.ok("SELECT INBOX")
        for first in range(0, MOST, 50):
            names = " ".join(f"key{number}" for number in range(first, min(first + 50, MOST)))
            lines = client.ok(f"STORE 1 +FLAGS.SILENT ({names})")
        assert len(named(lines, "\\* FLAGS")) == 5 + MOST
        assert "\\*" not in named(lines, "PERMANENTFLAGS")
        lines = client.ok("STORE 1 -FLAGS.SILENT (key0 key1)")
        assert named(lines, "PERMANENTFLAGS")[-2:] == ["key247", "\\*"]
    return server


def test_a_keyword_out_of_use_gives_its_place_to_a_new_one(server):
    with Client(server) as one, Client(server) as other:
        other.ok("SELECT INBOX")
        assert "key0" in named(one.ok("SELECT INBOX"), "\\* FLAGS")
        lines = one.ok("STORE 2 +FLAGS (red)")
        assert "red" in named(lines, "\\* FLAGS") and "key0" not in named(lines, "\\* FLAGS")
        assert named(lines, "PERMANENTFLAGS")[-1] == "\\*"
        assert lines[-2] == "* 2 FETCH (UID 2 FLAGS (red))\r\n"
        lines = other.ok("NOOP")
        assert [named(lines, "\\* FLAGS")[5:7], lines[-2]] == [["red", "key1"], "* 2 FETCH (UID 2 FLAGS (red))\r\n"]
        # The last place; and then none.
        lines = other.ok("STORE 3 +FLAGS (blue)")
        assert "\\*" not in named(lines, "PERMANENTFLAGS") and named(lines, "\\* FLAGS")[5:7] == ["red", "blue"]
        for refused in ("STORE 4 +FLAGS (green)", "APPEND INBOX (green) {4+}\r\na: b"):
            assert one.command("t", refused)[-1].startswith("t NO [LIMIT] "), refused
        # Old names are new ones: nobody has them any more.
        one.ok("STORE 2 -FLAGS (red)")
        assert named(one.ok("STORE 4 +FLAGS (KEY0)"), "\\* FLAGS")[5] == "KEY0"
        assert one.ok("UID SEARCH KEYWORD red")[0] == "* SEARCH\r\n"
        assert one.ok("UID SEARCH KEYWORD key0")[0] == "* SEARCH 4\r\n"
    server.stop()
    server.start()
    with Client(server) as one:
        assert named(one.ok("EXAMINE INBOX"), "\\* FLAGS")[5:7] == ["KEY0", "blue"]
        assert one.ok("FETCH 2:5 FLAGS")[:-1] == ["* 2 FETCH (FLAGS ())\r\n", "* 3 FETCH (FLAGS (blue))\r\n",
                                                  "* 4 FETCH (FLAGS (KEY0))\r\n", "* 5 FETCH (FLAGS ())\r\n"]


def test_who_did_not_look_is_told_by_name(server):
    """The number that a message had is another keyword's, on the same message; for all there is one truth."""
    with Client(server) as one, Client(server, "QRESYNC") as other:
        one.ok("SELECT INBOX")
        one.ok("STORE 2:4 +FLAGS.SILENT (key0)")
        lines = other.ok("SELECT INBOX")
        validity, highest = (re.search(rf"{word} (\d+)", "".join(lines))[1] for word in ("UIDVALIDITY", "HIGHESTMODSEQ"))
        # It believes in key0, and in what it sets without a look.
        one.ok("STORE 2:4 -FLAGS.SILENT (key0)")
        one.ok("STORE 3 +FLAGS.SILENT (red)")
        one.ok("STORE 5 +FLAGS.SILENT (blue)")
        lines = other.ok("STORE 4 +FLAGS.SILENT (\\Flagged)")
        rows = {match[1]: match[2] for line in lines if (match := re.match(r"\* (\d) FETCH \(UID \d FLAGS \((.*)\) MODSEQ", line))}
        assert rows == {"2": "", "3": "red", "4": "\\Flagged", "5": "blue"}
        assert named(lines, "\\* FLAGS")[5:7] == ["red", "blue"]
    with Client(server, "QRESYNC") as back:
        lines = back.ok(f"SELECT INBOX (QRESYNC ({validity} {highest}))")
        rows = {match[1]: match[2] for line in lines if (match := re.match(r"\* (\d) FETCH \(UID \d FLAGS \((.*)\) MODSEQ", line))}
        assert rows == {"2": "", "3": "red", "4": "\\Flagged", "5": "blue"}


def test_what_a_client_set_silently_and_another_took_back(server):
    """And whose number is another's by now: it would believe in it for ever."""
    with Client(server) as one, Client(server) as other:
        one.ok("SELECT INBOX")
        other.ok("SELECT INBOX")
        one.ok("STORE 5 +FLAGS.SILENT (blue)")
        one.ok("NOOP")
        other.send("a STORE 2 +FLAGS.SILENT (red)\r\n")
        other.until("a ")
        one.ok("STORE 2 -FLAGS.SILENT (red)")
        one.ok("STORE 3 +FLAGS.SILENT (green)")
        rows = [line for line in other.ok("NOOP") if " FETCH " in line]
        assert rows == ["* 2 FETCH (UID 2 FLAGS ())\r\n", "* 3 FETCH (UID 3 FLAGS (green))\r\n"]


def test_what_is_gone_has_no_keyword_that_flags_does_not_name(server):
    """Its number is another's by now, and the table that is told is the newest."""
    with Client(server) as one, Client(server) as other:
        one.ok("SELECT INBOX")
        other.ok("SELECT INBOX")
        other.ok("STORE 2:3 +FLAGS (key0 \\Deleted)")
        one.ok("NOOP")
        other.ok("EXPUNGE")
        other.ok("STORE 2 +FLAGS (red)")
        lines = one.ok("FETCH 2:4 FLAGS")
        assert named(lines, "\\* FLAGS")[5:7] == ["red", "key1"]
        assert [line for line in lines if " FETCH " in line] == [
            "* 2 FETCH (FLAGS (\\Deleted))\r\n", "* 3 FETCH (FLAGS (\\Deleted))\r\n", "* 4 FETCH (FLAGS (red))\r\n"]
