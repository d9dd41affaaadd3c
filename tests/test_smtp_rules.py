"""Who may send what to whom: relaying, senders, recipients, limits."""

import base64
import email
import smtplib

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika, message, wait_until

ANNA, BORIS = f"anna@{DOMAIN}", f"boris@{DOMAIN}"
LIMITS = (
    "limits = { sessions_per_address = 0; new_sessions_per_second = 0; wrong_passwords_per_hour = 1000;"
    ' message_size = "100K"; sessions_per_account = 0; letters_per_hour = 0; };'
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("rules"), LIMITS) as server:
        server.add_accounts("anna", "boris", "full", "gone", "busy", "forwarder")
        yield server.start()


@pytest.fixture
def smtp(server):
    with Dialogue(server.connect("smtp")) as smtp:
        smtp.smtp_reply()
        smtp.say("EHLO client.example.org")
        yield smtp


@pytest.fixture
def submission(server):
    with sign_in(server, "anna") as smtp:
        yield smtp


def sign_in(server, name):
    smtp = Dialogue(server.connect("submissions"))
    smtp.smtp_reply()
    smtp.say("EHLO client.example.org")
    plain = base64.b64encode(f"\0{name}@{DOMAIN}\0{PASSWORD}".encode()).decode()
    assert smtp.say(f"AUTH PLAIN {plain}") == 235
    return smtp


def transact(smtp, sender, *recipients, text=None):
    """The reply to a whole transaction's data; recipients must be accepted."""
    assert smtp.say(f"MAIL FROM:<{sender}>") == 250
    for recipient in recipients:
        assert smtp.say(f"RCPT TO:<{recipient}>") == 250
    assert smtp.say("DATA") == 354
    smtp.send((text or message(sender=sender, to=recipients[0])) + b".\r\n")
    return smtp.smtp_reply()


def subjects(server, name):
    return [email.message_from_bytes(text)["Subject"] for text in server.messages(name)]


# --- never an open relay -------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["you@example.org", "", ANNA, "you@[127.0.0.1]", f"root@mail.{DOMAIN}", "you@localhost"])
@pytest.mark.parametrize("recipient", [
    "victim@example.net", f"victim%example.net@{DOMAIN}", f"victim%example.net@[127.0.0.1]", "example.net!victim",
    f"@{DOMAIN}:victim@example.net", '"victim@example.net"', f'"victim@example.net"@{DOMAIN}', '"victim%example.net"',
    f'"victim%example.net"@{DOMAIN}', f"victim@example.net@{DOMAIN}", "victim@example.net@[127.0.0.1]",
    "victim@[127.0.0.1]", f"{DOMAIN}!victim%example.net", f"{DOMAIN}!victim@example.net", f"example.net!victim@{DOMAIN}",
    "victim@example.net.", f"anna@{DOMAIN}.", f"victim@mail.{DOMAIN}", f"victim@x.{DOMAIN}", "victim@localhost", "victim",
    f"anna@{DOMAIN}\\@example.net", f"@example.net:victim@example.net", f"anna@example.net@{DOMAIN}", "victim@[IPv6:::1]",
])
def test_strangers_relay_nothing(smtp, sender, recipient):
    assert smtp.say(f"MAIL FROM:<{sender}>") == 250
    assert smtp.say(f"RCPT TO:<{recipient}>") in (501, 550)
    assert smtp.say("DATA") == 503


@pytest.mark.parametrize("command", ["XCLIENT ADDR=127.0.0.1 LOGIN=anna", "XFORWARD ADDR=127.0.0.1", "PROXY TCP4 127.0.0.1 127.0.0.1 1 25"])
def test_nobody_is_believed_who_they_are(smtp, command):
    assert smtp.say(command) == 500


def test_a_source_route_to_our_people_is_only_a_detour(server, smtp):
    """RFC 5321 appendix C: accepted and ignored."""
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say(f"RCPT TO:<@example.net,@{DOMAIN}:{ANNA}>") == 250


