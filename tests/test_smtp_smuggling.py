"""CVE-2023-51764 and its kin: what only looks like an end of data ends nothing.

The message is refused at its real end, its second half never becomes a message of its own, and
the session goes on."""

import base64
import re

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika

FALSE_ENDS = [
    "\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\r\n",
    "\r\r\n.\r\r\n", "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n.\r\0\n", "\r\n.\n\r\n", "\n\n.\r\n",
]
# What every line end must be; each of these in a header, in the body, at the very end.
FLAWS = {"bare CR": "a\rb\r\n", "bare LF": "a\nb\r\n", "NUL": "a\0b\r\n", "LF at the end": "a\r\nb\n\r\n", "CR CR LF": "a\r\r\n"}

SMUGGLED = (
    f"MAIL FROM:<you@example.org>\r\nRCPT TO:<boris@{DOMAIN}>\r\nDATA\r\n"
    f"From: anna@{DOMAIN}\r\nSubject: smuggled\r\n\r\nsecond\r\n.\r\nNOOP\r\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("smuggling")) as server:
        server.add_accounts("anna", "boris")
        yield server.start()


def begin(server, listener):
    """A transaction up to 354."""
    smtp = Dialogue(server.connect(listener))
    smtp.smtp_reply()
    assert smtp.say("EHLO client") == 250
    if listener != "smtp":
        plain = base64.b64encode(f"\0anna@{DOMAIN}\0{PASSWORD}".encode()).decode()
        assert smtp.say(f"AUTH PLAIN {plain}") == 235
    assert smtp.say(f"MAIL FROM:<anna@{DOMAIN}>") == 250
    assert smtp.say(f"RCPT TO:<anna@{DOMAIN}>") == 250
    return smtp


def refused_once(smtp):
    """One refusal, then the session takes the next message as if nothing had been."""
    code, text = smtp.smtp_reply()
    assert (code, text[:5]) == (550, "5.6.0"), text
    assert smtp.say("NOOP") == 250
    assert smtp.say("DATA") == 503
    assert smtp.say(f"MAIL FROM:<anna@{DOMAIN}>") == 250


@pytest.mark.parametrize("listener", ["smtp", "submissions"])
@pytest.mark.parametrize("end", FALSE_ENDS, ids=repr)
def test_a_false_end_ends_nothing(server, listener, end):
    with begin(server, listener) as smtp:
        assert smtp.say("DATA") == 354
        smtp.send(f"From: anna@{DOMAIN}\r\nSubject: outer\r\n\r\nfirst{end}{SMUGGLED}".replace("NOOP\r\n", ""))
        refused_once(smtp)


@pytest.mark.parametrize("end", FALSE_ENDS, ids=repr)
def test_a_false_end_in_pieces_ends_nothing(server, end):
    """Byte by byte: no state is lost between two reads."""
    with begin(server, "smtp") as smtp:
        assert smtp.say("DATA") == 354
        smtp.socket.setsockopt(6, 1, 1)  # TCP_NODELAY
        for byte in f"S: x\r\n\r\na{end}RSET\r\n.\r\n":
            smtp.send(byte)
        refused_once(smtp)


@pytest.mark.parametrize("place", ["header", "body", "end"])
@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flawed_line_refuses_the_message(server, flaw, place):
    texts = {
        "header": f"Subject: x\r\nX-Flaw: {FLAWS[flaw]}\r\nbody\r\n",
        "body": f"Subject: x\r\n\r\n{FLAWS[flaw]}more\r\n",
        "end": f"Subject: x\r\n\r\n{FLAWS[flaw]}",
    }
    with begin(server, "smtp") as smtp:
        assert smtp.say("DATA") == 354
        smtp.send(texts[place] + ".\r\n")
        refused_once(smtp)


@pytest.mark.parametrize("end", FALSE_ENDS, ids=repr)
def test_a_false_end_in_a_chunk_refuses_the_message(server, end):
    """Octets are counted there, but the next server may get them by DATA."""
    with begin(server, "smtp") as smtp:
        text = f"Subject: x\r\n\r\nfirst{end}{SMUGGLED}".encode()
        smtp.send(f"BDAT {len(text)} LAST\r\n".encode() + text)
        refused_once(smtp)


def test_a_false_end_split_over_chunks_refuses_the_message(server):
    with begin(server, "smtp") as smtp:
        for part in ("Subject: x\r\n\r\na\r", "\n.\r", "\r\n"):
            smtp.send(f"BDAT {len(part)}\r\n{part}")
            assert smtp.smtp_reply()[0] == 250
        smtp.send("BDAT 0 LAST\r\n")
        refused_once(smtp)


def test_nothing_of_all_that_was_kept(server):
    assert server.messages("anna") == [] and server.messages("boris") == []


def test_binary_mail_keeps_its_dots_on_the_way_out(make_troika):
    """What BINARYMIME may hold ends no answer of POP3 either. Outside of binary parts a line ends in CRLF."""
    troika = make_troika("anna", "boris")
    text = b"Subject: binary\r\n\r\na\n.\nb\r\n.\r\nc\r.\r\n.\r\r\nd\n.\r\nend"
    kept = re.sub(rb"(?<!\r)\n", b"\r\n", text)
    with Dialogue(troika.connect("smtp")) as smtp:
        smtp.smtp_reply()
        smtp.say("EHLO client")
        smtp.say("MAIL FROM:<you@example.org> BODY=BINARYMIME")
        smtp.say(f"RCPT TO:<anna@{DOMAIN}>")
        smtp.send(b"BDAT %d LAST\r\n" % len(text) + text)
        assert smtp.smtp_reply()[0] == 250
    (stored,) = troika.messages()
    assert stored.endswith(kept)
    with Dialogue(troika.connect("pop3s")) as pop:
        for line in ("", f"USER anna@{DOMAIN}", f"PASS {PASSWORD}", "RETR 1"):
            pop.send(line + "\r\n" if line else b"")
            assert pop.line().startswith("+OK")
        pop.send("NOOP\r\n")
        answer = b""
        while not answer.endswith(b"\r\n.\r\n+OK"):
            answer += pop.file.read(1)
        assert b"".join(unstuffed(answer.removesuffix(b"\r\n.\r\n+OK"))).endswith(kept)


def unstuffed(answer):
    """A client that takes LF for a line's end, too."""
    return [re.sub(rb"\A\.", b"", line) for line in re.split(rb"(?<=\n)", answer)]
