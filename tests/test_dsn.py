"""Delivery reports (RFC 3461, 3464) from end to end, as Python's email module reads them."""

import email
import email.policy

import pytest
from lib_away import Away
from lib_troika import DOMAIN, HOST, Dialogue, message, wait_until

ANNA, BORIS, AWAY = f"anna@{DOMAIN}", f"boris@{DOMAIN}", "somebody@away.test"


def submit(troika, to, *rcpt_options, mail_options=(), text=None):
    with troika.submission() as client:
        assert client.has_extn("dsn")
        client.ehlo_or_helo_if_needed()
        assert client.mail(ANNA, list(mail_options))[0] == 250
        for address in [to] if isinstance(to, str) else to:
            assert client.rcpt(address, list(rcpt_options))[0] == 250
        assert client.data(text or message("reported on", sender=ANNA, to=ANNA, body="all of it\r\n"))[0] == 250


def report_on_all(troika, name="anna"):
    """The only report in the mailbox: the original's part, then the fields of its message and of each recipient."""
    def found():
        return [text for text in troika.messages(name) if b"multipart/report" in text]

    (text,) = wait_until(found, "the report")
    report = email.message_from_bytes(text, policy=email.policy.default)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    assert report["Return-Path"] == "<>" and report["Auto-Submitted"] == "auto-replied"
    person, status, original = report.get_payload()
    assert person.get_content_type() == "text/plain" and status.get_content_type() == "message/delivery-status"
    return [original, *status.get_payload()]


def report_to(troika, name="anna"):
    """The same of a report on one recipient."""
    original, per_message, per_recipient = report_on_all(troika, name)
    return original, per_message, per_recipient


def await_empty_queue(troika):
    wait_until(lambda: troika.run("--json", "queue", "list").strip() == "[]", "an empty queue")


def test_success_at_our_own_mailbox_is_told(troika):
    submit(troika, BORIS, "NOTIFY=SUCCESS", "ORCPT=rfc822;Old+2BBoris@elsewhere.test",
           mail_options=["ENVID=QQ314159", "RET=FULL"])
    original, per_message, recipient = report_to(troika)
    assert per_message["Original-Envelope-Id"] == "QQ314159"
    assert per_message["Reporting-MTA"] == f"dns; mail.{DOMAIN}" and per_message["Arrival-Date"]
    assert recipient["Original-Recipient"] == "rfc822; Old+Boris@elsewhere.test"
    assert recipient["Final-Recipient"] == f"rfc822; {BORIS}"
    assert recipient["Action"] == "delivered" and recipient["Status"].startswith("2.")
    # RET counts for failures alone (RFC 3461 4.3).
    assert original.get_content_type() == "text/rfc822-headers" and "all of it" not in original.as_string()
    assert len(troika.messages("boris")) == 1
    assert troika.run("--json", "queue", "list").strip() == "[]"


def test_of_all_mailboxes_of_a_letter_one_report_tells(troika):
    boxes = [BORIS, ANNA, f"boris+box@{DOMAIN}"]
    submit(troika, boxes, "NOTIFY=SUCCESS")
    _, _, *recipients = report_on_all(troika)
    assert [fields["Final-Recipient"] for fields in recipients] == [f"rfc822; {address}" for address in boxes]
    assert {fields["Action"] for fields in recipients} == {"delivered"}
    await_empty_queue(troika)
    # Two addresses of one mailbox are one copy; Anna has the report, too.
    assert (len(troika.messages("boris")), len(troika.messages("anna"))) == (1, 2)


def test_a_full_mailbox_holds_up_no_other(troika):
    troika.run("account", "limit", BORIS, "--quota", "600")
    submit(troika, [BORIS, ANNA], "NOTIFY=SUCCESS", text=message(sender=ANNA, body="x\r\n" * 300))
    _, _, recipient = report_to(troika)
    assert recipient["Final-Recipient"] == f"rfc822; {ANNA}"
    assert "the mailbox is full" in troika.run("queue", "list")


def test_a_full_member_holds_up_no_list(troika):
    troika.run("alias", "add", f"all@{DOMAIN}", ANNA, BORIS)
    troika.run("account", "limit", BORIS, "--quota", "600")
    submit(troika, f"all@{DOMAIN}", "NOTIFY=SUCCESS", text=message(sender=ANNA, body="x\r\n" * 300))
    _, _, recipient = report_to(troika)
    assert recipient["Action"] == "expanded" and len(troika.messages("anna")) == 2
    wait_until(lambda: "the mailbox is full" in troika.run("queue", "list"), "its wait")
    troika.run("account", "limit", BORIS, "--quota", "1M")
    troika.run("queue", "retry", "--all")
    await_empty_queue(troika)
    assert (len(troika.messages("boris")), len(troika.messages("anna"))) == (1, 2)