def test_a_server_without_a_domain_refuses_nobody_for_good(make_troika):
    """What comes before the installation is done waits at its sender's."""
    troika = make_troika()
    with Dialogue(troika.connect("smtp")) as smtp:
        smtp.smtp_reply()
        smtp.say("EHLO client.example.org")
        assert smtp.say("MAIL FROM:<you@example.org>") == 250
        smtp.send(f"RCPT TO:<{ANNA}>\r\nRCPT TO:<postmaster>\r\n")
        assert [smtp.smtp_reply() for _ in range(2)] == [(451, "4.3.5 This server is not set up yet, try again later\r\n")] * 2
        troika.add_accounts("anna")
        assert smtp.say(f"RCPT TO:<{ANNA}>") == 250
        assert smtp.say("RCPT TO:<victim@example.net>") == 550


# --- recipients ------------------------------------------------------------------------------


def test_a_plus_part_reaches_its_account(server, smtp):
    server.run("account", "add", f"plus@{DOMAIN}", input=f"{PASSWORD}\n")
    assert transact(smtp, "you@example.org", f"plus+lists@{DOMAIN}")[0] == 250
    (stored,) = server.messages("plus")
    assert email.message_from_bytes(stored)["Delivered-To"] == f"plus+lists@{DOMAIN}"
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say(f"RCPT TO:<nobody+lists@{DOMAIN}>") == 550


def test_an_alias_reaches_all_its_targets_once(server, smtp):
    for name in ("first", "second"):
        server.run("account", "add", f"{name}@{DOMAIN}", input=f"{PASSWORD}\n")
    server.run("alias", "add", f"inner@{DOMAIN}", f"first@{DOMAIN}", f"second@{DOMAIN}")
    server.run("alias", "add", f"all@{DOMAIN}", f"inner@{DOMAIN}", f"first@{DOMAIN}")
    assert transact(smtp, "you@example.org", f"all@{DOMAIN}", f"first@{DOMAIN}")[0] == 250
    assert len(server.messages("first")) == len(server.messages("second")) == 1


def test_aliases_that_lead_to_themselves_are_refused(server, smtp):
    server.run("alias", "add", f"left@{DOMAIN}", f"right@{DOMAIN}")
    server.run("alias", "add", f"right@{DOMAIN}", f"left@{DOMAIN}", check=False)
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say(f"RCPT TO:<left@{DOMAIN}>") == 550


def test_a_catch_all_gets_what_nobody_has(server, smtp):
    server.run("domain", "add", "catching.test")
    server.run("account", "add", "someone@catching.test", input=f"{PASSWORD}\n")
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say("RCPT TO:<anything@catching.test>") == 550
    server.run("domain", "catch-all", "catching.test", "someone@catching.test")
    assert smtp.say("RCPT TO:<anything@catching.test>") == 250
    assert smtp.say("RCPT TO:<victim%example.net@catching.test>") == 250
    assert smtp.say("RCPT TO:<victim@x.catching.test>") == 550


@pytest.mark.parametrize("address", ["postmaster", "Postmaster", f"postmaster@{DOMAIN}", f"POSTMASTER@{DOMAIN.upper()}", f"postmaster+x@{DOMAIN}"])
def test_postmaster_is_always_there(server, smtp, address):
    before = len(server.messages("anna"))  # the first account of the domain
    assert transact(smtp, "", address, text=message("to postmaster"))[0] == 250
    assert len(server.messages("anna")) == before + 1


def test_a_full_mailbox_is_told_at_rcpt(server, smtp):
    server.run("account", "limit", f"full@{DOMAIN}", "--quota", "20K")
    text = message(to=f"full@{DOMAIN}", body=("x" * 70 + "\r\n") * 200)
    assert transact(smtp, "you@example.org", f"full@{DOMAIN}", text=text)[0] == 250
    code, words = transact(smtp, "you@example.org", f"full@{DOMAIN}", text=text)
    assert (code, words[:5]) == (452, "4.2.2")
    assert smtp.say("MAIL FROM:<you@example.org> SIZE=10000") == 250
    assert smtp.say(f"RCPT TO:<full@{DOMAIN}>") == 452
    assert smtp.say(f"RCPT TO:<{BORIS}>") == 250
    assert len(server.messages("full")) == 1


