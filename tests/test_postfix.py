"""Postfix on the other side, over TLS: what it brings to us, and what we bring to it."""

import email

import pytest
from lib_postfix import Postfix
from lib_troika import DOMAIN, HOST, message, wait_until

ANNA, BORIS, SOMEBODY = f"anna@{DOMAIN}", f"boris@{DOMAIN}", "somebody@away.test"
AWKWARD = ".\r\n..two dots\r\nблин\r\n" + "x" * 990 + "\r\n\r\nFrom here\r\n"


@pytest.fixture
def postfix(troika):
    with Postfix(troika) as postfix:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{postfix.port}")
        yield postfix


def submit(troika, to, text, **options):
    with troika.submission() as client:
        client.sendmail(ANNA, [to], text, **options)


def report(texts):
    """The status fields of the one recipient in the only report among these."""
    (text,) = [text for text in texts if b"multipart/report" in text]
    return email.message_from_bytes(text).get_payload()[1].get_payload()[1]


# --- Postfix brings ------------------------------------------------------------------------------


def test_it_brings_mail_to_several_over_tls(troika, postfix):
    with postfix.smtp() as client:
        client.sendmail(SOMEBODY, [ANNA, BORIS, f"anna+plus@{DOMAIN}"], message("brought", sender=SOMEBODY, body=AWKWARD))
    wait_until(lambda: troika.messages("boris"), f"the letter; {postfix.log()[-2000:]}")
    for name in ("anna", "boris"):
        (text,) = troika.messages(name)
        assert text.endswith(b"\r\n\r\n" + AWKWARD.encode())
        received = email.message_from_bytes(text).get_all("Received")
        assert "from postfix.away.test" in received[0] and "with ESMTPS id" in received[0] and "TLSv1.3" in received[0]
        assert "by postfix.away.test (Postfix)" in received[1]
    wait_until(lambda: not postfix.queue(), "an empty queue")


def test_its_sendmail_brings_a_large_letter(troika, postfix):
    body = "".join(f"line {number} {'x' * 60}\n" for number in range(50000))
    postfix.run("sendmail", "-f", SOMEBODY, ANNA, input=f"Subject: large\nFrom: {SOMEBODY}\nTo: {ANNA}\n\n{body}".encode())
    wait_until(lambda: troika.messages("anna"), f"the letter; {postfix.log()[-2000:]}")
    assert troika.messages("anna")[0].endswith(b"\r\n\r\n" + body.replace("\n", "\r\n").encode())


def test_it_keeps_what_we_put_off_and_brings_it_later(make_troika):
    troika = make_troika()  # without a domain nothing is refused for good
    with Postfix(troika) as postfix:
        with postfix.smtp() as client:
            client.sendmail(SOMEBODY, [ANNA], message("early", sender=SOMEBODY))
        wait_until(lambda: "451 4.3.5 This server is not set up yet" in postfix.log(), "a first try")
        assert len(postfix.queue()) == 1 and not postfix.letters()
        troika.add_accounts("anna")
        postfix.run("postqueue", "-f")
        wait_until(lambda: troika.messages("anna"), f"the letter; {postfix.log()[-2000:]}")


def test_it_tells_its_sender_what_we_refuse(troika, postfix):
    with postfix.smtp() as client:
        client.sendmail(SOMEBODY, [f"nobody@{DOMAIN}"], message("in vain", sender=SOMEBODY))
    wait_until(postfix.letters, "Postfix's report")
    status = report(postfix.letters())
    assert status["Action"] == "failed" and status["Status"] == "5.1.1"
    assert "550 5.1.1 No such address here" in status["Diagnostic-Code"]


def test_it_hands_on_the_wish_for_a_report_of_success(troika, postfix):
    with postfix.smtp() as client:
        client.sendmail(SOMEBODY, [ANNA], message("asked", sender=SOMEBODY),
                        mail_options=["ENVID=one"], rcpt_options=["NOTIFY=SUCCESS", "ORCPT=rfc822;first@away.test"])
    wait_until(postfix.letters, f"our report; {troika.log()[-2000:]}")
    (text,) = postfix.letters()
    status = report([text])
    assert status["Action"] == "delivered" and status["Final-Recipient"] == f"rfc822; {ANNA}"
    assert status["Original-Recipient"] == "rfc822; first@away.test"
    assert b"Reporting-MTA: dns; mail.troika.test" in text and b"Original-Envelope-Id: one" in text


# --- and we bring --------------------------------------------------------------------------------


def test_we_bring_mail_to_it_over_tls(troika, postfix):
    submit(troika, SOMEBODY, message("ours", sender=ANNA, to=SOMEBODY, body=AWKWARD), mail_options=["BODY=8BITMIME"])
    wait_until(postfix.letters, f"the letter; {troika.log()[-2000:]}")
    (text,) = postfix.letters()
    assert text.endswith(b"\n\n" + AWKWARD.replace("\r\n", "\n").encode())
    received = email.message_from_bytes(text).get_all("Received")
    assert f"from mail.{DOMAIN}" in received[0] and "TLSv1.3" in received[0] and "with ESMTPSA" in received[1]
    line = next(line for line in troika.log().splitlines() if "relay.delivered" in line)
    assert "tls=\"TLSv1.3" in line and "250 2.0.0 Ok: queued" in line
    wait_until(lambda: troika.run("--json", "queue", "list").strip() == "[]", "an empty queue")


def test_its_refusal_comes_back_and_its_delay_stays_in_the_queue(troika, postfix):
    submit(troika, "nobody@away.test", message("in vain", sender=ANNA, to="nobody@away.test"))
    submit(troika, "later@away.test", message("later", sender=ANNA, to="later@away.test"))
    wait_until(lambda: troika.messages("anna"), f"our report; {troika.log()[-2000:]}")
    status = report(troika.messages("anna"))
    assert status["Action"] == "failed" and status["Status"] == "5.1.1"
    assert status["Remote-MTA"] and status["Diagnostic-Code"].startswith("smtp; 550 5.1.1 ")
    wait_until(lambda: "450 4.2.0" in troika.run("queue", "list"), "the first try")


def test_its_own_report_reaches_the_mailbox(troika, postfix):
    """It took the letter, and can't deliver it."""
    submit(troika, "closed@away.test", message("too late", sender=ANNA, to="closed@away.test"))
    wait_until(lambda: troika.messages("anna"), f"Postfix's report; {postfix.log()[-2000:]}")
    (text,) = troika.messages("anna")
    assert report([text])["Status"] == "5.2.1" and "postfix.away.test" in email.message_from_bytes(text)["Received"]
    assert text.startswith(b"Return-Path: <>\r\n")
