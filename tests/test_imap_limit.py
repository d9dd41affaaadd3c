"""MESSAGELIMIT and SAVELIMIT (RFC 9738): of too many messages the newest are served, and the answer says so."""

from contextlib import contextmanager

from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika


@contextmanager
def signed_in(folder, settings):
    with Troika(folder, settings) as server:
        server.run("domain", "add", DOMAIN)
        server.run("account", "add", f"anna@{DOMAIN}", input=f"{PASSWORD}\n")
        server.start()
        session = Dialogue(server.connect("imaps"))
        session.line()
        yield session, session.command("a", f"LOGIN anna@{DOMAIN} {PASSWORD}")[-1]
        session.close()


def test_the_newest_are_served(tmp_path):
    with signed_in(tmp_path, "imap = { message_limit = 3; };") as (session, offered):
        assert " MESSAGELIMIT=3" in offered and "SAVELIMIT" not in offered
        for _ in range(5):
            assert session.command("b", "APPEND INBOX {4+}\r\na: b")[-1].startswith("b OK")
        session.command("c", "SELECT INBOX")
        rows = session.command("d", "FETCH 1:* UID")
        assert rows == [f"* {n} FETCH (UID {n})\r\n" for n in (3, 4, 5)] + [rows[-1]]
        assert rows[-1].startswith("d OK [MESSAGELIMIT 3 3] ")
        assert session.command("e", "FETCH 1:3 UID")[-1] == "e OK Done\r\n"
        assert session.command("f", "SEARCH ALL")[0] == "* SEARCH 3 4 5\r\n"
        assert session.command("g", "SEARCH UID 1:3")[-1] == "g OK Done\r\n"
        assert session.command("h", "STORE 1:4 +FLAGS.SILENT (\\Deleted)")[-1].startswith("h OK [MESSAGELIMIT 3 2] ")
        assert session.command("i", "SEARCH DELETED")[0] == "* SEARCH 2 3 4\r\n"
        gone = session.command("k", "UID EXPUNGE 1:4")
        assert gone[:-1] == ["* 4 EXPUNGE\r\n", "* 3 EXPUNGE\r\n", "* 2 EXPUNGE\r\n"] and gone[-1].startswith("k OK [MESSAGELIMIT 3 2] ")
        many = " {4+}\r\na: b" * 4
        assert session.command("l", f"APPEND Sent{many}")[-1].startswith("l NO [MESSAGELIMIT 3] ")


def test_what_is_done_whole_is_refused(tmp_path):
    """RFC 9738 3.1, 3.3: half a copy, or an order of some, would be no answer."""
    with signed_in(tmp_path, "imap = { message_limit = 3; };") as (session, _):
        for _ in range(5):
            session.command("b", "APPEND INBOX {4+}\r\na: b")
        session.command("c", "SELECT INBOX")
        for command in ("COPY 1:5 Sent", "UID COPY 1:* Sent", "SORT (DATE) UTF-8 ALL", "UID THREAD REFS UTF-8 ALL"):
            answer = session.command("d", command)
            assert len(answer) == 1 and answer[0].startswith("d NO [MESSAGELIMIT 3 3] "), (command, answer)
        assert session.command("e", "STATUS Sent (MESSAGES)")[0] == "* STATUS Sent (MESSAGES 0)\r\n"
        assert session.command("f", "UID SORT (ARRIVAL) UTF-8 UIDBEFORE 3")[0] == "* SORT 1 2\r\n"
        assert session.command("g", "UID SEARCH UIDAFTER 3")[0] == "* SEARCH 4 5\r\n"
        assert session.command("h", "UID SEARCH OR UIDAFTER 5 UIDBEFORE 1")[0] == "* SEARCH\r\n"
        assert " 2:3 1:2] " in session.command("i", "COPY 2:3 Sent")[-1]
        # Two codes: the command's own goes before.
        own, *_, tagged = session.command("j", "MOVE 1:5 Archive")
        assert own.startswith("* OK [COPYUID ") and " 3:5 1:3] " in own
        assert tagged.startswith("j OK [MESSAGELIMIT 3 3] ")


def test_a_window_is_limited_by_what_lies_in_it(tmp_path):
    """RFC 9394 3: so that a client pages through everything by windows as large as the limit."""
    with signed_in(tmp_path, "imap = { message_limit = 3; };") as (session, _):
        for _ in range(8):
            session.command("b", "APPEND INBOX {4+}\r\na: b")
        session.command("c", "SELECT INBOX")
        for window, some in (("1:3", "1:3"), ("4:6", "4:6"), ("7:9", "7:8"), ("-1:-3", "6:8"), ("-4:-6", "3:5")):
            for asked in (window, ":".join(reversed(window.split(":")))):
                answer = session.command("d", f"UID SEARCH RETURN (PARTIAL {asked}) ALL")
                assert answer == [f'* ESEARCH (TAG "d") UID PARTIAL ({window} {some})\r\n', "d OK Done\r\n"]
        answer = session.command("e", "UID SEARCH RETURN (PARTIAL 1:2 COUNT) ALL")
        assert answer == ['* ESEARCH (TAG "e") UID COUNT 8 PARTIAL (1:2 1:2)\r\n', "e OK Done\r\n"]
        wide, tagged = session.command("f", "UID SEARCH RETURN (PARTIAL 2:6) ALL")
        assert wide == '* ESEARCH (TAG "f") UID PARTIAL (2:6 4:6)\r\n' and tagged.startswith("f OK [MESSAGELIMIT 3 4] ")
        for window, first, last in (("1:3", 1, 3), ("4:6", 4, 6), ("-1:-2", 7, 8)):
            rows = [f"* {n} FETCH (UID {n})\r\n" for n in range(first, last + 1)]
            assert session.command("g", f"UID FETCH 1:* UID (PARTIAL {window})") == [*rows, "g OK Done\r\n"]
        *rows, tagged = session.command("h", "UID FETCH 1:* UID (PARTIAL 1:5)")
        assert rows == [f"* {n} FETCH (UID {n})\r\n" for n in (3, 4, 5)] and tagged.startswith("h OK [MESSAGELIMIT 3 3] ")


def test_saving_has_a_limit_of_its_own(tmp_path):
    with signed_in(tmp_path, "imap = { save_limit = 2; };") as (session, offered):
        assert " SAVELIMIT=2" in offered and "MESSAGELIMIT" not in offered
        for _ in range(3):
            session.command("b", "APPEND INBOX {4+}\r\na: b")
        session.command("c", "SELECT INBOX")
        assert session.command("d", "FETCH 1:3 UID")[-1] == "d OK Done\r\n"
        assert session.command("e", "MOVE 1:3 Sent")[-1].startswith("e OK [MESSAGELIMIT 2 2] ")
        assert session.command("f", "FETCH 1:* UID") == ["* 1 FETCH (UID 1)\r\n", "f OK Done\r\n"]
