"""Peers that mean no good, and what the server pays for them."""

import base64
import contextlib
import pathlib
import resource
import socket
import ssl
import time
import urllib.request

from lib_troika import DOMAIN, HOST, PASSWORD, insecure_tls, message, wait_until

ANNA = f"anna@{DOMAIN}"
PLAIN = base64.b64encode(f"\0{ANNA}\0{PASSWORD}".encode()).decode()
MIB = 1 << 20
LANES = 6  # threads for hashes and large blobs, which come at the first need, whoever has it


def allow_many_sockets():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20000)), hard))


# --- the server's part -------------------------------------------------------------------------


class Vitals:
    """The serving child, as the kernel sees it."""

    def __init__(self, server):
        self.server = server
        (self.pid,) = server.children()

    def number(self, name):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise KeyError(name)

    def memory(self):
        return self.number("RssAnon") * 1024

    def threads(self):
        return self.number("Threads")

    def sessions(self):
        """All that are not the metrics' own."""
        with urllib.request.urlopen(f"http://{HOST}:{self.server.ports['metrics']}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.split()[-1]) for line in lines
                   if line.startswith("troika_net_sessions{") and '"metrics"' not in line)

    def assert_same_child(self):
        assert self.server.children() == [self.pid], self.server.log()[-3000:]


@contextlib.contextmanager
def unharmed(server, at_most):
    """Around an attack: no thread for any peer, and afterwards all memory but so much given
    back, everybody else served."""
    serve_somebody(server)
    vitals = Vitals(server)
    threads, memory = vitals.threads(), vitals.memory()
    yield vitals
    vitals.assert_same_child()
    wait_until(lambda: vitals.sessions() == 0, "the sessions to end")
    serve_somebody(server)
    assert vitals.threads() <= threads + LANES
    for _ in range(100):  # it is given back a little after the sessions' end
        if vitals.memory() - memory <= at_most:
            break
        time.sleep(0.1)
    grown = vitals.memory() - memory
    assert grown <= at_most, f"{grown / MIB:.1f} MiB more, {at_most / MIB:.1f} allowed"


def assert_unharmed_meanwhile(server, vitals, memory, at_most):
    serve_somebody(server)
    vitals.assert_same_child()
    grown = vitals.memory() - memory
    assert grown <= at_most, f"{grown / MIB:.1f} MiB more, {at_most / MIB:.1f} allowed"


def serve_somebody(server):
    """A letter goes in, and comes out by IMAP and POP3."""
    subject = f"somebody {time.monotonic_ns()}"
    server.send(message(subject, to=f"boris@{DOMAIN}"), to=(f"boris@{DOMAIN}",))
    imap = server.imap("boris")
    imap.select()
    found = imap.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
    assert len(found) == 1
    imap.store(found[0], "+FLAGS", "\\Deleted")
    imap.logout()
    pop = server.pop3("boris")
    pop.dele(len(pop.list()[1]))
    pop.quit()


# --- peers ---------------------------------------------------------------------------------------


class Peer:
    """A socket that says what a phase needs, then does as the test likes."""

    def __init__(self, server, listener, *prelude):
        self.socket = socket.create_connection((HOST, server.ports[listener]), timeout=60)
        if listener in ("submissions", "imaps", "pop3s"):
            self.socket = insecure_tls().wrap_socket(self.socket)
        for line in prelude:
            self.say(line)

    def say(self, line):
        """None: only waits for the greeting. Otherwise for the answer's last line, too."""
        if line is not None:
            self.socket.sendall(line.encode() + b"\r\n")
        answer = b""
        while not self.is_whole(answer):
            more = self.socket.recv(65536)
            assert more, f"{line!r} was answered by the end after {answer!r}"
            answer += more
        return answer.decode("utf-8", "replace")

    @staticmethod
    def is_whole(answer):
        lines = answer.splitlines()
        return answer.endswith(b"\n") and not (
            lines[-1][3:4] == b"-" or (lines[-1][:2] == b"* " and b"OK" not in lines[-1]))

    def send(self, data):
        self.socket.sendall(data)

    def send_what_fits(self, data):
        """Without waiting for anybody."""
        self.socket.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError, ssl.SSLWantWriteError, OSError):
            while sent < len(data):
                sent += self.socket.send(data[sent:sent + 65536])
        return sent

    def end(self):
        """All that comes before the server closes."""
        self.socket.settimeout(60)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while more := self.socket.recv(65536):
                answer += more
        return answer.decode("utf-8", "replace")

    def close(self):
        self.socket.close()


