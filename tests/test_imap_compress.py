"""COMPRESS=DEFLATE (RFC 4978) as clients use it, and as attackers would."""

import re
import zlib

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika, message
from test_imap_sessions import private_kib


class Deflated:
    """A socket whose bytes are deflated; each send is flushed, as clients do."""

    def __init__(self, plain, bits=15):
        self.plain = plain
        self.out = zlib.compressobj(6, zlib.DEFLATED, -bits)
        self.into = zlib.decompressobj(-15)
        self.received = 0

    def sendall(self, data):
        self.plain.sendall(self.out.compress(data) + self.out.flush(zlib.Z_SYNC_FLUSH))

    def readline(self):
        return self.read_until(lambda data: b"\n" in data)

    def read_until(self, enough):
        while not enough(self.left):
            data = self.plain.recv(65536)
            if not data:
                break
            self.received += len(data)
            self.left += self.into.decompress(data)
        line, newline, self.left = self.left.partition(b"\n")
        return line + newline

    left = b""

    def makefile(self, mode):
        return self

    def close(self):
        self.plain.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("compress")) as server:
        server.add_accounts("anna")
        yield server.start()


def signed_in(server, listener="imaps"):
    session = Dialogue(server.connect(listener))
    session.line()
    assert session.command("l", f"LOGIN anna@{DOMAIN} {PASSWORD}")[-1].startswith("l OK")
    return session


def compressed(server, bits=15):
    session = signed_in(server)
    assert session.command("c", "COMPRESS DEFLATE")[-1].startswith("c OK")
    return Dialogue(Deflated(session.socket, bits))


@pytest.mark.parametrize("bits", [9, 12, 15])
def test_a_whole_session(server, bits):
    """Whatever window the client has."""
    text = message(subject=f"window {bits}", body="the same line again\r\n" * 3000)
    with compressed(server, bits) as session:
        session.send(b"a APPEND INBOX {%d+}\r\n%b\r\n" % (len(text), text))
        assert session.until("a ")[-1].startswith("a OK")
        assert session.command("s", "SELECT INBOX")[-1].startswith("s OK")
        before = session.socket.received
        lines = session.command("f", "FETCH * BODY.PEEK[]")
        assert "the same line again\r\n" in lines and lines[-1].startswith("f OK")
        assert sum(map(len, lines)) > 10 * (session.socket.received - before)
        assert session.command("o", "LOGOUT")[-1].startswith("o OK")
        assert session.line() == ""


def test_commands_in_one_flush_are_answered_in_order(server):
    with compressed(server) as session:
        session.send("a NOOP\r\nb SELECT INBOX\r\nc IDLE\r\nDONE\r\nd NOOP\r\ne LOGOUT\r\n")
        tags = [line.split()[0] for line in session.until("e ") if re.match("[a-e] ", line)]
        assert tags == list("abcde")


def test_a_literal_waits_for_its_continuation(server):
    with compressed(server) as session:
        session.send("a LOGIN {4}\r\n")
        assert session.line().startswith("+ ")
        session.send("anna x\r\n")
        assert session.line().startswith("a BAD")


@pytest.mark.parametrize("flush", [zlib.Z_PARTIAL_FLUSH, zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH])
def test_what_is_flushed_in_any_way_is_answered_at_once(server, flush):
    """iOS Mail flushes partially: what was flushed is acted on, though more of the block is to come."""
    with compressed(server) as session:
        deflated = session.socket
        for number in range(20):
            data = deflated.out.compress(b"%d NOOP\r\n" % number) + deflated.out.flush(flush)
            for byte in data:
                deflated.plain.sendall(bytes([byte]))
            assert session.line().startswith(f"{number} OK")


def test_not_twice_not_otherwise_and_not_before_sign_in(server):
    with Dialogue(server.connect("imaps")) as session:
        session.line()
        assert session.command("a", "COMPRESS DEFLATE")[-1].startswith("a BAD")
    with signed_in(server) as session:
        for words in ("COMPRESS", "COMPRESS ", "COMPRESS LZ4", "COMPRESS DEFLATE 9", 'COMPRESS "DEFLATE"'):
            assert session.command("b", words)[-1].startswith("b BAD"), words
    with compressed(server) as session:
        assert "BAD [COMPRESSIONACTIVE]" in session.command("d", "COMPRESS DEFLATE")[-1]
        assert session.command("e", "NOOP")[-1].startswith("e OK")


def test_a_bomb_ends_as_a_line_that_is_too_long(server):
    with compressed(server) as session:
        session.send("a " + "x" * 100_000_000 + "\r\nb NOOP\r\n")
        assert session.line().startswith("a BAD")
        assert session.until("b ")[-1].startswith("b OK")


def test_bytes_that_are_not_deflated_end_the_session(server):
    with signed_in(server) as session:
        session.send(b"c COMPRESS DEFLATE\r\n")
        assert session.line().startswith("c OK")
        session.send(b"\x07\xff\xff plain\r\n")
        assert session.file.read() == b""
    with signed_in(server) as session:
        assert session.command("n", "NOOP")[-1].startswith("n OK")


def test_a_parked_session_is_small(server):
    """Issue 4: at most 72 KiB, TLS included."""
    count = 600  # so many that what the store takes meanwhile does not count
    with compressed(server) as warm:
        warm.command("a", "SELECT INBOX")
        before = private_kib(server)
        sessions = [compressed(server) for _ in range(count)]
        for session in sessions:
            assert session.command("a", "SELECT INBOX")[-1].startswith("a OK")
        each = (private_kib(server) - before) / count
        for session in sessions:
            session.close()
        assert each <= 72, f"{each:.1f} KiB"
