"""Slow, deaf, endless and senseless peers at every phase: the server's memory stays flat, it has
no thread more, other people do not notice, and what the peers had is given back."""

import contextlib
import os
import pathlib
import random
import re
import signal
import socket
import ssl
import threading
import time

import pytest
from lib_hostile import (ANNA, HELLO, LANES, MIB, PHASES, PLAIN, SMTP_MAIL, Peer, Vitals, allow_many_sockets,
                         assert_unharmed_meanwhile, serve_somebody, unharmed)
from lib_troika import DOMAIN, HOST, PASSWORD, Troika, insecure_tls, message, wait_until

LIMITS = (
    "limits = { sessions_per_address = 0; sessions_per_network = 0; new_sessions_per_second = 0; letters_per_hour = 0;"
    ' sessions_per_account = 0; wrong_passwords_per_hour = 100000; message_size = "10M"; };'
)
SESSION_MOST = 48 * 1024  # bytes a peer may cost, whatever it does
SLACK = 24 * MIB  # of the allocator's, the store's and the caches' own


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    allow_many_sockets()
    with Troika(tmp_path_factory.mktemp("hostile"), LIMITS) as server:
        server.add_accounts("anna", "boris")
        server.start()
        for _ in range(3):  # what the first sessions need is there before anything is measured
            serve_somebody(server)
        yield server


@contextlib.contextmanager
def peers(server, count, listener, *prelude):
    with contextlib.ExitStack() as stack:
        made = []
        for _ in range(count):
            made.append(Peer(server, listener, *prelude))
            stack.callback(made[-1].close)
        yield made


# --- slow ----------------------------------------------------------------------------------------


def send_byte_by_byte(server, each, rounds):
    """How many of the sessions are left, and how many there were."""
    count = each * len(PHASES)
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        memory = vitals.memory()
        slow = [(peer, text.encode()) for listener, prelude, text in PHASES.values()
                for peer in stack.enter_context(peers(server, each, listener, *prelude))]
        for at in range(rounds):
            for peer, text in slow:
                with contextlib.suppress(OSError):  # some are dropped in the end
                    peer.socket.send(text[at:at + 1])
            assert_unharmed_meanwhile(server, vitals, memory, count * SESSION_MOST + SLACK)
            time.sleep(1)
        return vitals.sessions(), count


def test_one_byte_a_second_at_every_phase(server):
    left, count = send_byte_by_byte(server, 10, 4)
    # Nobody is dropped for being slow so soon, but that handshakes have 90 seconds in all.
    shaking = 10 * sum(text == HELLO for _, _, text in PHASES.values())
    assert count - shaking <= left <= count


@pytest.mark.torture
def test_one_byte_a_second_for_long(server):
    left, count = send_byte_by_byte(server, 100, 100)
    assert left < count


def cpu_of_serving(server, vitals, times=10):
    """Seconds of the processor that workers took: counted work, which a busy machine does not change much."""
    def spent():
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in pathlib.Path(f"/proc/{vitals.pid}/task").iterdir()
                   if (task / "comm").read_text() == "worker\n") / 1e9
    before = spent()
    for _ in range(times):
        serve_somebody(server)
    return spent() - before


def test_five_hundred_that_stand_still_cost_the_others_nothing(server, large_mail):
    """Half of a command, a letter or a handshake, and answers that nobody reads, in all protocols."""
    each = 500 // len(PHASES) + 1
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        alone, threads = cpu_of_serving(server, vitals), vitals.threads()
        for listener, prelude, text in PHASES.values():
            for peer in stack.enter_context(peers(server, each, listener, *prelude)):
                peer.send(text.encode()[:20])
        for listener, (prelude, asked) in large_mail.items():
            for peer in stack.enter_context(peers(server, 10, listener, *prelude)):
                peer.send_what_fits(asked)
        assert vitals.sessions() >= 400  # handshakes have 90 seconds, and the deafest are let go
        cpu_of_serving(server, vitals)  # what the deaf are owed is written meanwhile
        # What else a machine does can only add.
        among = min(cpu_of_serving(server, vitals) for _ in range(3))
        print(f"{alone:.3f} s alone, {among:.3f} s among them")
        assert vitals.threads() <= threads + LANES
        assert among < 2 * alone + 0.05


def all_stopped(pid):
    """Its threads are stopped one after the other."""
    states = [path.read_text().rsplit(")", 1)[1].split()[0] for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}


