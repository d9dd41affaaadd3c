"""What stands between a peer and its password: STARTTLS, versions, certificates."""

import contextlib
import imaplib
import signal
import socket
import ssl
import subprocess

import pytest
from lib_hostile import PLAIN
from lib_troika import DOMAIN, HOST, PASSWORD, Dialogue, Troika, insecure_tls, make_certificate, wait_until

ANNA = f"anna@{DOMAIN}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("tls")) as server:
        server.add_accounts("anna")
        yield server.start()


# --- commands injected before TLS ------------------------------------------------------------

# greeting, how TLS is asked for, what an attacker puts behind it, what a client says first in TLS
PROTOCOLS = {
    "smtp": (["EHLO client"], "STARTTLS", "RSET\r\nNOOP\r\n", "QUIT", "221"),
    "submission": (["EHLO client"], "STARTTLS", f"EHLO evil\r\nMAIL FROM:<{ANNA}>\r\n", "QUIT", "221"),
    "imap": ([], "a STARTTLS", "b CAPABILITY\r\nc NOOP\r\n", "z LOGOUT", "* BYE"),
    "pop3": ([], "STLS", f"CAPA\r\nUSER {ANNA}\r\n", "QUIT", "+OK"),
}


def greeted(server, listener):
    session = Dialogue(server.connect(listener))
    session.line()
    for line in PROTOCOLS[listener][0]:
        session.say(line)
    return session


@pytest.mark.parametrize("listener", PROTOCOLS)
def test_what_comes_behind_starttls_in_the_clear_is_thrown_away(server, listener):
    _, starttls, injected, first, answer = PROTOCOLS[listener]
    with greeted(server, listener) as session:
        session.send(f"{starttls}\r\n{injected}")
        assert session.line().split()[0] in ("220", "a", "+OK")
        secured = Dialogue(insecure_tls().wrap_socket(session.socket))
        secured.send(first + "\r\n")
        assert secured.line().startswith(answer)
        secured.close()


@pytest.mark.parametrize("listener", PROTOCOLS)
def test_half_a_command_before_tls_is_no_command_in_it(server, listener):
    """The clear half and the secured half never meet."""
    _, starttls, _, first, answer = PROTOCOLS[listener]
    with greeted(server, listener) as session:
        session.send(f"{starttls}\r\nNO")
        session.line()
        secured = Dialogue(insecure_tls().wrap_socket(session.socket))
        secured.send(first + "\r\n")
        assert secured.line().startswith(answer)
        secured.close()


@pytest.mark.parametrize("listener", PROTOCOLS)
def test_starttls_then_no_tls_ends_the_session(server, listener):
    _, starttls, _, first, _ = PROTOCOLS[listener]
    with greeted(server, listener) as session:
        session.send(starttls + "\r\n")
        session.line()
        session.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + first + "\r\n")
        assert session.socket.recv(1000)[:1] in (b"", b"\x15")  # nothing, or an alert


class Halves:
    """TLS apart from its socket, so that either may end without the other."""

    def __init__(self, server, listener):
        self.plain = socket.create_connection((HOST, server.ports[listener]), timeout=60)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.secured = insecure_tls().wrap_bio(self.incoming, self.outgoing)
        self.play(self.secured.do_handshake)

    def play(self, act):
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self.plain.sendall(self.outgoing.read())
                assert self.incoming.write(self.plain.recv(65536)), "the server hung up"
            finally:
                if self.outgoing.pending:
                    self.plain.sendall(self.outgoing.read())

    def say(self, text):
        self.play(lambda: self.secured.write(text.encode()))

    def hear(self, end):
        said = b""
        while end not in said:
            said += self.play(lambda: self.secured.read(65536))

    def end_tls(self):
        with contextlib.suppress(ssl.SSLWantReadError):
            self.secured.unwrap()
        self.plain.sendall(self.outgoing.read())


@pytest.mark.parametrize("listener, said, heard", [
    ("submissions", f"EHLO x\r\nAUTH PLAIN {PLAIN}\r\nMAIL FROM:<{ANNA}>\r\nRCPT TO:<{ANNA}>\r\nBDAT 1000 LAST\r\nhalf", b"250 2.1.5"),
    ("submissions", f"EHLO x\r\nAUTH PLAIN {PLAIN}\r\nMAIL FROM:<{ANNA}>\r\nRCPT TO:<{ANNA}>\r\nDATA\r\nhalf", b"354 "),
    ("imaps", f"a LOGIN {ANNA} {PASSWORD}\r\nb APPEND INBOX {{1000+}}\r\nhalf", b"a OK"),
], ids=["BDAT", "DATA", "APPEND"])
def test_tls_that_ends_within_a_message(server, listener, said, heard):
    """CVE-2026-45185: a close_notify, and then bytes in the clear, which are nobody's."""
    halves = Halves(server, listener)
    halves.hear(b"\r\n")  # the greeting
    halves.say(said)
    halves.hear(heard)
    halves.end_tls()
    with contextlib.suppress(ConnectionError):
        halves.plain.sendall(b"x" * 1000 + b"\r\n.\r\nQUIT\r\n")
        while halves.plain.recv(65536):
            pass
    halves.plain.close()
    (child,) = server.children()
    assert server.messages() == [] and server.children() == [child]


# --- sign-in in the clear ----------------------------------------------------------------------


