"""Delivery reports (RFC 3461, 3464) from end to end, as Python's email module reads them."""

import email
import email.policy

import pytest
from lib_away import Away
from lib_troika import DOMAIN, HOST, message, wait_until

ANNA, BORIS, AWAY = f"anna@{DOMAIN}", f"boris@{DOMAIN}", "somebody@away.test"


def submit(troika, to, *rcpt_options, mail_options=(), text=None):
    with troika.submission() as client:
        assert client.has_extn("dsn")
        client.ehlo_or_helo_if_needed()
        assert client.mail(ANNA, list(mail_options))[0] == 250
        assert client.rcpt(to, list(rcpt_options))[0] == 250
        assert client.data(text or message("reported on", sender=ANNA, to=to, body="all of it\r\n"))[0] == 250


def report_to(troika, name="anna"):
    """The only report in the mailbox: its parts, and the fields of its message and of its one recipient."""
    def found():
        return [text for text in troika.messages(name) if b"multipart/report" in text]

    (text,) = wait_until(found, "the report")
    report = email.message_from_bytes(text, policy=email.policy.default)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    assert report["Return-Path"] == "<>" and report["Auto-Submitted"] == "auto-replied"
    person, status, original = report.get_payload()
    assert person.get_content_type() == "text/plain" and status.get_content_type() == "message/delivery-status"
    per_message, per_recipient = status.get_payload()
    return original, per_message, per_recipient


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
    wait_until(lambda: troika.run("--json", "queue", "list").strip() == "[]", "an empty queue")
    letters, reports = troika.messages("boris"), troika.messages("anna")
    for number in range(5):
        assert sum(f"Subject: letter {number}\r\n".encode() in text for text in letters) == 1
        assert sum(f"Subject: letter {number}\r\n".encode() in text for text in reports) == 1
