"""
Every command of docs/imap.md, with UID in front too, with each argument missing, doubled, overlong,
or of a wrong type or charset: each gets one tagged answer, as RFC 3501 2.2.1 has it, and what is
pipelined behind it the next; the session goes on. A command without an example here fails the
test, and so does an example that is not understood itself.
"""

import base64
import os
import pathlib
import re
import time

import pytest
from lib_hostile import unharmed
from lib_troika import DOMAIN, PASSWORD, ROOT, Dialogue, Troika
from test_imap_sessions import private_kib

MIB = 1 << 20
SLACK = 24 * MIB
LETTER = "{25+}\r\nSubject: bad input\r\n\r\nabc"
DAY = '"02-Jan-2026 03:04:05 +0000"'
URL = f'"imap://anna@{DOMAIN}/INBOX/;uid=1;urlauth=anonymous"'

# What each takes, argument by argument; a command may have several.
EXAMPLES = {
    "APPEND": ["INBOX (\\Seen) %s %s" % (DAY, LETTER), 'INBOX CATENATE (TEXT {3+}\r\nabc)'],
    "AUTHENTICATE": ["PLAIN AGFubmEA"],
    "CANCELUPDATE": ['"a1" "a2"'],
    "COMPARATOR": ['"i;unicode-casemap" default'],
    "COMPRESS": ["NONE"],
    "COPY": ["1:2 Other"],
    "CREATE": ["New (USE (\\Junk))"],
    "DELETE": ["Nothing"],
    "DELETEACL": ["INBOX anyone"],
    "ENABLE": ["CONDSTORE QRESYNC"],
    "ESEARCH": ['IN (mailboxes (INBOX Other) subtree Other selected) RETURN (COUNT) CHARSET UTF-8 SUBJECT input'],
    "EXAMINE": ["INBOX (CONDSTORE)"],
    "EXPUNGE": [""],
    "FETCH": ["1:2 (FLAGS UID) (CHANGEDSINCE 1)", "1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.10>", "1 BINARY.SIZE[1]"],
    "GENURLAUTH": [f"{URL} INTERNAL"],
    "GETACL": ["INBOX"],
    "GETMETADATA": ['(MAXSIZE 10 DEPTH 1) INBOX (/shared/comment /private/comment)'],
    "GETQUOTA": ['""'],
    "GETQUOTAROOT": ["INBOX"],
    "ID": ['("name" "test")'],
    "LANGUAGE": ["ru en"],
    "LIST": ['"" "*"', '(SUBSCRIBED) "" ("*" "%") RETURN (CHILDREN STATUS (MESSAGES))'],
    "LISTRIGHTS": ["INBOX anyone"],
    "LOGIN": [f"anna@{DOMAIN} {PASSWORD}"],
    "LSUB": ['"" "*"'],
    "MOVE": ["1 Other"],
    "MYRIGHTS": ["INBOX"],
    "NOTIFY": ["SET STATUS (SELECTED (MessageNew (UID) MessageExpunge FlagChange)) (SUBTREE (a b) (MailboxName))", "NONE"],
    "RENAME": ["Nothing Else"],
    "REPLACE": [f"1 INBOX {LETTER}"],
    "RESETKEY": ["INBOX INTERNAL"],
    "SEARCH": ["RETURN (MIN MAX) CHARSET UTF-8 SUBJECT input", "HEADER X-A b SINCE 1-Jan-2026 KEYWORD k LARGER 1",
               "RETURN (PARTIAL 1:10) OR ALL NOT SEEN"],
    "SELECT": ["INBOX (CONDSTORE)"],
    "SETACL": ["INBOX anyone lrs", "INBOX -anyone +cd"],
    "SETMETADATA": ['INBOX (/private/comment "x" /shared/comment {3+}\r\nabc)'],
    "SETQUOTA": ['"" (STORAGE 1)'],
    "SORT": ["(REVERSE DATE SUBJECT) UTF-8 ALL", "RETURN (COUNT) (ARRIVAL) UTF-8 ALL"],
    "STATUS": ["INBOX (MESSAGES UNSEEN)"],
    "STORE": ["1 +FLAGS (\\Seen $x)", "1 (UNCHANGEDSINCE 1) FLAGS.SILENT \\Seen"],
    "SUBSCRIBE": ["INBOX"],
    "THREAD": ["REFERENCES UTF-8 ALL"],
    "UIDBATCHES": ["500 1:2"],
    "UNSUBSCRIBE": ["INBOX"],
    "URLFETCH": [URL, f"({URL} BINARY BODYPARTSTRUCTURE)"],
    "XLIST": ['"" "*"'],
    "UID EXPUNGE": ["1:2"],
}
NO_ARGUMENTS = ["CAPABILITY", "CHECK", "CLOSE", "EXPUNGE", "IDLE", "LOGOUT", "NAMESPACE", "NOOP", "STARTTLS", "UNAUTHENTICATE", "UNSELECT"]
BEFORE_SIGN_IN = ["AUTHENTICATE", "LOGIN", "STARTTLS"]

