"""What stands in attachments is found: read as text, or by programs of others in the helper process."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import lib_documents as documents
import pytest
from lib_troika import BINARY, Troika, is_running, wait_until

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


def test_what_is_whole_is_no_failure(mailbox, server):
    """Though an archive lacks most of the names that its program is asked for."""
    search(mailbox, "amaranth")
    assert "post.attachment " not in server.log()


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
    return urllib.request.urlopen(f"http://127.0.0.1:{server.ports['metrics']}/metrics").read().decode()


# --- programs that misbehave: another one stands in pdftotext's place, for the server alone

needs_mounts = pytest.mark.skipif(os.geteuid() != 0 or not installed("pdftotext"), reason="needs root and pdftotext")

STAND_IN = """#!/bin/sh
read -r what
case $what in
*hang*) exec sleep 1000 ;;
*flood*) while :; do echo flooded again; done ;;
*crash*) exec python3 -c "print('half a text', flush=True); import ctypes; ctypes.string_at(0)" ;;
*spy*) exec 2>&1; cat /etc/shadow; echo x >/tmp/troika-spied; echo >/dev/tcp/127.0.0.1/25; echo spied out ;;
*) echo "$what is read" ;;
esac
"""


def stand_in(folder, text, mode=0o755):
    path = folder / "stand-in"
    path.write_text(text)
    path.chmod(mode)
    return ["unshare", "--mount", "sh", "-c", f'mount --bind {path} /usr/bin/pdftotext && exec "$@"', "sh"]


@pytest.fixture
def bad_server(tmp_path):
    with Troika(tmp_path / "troika") as server:
        server.prefix = stand_in(tmp_path, STAND_IN)
        server.add_accounts("anna")
        yield server.start()


def append_pdf(client, text):
    append(client, documents.letter(text.encode() + b"\n", "a.pdf", "application/pdf"))


def jobs(server):
    return [int(pid) for helper in server.helpers()
            for pid in pathlib.Path(f"/proc/{helper}/task/{helper}/children").read_text().split()]


@needs_mounts
def test_bad_programs_hurt_nobody(bad_server):
    """One floods, one crashes, one hangs, one looks around: each is decided, the next is read, others do not wait."""
    client, other = signed_in(bad_server), signed_in(bad_server)
    for what in ("flood", "crash", "spy", "sparrow"):
        append_pdf(client, what)
    client.noop()
    assert search(client, "sparrow is read") == {4}
    assert search(client, "flooded again flooded") == {1}
    assert search(client, "half a text") == {2}
    assert not pathlib.Path("/tmp/troika-spied").exists()
    assert search(client, "root:") == set()
    append_pdf(client, "hang")
    append_pdf(client, "linnet")
    wait_until(lambda: jobs(bad_server), "the program that hangs")
    (hanging,) = jobs(bad_server)
    began = time.monotonic()
    other.noop()
    assert search(other, "letter", "SUBJECT") == set()
    append(other, documents.letter(b"x", "x.bin"))
    assert time.monotonic() - began < 15
    wait_until(lambda: not is_running(hanging), "the end of what hangs")
    client.noop()
    wait_until(lambda: search(client, "linnet is read") == {6}, "what came behind it")
    assert "post.attachment" in bad_server.log()
    assert bad_server.children() and "net.child-died" not in bad_server.log()


@needs_mounts
def test_helper_process_is_started_again(bad_server):
    client = signed_in(bad_server)
    (helper,) = bad_server.helpers()
    append_pdf(client, "hang")
    wait_until(lambda: jobs(bad_server), "a program")
    (job,) = jobs(bad_server)
    os.kill(helper, signal.SIGKILL)
    wait_until(lambda: not is_running(job), "the program's end")
    (again,) = wait_until(bad_server.helpers, "another helper")
    assert again != helper and "net.helper-died" in bad_server.log()
    append_pdf(client, "siskin")
    client.noop()
    wait_until(lambda: search(client, "siskin is read") == {2}, "what came later")


@needs_mounts
def test_program_installed_later(tmp_path):
    with Troika(tmp_path / "troika") as server:
        server.prefix = stand_in(tmp_path, "", mode=0o644)
        server.add_accounts("anna")
        client = signed_in(server.start())
        append(client, documents.letter(documents.pdf("Quartz heron"), "a.pdf", "application/pdf"))
        client.noop()
        assert search(client, "quartz heron") == set()
        subprocess.run(["nsenter", "--mount", "--target", str(server.children()[0]), "umount", "/usr/bin/pdftotext"], check=True)
        wait_until(lambda: search(client, "quartz heron") == {1}, "the program's text")


def test_switched_off(tmp_path):
    with Troika(tmp_path, "search = { attachments = false; };") as server:
        server.add_accounts("anna")
        client = signed_in(server.start())
        append(client, documents.letter(documents.pdf("Quartz heron"), "a.pdf", "application/pdf"))
        client.noop()
        assert search(client, "quartz heron") == set()
        assert search(client, "what is attached") == {1}
        assert not server.helpers()


def may_start(user):
    return subprocess.run(["setpriv", f"--reuid={user}", "--clear-groups", "test", "-x", str(BINARY)]).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0 or not installed("pdftotext") or not may_start(12345), reason="needs root, pdftotext and an open folder")
def test_plain_user():
    """Without root's powers it is the same user, behind the same walls."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="troika-plain-"))
    try:
        with Troika(folder) as server:
            for path in (folder, *folder.iterdir()):
                os.chown(path, 12345, 12345)
            server.prefix = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
            server.start()
            server.add_accounts("anna")
            client = signed_in(server)
            append(client, documents.letter(documents.pdf("Quartz heron"), "a.pdf", "application/pdf"))
            client.noop()
            assert search(client, "quartz heron") == {1}
    finally:
        shutil.rmtree(folder)