def test_a_full_mailbox_keeps_nobody_else_from_the_message(server, smtp):
    """The others have it at once; the full one gets it from the queue."""
    server.run("account", "add", f"brim@{DOMAIN}", input=f"{PASSWORD}\n")
    server.run("account", "limit", f"brim@{DOMAIN}", "--quota", "2K")
    text = message("for both", to=BORIS, body=("x" * 70 + "\r\n") * 50)
    assert transact(smtp, "you@example.org", f"brim@{DOMAIN}", BORIS, text=text)[0] == 250
    assert "for both" in subjects(server, "boris")
    assert f"brim@{DOMAIN}" in server.run("queue", "list")
    server.run("account", "limit", f"brim@{DOMAIN}", "--quota", "0")
    server.run("queue", "retry", "--all")
    wait_until(lambda: subjects(server, "brim") == ["for both"], "the queue to deliver")


def test_a_disabled_account_neither_receives_nor_sends(server, smtp):
    session = sign_in(server, "gone")
    server.run("account", "disable", f"gone@{DOMAIN}")
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say(f"RCPT TO:<gone@{DOMAIN}>") == 550
    with session:  # it had signed in before
        assert session.say(f"MAIL FROM:<gone@{DOMAIN}>") == 553
    with pytest.raises(smtplib.SMTPAuthenticationError):
        server.submission("gone")
    server.run("account", "enable", f"gone@{DOMAIN}")
    server.submission("gone").quit()


def test_one_message_to_a_hundred_is_one_blob(server, smtp):
    server.run("domain", "add", "hundred.test")
    names = [f"r{number}" for number in range(100)]
    hash = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"
    for name in names:
        server.run("account", "add", f"{name}@hundred.test", "--hash", input=hash)
    code, _ = transact(smtp, "you@example.org", *[f"{name}@hundred.test" for name in names],
                       text=message("to all", body="x" * 900 + "\r\n"))
    assert code == 250
    listing = server.run("account", "list", "hundred.test")
    assert all(f"{name}@hundred.test" in listing for name in names)
    for name in names:
        assert server.run("account", "show", f"{name}@hundred.test").split("INBOX")[1].split()[0] == "1"


def test_more_recipients_than_a_message_may_have(server):
    # A thousand by default, told one by one; those before are kept.
    with Dialogue(server.connect("smtp")) as smtp:
        smtp.smtp_reply()
        smtp.say("EHLO client")
        smtp.say("MAIL FROM:<you@example.org>")
        smtp.send(f"RCPT TO:<{ANNA}>\r\n" * 1010)
        codes = [smtp.smtp_reply()[0] for _ in range(1010)]
        assert codes == [250] * 1000 + [452] * 10
        before = len(server.messages("anna"))
        assert smtp.say("DATA") == 354
        smtp.send(message() + b".\r\n")
        assert smtp.smtp_reply()[0] == 250
        assert len(server.messages("anna")) == before + 1  # the same mailbox a thousand times


def test_a_list_of_ten_thousand_fits_once(server, smtp):
    server.run("domain", "add", "lists.test")
    parts = [f"part{number}@lists.test" for number in range(10)]
    for number, part in enumerate(parts):
        server.run("alias", "add", part, *[f"reader{number}.{each}@example.net" for each in range(1000)])
    server.run("alias", "add", "everybody@lists.test", *parts)
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say("RCPT TO:<everybody@lists.test>") == 250
    assert [smtp.say("RCPT TO:<everybody@lists.test>") for _ in range(20)] == [452] * 20
    assert smtp.say(f"RCPT TO:<{ANNA}>") == 452  # it goes in a message of its own
    assert smtp.say("RSET") == 250
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say(f"RCPT TO:<{ANNA}>") == 250


# --- senders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [ANNA, f"ANNA@{DOMAIN.upper()}", f"anna+lists@{DOMAIN}", ""])
def test_people_send_as_themselves(submission, sender):
    assert submission.say(f"MAIL FROM:<{sender}>") == 250


@pytest.mark.parametrize("sender", [BORIS, "anna@example.org", f"nobody@{DOMAIN}", f"postmaster@{DOMAIN}", f"root@mail.{DOMAIN}", f"anna@x.{DOMAIN}"])
def test_and_not_as_others(submission, sender):
    assert submission.say(f"MAIL FROM:<{sender}>") == 553