SMTP_MAIL = [None, "EHLO peer", "MAIL FROM:<you@example.org>", f"RCPT TO:<{ANNA}>"]

HELLO = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "x" * 200  # the beginning of TLS
SUBMISSION = [None, "EHLO peer", f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{ANNA}>", f"RCPT TO:<boris@{DOMAIN}>"]

# Each phase of a dialogue: where, what is said before, and what is then sent byte by byte.
PHASES = {
    "smtp, nothing": ("smtp", [], ""),
    "smtp, in a command": ("smtp", [None], "MAIL FROM:<" + "x" * 200),
    "smtp, in data": ("smtp", [*SMTP_MAIL, "DATA"], "Subject: slow\r\n\r\n" + "x" * 200),
    "smtp, in a chunk": ("smtp", [*SMTP_MAIL, "BDAT 5\r\nabc\r"], "BDAT 1000\r\n" + "x" * 200),
    "smtp, behind STARTTLS": ("smtp", [None, "EHLO peer", "STARTTLS"], HELLO),
    "smtp, in a chunk's first byte": ("smtp", [*SMTP_MAIL], "BDAT 100000 LAST\r\n" + "x" * 200),
    "submission, in a sign-in": ("submissions", [None, "EHLO peer", "AUTH PLAIN"], "QUFB" * 100),
    "submission, between the names of a sign-in": ("submissions", [None, "EHLO peer", "AUTH LOGIN", "YW5uYQ=="], "QUFB" * 100),
    "submission, in data": ("submissions", [*SUBMISSION, "DATA"], f"From: {ANNA}\r\n\r\n" + "x" * 200),
    "submission, in a chunk": ("submissions", [*SUBMISSION], "BDAT 100000\r\n" + "x" * 200),
    "imap, nothing": ("imap", [], ""),
    "imap, in a command": ("imap", [None], 'a LOGIN "' + "x" * 200),
    "imap, behind STARTTLS": ("imap", [None, "a STARTTLS"], HELLO),
    "imap, in a sign-in": ("imaps", [None, "a AUTHENTICATE PLAIN"], "QUFB" * 100),
    "imap, in a sign-in's literal": ("imaps", [None, "a LOGIN {200}"], "x" * 200),
    "imap, in a command's literal": ("imaps", [None, f"a LOGIN {ANNA} {PASSWORD}", "b SELECT INBOX", "c SEARCH TEXT {200}"], "x" * 200),
    "imap, in a literal": ("imaps", [None, f"a LOGIN {ANNA} {PASSWORD}", "b APPEND INBOX {100000}"], "Subject: slow\r\n\r\n" + "x" * 200),
    "imap, signed in": ("imaps", [None, f"a LOGIN {ANNA} {PASSWORD}", "b SELECT INBOX"], "c FETCH 1:* (" + "FLAGS " * 100),
    "imap, idle": ("imaps", [None, f"a LOGIN {ANNA} {PASSWORD}", "b SELECT INBOX", "c IDLE"], "DON"),
    "pop3, nothing": ("pop3", [], ""),
    "pop3, behind STLS": ("pop3", [None, "STLS"], HELLO),
    "pop3, in a sign-in": ("pop3s", [None, "AUTH PLAIN"], "QUFB" * 100),
    "pop3, in a command": ("pop3", [None], "USER " + "x" * 200),
    "pop3, signed in": ("pop3s", [None, f"USER {ANNA}"], "PASS " + "x" * 200),
}