@pytest.mark.parametrize("listener, line, answer", [
    ("smtp", "QUIT", rb"554 5\.5\.0 .*\r\n"),
    ("pop3", "QUIT", rb"-ERR The server speaks first\r\n"),
    ("imap", "a LOGOUT", rb"\* BYE The server speaks first\r\n"),
])
def test_commands_before_the_greeting(server, listener, line, answer):
    with unharmed(server, SLACK) as vitals:
        os.kill(vitals.pid, signal.SIGSTOP)  # so that it can't have greeted
        try:
            wait_until(lambda: all_stopped(vitals.pid), "the server to stand still")
            early = socket.create_connection((HOST, server.ports[listener]), timeout=60)
            early.sendall(line.encode() + b"\r\n")
        finally:
            os.kill(vitals.pid, signal.SIGCONT)
        with early:
            said = b""
            while more := early.recv(4096):
                said += more
        assert re.fullmatch(answer, said), said


@pytest.mark.parametrize("listener, line, answer", [
    ("submissions", "QUIT", rb"554 5\.5\.0 .*\r\n"),
    ("pop3s", "QUIT", rb"-ERR The server speaks first\r\n"),
    ("imaps", "a LOGOUT", rb"\* BYE The server speaks first\r\n"),
])
def test_commands_before_the_greeting_under_tls(server, listener, line, answer):
    """The handshake is no offence; what comes in one segment with its end is."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = insecure_tls().wrap_bio(incoming, outgoing)
    with unharmed(server, SLACK) as vitals, socket.create_connection((HOST, server.ports[listener]), timeout=60) as peer:
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                break
            peer.sendall(outgoing.read())
            incoming.write(peer.recv(65536))
        tls.write(line.encode() + b"\r\n")
        peer.sendall(outgoing.read())
        said = b""
        while True:
            try:
                more = tls.read(4096)
                said += more
                if not more:
                    break
            except ssl.SSLWantReadError:
                incoming.write(peer.recv(65536)) or incoming.write_eof()
        assert re.fullmatch(answer, said), said


@pytest.mark.parametrize("listener", ["submissions", "imaps", "pop3s"])
def test_slow_handshakes(server, listener):
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        memory = vitals.memory()
        sockets = []
        for number in range(100):
            sockets.append(stack.enter_context(socket.create_connection((HOST, server.ports[listener]))))
            sockets[-1].sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[: number % 12])
        for _ in range(3):
            for each in sockets:
                each.send(b"\0")
            assert_unharmed_meanwhile(server, vitals, memory, 100 * SESSION_MOST + SLACK)


@pytest.mark.torture
def test_a_sender_that_is_too_slow_is_told_so(server):
    with peers(server, 1, "smtp", *SMTP_MAIL, "DATA") as (peer,):
        with contextlib.suppress(OSError):
            while True:
                peer.send(b"x")
                peer.socket.settimeout(1)
                try:
                    answer = peer.socket.recv(1000)
                    break
                except TimeoutError:
                    pass
        assert answer.startswith(b"421 4.4.2 ")


# --- half-closed ---------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", PHASES)
def test_a_peer_that_ends_its_side_is_let_go(server, phase):
    listener, prelude, text = PHASES[phase]
    with peers(server, 1, listener, *prelude) as (peer,):
        peer.send(text.encode()[:5])
        peer.socket.shutdown(socket.SHUT_WR)
        peer.end()
    serve_somebody(server)
    assert server.messages("anna") == []  # half a message is none


# --- deaf ----------------------------------------------------------------------------------------


@pytest.fixture
def large_mail(server):
    """Ten megabytes in boris' mailbox."""
    text = message("large", to=f"carla@{DOMAIN}", body=("x" * 76 + "\r\n") * 26000)
    server.run("account", "add", f"carla@{DOMAIN}", input=f"{PASSWORD}\n", check=False)
    for _ in range(5):
        server.send(text, to=(f"carla@{DOMAIN}",))
    carla = f"carla@{DOMAIN}"
    yield {
        "imaps": ([None, f"a LOGIN {carla} {PASSWORD}", "b SELECT INBOX"], b"c FETCH 1:* (BODY[])\r\n" * 1000),
        "pop3s": ([None, f"USER {carla}", f"PASS {PASSWORD}"], b"RETR 1\r\n" * 1000),
        "smtp": ([*SMTP_MAIL], f"RCPT TO:<{ANNA}>\r\n".encode() * 100000),
        "imap": ([None], b"a CAPABILITY\r\n" * 100000),
        "pop3": ([None], b"CAPA\r\n" * 100000),
        "metrics": ([], b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 10000),
    }
    imap = server.imap("carla")
    imap.select()
    imap.store("1:*", "+FLAGS", "\\Deleted")
    imap.logout()