def test_an_alias_is_an_address_of_ones_own(server, submission):
    server.run("alias", "add", f"office@{DOMAIN}", ANNA, BORIS)
    text = message(sender=f"office@{DOMAIN}", to=BORIS)
    assert transact(submission, f"office@{DOMAIN}", BORIS, text=text)[0] == 250


OTHER = "boss@example.net"


@pytest.mark.parametrize("header", [
    f"From: {OTHER}",
    f"From: {BORIS}",
    f"From: Anna <{ANNA}>, Boss <{OTHER}>",
    f"From: {ANNA}\r\nFrom: {OTHER}",
    f"From: {ANNA}\r\nFROM : {OTHER}",
    f"From: {ANNA}\r\nfrom: {ANNA}",
    f"From : {OTHER}\r\nFrom: {ANNA}",
    f"From\t: {OTHER}\r\nFrom: {ANNA}",
    f"From: {ANNA}\r\n {OTHER}",
    f"From: <{ANNA}>\r\n\t<{OTHER}>",
    f"From: <{ANNA}>, <{OTHER}>",
    f"From: <@{DOMAIN}:{OTHER}>",
    f"From: <{OTHER}>{ANNA}",
    f"From: {ANNA}; {OTHER}",
    f"From: group: {ANNA}, {OTHER};",
    f"From: {ANNA}\r\nSender: {OTHER}",
    f"From: {ANNA}\r\nSender: {ANNA}\r\nSender: {ANNA}",
    f"Sender: {ANNA}",
    f"X: y\r\n \r\nFrom: {OTHER}",
    f"From: {ANNA}\r\n \r\nFrom: {OTHER}",
    f"From: {ANNA}\r\nno field at all\r\nFrom: {OTHER}",
    f"From: =?utf-8?b?{base64.b64encode(OTHER.encode()).decode()}?=",
    f'From: "{ANNA}" {OTHER}',
    "From: boss@[192.0.2.1]",
    "From: boss",
    "From:",
    "From: group:;",
])
def test_from_and_sender_are_ones_own(submission, header):
    text = f"{header}\r\nTo: {BORIS}\r\nSubject: x\r\n\r\ntext\r\n".encode()
    code, words = transact(submission, ANNA, BORIS, text=text)
    assert (code, words[:2]) == (550, "5."), words
    assert submission.say("NOOP") == 250


@pytest.mark.parametrize("header", [
    f"From: {ANNA}",
    f"FROM: =?utf-8?q?=D0=90=D0=BD=D0=BD=D0=B0?= <{ANNA}>",
    f"From: (a comment) Anna\r\n <anna+x@{DOMAIN}>",
    f"From: Anna <{ANNA}>, Anna <anna+y@{DOMAIN}>\r\nSender: {ANNA}",
    f'From: "boss@example.net (not really)" <{ANNA}>',
])
def test_from_as_programs_write_it(submission, header):
    text = f"{header}\r\nTo: {BORIS}\r\nSubject: x\r\n\r\ntext\r\n".encode()
    assert transact(submission, ANNA, BORIS, text=text)[0] == 250


def test_what_a_submission_lacks_is_added_once(server, submission):
    bare = f"From: {ANNA}\r\nSubject: bare one\r\n\r\ntext\r\n".encode()
    whole = message("whole one", sender=ANNA, to=BORIS)
    assert transact(submission, ANNA, BORIS, text=bare)[0] == 250
    assert transact(submission, ANNA, BORIS, text=whole)[0] == 250
    stored = {m["Subject"]: m for m in map(email.message_from_bytes, server.messages("boris"))}
    for subject in ("bare one", "whole one"):
        assert len(stored[subject].get_all("Date")) == 1
        assert len(stored[subject].get_all("Message-ID")) == 1
    assert stored["whole one"]["Message-ID"] == "<whole.one@example.org>"


BLIND = (f"Return-Path: <before@example.net>\r\nFrom: {ANNA}\r\nBcc: {BORIS},\r\n secret@example.net\r\n\tanother@example.net\r\nTo: {BORIS}\r\n"
         f"bcc : third@example.net\r\nResent-Bcc: fourth@example.net\r\nBCC:\r\nX-Bcc: mine\r\nSubject: blind")