WRONG = [b"", b"()", b"((((", b"))", b"NIL", b"*", b"%", b"-1", b"0", b"4294967296", b"9" * 40, b"1:*,", b'"', b'"\\x"',
         b'"' + b"x" * 200_000 + b'"', b"x" * 200_000, b"(" * 10_000, b"(" * 100_000, b"1," * 100_000 + b"1", b"\xff\xfe", b'"\xff\xfe"',
         b"{3+}\r\n\xff\xfe\x80", b"{3+}\r\n\0\0\0", b"~{3+}\r\n\0\0\0", b"{4294967296+}", b"{99999999999999999999}", b"{-1}", b"{",
         b"{1000000000}", b"&AAAA-", b"&", b"\x01", b"[", b"]", b"<1>", b"\\", b"$"]

# Of those that no name or password may be: wrong guesses are answered slowly, and have their own tests.
NO_GUESS = [b"()", b"((((", b'"', b'"\\x"', b"(" * 10_000, b"{4294967296+}", b"{-1}", b"{", b"\x01", b"\\", b"{1000000000}"]

ROWS = re.findall(r"^\| ([A-Z]+)(, UID)? \|", (ROOT / "docs" / "imap.md").read_text().split("## Cap")[0], re.M)
BY_UID = [f"UID {name}" for name, uid in ROWS if uid]
EXAMPLES |= {name: EXAMPLES[name.removeprefix("UID ")] for name in BY_UID if name not in EXAMPLES}
NO_ARGUMENT_NEEDED = ["COMPARATOR", "EXPUNGE", "LANGUAGE", "RESETKEY"]
# What they ask for in the examples is none; whoever signs in has no second try.
ELSEWHERE = ["AUTHENTICATE", "COMPRESS", "LOGIN"]


def arguments(example):
    """At the top: a list, a quoted string or a literal is one argument."""
    return [text.encode() for text in re.findall(
        r'\{\d+\+\}\r\n[\s\S]+|"[^"]*"|\S*\[[^\]]*\]\S*|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\S+', example)]


def spoilt(words, wrongs):
    """Each argument missing, doubled, and as it should not be; and one too many."""
    for at in range(len(words)):
        before, after = words[:at], words[at + 1:]
        yield before + after
        yield before + [words[at]] * 2 + after
        for wrong in wrongs:
            yield before + [wrong] + after
    for wrong in filter(None, wrongs):
        yield words + [wrong]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("bad-input"), "limits = { sessions_per_account = 0; sessions_per_address = 0; "
                "sessions_per_network = 0; new_sessions_per_second = 0; letters_per_hour = 0; };") as server:
        server.add_accounts("anna", "boris")
        server.start()
        yield server


