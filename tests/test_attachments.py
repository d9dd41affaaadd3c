"""What stands in attachments is found: read as text, or by programs of others in the helper process."""

import os
import pathlib
import shutil
import subprocess
import time

import lib_documents as documents
import pytest
from lib_troika import Troika, is_running, wait_until

OFFICE = "application/vnd.openxmlformats-officedocument."
# name, type, content, program, what is sought
DOCUMENTS = [
    ("report.pdf", "application/pdf", documents.pdf("Quartz heron invoice"), "pdftotext", "quartz heron INV"),
    ("scan.PDF", "application/octet-stream", documents.pdf("Unlabelled gannet"), "pdftotext", "unlabelled gannet"),
    ("letter.docx", OFFICE + "wordprocessingml.document", documents.docx("Amaranth пеликан"), "bsdtar", "amaranth ПЕЛ"),
    ("old.doc", "application/msword", documents.doc("Vermilion albatross"), "catdoc", "vermilion alba"),
    ("new.docx", "application/msword", documents.docx("Mislabelled dunlin"), "bsdtar", "mislabelled dunlin"),
    ("sheet.xlsx", OFFICE + "spreadsheetml.sheet", documents.xlsx("Teal <b> sum", 1234.5), "bsdtar", "1234.5"),
    ("slides.pptx", OFFICE + "presentationml.presentation", documents.pptx("Ochre godwit"), "bsdtar", "ochre god"),
    ("text.odt", "application/vnd.oasis.opendocument.text", documents.odt("Bergamot kestrel"), "bsdtar", "bergamot k"),
    ("text.rtf", "text/rtf", documents.rtf("Saffron зимородок"), "catdoc", "saffron зимо"),
    ("old.xls", "application/vnd.ms-excel", documents.xls("Indigo wagtail"), "xls2csv", "indigo wag"),
    ("old.ppt", "application/vnd.ms-powerpoint", documents.ppt("Cobalt nuthatch"), "catppt", "cobalt nut"),
    ("notes.txt", "application/octet-stream", "Plain шпак\n".encode(), None, "plain ШПАК"),
    ("page.html", "text/html", b"<p>Marked <b>up</b> turnstone</p>", None, "marked up turn"),
]
IDS = [row[0] for row in DOCUMENTS]


def installed(program):
    return not program or os.access(f"/usr/bin/{program}", os.X_OK)


def append(client, mail):
    status, answer = client.append("INBOX", None, None, mail)
    assert status == "OK", answer


def search(client, text, key="BODY"):
    client.literal = text.encode()
    status, answer = client.uid("SEARCH", "CHARSET", "UTF-8", *key.split())
    assert status == "OK", answer
    return {int(uid) for uid in answer[0].split()}


def signed_in(server, name="anna"):
    client = server.imap(name)
    client.select()
    return client


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("attachments")) as server:
        server.add_accounts("anna", "boris")
        yield server.start()


@pytest.fixture(scope="module")
def mailbox(server):
    client = signed_in(server)
    for name, kind, content, _, _ in DOCUMENTS:
        append(client, documents.letter(content, name, kind))
    client.noop()
    return client


@pytest.mark.parametrize("number", range(len(DOCUMENTS)), ids=IDS)
def test_text_is_found(mailbox, number):
    """At once, without an index."""
    _, _, _, program, wanted = DOCUMENTS[number]
    if not installed(program):
        pytest.skip(f"{program} is not installed")
    for key in ("BODY", "TEXT", "FUZZY BODY"):
        assert search(mailbox, wanted, key) == {number + 1}, key


def test_index_finds_the_same(server):
    """Enough mail for an index: it answers as reading did."""
    client = signed_in(server, "boris")
    rows = [row for row in DOCUMENTS if installed(row[3])]
    for name, kind, content, _, _ in rows:
        append(client, documents.letter(content, name, kind))
    before = [search(client, row[4]) for row in rows]
    for number in range(40):
        append(client, documents.letter(b"nothing", "x.bin", subject=f"letter {number}"))
    wait_until(lambda: "troika_post_indexed_messages_total 5" in metrics(server), "the index")
    client.noop()
    assert before == [{number + 1} for number in range(len(rows))]
    assert [search(client, row[4]) for row in rows] == before
    assert server.run("check", check=False).returncode == 0


def metrics(server):
    import urllib.request
    return urllib.request.urlopen(f"http://127.0.0.1:{server.ports['metrics']}/metrics").read().decode()