BODY = "\r\n\r\nBcc: is only text here\r\n"


# Return-Path is the last server's to write (RFC 5321 4.4).
@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_blind_copies_stay_blind(server, submission, pieces):
    subject = f"blind {pieces}"
    text = (BLIND.replace("blind", subject) + BODY).encode()
    assert submission.say(f"MAIL FROM:<{ANNA}>") == 250
    assert submission.say(f"RCPT TO:<{BORIS}>") == 250
    for at in range(0, len(text), pieces):
        piece = text[at:at + pieces]
        submission.send(f"BDAT {len(piece)}\r\n".encode() + piece)
        assert submission.smtp_reply()[0] == 250
    assert submission.say("BDAT 0 LAST") == 250
    stored = next(text for text in server.messages("boris") if f"Subject: {subject}\r\n".encode() in text)
    assert stored.endswith(f"\r\nFrom: {ANNA}\r\nTo: {BORIS}\r\nX-Bcc: mine\r\nSubject: {subject}{BODY}".encode())
    assert b"example.net" not in stored


def test_strangers_blind_copies_are_their_own_affair(server, smtp):
    text = b"From: you@example.org\r\nBcc: someone@example.net\r\nSubject: theirs\r\n\r\ntext\r\n"
    assert transact(smtp, "you@example.org", BORIS, text=text)[0] == 250
    assert server.messages("boris")[-1].endswith(text)


def test_strangers_mail_is_not_touched(server, smtp):
    text = b"X-Only: this\r\n\r\nno date, no id\r\n"
    assert transact(smtp, "you@example.org", BORIS, text=text)[0] == 250
    assert server.messages("boris")[-1].endswith(b"\r\nX-Only: this\r\n\r\nno date, no id\r\n")
    assert email.message_from_bytes(server.messages("boris")[-1])["Date"] is None


def test_letters_per_hour(server):
    server.run("account", "limit", f"busy@{DOMAIN}", "--letters-per-hour", "3")
    busy = f"busy@{DOMAIN}"
    with sign_in(server, "busy") as smtp:
        assert transact(smtp, busy, BORIS, ANNA)[0] == 250
        code, words = transact(smtp, busy, BORIS, ANNA)
        assert (code, words[:5]) == (451, "4.7.1")
        assert transact(smtp, busy, BORIS)[0] == 250
        assert transact(smtp, busy, BORIS)[0] == 451
    with sign_in(server, "anna") as smtp:  # others are free
        assert transact(smtp, ANNA, BORIS)[0] == 250


def test_letters_per_hour_that_end_at_once(server):
    """What another session has used up since the first look is told in the same words."""
    rash = f"rash@{DOMAIN}"
    server.run("account", "add", rash, input=f"{PASSWORD}\n")
    server.run("account", "limit", rash, "--letters-per-hour", "1")
    sessions = [sign_in(server, "rash") for _ in range(20)]
    for session in sessions:
        assert session.say(f"MAIL FROM:<{rash}>") == 250
        assert session.say(f"RCPT TO:<{BORIS}>") == 250
        assert session.say("DATA") == 354
        session.send(message(sender=rash, to=BORIS))
    for session in sessions:
        session.send(b".\r\n")
    replies = [session.smtp_reply() for session in sessions]
    assert [code for code, _ in replies].count(250) == 1
    others = {f"{code} {words[:5]}" for code, words in replies if code != 250}
    assert others == {"451 4.7.1"}
    for session in sessions:
        session.close()


# --- sizes and loops ---------------------------------------------------------------------------


def test_mail_that_goes_in_a_circle(server, smtp):
    line = b"Received: from a by b; Mon, 02 Jan 2006 15:04:05 +0000\r\n"
    code, words = transact(smtp, "you@example.org", BORIS, text=line * 51 + message())
    assert (code, words[:5]) == (554, "5.4.6")
    assert transact(smtp, "you@example.org", BORIS, text=line * 50 + message())[0] == 250


def test_a_message_that_is_too_large_is_refused_at_its_end(server, smtp):
    body = ("x" * 98 + "\r\n") * 1200
    code, words = transact(smtp, "you@example.org", BORIS, text=message(body=body))
    assert (code, words[:5]) == (552, "5.3.4")
    assert transact(smtp, "you@example.org", BORIS)[0] == 250