class Session:
    """Comes back when it was hung up on."""

    def __init__(self, server, signed_in):
        self.server, self.signed_in, self.dialogue, self.hung_up = server, signed_in, None, 0
        self.begin()

    def begin(self):
        self.close()
        self.dialogue = Dialogue(self.server.connect("imaps"))
        self.dialogue.line()
        if self.signed_in:
            for said in (f"LOGIN anna@{DOMAIN} {PASSWORD}", "CREATE Other", f"APPEND INBOX {LETTER} {LETTER}", "SELECT INBOX"):
                self.dialogue.command("i", said)

    def say(self, command):
        """The tagged answer, after which the session is where it was."""
        self.dialogue.send(b"m " + command + b"\r\nz NOOP\r\n")
        lines, asked = [], False
        while not lines or not lines[-1].startswith("z "):
            line = self.dialogue.line()
            if not line:
                assert lines and lines[-1].startswith("* BYE"), (command[:300], lines[-3:])
                self.hung_up += 1
                self.begin()
                break
            lines.append(line)
            asked = asked or line.startswith("+ ")
            if asked and line.startswith("m "):  # by the NOOP, which was no command then
                self.dialogue.send(b"z NOOP\r\n")
        tagged = [line for line in lines if line.startswith("m ")]
        assert len(tagged) == 1 or lines[-1].startswith("* BYE"), (command[:300], lines[-5:])
        assert not tagged or re.match("m (OK|NO|BAD) ", tagged[0]), (command[:300], tagged)
        return tagged[0] if tagged else lines[-1]

    def close(self):
        if self.dialogue:
            self.dialogue.close()


def test_every_command_has_an_example():
    assert {*EXAMPLES, *NO_ARGUMENTS} == {*BY_UID, *(name for name, _ in ROWS)}


@pytest.mark.parametrize("command", sorted(EXAMPLES))
def test_spoilt_arguments(server, command):
    with unharmed(server, SLACK):
        session = Session(server, command not in BEFORE_SIGN_IN)
        if command not in NO_ARGUMENT_NEEDED:
            assert session.say(command.encode()).startswith("m BAD")
        for example in EXAMPLES[command]:
            words = arguments(example)
            if command not in ELSEWHERE:
                answer = session.say(b" ".join([command.encode(), *words]))
                assert answer.startswith(("m OK", "m NO")), (example, answer)
            for some in spoilt(words, NO_GUESS if command in BEFORE_SIGN_IN else WRONG):
                session.say(b" ".join([command.encode(), *some]))
        session.close()
        assert session.hung_up < 10


@pytest.mark.parametrize("command", sorted(NO_ARGUMENTS))
def test_arguments_where_there_are_none(server, command):
    with unharmed(server, SLACK):
        session = Session(server, command not in BEFORE_SIGN_IN)
        for wrong in [*WRONG[1:], b"1 2", b"a"]:
            answer = session.say(command.encode() + b" " + wrong)
            assert answer.startswith(("m BAD", "m NO", "* BYE")), answer
        session.close()


@pytest.mark.parametrize("command", [
    "FETCH {} FLAGS", "UID FETCH {} FLAGS", "STORE {} FLAGS ()", "COPY {} Other", "MOVE {} Other", "UID EXPUNGE {}",
    "SEARCH {}", "SEARCH UID {}", "SORT (DATE) UTF-8 {}", "THREAD REFS UTF-8 {}", "REPLACE {} INBOX " + LETTER])  # fmt: skip
def test_a_million_ranges(server, command):
    """Four megabytes of them are a line that is too long, as many as fit are a set."""
    with unharmed(server, SLACK):
        session = Session(server, True)
        for ranges in (b"1:1," * 1_000_000, b"1:*,*:1," * 500_000, b"4294967295:*," * 400_000):
            assert session.say(command.encode().replace(b"{}", ranges + b"1", 1)).startswith("m BAD")
        many = b",".join(b"%d:%d" % (at, at + 1) for at in range(1, 18_000, 3))
        assert len(many) < 65_000
        answer = session.say(command.encode().replace(b"{}", many, 1))
        # By numbers most of them are none; REPLACE takes one.
        assert answer.startswith("m OK" if command.startswith(("UID", "SEARCH", "SORT", "THREAD")) else "m BAD"), answer
        session.close()
        assert session.hung_up == 0