def test_peers_that_never_read(server, large_mail):
    """What they asked for waits in the store, not in memory. One has POP3's maildrop."""
    each = 15
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        memory = vitals.memory()
        for listener, (prelude, flood) in large_mail.items():
            count = 1 if listener == "pop3s" else each
            for peer in stack.enter_context(peers(server, count, listener, *prelude)):
                peer.send_what_fits(flood)
        for _ in range(3):  # output up to the high water, and a block of the blob, for each
            assert_unharmed_meanwhile(server, vitals, memory, each * len(large_mail) * 600 * 1024 + SLACK)


def deaf(server, listener, *prelude):
    """Its window is small, so that the server soon has more than the kernel takes."""
    peer = Peer(server, listener, *prelude)
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return peer


def test_peers_that_read_a_byte_a_second(server, large_mail):
    """Of a FETCH, a RETR, and answers without end."""
    each = 10
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        memory, readers = vitals.memory(), []
        for listener, (prelude, flood) in large_mail.items():
            for _ in range(1 if listener == "pop3s" else each):
                readers.append(deaf(server, listener, *prelude))
                stack.callback(readers[-1].close)
                readers[-1].send_what_fits(flood[:64 * 1024])
        for _ in range(3):
            for peer in readers:
                peer.socket.setblocking(False)
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ConnectionError):
                    peer.socket.recv(1)
            assert_unharmed_meanwhile(server, vitals, memory, len(readers) * 600 * 1024 + SLACK)
            time.sleep(1)


def test_idlers_that_never_read(server):
    """A thousand changes are told to each; who does not read is not told more."""
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        memory = vitals.memory()
        prelude = [None, f"a LOGIN boris@{DOMAIN} {PASSWORD}", "b SELECT INBOX", "c IDLE"]
        for _ in range(30):
            stack.callback(deaf(server, "imaps", *prelude).close)
        server.send(message("told", to=f"boris@{DOMAIN}"), to=(f"boris@{DOMAIN}",))
        imap = server.imap("boris")
        imap.select()
        for number in range(1000):
            imap.store("1", ("+" if number % 2 else "-") + "FLAGS", "\\Flagged")
        imap.store("1:*", "+FLAGS", "\\Deleted")
        imap.logout()
        assert_unharmed_meanwhile(server, vitals, memory, 30 * SESSION_MOST + SLACK)


# --- endless -------------------------------------------------------------------------------------

ENDLESS = {
    "smtp command": ("smtp", [None], b"NOOP "),
    "smtp hello": ("smtp", [None], b"EHLO "),
    "smtp data": ("smtp", [*SMTP_MAIL, "DATA"], b"Subject: "),
    "smtp body": ("smtp", [*SMTP_MAIL, "DATA"], b"Subject: x\r\n\r\n"),
    "sign-in": ("submissions", [None, "EHLO peer", "AUTH PLAIN"], b""),
    "imap command": ("imap", [None], b"a NOOP "),
    "imap quoted": ("imap", [None], b'a LOGIN "'),
    "imap literal": ("imap", [None], b"a LOGIN {100000000+}\r\n"),
    "imap signed in": ("imaps", [None, f"a LOGIN {ANNA} {PASSWORD}"], b"b SEARCH SUBJECT "),
    "pop3 command": ("pop3", [None], b"USER "),
    "http": ("metrics", [], b"GET /metrics HTTP/1.1\r\nX: "),
}


@pytest.mark.parametrize("place", ENDLESS)
def test_a_hundred_megabytes_without_a_line_end(server, place):
    listener, prelude, begin = ENDLESS[place]
    block = b"x" * MIB
    with unharmed(server, SLACK) as vitals, peers(server, 1, listener, *prelude) as (peer,):
        memory = vitals.memory()
        with contextlib.suppress(OSError):  # being thrown out is an answer, too
            peer.send(begin)
            for number in range(100):
                peer.send(block)
                if number % 20 == 0:
                    assert vitals.memory() - memory <= SLACK
        assert_unharmed_meanwhile(server, vitals, memory, SLACK)