def test_sign_in_in_the_clear_is_neither_announced_nor_done(server):
    with greeted(server, "submission") as smtp:
        smtp.send("EHLO client\r\n")
        assert "AUTH" not in smtp.smtp_reply()[1]
        assert smtp.say("AUTH LOGIN") == 538
    with greeted(server, "imap") as imap:
        (capability, _) = imap.command("a", "CAPABILITY")
        assert "LOGINDISABLED" in capability and "AUTH=" not in capability
        assert imap.command("b", f"LOGIN {ANNA} {PASSWORD}")[-1].startswith("b NO [PRIVACYREQUIRED]")
        assert imap.command("c", "AUTHENTICATE PLAIN")[-1].startswith("c NO")
    with greeted(server, "pop3") as pop:
        pop.send("CAPA\r\n")
        lines = pop.until(".")
        assert not [line for line in lines if line.startswith(("SASL", "USER"))]
        for command in (f"USER {ANNA}", f"PASS {PASSWORD}", "AUTH PLAIN"):
            pop.send(command + "\r\n")
            assert pop.line().startswith("-ERR")


def test_networks_that_the_administrator_names_may(make_troika):
    troika = make_troika("anna", extra='clear_networks = ["127.0.0.0/8"];')
    client = troika.submission(tls=False)
    client.ehlo()
    assert client.has_extn("auth")
    client.login(ANNA, PASSWORD)
    client.quit()
    with imaplib.IMAP4(HOST, troika.ports["imap"]) as client:
        assert "LOGINDISABLED" not in client.capabilities and "AUTH=PLAIN" in client.capabilities
        client.login(ANNA, PASSWORD)
    with Dialogue(troika.connect("pop3")) as pop:
        for line in ("", f"USER {ANNA}\r\n", f"PASS {PASSWORD}\r\n"):
            pop.send(line)
            assert pop.line().startswith("+OK")


# --- versions and certificates -----------------------------------------------------------------


def versions_only(version):
    context = insecure_tls()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("listener", ["submissions", "imaps", "pop3s"])
@pytest.mark.parametrize("version, welcome", [
    (ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False),
    (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True),
])
def test_old_versions_of_tls_are_refused(server, listener, version, welcome):
    plain = socket.create_connection((HOST, server.ports[listener]), timeout=30)
    context = versions_only(version)
    if welcome:
        context.wrap_socket(plain).close()
    else:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(plain)


@pytest.mark.parametrize("cipher", ["eNULL", "aNULL"])
def test_weak_ciphers_are_refused(server, cipher):
    words = ["openssl", "s_client", "-connect", f"{HOST}:{server.ports['imaps']}", "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0"]
    result = subprocess.run(words, input=b"", capture_output=True, timeout=60)
    assert result.returncode != 0


def shown(server, name, listener="imaps"):
    """The subject's name that a client sees who asks for `name`."""
    context = insecure_tls()
    with socket.create_connection((HOST, server.ports[listener]), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=name) as secured:
            return subject(secured.getpeercert(binary_form=True))


def subject(certificate):
    words = ["openssl", "x509", "-inform", "DER", "-noout", "-subject", "-nameopt", "multiline"]
    text = subprocess.run(words, input=certificate, capture_output=True, check=True).stdout.decode()
    return text.split("=")[2 if "subject=" in text else 1].strip()


@pytest.fixture
def two_certificates(make_troika, tmp_path):
    troika = make_troika("anna", start=False)
    chain, key = make_certificate(tmp_path, "mail.second.example")
    text = troika.config.read_text()
    text = text.replace('key.pem"; } );', f'key.pem"; }}, {{ chain = "{chain}"; key = "{key}"; }} );')
    troika.config.write_text(text)
    return troika.start()


def test_the_name_that_is_asked_for_chooses_the_certificate(two_certificates):
    assert shown(two_certificates, "mail.second.example") == "mail.second.example"
    assert shown(two_certificates, "MAIL.Second.Example") == "mail.second.example"
    for other in (f"mail.{DOMAIN}", "unknown.example", None):
        assert shown(two_certificates, other) == f"mail.{DOMAIN}"


def test_a_new_certificate_drops_no_session(troika):
    imap = troika.imap()
    clear = Dialogue(troika.connect("smtp"))
    clear.smtp_reply()
    clear.say("EHLO client")
    old = ssl.get_server_certificate((HOST, troika.ports["imaps"]))
    make_certificate(troika.folder, f"mail.{DOMAIN}", "localhost", HOST)
    troika.process.send_signal(signal.SIGHUP)
    wait_until(lambda: ssl.get_server_certificate((HOST, troika.ports["imaps"])) != old, "the new certificate")
    assert imap.noop()[0] == "OK" and imap.select()[0] == "OK"
    imap.logout()
    assert clear.say("NOOP") == 250
    assert clear.say("STARTTLS") == 220
    new = insecure_tls().wrap_socket(clear.socket).getpeercert(binary_form=True)
    assert ssl.DER_cert_to_PEM_cert(new) != old


def test_a_certificate_that_does_not_fit_changes_nothing(troika):
    old = ssl.get_server_certificate((HOST, troika.ports["imaps"]))
    troika.key.write_text("no key at all\n")
    troika.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "certificates-refused" in troika.log(), "the complaint")
    assert ssl.get_server_certificate((HOST, troika.ports["imaps"])) == old
    troika.send()
    assert len(troika.messages()) == 1
