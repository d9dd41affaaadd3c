"""Name servers that know nothing of DNSSEC: said once, and mail goes out."""

import json
import socket
import struct
import threading

import pytest
from lib_away import Away
from lib_troika import DOMAIN, HOST, message, wait_until

A, NS, MX = 1, 2, 15


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


class PlainNames(threading.Thread):
    """A name server without signatures. records: {("away.example.net", MX): rdata}."""

    def __init__(self, records):
        super().__init__(daemon=True)
        self.records = {(".", NS): name("a.root.example.net"), **records}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.port = self.socket.getsockname()[1]
        self.silent = self.failing = False

    def answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        (kind,) = struct.unpack(">H", question[-4:-2])
        if self.failing:
            return query[:2] + b"\x81\x82" + struct.pack(">HHHH", 1, 0, 0, 0) + question
        data = self.records.get((".".join(labels) or ".", kind))
        answers = b"" if data is None else b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
        return query[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, data is not None, 0, 0) + question + answers

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            if not self.silent:
                self.socket.sendto(self.answer(query), peer)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", (HOST, self.port))
        self.join()
        self.socket.close()


def names():
    return PlainNames({("away.example.net", MX): b"\0\x0a" + name("mx.away.example.net"),
                       ("mx.away.example.net", A): socket.inet_aton(HOST)})


def settings(names, away, more=""):
    return (f'resolver = {{ way = "servers"; servers = [ "{HOST}:{names.port}" ]; {more} }};\n'
            f"relay = {{ port = {away.port}; }};")


def submit(troika):
    with troika.submission() as client:
        client.sendmail(f"anna@{DOMAIN}", ["you@away.example.net"], message("outwards", f"anna@{DOMAIN}", "you@away.example.net"))


def test_mail_goes_out_behind_name_servers_without_signatures(make_troika):
    with names() as server, Away() as away:
        troika = make_troika("anna", extra=settings(server, away))
        wait_until(lambda: "serve.resolver-does-not-validate" in troika.log(), "the warning")
        for number in range(2):
            submit(troika)
            wait_until(lambda: len(away.letters) == number + 1, "the letter")
        assert troika.log().count("serve.resolver-does-not-validate") == 1
        assert "mail goes out, without DANE" in troika.log()


def test_who_insists_on_signatures_waits(make_troika):
    with names() as server, Away() as away:
        troika = make_troika("anna", extra=settings(server, away, "validate = true;"))
        wait_until(lambda: "serve.resolver-does-not-validate" in troika.log(), "the warning")
        submit(troika)
        wait_until(lambda: [row for row in json.loads(troika.run("--json", "queue", "list")) if row["attempts"]],
                   "an attempt")
        assert not away.letters and "resolver.validate insists" in troika.log()


def test_mail_goes_on_once_name_servers_answer(make_troika):
    with names() as server, Away() as away:
        server.failing = True
        troika = make_troika("anna", extra=settings(server, away, "validate = false;"))
        submit(troika)
        wait_until(lambda: "relay.names-silent" in troika.log(), "the warning")
        server.failing = False
        wait_until(lambda: away.letters, "the letter")
        assert "relay.names-answer" in troika.log()


@pytest.mark.parametrize("validate", ["", "validate = false;"])
def test_silent_name_servers_are_told(make_troika, validate):
    with names() as server, Away() as away:
        server.silent = True
        troika = make_troika("anna", extra=settings(server, away, validate))
        submit(troika)
        if not validate:
            wait_until(lambda: "serve.resolver-unreachable" in troika.log(), "the warning")
        assert len(json.loads(troika.run("--json", "queue", "list"))) == 1