def flood(server, listener, prelude, lines):
    """Sends and reads at once, as one who is fast; all answers' first words."""
    words = []
    with peers(server, 1, listener, *prelude) as (peer,):
        def read():
            rest = b""
            with contextlib.suppress(OSError):
                while more := peer.socket.recv(1 << 18):
                    *whole, rest = (rest + more).split(b"\r\n")
                    words.extend(line[:3] for line in whole)

        reader = threading.Thread(target=read)
        reader.start()
        with contextlib.suppress(OSError):
            for line in lines:
                peer.send(line)
            peer.socket.shutdown(socket.SHUT_WR)
        reader.join()
    return words


def test_a_million_recipients(server):
    with unharmed(server, SLACK) as vitals:
        memory = vitals.memory()
        words = flood(server, "smtp", SMTP_MAIL, [f"RCPT TO:<{ANNA}>\r\n".encode() * 10000] * 100)
        assert words.count(b"250") == 999 and set(words) == {b"250", b"452", b"421"} and words[-1] == b"421"
        assert_unharmed_meanwhile(server, vitals, memory, SLACK)


@pytest.mark.parametrize("line", ["NOOP", "RSET", "HELP", "EHLO x", "VRFY x", "JUNK"])
def test_a_million_commands_that_bring_nothing(server, line):
    with unharmed(server, SLACK):
        words = flood(server, "smtp", [None], [f"{line}\r\n".encode() * 10000] * 100)
        assert len(words) < 10000 and words[-1] == b"421"


@pytest.mark.parametrize("listener, line", [
    ("pop3", "CAPA"), ("imap", "a NOOP"), ("imap", "a CAPABILITY"), ("imap", "a ID NIL"),
])
def test_a_million_commands_without_a_sign_in(server, listener, line):
    with unharmed(server, SLACK):
        words = flood(server, listener, [None], [f"{line}\r\n".encode() * 10000] * 100)
        assert len(words) < 10000 and words[-1] == (b"* B" if listener == "imap" else b"-ER")


def test_a_million_chunks_of_nothing(server):
    with unharmed(server, SLACK):
        words = flood(server, "smtp", SMTP_MAIL, [b"BDAT 0\r\n" * 10000] * 100)
        assert len(words) < 10000 and words[-1] == b"421"


def test_a_million_chunks_of_one_byte(server):
    """They make a message all the same; the memory is that of a message."""
    with unharmed(server, SLACK) as vitals:
        memory = vitals.memory()
        lines = [b"BDAT 12\r\nSubject: x\r\n", b"BDAT 2\r\n\r\n", *[b"BDAT 1\r\nx" * 10000] * 30, b"BDAT 0 LAST\r\n", b"QUIT\r\n"]
        words = flood(server, "smtp", SMTP_MAIL, lines)
        assert set(words) == {b"250", b"221"} and len(words) == 300004
        assert vitals.memory() - memory <= SLACK
    (stored,) = server.messages("anna")
    assert stored.endswith(b"\r\n\r\n" + b"x" * 300000)
    forget_mail(server)


def forget_mail(server):
    imap = server.imap("anna")
    if int(imap.select()[1][0]):
        imap.store("1:*", "+FLAGS", "\\Deleted")
    imap.expunge()
    imap.logout()


def send_data(server, *parts):
    """The reply's code to a message to anna."""
    with peers(server, 1, "smtp", *SMTP_MAIL, "DATA") as (peer,):
        for part in parts:
            peer.send(part)
        return peer.say("\r\n.")[:9]


def test_a_hundred_thousand_header_lines(server):
    with unharmed(server, SLACK) as vitals:
        memory = vitals.memory()
        assert send_data(server, b"X-Line: abc\r\n" * 100000, b"\r\nbody") == "552 5.3.4"
        assert send_data(server, b"X: y\r\n" * 40000, b"\r\nbody")[:3] == "250"
        assert_unharmed_meanwhile(server, vitals, memory, SLACK)
    forget_mail(server)