def test_few_words_that_ask_for_much_memory(server):
    """Each of these was more than a command's arena holds."""
    text = b"ab " * 80_000
    literal = b"{%d+}\r\n%s" % (len(text), text)
    value = b"SUBJECT " + b"x" * 15_000
    filters = b" ".join(b"/private/filters/values/%s {%d+}\r\n%s" % (name, len(value), value) for name in (b"f", b"g"))
    with unharmed(server, 16 * SLACK):
        session = Session(server, True)
        for number in range(80):
            session.say(b"CREATE many/%d" % number)
        assert session.say(b'SETMETADATA "" (' + filters + b")").startswith("m OK")
        assert session.say(b"SEARCH RETURN (RELEVANCY) FUZZY TEXT " + literal).startswith("m OK")
        assert session.say(b"ESEARCH IN (personal) SUBJECT " + literal).startswith("m OK")
        assert session.say(b"SEARCH " + b"FILTER f " * 900 + b"ALL").startswith(("m OK", "m NO [LIMIT]"))
        assert session.say(b"SEARCH " + b"FILTER f " * 1900 + b"ALL").startswith("m NO [LIMIT]")
        session.close()


def test_a_source_of_mailboxes_that_is_named_many_times(server):
    """By what the server's processor does, as the machine may be busy: it was seconds."""
    (child,) = server.children()

    def seconds():
        times = pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    session = Session(server, True)
    for number in range(600):
        session.say(b'SUBSCRIBE "Other Users/boris@%b/x%d"' % (DOMAIN.encode(), number))
    before = seconds()
    assert session.say(b"ESEARCH IN (" + b" ".join([b"subscribed"] * 1000) + b") ALL").startswith("m OK")
    assert seconds() - before < 1
    session.close()


PART = f"imap://anna@{DOMAIN}/INBOX/;uid=1/;section=1;urlauth=anonymous"


@pytest.mark.parametrize("command", [
    "FETCH 1 (%s)" % " ".join(f"BINARY.PEEK[1]<{at}.4000000>" for at in range(64)),
    "URLFETCH " + '("{url}" BINARY) ' * 63 + '("{url}" BINARY)',
    "FETCH 2 (%s)" % " ".join(["BODYSTRUCTURE"] * 200),
], ids=["decoded", "by URLs", "structures"])  # fmt: skip
def test_what_is_asked_for_many_times(tmp_path, command):
    """What must be held until it drains: for who reads nothing, as much as one part may have."""
    body = base64.encodebytes(bytes(range(256)) * (4 << 12)).replace(b"\n", b"\r\n")
    parts = (b"--b\r\nContent-Type: x/x; name=" + b"n" * 300 + b"\r\n\r\n") * 9000
    letters = [b"Content-Transfer-Encoding: base64\r\n\r\n" + body,
               b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"]
    with Troika(tmp_path) as server:
        server.add_accounts("anna")
        server.start()
        session = Dialogue(server.connect("imaps"))
        session.line()
        session.command("a", f"LOGIN anna@{DOMAIN} {PASSWORD}")
        for letter in letters:
            session.send(b"b APPEND INBOX {%d+}\r\n%b\r\n" % (len(letter), letter))
            session.until("b ")
        session.command("c", "SELECT INBOX")
        url = session.command("d", f'GENURLAUTH "{PART}" INTERNAL')[0].split('"')[1]
        before, most = private_kib(server), 0
        session.send("e " + command.replace("{url}", url) + "\r\n")
        for _ in range(30):
            time.sleep(0.1)
            most = max(most, private_kib(server) - before)
        session.close()
        assert most < 96 * 1024
