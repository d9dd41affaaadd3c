"""NOTIFY (RFC 5465) where a dialogue of two would not show it: many, slow, hostile, compressed."""

import random

import pytest
from lib_troika import Troika
from test_imap_compress import compressed
from test_imap_sessions import append, ok, private_kib, signed_in

LIMITS = "limits = { sessions_per_address = 0; sessions_per_account = 0; new_sessions_per_second = 0; };"
WATCH_ALL = "NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge FlagChange)) " \
    "(PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("notify"), LIMITS) as server:
        server.add_accounts("anna", "boris")
        yield server.start()


def annotate(session, mailbox, count):
    entries = " ".join(f'/shared/{number} "x"' for number in range(count))
    ok(session, f"SETMETADATA {mailbox} ({entries})")


def test_who_misses_too_much_is_told_so_and_then_nothing(server):
    """RFC 5465 5.8. A session in the middle of a literal can't be told anything."""
    with signed_in(server, select=None) as slow, signed_in(server, select=None) as busy:
        ok(slow, "NOTIFY SET (PERSONAL (MailboxMetadataChange))")
        slow.send("a APPEND INBOX {4}\r\n")
        assert slow.line().startswith("+ ")
        for mailbox in ("INBOX", "Sent", "Drafts", "Junk", "Trash", "Archive"):
            annotate(busy, mailbox, 100)
        slow.send("a: b\r\n")
        lines = slow.until("a ")
        assert lines[-2].startswith("* OK [NOTIFICATIONOVERFLOW] ") and lines[-1].startswith("a OK")
        annotate(busy, "INBOX", 1)
        assert len(slow.command("b", "NOOP")) == 1
        ok(slow, "NOTIFY SET (PERSONAL (MailboxMetadataChange))")
        annotate(busy, "INBOX", 1)
        assert slow.line() == "* METADATA INBOX /shared/0\r\n"


def test_a_client_that_reads_nothing_holds_little(server):
    with signed_in(server, select="INBOX") as deaf, signed_in(server, select="INBOX") as busy:
        append(busy, b"a: b\r\n\r\nx")
        ok(deaf, WATCH_ALL)
        before = private_kib(server)
        for number in range(300):
            ok(busy, f"STORE 1 {'+-'[number % 2]}FLAGS.SILENT (\\Seen)")
            ok(busy, f"{('SUBSCRIBE', 'UNSUBSCRIBE')[number % 2]} some/where")
        assert private_kib(server) - before < 8 * 1024
        assert deaf.command("z", "NOOP")[-1].startswith("z OK")


def test_news_go_through_compression(server):
    with compressed(server) as session, signed_in(server, select=None) as other:
        ok(session, "NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
        for number in range(3):
            append(other, b"a: b\r\n\r\nx", "Archive")
            assert session.line().startswith("* STATUS Archive (MESSAGES "), number


def test_news_come_in_the_middle_of_a_line(server):
    """The client has begun its next command when it is told."""
    with signed_in(server, "boris", select="INBOX") as session, signed_in(server, "boris", select=None) as other:
        ok(session, WATCH_ALL)
        session.send("x NO")
        append(other, b"a: b\r\n\r\nx")
        assert session.line().endswith(" EXISTS\r\n")
        assert session.line().endswith(" RECENT\r\n")
        assert " FETCH (UID " in session.line()
        session.send("OP\r\n")
        assert session.line() == "x OK Done\r\n"


def test_many_that_wait_are_all_told(server):
    count = 50
    sessions = [signed_in(server, select="INBOX") for _ in range(count)]
    with signed_in(server, select=None) as other:
        for session in sessions:
            ok(session, "NOTIFY SET (SELECTED NONE) (MAILBOXES Junk (MessageNew MessageExpunge))")
        append(other, b"a: b\r\n\r\nx", "Junk")
        for session in sessions:
            assert session.line().startswith("* STATUS Junk (MESSAGES 1 ")
            session.close()


def test_a_parked_session_that_is_told_costs_little_more(server):
    """A watch, and the client's words: 2 KiB at most beyond what a selected mailbox costs."""
    count = 120
    sessions = [signed_in(server, select="INBOX") for _ in range(count)]
    before = private_kib(server)
    for session in sessions:
        ok(session, WATCH_ALL)
    each = (private_kib(server) - before) / count
    for session in sessions:
        session.close()
    assert each <= 8, f"{each:.1f} KiB"


def test_a_thousand_new_messages_are_fetched_by_a_slow_reader(server):
    """Rows are written as the client reads; a command behind them waits for its turn."""
    count = 1000
    with signed_in(server, "boris", select=None) as other, signed_in(server, "boris", select=None) as session:
        ok(other, "CREATE many")
        ok(other, "CREATE source")
        messages = b"".join(b" {7+}\r\na: b\r\n\r" for _ in range(100))
        for _ in range(count // 100):
            other.send(b"m APPEND source" + messages + b"\r\n")
            assert other.until("m ")[-1].startswith("m OK")
        ok(session, "SELECT many")
        ok(session, "NOTIFY SET (SELECTED (MessageNew (UID ENVELOPE BODY.PEEK[]) MessageExpunge))")
        ok(other, "SELECT source")
        ok(other, "COPY 1:* many")
        session.send("n NOOP\r\n")
        seen = 0
        while seen < count:
            seen += " FETCH (UID " in session.line()
        assert session.until("n ")[-1].startswith("n OK")


WORDS = ["SET", "STATUS", "NONE", "(", ")", "((", "SELECTED", "SELECTED-DELAYED", "PERSONAL", "SUBTREE", "MAILBOXES", "INBOX", '""', "*",
         "{3+}\r\nabc", "{0+}\r\n", "MessageNew", "MessageExpunge", "FlagChange", "(UID)", "(BODY[])", "(BODY.PEEK[1.2.3]<0.9>)", "MailboxName",
         "x" * 5000, "&", "&AAA-", "\\", "ServerMetadataChange", "AnnotationChange"]


def test_nonsense_is_answered_and_changes_nothing(server):
    dice = random.Random(5465)
    with signed_in(server, select="INBOX") as session:
        for number in range(300):
            words = " ".join(dice.choices(WORDS, k=dice.randrange(1, 12)))
            answer = session.command("n", f"NOTIFY {words}")[-1]
            assert answer.startswith(("n BAD ", "n NO ", "n OK ")), words
            if not number % 15:  # else it would be shown out
                ok(session, "NOOP")
        session.send(b"p NOTIFY SET " + b"(" * 100000 + b"\r\n")
        assert session.until("p ")[-1].startswith("p ")