BOMBS = {
    "multiparts in multiparts": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10000)),
    "messages in messages": b"Content-Type: message/rfc822\r\n\r\n" * 10000,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100000,
    "half a million addresses": b"To: " + b"a@b,\r\n " * 500000 + b"b@example.org\r\n\r\n",
    "many addresses": b"To: " + b"a@example.org,\r\n " * 15000 + b"b@example.org\r\n\r\n",
    "many parameters": b"Content-Type: text/plain" + b";\r\n x=y" * 20000 + b"\r\n\r\n",
    "comments in comments": b"To: " + b"(" * 100000 + b"\r\n\r\n",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?=\r\n " * 15000 + b"x\r\n\r\n",
    "references": b"References: " + b"<a@example.org>\r\n " * 14000 + b"<b@example.org>\r\n\r\n",
    "one boundary, many lookalikes": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b-\r\n" * 200000,
}


def append(server, text):
    imap = server.imap("anna")
    answer = imap.append("INBOX", None, None, text)[0]
    imap.logout()
    return {"OK": "250", "NO": "552"}[answer]


@pytest.mark.parametrize("way", [send_data, append])
@pytest.mark.parametrize("bomb", BOMBS)
def test_mail_that_is_a_maze(server, bomb, way):
    """Taken or refused at once; what is taken can be read."""
    deep = ".".join(["1"] * 100)
    with unharmed(server, SLACK):
        if way(server, BOMBS[bomb])[:3] == "250":
            imap = server.imap("anna")
            imap.select()
            for items in ("ENVELOPE BODYSTRUCTURE", "BODY PREVIEW", "BODY.PEEK[HEADER.FIELDS (TO)]", f"BODY.PEEK[{deep}.MIME]",
                          f"BINARY.SIZE[{deep}]"):
                assert imap.fetch("1", f"({items})")[0] == "OK"
            assert imap.search(None, "TEXT", "nothing-of-the-kind")[0] == "OK"
            assert imap.sort("(SUBJECT FROM TO)", "UTF-8", "ALL")[0] == "OK"
            assert imap.thread("REFERENCES", "UTF-8", "ALL")[0] == "OK"
            imap.logout()
            forget_mail(server)
        else:
            assert bomb == "half a million addresses"


