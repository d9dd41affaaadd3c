"""Import and export of what people and programs leave in folders."""

import email
import json
import os
import pathlib
import subprocess

import pytest
from lib_troika import BINARY, DOMAIN, message

ANNA = f"anna@{DOMAIN}"
SECRET = b"Subject: root's own\n\nsecret\n"


def maildir(folder, *subjects):
    for place in ("cur", "new", "tmp"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for number, subject in enumerate(subjects):
        (folder / "cur" / f"{number}.x:2,S").write_bytes(message(subject))
    return folder


def test_links_are_not_followed(troika, tmp_path):
    (tmp_path / "secret").write_bytes(SECRET)
    box, elsewhere = maildir(tmp_path / "in", "mine"), maildir(tmp_path / "elsewhere", "not mine")
    (box / "cur" / "9.link:2,").symlink_to(tmp_path / "secret")
    (box / "new" / "8.link").symlink_to("../../secret")
    (box / ".Linked").symlink_to(elsewhere)
    (box / "folder").symlink_to(elsewhere)
    os.mkfifo(box / "cur" / "7.pipe:2,")
    result = troika.run("import", ANNA, str(box), check=False)
    assert result.returncode == 0 and "1 messages are stored" in result.stdout
    assert "4 links were passed over" in result.stderr
    assert troika.messages() == [message("mine")]
    assert "Linked" not in troika.run("account", "show", ANNA)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_link_of_somebody_else_leads_nowhere(troika, tmp_path):
    maildir(tmp_path / "in", "mine")
    for link in ("anna", "root"):
        (tmp_path / link).symlink_to(tmp_path / "in")
    os.lchown(tmp_path / "anna", 65534, 65534)
    for path in ("anna", "anna/", "anna/cur", "anna/cur/0.x:2,S"):
        result = troika.run("import", ANNA, str(tmp_path / path), check=False)
        assert result.returncode == 3 and "somebody else's link" in result.stderr, path
    troika.run("import", ANNA, str(tmp_path / "root"))
    assert len(troika.messages()) == 1


def test_binary_parts_are_encoded(troika, tmp_path):
    """Else they could not be fetched: a literal of IMAP holds no NUL (RFC 3501 9). One in a header is shown as 0x80."""
    data = bytes(byte for byte in range(256) if byte not in b"\r\n") * 50
    box = maildir(tmp_path / "in")
    (box / "new" / "1").write_bytes(b"Subject: one\nMIME-Version: 1.0\nContent-Transfer-Encoding: binary\n\n" + data + b"\n")
    (box / "new" / "2").write_bytes(b"Subject: t\0wo\n\ntext\n")
    assert "2 messages are stored" in troika.run("import", ANNA, str(box))
    first, second = troika.messages()
    assert b"\0" not in first and email.message_from_bytes(first).get_payload(decode=True).rstrip() == data.rstrip()
    assert second == b"Subject: t\x80wo\r\n\r\ntext\r\n"
    imap = troika.imap()
    imap.select()
    for section in ("BODY.PEEK[HEADER]", "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"):
        assert imap.fetch("2", section)[1][0][1] == b"Subject: t\x80wo\r\n\r\n"
    assert imap.fetch("2", "BINARY.PEEK[]")[1][0][1] == b"Subject: t\0wo\r\n\r\ntext\r\n"
    imap.logout()


def test_names_that_are_no_utf8(troika, tmp_path):
    box = maildir(tmp_path / "in")
    name = os.fsencode(box / "cur") + b"/\xff\xfe.1:2,FS"
    pathlib.Path(os.fsdecode(name)).write_bytes(message("named badly"))
    folder = pathlib.Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/.\xc4rger"))
    maildir(folder, "in a folder named badly")
    troika.run("import", ANNA, str(box))
    assert troika.messages() == [message("named badly")]
    boxes = {row["mailbox"]: row["messages"] for row in json.loads(troika.run("--json", "account", "show", ANNA))}
    assert sum(boxes.values()) == 2
    troika.run("export", ANNA, str(tmp_path / "out"))
    troika.run("check")


def test_a_folder_of_many_comes_in_the_order_of_its_names(make_troika, tmp_path):
    """More than the command line keeps names at once."""
    server = make_troika("anna", start=False)
    box = maildir(tmp_path / "in")
    for number in range(20_000):
        (box / "cur" / f"{number * 7919 % 20_000:05d}:2,").write_text(f"Subject: {number * 7919 % 20_000:05d}\n\n")
    assert "20000 messages are stored" in server.run("import", ANNA, str(box))
    server.run("export", ANNA, str(tmp_path / "out"), "--format", "mbox", "--mailbox", "INBOX")
    subjects = [line for line in (tmp_path / "out" / "INBOX.mbox").read_text().splitlines() if line.startswith("Subject")]
    assert subjects == [f"Subject: {number:05d}" for number in range(20_000)]


NAMES = ["../up", "..", "a/../../b", ".hidden", "tmp", "cur", "new/cur", "x" * 180, "/".join("abcdefgh"), "Ärger", "sp ace",
         "dot.ted", "semi;colon", "back\\slash", "-rf", "~", "con"]


def utf7(name):
    import base64

    return "".join("&" + base64.b64encode(c.encode("utf-16-be")).decode().rstrip("=") + "-" if ord(c) > 126 else c
                   for c in name)


def test_no_mailbox_leads_out_of_the_folder(troika, tmp_path):
    client = troika.imap()
    made = []
    for name in NAMES:
        quoted = '"' + utf7(name).replace("\\", "\\\\") + '"'
        if client.create(quoted)[0] == "OK":
            assert client.append(quoted, None, None, message(f"in {len(made)}"))[0] == "OK"
            made.append(name)
    client.logout()
    assert len(made) > 8, made
    for kind in ("maildir", "mbox", "eml"):
        place = tmp_path / kind / "deep" / "out"
        place.parent.mkdir(parents=True)
        troika.run("export", ANNA, str(place), "--format", kind)
        outside = [path for path in (tmp_path / kind).rglob("*") if path.is_file() and place not in path.parents]
        assert not outside
        texts = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
        assert all(f"Subject: in {number}\n".encode() in texts.replace(b"\r\n", b"\n") for number in range(len(made))), kind
    troika.run("account", "add", f"carla@{DOMAIN}", input="password\n")
    troika.run("import", f"carla@{DOMAIN}", str(tmp_path / "maildir" / "deep" / "out"))
    (carla,) = [row for row in json.loads(troika.run("--json", "account", "list")) if row["address"].startswith("carla")]
    assert carla["messages"] == len(made)


def test_a_full_mailbox_says_how_much_came(troika, tmp_path):
    for number in range(200):
        maildir(tmp_path / "in")
        (tmp_path / "in" / "cur" / f"{number:03}.x:2,S").write_bytes(message(f"n{number}", body="x" * 1000 + "\r\n"))
    troika.run("account", "limit", ANNA, "--quota", "100K")
    result = troika.run("import", ANNA, str(tmp_path / "in"), check=False)
    assert f"stopped after {len(troika.messages())} messages: the account is over its quota" in result.stderr


def test_what_is_present_is_skipped_when_asked(troika, tmp_path):
    """Also what was delivered here and exported: header lines of the delivery count."""
    box = maildir(tmp_path / "in", "one", "two")
    maildir(box / ".Work", "two")
    troika.run("import", ANNA, str(box))
    troika.send(message("delivered"))
    (box / "new" / "3.x").write_bytes(message("three"))
    troika.run("export", ANNA, str(tmp_path / "out"))
    for folder in (box, box, tmp_path / "out"):
        said = troika.run("import", ANNA, str(folder), "--skip-present")
        assert "were there already" in said
        assert len(troika.messages()) == 4 and len(troika.messages(mailbox="Work")) == 1, folder
    troika.run("import", ANNA, str(box))
    assert len(troika.messages()) == 7, "without being asked they are stored again"


def test_an_mbox_that_quotes_nothing(troika, tmp_path):
    letters = [b"Subject: one\n\nHow it was:\n\nFrom dawn to dusk.\n", b"Subject: two\n\nend\n"]
    box = tmp_path / "in"
    box.mkdir()
    separator = b"From x@example.org Thu Nov 24 18:22:48 2005\n"
    (box / "letters").write_bytes(b"\xef\xbb\xbf\n" + b"\n".join(separator + letter for letter in letters))
    (box / "notes.txt").write_text("no mail")
    (box / "image").write_bytes(b"\0\0\n" + separator + b"no mail")
    (box / "big.eml").write_bytes(b"Subject: big\n\n" + b"x" * (51 << 20))
    result = troika.run("import", ANNA, str(box), "--mailbox", "INBOX", check=False)
    assert "2 files that are no mail were passed over" in result.stdout
    assert "2 messages are stored, 1 files" in result.stderr
    assert [text.replace(b"\r", b"") for text in troika.messages()] == letters


@pytest.mark.parametrize("format", ["maildir", "mbox", "eml"])
def test_names_that_are_one_on_disk(troika, tmp_path, format):
    names = ["a.b", "a_b", ".hidden", "_hidden", "tmp", "new/sub", "A", "A.mbox/B", "x", "x/1.eml"]
    with troika.imap() as imap:
        for name in names:
            imap.create(name)
            assert imap.append(name, f"(\\Seen Of-{name.encode().hex()})", None, message(name))[0] == "OK"
    troika.run("export", ANNA, str(tmp_path / "out"), "--format", format)
    troika.run("import", f"boris@{DOMAIN}", str(tmp_path / "out"))
    rows = json.loads(troika.run("--json", "account", "show", f"boris@{DOMAIN}"))
    full = [row["mailbox"] for row in rows if row["messages"]]
    assert len(full) == len(names), full
    assert all(row["messages"] <= 1 for row in rows)


def test_nothing_that_is_there_is_written_over(troika, tmp_path):
    troika.send()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".mine").write_text("mine")
    result = troika.run("export", ANNA, str(tmp_path / "out"), check=False)
    assert result.returncode and "not empty" in result.stderr and len(list((tmp_path / "out").iterdir())) == 1
    (tmp_path / "out" / ".mine").unlink()
    troika.run("export", ANNA, str(tmp_path / "out"))
    again = troika.run("export", ANNA, str(tmp_path / "out"), check=False)
    assert again.returncode and "not empty" in again.stderr


