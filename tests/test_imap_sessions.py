"""IMAP sessions in great number, slow, stopped, refused; mailboxes that are large or damaged."""

import concurrent.futures
import os
import pathlib
import re
import socket
import subprocess
import time

import pytest
from lib_troika import BINARY, DOMAIN, HOST, PASSWORD, PATIENCE, Dialogue, insecure_tls, message, wait_until


def signed_in(server, name="anna", select="INBOX"):
    session = Dialogue(server.connect("imaps"))
    session.line()
    answer = session.command("login", f"LOGIN {name}@{DOMAIN} {PASSWORD}")[-1]
    assert answer.startswith("login OK"), answer
    if select:
        assert session.command("select", f"SELECT {select}")[-1].startswith("select OK")
    return session


def ok(session, command):
    """All lines of the answer to what must go well."""
    lines = session.command("t", command)
    assert lines[-1].startswith("t OK"), lines[-1]
    return lines


def append(session, text, mailbox="INBOX"):
    session.send(b"t APPEND %b {%d+}\r\n%b\r\n" % (mailbox.encode(), len(text), text))
    assert session.until("t ")[-1].startswith("t OK")


def private_kib(server):
    """What the child holds for itself alone."""
    (child,) = server.children()
    rollup = pathlib.Path(f"/proc/{child}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"^Private_\w+: +(\d+) kB", rollup, re.MULTILINE))


def threads(server):
    (child,) = server.children()
    return len(os.listdir(f"/proc/{child}/task"))


# --- sign-in


def test_a_named_network_may_sign_in_without_tls(make_troika):
    server = make_troika("anna", extra=f'clear_networks = ["{HOST}/32"];')
    with Dialogue(server.connect("imap")) as session:
        assert "AUTH=PLAIN AUTH=LOGIN SASL-IR" in (greeting := session.line())
        assert "STARTTLS" in greeting and "LOGINDISABLED" not in greeting
        ok(session, f"LOGIN anna@{DOMAIN} {PASSWORD}")


def test_an_account_has_so_many_sessions(make_troika):
    server = make_troika("anna", "boris", extra="limits = { sessions_per_account = 2; sessions_per_address = 0; };")
    first, second = signed_in(server), signed_in(server)
    with Dialogue(server.connect("imaps")) as third:
        third.line()
        assert third.command("a", f"LOGIN anna@{DOMAIN} {PASSWORD}")[-1].startswith("a NO [LIMIT]")
        ok(third, f"LOGIN boris@{DOMAIN} {PASSWORD}")
    first.close()
    wait_until(lambda: sign_in_again(server), "a free place")
    second.close()


def sign_in_again(server):
    with Dialogue(server.connect("imaps")) as session:
        session.line()
        return session.command("a", f"LOGIN anna@{DOMAIN} {PASSWORD}")[-1].startswith("a OK")


def test_a_removed_account_is_gone_for_its_sessions(troika):
    parked, idling = signed_in(troika), signed_in(troika)
    idling.send("a IDLE\r\n")
    idling.line()
    words = [str(BINARY), "-c", str(troika.config), "account", "remove", f"anna@{DOMAIN}"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as removing:
        for session in (parked, idling):
            assert session.line().startswith("* BYE")
            assert session.line() == ""
        assert removing.wait(PATIENCE) == 0


# --- the end


def test_who_waits_is_told_that_the_server_stops(make_troika):
    server = make_troika("anna")
    parked, idling, unknown = signed_in(server), signed_in(server), Dialogue(server.connect("imaps"))
    unknown.line()
    idling.send("a IDLE\r\n")
    assert idling.line().startswith("+ ")
    server.stop()
    for session in (parked, idling, unknown):
        assert session.line().startswith("* BYE [UNAVAILABLE]")
        assert session.line() == ""


# --- damage


def test_a_damaged_message_is_a_no_and_nothing_else(make_troika):
    server = make_troika("anna")
    for number in range(3):
        server.send(message(f"number {number}", body=f"needle{number}\r\n" * 50))
    server.stop()
    for path in (server.folder / "data" / "store" / "blobs").iterdir():
        path.write_bytes(path.read_bytes().replace(b"needle1", b"noodle1", 1))
    server.start()
    with signed_in(server) as session:
        lines = session.command("a", "FETCH 1:3 (BODY.PEEK[TEXT]<0.7>)")
        assert lines == ["* 1 FETCH (BODY[TEXT]<0> {7}\r\n", "needle0)\r\n", "* 2 FETCH (BODY[TEXT]<0> NIL)\r\n",
                         "* 3 FETCH (BODY[TEXT]<0> {7}\r\n", "needle2)\r\n", lines[-1]]
        assert lines[-1].startswith("a NO [CORRUPTION]")
        # A search finds all the others, and what NOT means is not known of this one.
        assert ok(session, 'SEARCH BODY "needle"')[0].split()[2:] == ["1", "3"]
        assert ok(session, 'SEARCH NOT TEXT "nothing of the kind"')[0].split()[2:] == ["1", "3"]
        assert "post.search.left-out" in server.log()
        # Records are whole: what is in them is told.
        assert "number 1" in ok(session, "FETCH 2 (ENVELOPE)")[0]
        assert session.command("b", "FETCH 2 RFC822")[-1].startswith("b NO [CORRUPTION]")
        ok(session, "NOOP")


# --- large mailboxes


def fill(server, count, text=b"Subject: one of many\r\n\r\ntext\r\n"):
    """A mailbox with 2 ** n messages, by copies into itself."""
    session = signed_in(server)
    append(session, text)
    have = 1
    while have < count:
        ok(session, "COPY 1:* INBOX")
        have *= 2
    return session, have


def test_answers_about_many_messages(make_troika):
    server = make_troika("anna")
    session, count = fill(server, 2**15)
    found = ok(session, "SEARCH ALL")[0].split()[2:]
    assert found == [str(number) for number in range(1, count + 1)]
    rows = ok(session, "STORE 1:* +FLAGS (\\Flagged)")[:-1]
    assert [int(row.split()[1]) for row in rows] == list(range(1, count + 1))
    # Every second one, so that COPYUID can't be written as a range.
    ok(session, "UID STORE " + ",".join(str(uid) for uid in range(1, 20000, 2)) + " +FLAGS.SILENT ($Odd)")
    odd = ok(session, "UID SEARCH KEYWORD $Odd")[0].split()[2:]
    assert len(odd) == 10000
    lines = ok(session, f"UID MOVE {','.join(odd)} Archive")
    code = re.match(r"\* OK \[COPYUID \d+ ([\d:,]+) ([\d:,]+)\]", lines[0])
    assert code[1].split(",") == odd and code[2] == "1:10000"
    assert [line.split()[1] for line in lines[1:-1]] == odd[::-1]
    ok(session, "STORE 1:* +FLAGS.SILENT (\\Deleted)")
    expunged = ok(session, "EXPUNGE")[:-1]
    assert [int(line.split()[1]) for line in expunged] == list(range(count - 10000, 0, -1))
    session.close()


def test_a_mailbox_has_so_many_keywords(make_troika):
    server = make_troika("anna")
    with signed_in(server) as session:
        append(session, b"a: b\r\n")
        for number in range(248):
            ok(session, f"STORE 1 +FLAGS.SILENT (keyword{number})")
        assert session.command("a", "STORE 1 +FLAGS (onemore)")[-1].startswith("a NO [LIMIT]")
        closed, flags, permanent = ok(session, "SELECT INBOX")[:3]
        assert "[CLOSED]" in closed
        assert "keyword247" in flags and "\\*" not in permanent
        row = ok(session, "FETCH 1 FLAGS")[0]
        assert {f"keyword{number}" for number in range(248)} <= set(re.findall(r"keyword\d+", row))


# --- who reads slowly, or not at all


def test_thousands_are_copied_moved_and_expunged_in_slices(make_troika):
    server = make_troika("anna")
    session, count = fill(server, 2**13)
    ok(session, "CREATE Other")
    copied = ok(session, "COPY 1:* Other")[-1]
    assert re.search(rf"\[COPYUID \d+ 1:{count} 1:{count}\] Copied", copied), copied
    moved = ok(session, "MOVE 1:* Other")
    assert re.search(rf"\[COPYUID \d+ 1:{count} {count + 1}:{2 * count}\]", moved[0]), moved[0]
    assert sum(line.endswith(" EXPUNGE\r\n") for line in moved) == count
    ok(session, "SELECT Other")
    ok(session, f"STORE 1:{count} +FLAGS.SILENT (\\Deleted)")
    assert len(ok(session, "EXPUNGE")) == count + 1
    ok(session, "STORE 1:* +FLAGS.SILENT (\\Deleted)")
    ok(session, "CLOSE")
    assert " (MESSAGES 0)" in ok(session, "STATUS Other (MESSAGES)")[0]
    session.close()
    server.stop()
    server.run("check")


def test_half_a_copy_is_taken_back_after_a_kill(make_troika):
    """Whole or not at all (RFC 3501 6.4.7), though it is many commits."""
    server = make_troika("anna")
    session, count = fill(server, 2**15)
    ok(session, "CREATE Other")
    session.send("t COPY 1:* Other\r\n")
    with signed_in(server, select=None) as other:
        wait_until(lambda: " (MESSAGES 0)" not in ok(other, "STATUS Other (MESSAGES)")[0], "the first slice")
    server.kill()
    server.start()
    with signed_in(server, select=None) as other:
        wait_until(lambda: {"0": True, str(count): True}.get(
            re.search(r"MESSAGES (\d+)", ok(other, "STATUS Other (MESSAGES)")[0])[1]), "it to be whole or gone")
    server.stop()
    server.run("check")


def slow(session):
    """So that less waits in the kernel."""
    session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 128 * 1024)
    return session


def test_ten_gigabytes_for_a_slow_reader_hold_little(make_troika):
    server = make_troika("anna")
    text = b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 8 * 1024 * 80 + b"\r\n"
    session, count = fill(server, 1024, text)
    assert count * len(text) > 10 * 10**9
    ok(session, "FETCH 1 BODY.PEEK[]<0.1>")
    before = private_kib(server)
    slow(session).send("a FETCH 1:* BODY.PEEK[]\r\n")
    for _ in range(50):
        assert len(session.file.read(1_000_000)) == 1_000_000
    assert private_kib(server) - before < 4 * 1024
    # Everybody else is served.
    with signed_in(server) as other:
        ok(other, "FETCH 1024 BODY.PEEK[]<0.1>")
    session.close()


def test_a_slow_fetch_holds_no_other_session_up(make_troika):
    """Whatever the account's other sessions do meanwhile is done at once (bug: mox 128)."""
    server = make_troika("anna")
    session, count = fill(server, 256, b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 64 * 1024 + b"\r\n")
    slow(session).send("a FETCH 1:* (FLAGS BODY.PEEK[])\r\n")
    assert len(session.file.read(100_000)) == 100_000
    with signed_in(server) as other:
        append(other, b"Subject: new\r\n\r\n")
        ok(other, "STORE 1:* +FLAGS (\\Seen)")
        ok(other, "COPY 1:10 Archive")
        ok(other, "UID STORE 1:100 +FLAGS.SILENT (\\Deleted)")
        assert len(ok(other, "EXPUNGE")) == 101
        ok(other, "CREATE another")
    # It is told all of what was there when it asked.
    rows = [line for line in session.until("a ") if line.startswith("* ") and " FETCH (" in line]
    assert len(rows) >= count - 1
    session.close()


@pytest.mark.parametrize("count, command", [(2**14, "FETCH 1:* (FLAGS ENVELOPE)"), (2**16, "STORE 1:* +FLAGS (\\Flagged)")])
def test_long_answers_that_nobody_reads_hold_little(make_troika, count, command):
    server = make_troika("anna")
    session, count = fill(server, count)
    ok(session, "STORE 1:* +FLAGS.SILENT (\\Seen)")
    before = private_kib(server)
    slow(session)
    # Several, so that it is more than what waits in the kernel.
    for number in range(4):
        session.send(f"t{number} {command}\r\n")
    time.sleep(1)
    assert private_kib(server) - before < 8 * 1024
    for number in range(4):
        lines = session.until(f"t{number} ")
        assert lines[-1].startswith(f"t{number} OK") and len(lines) == count + 1
    session.close()


def test_news_for_an_idler_that_does_not_read_hold_little(make_troika):
    server = make_troika("anna")
    writer, count = fill(server, 2**14)
    idler = slow(signed_in(server))
    idler.send("a IDLE\r\n")
    assert idler.line().startswith("+ ")
    flags = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft"]
    for flag in flags:
        ok(writer, f"STORE 1:* +FLAGS.SILENT ({flag})")
    before = private_kib(server)
    for _ in range(10):
        for sign in "-+":
            ok(writer, f"STORE 1:* {sign}FLAGS.SILENT (\\Seen \\Flagged)")
    assert private_kib(server) - before < 8 * 1024
    # Read at last, it ends with what is so.
    known = {}
    idler.send("DONE\r\n")
    for line in idler.until("a "):
        if row := re.match(r"\* (\d+) FETCH \(UID \d+ FLAGS \((.*?)\)", line):
            known[int(row[1])] = set(row[2].split()) - {"\\Recent"}
    assert known == {number: set(flags) for number in range(1, count + 1)}
    writer.close()
    idler.close()


# --- many


def park(server, count, names=("anna",)):
    """So many sessions with INBOX selected, half of them in IDLE."""
    sessions = []
    context = insecure_tls()
    for number in range(count):
        plain = socket.create_connection((HOST, server.ports["imaps"]), timeout=60)
        session = context.wrap_socket(plain)
        assert session.recv(16384).startswith(b"* OK ")
        commands = f"a LOGIN {names[number // 2 % len(names)]}@{DOMAIN} {PASSWORD}\r\nb SELECT INBOX\r\n" + "c IDLE\r\n" * (number % 2)
        session.sendall(commands.encode())
        answer, end = b"", b"\r\n+ idling\r\n" if number % 2 else b"\r\nb OK"
        while end not in answer:
            some = session.recv(16384)
            assert some, answer
            answer += some
        sessions.append(session)
    return sessions


def kib_of_each(server, count, names=("anna",)):
    for name in names:
        server.send(to=(f"{name}@{DOMAIN}",))
    parked = park(server, 50)  # what the first ones cost is not theirs
    before, workers = private_kib(server), threads(server)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        parked += sum(pool.map(lambda share: park(server, share, names), [count // 4] * 4), [])
    time.sleep(1)
    assert threads(server) - workers < 8  # errands may have begun
    each = (private_kib(server) - before) / count
    # They are all there still.
    for name in names:
        server.send(to=(f"{name}@{DOMAIN}",))
    news = [session.recv(1000) for session in parked[1::2]]
    assert all(b" EXISTS\r\n" in some for some in news)
    for session in parked:
        session.close()
    print(f"{each:.1f} KiB for each of {count} parked sessions")
    return each


def test_a_parked_session_costs_little(make_troika):
    assert kib_of_each(make_troika("anna"), 1000) < 24


@pytest.mark.torture
@pytest.mark.parametrize("accounts", [1, 400])
def test_ten_thousand_parked_sessions(make_troika, accounts):
    names = ["anna", *(f"box{number}" for number in range(1, accounts))]
    assert kib_of_each(make_troika(*names, extra="limits = { sessions = 20000; sessions_per_address = 0; "
                                   "sessions_per_network = 0; new_sessions_per_second = 0; "
                                   "sessions_per_account = 0; letters_per_hour = 0; };"), 10000, names) < 24