def test_many_messages_half_sent_share_a_limit(server):
    """Each would stay in memory by itself; all together they have limits.receiving_memory."""
    count, body = 300, (b"x" * 76 + b"\r\n") * (900 * 1024 // 78)
    with unharmed(server, 2 * SLACK) as vitals, contextlib.ExitStack() as stack:
        memory = vitals.memory()
        half = stack.enter_context(peers(server, count, "smtp", *SMTP_MAIL, "DATA"))
        for number, peer in enumerate(half):
            peer.send(b"Subject: half %d\r\n\r\n" % number + body)
        assert_unharmed_meanwhile(server, vitals, memory, 128 * MIB + count * SESSION_MOST + SLACK)
        assert half[0].say("first\r\n.").startswith("250")  # from memory
        assert half[-1].say("last\r\n.").startswith("250")  # from a file
        stored = server.messages("anna")
        assert sorted(text[-len(body) - 30:].split(body)[1] for text in stored) == [b"first\r\n", b"last\r\n"]
    forget_mail(server)


# --- senseless -----------------------------------------------------------------------------------

IMAP_STRANGE = [
    "a LOGIN {4294967296}", "a LOGIN {4294967295}", "a LOGIN {99999999999999999999}", "a LOGIN {-1}", "a LOGIN {}",
    "a LOGIN {1000000}", "a APPEND INBOX {4000000000}", "a AUTHENTICATE PLAIN " + "A" * 100000,
    "a SEARCH " + "(" * 100000, "a SEARCH " + "NOT " * 30000, "a FETCH " + "1," * 30000 + "1 FLAGS",
    "a FETCH 1 (" + "BODY[" * 10000, "a " * 30000, '"', "a LOGIN \"\0\" x",
]


@pytest.mark.parametrize("number", range(len(IMAP_STRANGE)))
def test_strange_commands_of_imap_before_a_sign_in(server, number):
    with unharmed(server, SLACK), peers(server, 1, "imap", None) as (peer,):
        peer.send(IMAP_STRANGE[number].encode() + b"\r\n")
        answer = b""
        peer.socket.settimeout(60)
        while not answer.endswith(b"\r\n"):
            more = peer.socket.recv(65536)
            if not more:
                break
            answer += more
        assert re.match(rb"(\S+ (BAD|NO)|\* (BYE|BAD))", answer), answer


@pytest.mark.parametrize("listener", ["smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "metrics"])
def test_noise(server, listener):
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print("seed", seed)
    with unharmed(server, SLACK):
        for number in range(60):
            greeting = [None] if number % 4 < 2 and listener != "metrics" else []
            with contextlib.suppress(OSError), peers(server, 1, listener, *greeting) as (peer,):
                noise = chance.randbytes(chance.choice([1, 10, 1000, 100000]))
                if number % 3 == 0:  # with line ends in it
                    noise = re.sub(rb"[\x00-\x1f]", b"\r\n", noise)
                peer.send(noise)
                if number % 2:
                    peer.socket.shutdown(socket.SHUT_WR)
                    peer.end()


def mangled(chance, lines):
    """A dialogue with something torn out, doubled, cut or spoilt."""
    data = bytearray("\r\n".join(lines).encode() + b"\r\n")
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(data)), chance.randrange(1, 40)
        what = chance.randrange(4)
        if what == 0:
            del data[at:at + length]
        elif what == 1:
            data[at:at] = data[at:at + length] * chance.randrange(1, 50)
        elif what == 2:
            data[at:at + 1] = chance.randbytes(1)
        else:
            data[at:at] = chance.choice([b"\r", b"\n", b"\0", b"{9999999999}", b"(", b'"', b"\xff", b" " * 1000])
        data = data or bytearray(b"\r\n")
    return bytes(data)


DIALOGUES = {
    "smtp": ["EHLO x", "MAIL FROM:<you@example.org> SIZE=10 BODY=8BITMIME", f"RCPT TO:<boris@{DOMAIN}> NOTIFY=NEVER",
             "BDAT 11", "Subject: ", "BDAT 3 LAST", "a", "MAIL FROM:<>", f"RCPT TO:<{ANNA}>", "DATA", "Subject: x", "", ".", "QUIT"],
    "submissions": ["EHLO x", f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{ANNA}>", f"RCPT TO:<{ANNA}>", "DATA", f"From: {ANNA}", "", "x", ".", "QUIT"],
    "imaps": [f"a LOGIN {ANNA} {PASSWORD}", "b SELECT INBOX", 'c APPEND INBOX (\\Seen) {14+}', "Subject: hello", "",
              "d FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.10>)",
              'e UID SEARCH OR NOT FROM "x" (SINCE 1-Jan-2020 LARGER 5)', "f STORE 1:* +FLAGS.SILENT (\\Deleted $x)", 'g LIST "" "*"',
              'h CREATE "a/b"', "i COPY 1 a/b", "j EXPUNGE", "k IDLE", "DONE", 'l RENAME a/b c', 'm DELETE c', "n LOGOUT"],
    "pop3s": [f"USER {ANNA}", f"PASS {PASSWORD}", "STAT", "LIST", "UIDL 1", "TOP 1 3", "RETR 1", "DELE 1", "RSET", "NOOP", "QUIT"],
    "metrics": ["GET /metrics HTTP/1.1", "Host: x", "Content-Length: 5", "", "abc"],
}


@pytest.mark.parametrize("listener", DIALOGUES)
@pytest.mark.parametrize("times", [40, pytest.param(600, marks=pytest.mark.torture)])
def test_dialogues_that_are_spoilt(server, listener, times):
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print("seed", seed)
    greeting = [] if listener == "metrics" else [None]
    with unharmed(server, SLACK):
        for _ in range(times):
            with contextlib.suppress(OSError), peers(server, 1, listener, *greeting) as (peer,):
                peer.send(mangled(chance, DIALOGUES[listener]))
                peer.socket.shutdown(socket.SHUT_WR)
                peer.end()
    forget_mail(server)


# --- many ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=pytest.mark.torture)])
def test_a_crowd(server, count):
    with unharmed(server, SLACK) as vitals, contextlib.ExitStack() as stack:
        memory = vitals.memory()
        for listener in ("smtp", "imap", "pop3"):
            stack.enter_context(peers(server, count, listener, None))
        assert vitals.sessions() == 3 * count
        assert_unharmed_meanwhile(server, vitals, memory, 3 * count * 8 * 1024 + SLACK)
        assert vitals.sessions() == 3 * count


@pytest.mark.parametrize("listener", ["smtp", "imaps", "pop3"])
def test_a_crowd_that_comes_and_goes(server, listener):
    """Reset in the middle of things."""
    with unharmed(server, SLACK):
        for _ in range(300):
            peer = socket.create_connection((HOST, server.ports[listener]))
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            with contextlib.suppress(OSError):
                peer.send(b"EHLO x\r\n" if listener != "imaps" else b"\x16\x03\x01")
            peer.close()
