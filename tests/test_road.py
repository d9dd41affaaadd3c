"""The whole road of a message: in by SMTP, seen by IMAP and POP3, answered by submission."""

import email
import urllib.request

from lib_troika import DOMAIN, HOST, message


def test_a_message_arrives_and_is_read_by_imap_and_pop3(troika):
    text = message("first light")
    troika.send(text)
    (stored,) = troika.messages()
    assert stored.endswith(text)
    parsed = email.message_from_bytes(stored)
    assert parsed["Return-Path"] == "<you@example.org>"
    assert parsed["Delivered-To"] == f"anna@{DOMAIN}"
    assert f"by mail.{DOMAIN} with ESMTP id" in parsed["Received"]
    client = troika.pop3()
    assert client.stat() == (1, len(stored))
    assert b"\r\n".join(client.retr(1)[1]) + b"\r\n" == stored
    client.quit()


def test_an_answer_goes_through_submission(troika):
    answer = message("answer", sender=f"anna@{DOMAIN}", to=f"boris@{DOMAIN}")
    client = troika.submission("anna")
    client.sendmail(f"anna@{DOMAIN}", [f"boris@{DOMAIN}"], answer)
    client.quit()
    (stored,) = troika.messages("boris")
    assert "with ESMTPSA id" in email.message_from_bytes(stored)["Received"]


def test_a_submission_gets_the_date_and_id_that_it_lacks(troika):
    bare = f"From: anna@{DOMAIN}\r\nSubject: bare\r\n\r\ntext\r\n".encode()
    client = troika.submission("anna")
    client.sendmail(f"anna@{DOMAIN}", [f"boris@{DOMAIN}"], bare)
    client.quit()
    (stored,) = troika.messages("boris")
    parsed = email.message_from_bytes(stored)
    assert parsed["Date"] and parsed["Message-ID"].endswith(f"@mail.{DOMAIN}>")


def test_one_message_to_many_is_there_for_each(troika):
    troika.send(to=(f"anna@{DOMAIN}", f"boris@{DOMAIN}", f"anna+lists@{DOMAIN}"))
    assert len(troika.messages("anna")) == 1
    assert len(troika.messages("boris")) == 1


def test_mail_outlives_a_restart(troika):
    troika.send(message("before"))
    troika.stop()
    troika.start()
    troika.send(message("after"))
    subjects = [email.message_from_bytes(text)["Subject"] for text in troika.messages()]
    assert subjects == ["before", "after"]


def test_large_messages_spill_and_come_back_whole(troika):
    text = message("large", body="0123456789abcdef" * 4 + "\r\n" + ("x" * 76 + "\r\n") * 60000)
    troika.send(text)
    (stored,) = troika.messages()
    assert stored.endswith(text)


def test_metrics_are_served(troika):
    troika.send()
    with urllib.request.urlopen(f"http://{HOST}:{troika.ports['metrics']}/metrics") as answer:
        text = answer.read().decode()
    assert 'troika_smtpd_messages_total{result="accepted"} 1' in text


def test_the_way_of_a_letter_can_be_traced(troika):
    with troika.smtp() as client:
        client.ehlo()
        client.mail("you@example.org")
        client.rcpt(f"anna@{DOMAIN}")
        reply = client.data(message())[1].decode()
    way = troika.run("message", "trace", reply.split()[-1])
    assert "smtp.accepted" in way and f"anna@{DOMAIN}" in way