def test_and_in_chunks_too(server, smtp):
    chunk = b"x" * 60000
    assert smtp.say("MAIL FROM:<you@example.org>") == 250
    assert smtp.say(f"RCPT TO:<{BORIS}>") == 250
    smtp.send(b"BDAT 60000\r\n" + chunk)
    assert smtp.smtp_reply()[0] == 250
    smtp.send(b"BDAT 60000 LAST\r\n" + chunk)
    assert smtp.smtp_reply()[0] == 552
    assert smtp.say("DATA") == 503


BINARY_PART = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"


def send_binary(server, text, recipient=BORIS):
    with Dialogue(server.connect("smtp")) as smtp:
        smtp.smtp_reply()
        smtp.say("EHLO client.example.org")
        assert smtp.say("MAIL FROM:<you@example.org> BODY=BINARYMIME") == 250
        assert smtp.say(f"RCPT TO:<{recipient}>") == 250
        smtp.send(b"BDAT %d LAST\r\n" % len(text) + text)
        return smtp.smtp_reply()


@pytest.mark.parametrize("size", [5000, 3 << 20], ids=["small", "large"])
def test_binary_content_is_whole_for_every_program(make_troika, size):
    """RFC 3030 3. No literal of IMAP holds a NUL (RFC 3501 9: CHAR8), and in POP3 it came as 0x80."""
    data = bytes(range(256)) * (size // 256)
    troika = make_troika("boris")
    assert send_binary(troika, b"Subject: binary\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                       b"--b\r\n\r\nwords\r\n--b\r\n" + BINARY_PART + data + b"\r\n--b--\r\n")[0] == 250
    (whole,) = troika.messages("boris")
    pop = troika.pop3("boris")
    assert b"\r\n".join(pop.retr(1)[1]) + b"\r\n" == whole and b"\0" not in whole
    pop.quit()
    words, part = email.message_from_bytes(whole).get_payload()
    assert words.get_payload().rstrip() == "words" and part["Content-Transfer-Encoding"] == "base64"
    assert part.get_payload(decode=True) == data
    imap = troika.imap("boris")
    imap.select()
    (_, decoded), _ = imap.fetch("1", "BINARY.PEEK[2]")[1]
    assert decoded == data
    imap.logout()


def test_binary_content_that_nothing_can_encode_is_refused(make_troika):
    troika = make_troika("boris")
    for text in (b"Subject: a\0b\r\n\r\ntext\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n\0\r\n--b\r\n\r\nx\r\n--b--\r\n"):
        code, words = send_binary(troika, text)
        assert (code, words[:5]) == (550, "5.6.0")
    assert troika.messages("boris") == []


def test_received_says_how_it_came(server):
    server.run("account", "add", f"traces@{DOMAIN}", input=f"{PASSWORD}\n")
    to = [f"traces@{DOMAIN}"]
    with server.smtp() as client:
        client.helo("plain);by.evil(.example")
        client.sendmail("you@example.org", to, message("helo"))
    with server.smtp() as client:
        client.ehlo("[192.0.2.1]")
        client.sendmail("you@example.org", to, message("ehlo"))
    with server.smtp() as client:
        client.ehlo("client")
        client.mail("you@example.org", ["SMTPUTF8", "BODY=8BITMIME"])
        client.rcpt(to[0])
        client.data(message("utf8"))
    with server.submission("anna") as client:
        client.sendmail(ANNA, to, message("own", sender=ANNA))
    received = {m["Subject"]: m["Received"] for m in map(email.message_from_bytes, server.messages("traces"))}
    assert "from plain??by.evil?.example ([127.0.0.1])" in received["helo"] and "with SMTP id" in received["helo"]
    assert "from [192.0.2.1] ([127.0.0.1])" in received["ehlo"] and "with ESMTP id" in received["ehlo"]
    assert "with UTF8SMTP id" in received["utf8"]
    assert "with ESMTPSA id" in received["own"] and "TLSv1.3" in received["own"]
    assert "([127.0.0.1])" not in received["own"]  # where our people sit is their own affair