def test_a_file_that_shrinks_is_left_out(make_troika, tmp_path):
    """As seen through a file system that promises more bytes than it has: /proc."""
    server = make_troika("anna", start=False)
    result = server.run("import", ANNA, "/sys/kernel/uevent_seqnum", check=False)
    assert "1 messages" not in result.stdout and result.returncode
    assert "shrank" in result.stderr or "left out" in result.stderr


def test_progress_is_for_terminals_only(troika, tmp_path):
    import pty

    maildir(tmp_path / "in", *(f"m{n}" for n in range(50)))
    ours, theirs = pty.openpty()
    command = subprocess.Popen([BINARY, "-c", troika.config, "import", ANNA, tmp_path / "in"], stderr=theirs,
                               stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"})
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass
    command.communicate()
    assert b"MiB" in shown and b"/s" in shown and b"left" in shown and b"%" in shown, shown
    piped = troika.run("import", ANNA, str(tmp_path / "in"), check=False)
    assert piped.stderr == ""


def test_the_queues_list_has_an_end(make_troika):
    server = make_troika("anna")
    server.run("route", "add", "*", "smtp://127.0.0.1:9")
    server.run("alias", "add", f"all@{DOMAIN}", *[f"r{number}@away.invalid" for number in range(12)])
    server.send(to=(f"all@{DOMAIN}",))
    assert len(json.loads(server.run("--json", "queue", "list"))) == 12
    cut = server.run("queue", "list", "--limit", "5")
    assert "first 5" in cut and len([line for line in cut.splitlines() if "away.invalid" in line]) == 5
    assert len(json.loads(server.run("--json", "queue", "list", "--limit", "5"))) == 5
    assert "first" not in server.run("queue", "list", "--limit", "12")
    assert "first" not in server.run("queue", "list", "--limit", "0")
    ids = [line.split()[0] for line in server.run("queue", "list").splitlines()[1:]]
    server.run("queue", "drop", *ids)
    assert json.loads(server.run("--json", "queue", "list")) == []