def test_strangers_may_ask_too_and_nobody_is_told_who_did_not(troika):
    with Away() as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        with troika.smtp() as client:
            client.sendmail(AWAY, [BORIS], message("unasked", sender=AWAY))
            client.sendmail(AWAY, [BORIS], message("never", sender=AWAY), rcpt_options=["NOTIFY=NEVER"])
            client.sendmail(AWAY, [BORIS], message("failure", sender=AWAY), rcpt_options=["NOTIFY=FAILURE,DELAY"])
            client.sendmail("", [BORIS], message("report"), rcpt_options=["NOTIFY=SUCCESS"])
            client.sendmail(AWAY, [BORIS], message("asked", sender=AWAY), rcpt_options=["NOTIFY=SUCCESS"])
        wait_until(lambda: away.letters, "the report")
        wait_until(lambda: len(troika.messages("boris")) == 5, "all letters")
    (report,) = away.letters
    assert b"Action: delivered" in report and b"Subject: asked" in report


def test_a_server_without_dsn_has_relayed_told(troika):
    with Away() as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        submit(troika, AWAY, "NOTIFY=SUCCESS", mail_options=["ENVID=one+2Btwo"])
        _, per_message, recipient = report_to(troika)
        assert per_message["Original-Envelope-Id"] == "one+two"
        assert recipient["Action"] == "relayed" and recipient["Remote-MTA"]
        assert recipient["Final-Recipient"] == f"rfc822; {AWAY}"


@pytest.mark.parametrize("returns,kind", [("FULL", "message/rfc822"), ("HDRS", "text/rfc822-headers")])
def test_a_failure_returns_what_was_asked_for(troika, returns, kind):
    with Away({b"RCPT": "550 5.1.1 nobody of that name"}) as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        submit(troika, AWAY, "NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;first@away.test", mail_options=[f"RET={returns}"])
        original, _, recipient = report_to(troika)
    assert recipient["Action"] == "failed" and recipient["Status"] == "5.1.1"
    assert recipient["Original-Recipient"] == "rfc822; first@away.test"
    assert recipient["Diagnostic-Code"].endswith("550 5.1.1 nobody of that name")
    assert original.get_content_type() == kind
    assert ("all of it" in original.as_string()) == (returns == "FULL")


def test_of_a_list_its_expansion_is_told(troika):
    troika.run("alias", "add", f"all@{DOMAIN}", ANNA, BORIS)
    submit(troika, f"all@{DOMAIN}", "NOTIFY=SUCCESS")
    _, _, recipient = report_to(troika)
    assert recipient["Action"] == "expanded" and recipient["Final-Recipient"] == f"rfc822; all@{DOMAIN}"
    assert len(troika.messages("boris")) == 1 and len(troika.messages("anna")) == 2


def test_a_letter_and_its_report_survive_a_kill_together(troika):
    """Whenever the server dies: no letter without its report, none twice."""
    for number in range(5):
        submit(troika, BORIS, "NOTIFY=SUCCESS", text=message(f"letter {number}", sender=ANNA, to=BORIS))
    troika.kill()
    troika.start()
    await_empty_queue(troika)
    letters, reports = troika.messages("boris"), troika.messages("anna")
    for number in range(5):
        assert sum(f"Subject: letter {number}\r\n".encode() in text for text in letters) == 1
        assert sum(f"Subject: letter {number}\r\n".encode() in text for text in reports) == 1


def test_a_report_on_binary_content_has_clean_lines(troika):
    """Its header goes back by DATA, where a bare line end may be taken for one (RFC 5321 2.3.8)."""
    with Away() as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        troika.run("alias", "add", f"gone@{DOMAIN}", AWAY)
        text = b"Subject: x\r\nX-First: a\rb\r.\r\nX-Second: c\n.\nMAIL\0\r\n\r\nbinary\n"
        with Dialogue(troika.connect("smtp")) as smtp:
            smtp.smtp_reply()
            smtp.say("EHLO client")
            assert smtp.say("MAIL FROM:<you@away.test> BODY=BINARYMIME") == 250
            assert smtp.say(f"RCPT TO:<gone@{DOMAIN}>") == 250
            assert smtp.say(b"BDAT %d LAST\r\n" % len(text) + text) == 250
        wait_until(lambda: away.letters, "the report")
    (report,) = away.letters
    assert b"\r\nX-First: a b .\r\nX-Second: c . MAIL \r\n" in report
    assert b"Status: 5.6.1" in report


def test_a_letter_that_is_all_header_is_reported_on_without_it(make_troika):
    troika = make_troika("anna", "boris", extra="limits = { message_size = 65536; };")
    with Away({b"RCPT": "550 5.1.1 nobody of that name"}) as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        header = "".join(f"X-{n}: {'x' * 900}\r\n" for n in range(72))
        submit(troika, AWAY, text=f"From: {ANNA}\r\nSubject: large\r\n{header}\r\n".encode())
        original, _, recipient = report_to(troika)
        await_empty_queue(troika)
    assert recipient["Status"] == "5.1.1" and not original.get_content().strip()
