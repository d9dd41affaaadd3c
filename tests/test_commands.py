"""The command line, on a running and on a stopped server."""

import contextlib
import email
import fcntl
import json
import mailbox
import os
import pty
import re
import resource
import struct
import subprocess
import termios

import pytest
from lib_troika import BINARY, DOMAIN, PASSWORD, SANITIZED, message

ANNA, BORIS = f"anna@{DOMAIN}", f"boris@{DOMAIN}"


@pytest.fixture(params=["running", "stopped"])
def server(request, make_troika):
    return make_troika("anna", "boris", start=request.param == "running")


def rows(server, *words):
    return json.loads(server.run("--json", *words))


def test_domains_come_and_go(server):
    server.run("domain", "add", "Example.ORG")
    assert [row["domain"] for row in rows(server, "domain", "list")] == ["example.org", DOMAIN]
    assert server.run("domain", "add", "example.org", check=False).returncode == 1
    server.run("domain", "remove", "example.org")
    assert [row["domain"] for row in rows(server, "domain", "list")] == [DOMAIN]
    refused = server.run("domain", "remove", DOMAIN, check=False)
    assert refused.returncode == 1 and "accounts" in refused.stderr


def test_accounts_come_and_go(server):
    server.run("account", "add", f"carla@{DOMAIN}", input="secret\n")
    listed = [row["address"] for row in rows(server, "account", "list")]
    assert listed == [ANNA, BORIS, f"carla@{DOMAIN}"]
    server.run("account", "limit", ANNA, "--quota", "5M", "--letters-per-hour", "7")
    (anna,) = [row for row in rows(server, "account", "list") if row["address"] == ANNA]
    assert anna["quota_bytes"] == 5 * 2**20 and anna["letters_per_hour"] == 7
    server.run("account", "disable", ANNA)
    assert not rows(server, "account", "list")[0]["enabled"]
    server.run("account", "enable", ANNA)
    assert rows(server, "account", "list")[0]["enabled"]
    server.run("account", "remove", f"carla@{DOMAIN}")
    assert len(rows(server, "account", "list")) == 2
    shown = {row["mailbox"] for row in rows(server, "account", "show", ANNA)}
    assert shown == {"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}


def test_aliases_and_routes_come_and_go(server):
    server.run("alias", "add", f"info@{DOMAIN}", ANNA, "out@example.net")
    (alias,) = rows(server, "alias", "list")
    assert alias["targets"] == f"{ANNA}, out@example.net"
    server.run("alias", "remove", f"info@{DOMAIN}")
    assert rows(server, "alias", "list") == []
    server.run("route", "add", "example.net", "smtp://127.0.0.1:2626")
    server.run("route", "add", "*", "smtp://127.0.0.1:2627")
    assert {row["domain"]: row["target"] for row in rows(server, "route", "list")} == {
        "*": "smtp://127.0.0.1:2627", "example.net": "smtp://127.0.0.1:2626"}
    server.run("route", "remove", "*")
    assert len(rows(server, "route", "list")) == 1
    assert server.run("route", "add", "example.net", "gopher://x", check=False).returncode == 1


def test_all_is_whole(server):
    server.run("check")
    assert rows(server, "status")[0]["accounts"] == 2


@pytest.mark.parametrize("words, said", [
    (["acount", "list"], 'did you mean "troika account list"'),
    (["acc", "list"], 'did you mean "troika account list"'),
    (["q", "x"], '"troika help" shows'),
    (["account", "add"], "needs address"),
    (["account", "add", ANNA, "secret"], "passwords are never arguments"),
    (["account", "list", "--colour"], "no option --colour"),
    (["queue", "list", "--limit"], "needs a value"),
    (["--purple"], "unknown option"),
    (["config", "check", "it"], '"it" is one word too many for "config check"'),
])
def test_wrong_words_are_told(make_troika, words, said):
    result = make_troika(start=False).run(*words, check=False)
    assert result.returncode == 2 and said in result.stderr


@pytest.mark.parametrize("words, said", [
    (["account", "show", "nobody@troika.test"], "no account nobody@troika.test"),
    (["account", "limit", ANNA, "--quota", "many"], "500M"),
    (["account", "add", "x@elsewhere.example"], "elsewhere.example"),
    (["queue", "retry"], "--all"),
    (["message", "trace", "nonsense"], "20 letters"),
    (["import", ANNA, "/nowhere/at/all"], "/nowhere/at/all"),
    (["export", ANNA, "/tmp/x", "--format", "zip"], "maildir, mbox or eml"),
])
def test_what_fails_says_why(troika, words, said):
    result = troika.run(*words, check=False, input="secret\n")
    assert result.returncode in (1, 3) and said in result.stderr, result.stderr


def test_a_wrong_configuration_names_line_and_key(make_troika):
    server = make_troika(extra="limit = { mesage_size = 3; };", start=False)
    result = server.run("config", "check", check=False)
    line = server.config.read_text().splitlines().index("limit = { mesage_size = 3; };") + 1
    assert result.returncode == 1
    assert f"troika.conf:{line}" in result.stderr and "limits" in result.stderr


@pytest.mark.parametrize("extra, said", [
    ("mesage_size = 3;", "mesage_size: no such key; the nearest is limits.message_size"),
    ('clear_networks = [ "x" ];', 'clear_networks: "x" is no network'),
    ('resolver = { servers = [ "ns.example" ]; };', '"ns.example" is no address'),
    ('user = "no-such-user";', "adduser"),
    ("limits = { message_size = 50X; };", "syntax error"),
    ('limits = { message_size = "50X"; };', 'limits.message_size: "50X" is not a size'),
    ('log = { level = "loud"; };', 'log.level: "loud" is none of "debug"'),
    ("workers = 5000;", "workers: 5000 is not between 0 and 1024"),
])
def test_a_check_of_the_configuration_finds_it(make_troika, extra, said):
    server = make_troika(extra=extra, start=False)
    result = server.run("config", "check", check=False)
    assert result.returncode == 1 and said in result.stderr and "troika.conf:" in result.stderr
    started = server.run("serve", check=False)
    assert started.returncode and said in started.stderr


def configure(server, key, value):
    text, count = re.subn(rf"^{key} = .*?;$", lambda _: f"{key} = {value};", server.config.read_text(),
                          flags=re.MULTILINE | re.DOTALL)
    assert count == 1
    server.config.write_text(text)


@pytest.mark.parametrize("key, value, said", [
    ("host_name", '"two words"', 'host_name: "two words" is no name of a host'),
    ("host_name", '"почта.рф"', 'host_name: write "почта.рф" as "xn--80a1acny.xn--p1ai"'),
    ("data", '"mail"', 'data: "mail" does not begin with "/"'),
    ("listener", '( { protocol = "smtp"; port = 25; }, { protocol = "imap"; port = 25; address = "::1"; } )',
     "listener[1].port: another listener has port 25"),
    ("listener", '( { protocol = "smtp"; port = 25; address = "::1"; }, { protocol = "imap"; port = 25; } )',
     "listener[1].port: another listener has port 25"),
])
def test_a_value_that_no_server_could_work_with(make_troika, key, value, said):
    server = make_troika(start=False)
    configure(server, key, value)
    for words in (("config", "check"), ("serve",)):
        result = server.run(*words, check=False)
        assert result.returncode and "troika.conf:" in result.stderr and said in result.stderr, result.stderr


def test_one_port_of_two_addresses_is_two(make_troika):
    server = make_troika(start=False)
    listeners = '( { protocol = "smtp"; port = 25; address = "::1"; }, { protocol = "imap"; port = 25; address = "127.0.0.1"; } )'
    configure(server, "listener", listeners)
    assert "is fine" in server.run("config", "check")


def test_what_is_kept_is_told_after_a_start_too(make_troika):
    server = make_troika("anna")
    server.send(message("kept", body="x" * 900 + "\r\n"))
    kept = rows(server, "status")[0]["blob_bytes"]
    assert kept > 1000
    server.stop()
    assert rows(server, "status")[0]["blob_bytes"] == kept


def test_a_check_of_the_configuration_tries_the_certificate(make_troika):
    server, other = make_troika(start=False), make_troika(start=False)
    assert "is fine" in server.run("config", "check")
    server.key.write_bytes(other.key.read_bytes())
    assert "does not belong" in server.run("config", "check", check=False).stderr
    server.key.unlink()
    assert "-key.pem: No such file" in server.run("config", "check", check=False).stderr


def test_a_missing_configuration_is_told():
    result = subprocess.run([BINARY, "-c", "/nowhere.conf", "account", "list"], capture_output=True, text=True)
    assert result.returncode == 3 and "/nowhere.conf" in result.stderr


def test_a_second_server_is_refused(troika):
    result = troika.run("serve", check=False)
    assert result.returncode != 0


def test_help_manuals_and_completion_are_made():
    for words in (["help"], ["account", "add", "--help"], ["man"], ["man", "config"], ["completion"]):
        result = subprocess.run([BINARY, *words], capture_output=True, text=True)
        assert result.returncode == 0 and len(result.stdout) > 100, words
    script = subprocess.run([BINARY, "completion"], capture_output=True, text=True).stdout
    ask = 'COMP_WORDS=(troika account re); COMP_CWORD=2; _troika; echo "${COMPREPLY[@]}"'
    shown = subprocess.run(["bash", "-c", script + ask], capture_output=True, text=True).stdout
    assert shown.strip() == "remove"


def test_passwords_and_moved_in_hashes_open_the_door(troika):
    troika.run("account", "password", ANNA, input="another one\n")
    hashed = subprocess.run(["openssl", "passwd", "-6", "moved in"], capture_output=True, text=True)
    troika.run("account", "add", f"carla@{DOMAIN}", "--hash", input=hashed.stdout)
    client = troika.imap(None)
    client.login(ANNA, "another one")
    client.logout()
    for _ in range(2):  # the second time against the renewed hash
        client = troika.imap(None)
        client.login(f"carla@{DOMAIN}", "moved in")
        client.logout()


def on_a_terminal(columns, *words):
    """What a person sees on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    memory = resource.RLIM_INFINITY if SANITIZED else 2 << 30
    command = subprocess.Popen([BINARY, *map(str, words)], stdout=theirs, stderr=theirs,
                               env={**os.environ, "LC_ALL": "C.UTF-8"},
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)))
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal is EIO
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert command.wait(60) == 0, shown
    return shown.decode().replace("\r", "").splitlines()


@pytest.mark.parametrize("columns", [10, 30, 50, 70, 79, 80, 200])
def test_tables_fit_the_terminal(troika, columns):
    troika.run("account", "limit", ANNA, "--quota", "123456789012")
    troika.run("alias", "add", f"all@{DOMAIN}", *[f"somebody.{number}@example.net" for number in range(9)])
    accounts = on_a_terminal(columns, "-c", troika.config, "account", "list")
    assert len(accounts) == 3 and "123456789012" in accounts[1]
    for listed in (on_a_terminal(columns, "-c", troika.config, "alias", "list"), accounts if columns >= 70 else []):
        assert all(len(line) <= max(columns, 34) for line in listed), listed
    aliases = on_a_terminal(columns, "-c", troika.config, "alias", "list")
    joined = "".join(line.strip().replace(" ", "") for line in aliases[1:])
    assert all(f"somebody.{number}@example.net" in joined for number in range(9)), aliases


# --- import and export


def maildir(folder):
    box = mailbox.Maildir(folder, create=True)
    for number in range(5):
        entry = mailbox.MaildirMessage(message(f"in {number}").replace(b"\r\n", b"\n"))
        entry.set_flags("S" if number % 2 else "FR")
        entry.set_subdir("cur")
        entry.set_date(1_000_000_000 + number)
        box.add(entry)
    sent = box.add_folder("Work.Clients")
    sent.add(mailbox.MaildirMessage(message("to a client").replace(b"\r\n", b"\n")))
    return box


def subjects(server, name="anna", box="INBOX"):
    return sorted(email.message_from_bytes(text)["Subject"] for text in server.messages(name, box))


def test_a_maildir_comes_in_and_goes_out(server, tmp_path):
    maildir(tmp_path / "in")
    said = server.run("import", ANNA, str(tmp_path / "in"))
    assert "6 messages" in said
    server.run("export", ANNA, str(tmp_path / "out"))
    out = mailbox.Maildir(tmp_path / "out", create=False)
    was = {m["Subject"]: m for m in mailbox.Maildir(tmp_path / "in", create=False)}
    now = {m["Subject"]: m for m in out}
    assert now.keys() == was.keys()
    for subject, entry in now.items():
        assert entry.get_payload() == was[subject].get_payload()
        assert set(entry.get_flags()) == set(was[subject].get_flags())
        assert int(entry.get_date()) == int(was[subject].get_date())
    assert [m["Subject"] for m in out.get_folder("Work.Clients")] == ["to a client"]
    server.run("check")


def test_an_mbox_comes_in_and_goes_out(server, tmp_path):
    box = mailbox.mbox(tmp_path / "letters")
    box.lock()
    for number in range(3):
        text = message(f"mbox {number}", body="From here\r\nand there\r\n").replace(b"\r\n", b"\n")
        entry = mailbox.mboxMessage(text)
        entry.set_from("anna@example.org", time_=(2001, 9, 9, 1, 46, 40, 0, 0, 0))
        box.add(entry)
    box.flush()
    box.unlock()
    server.run("import", ANNA, str(tmp_path / "letters"), "--mailbox", "Old/Letters")
    server.run("export", ANNA, str(tmp_path / "out"), "--format", "mbox", "--mailbox", "Old/Letters")
    out = mailbox.mbox(tmp_path / "out" / "Old" / "Letters.mbox")
    assert [m["Subject"] for m in out] == ["mbox 0", "mbox 1", "mbox 2"]
    assert all("2001" in m.get_from() for m in out)
    text = (tmp_path / "out" / "Old" / "Letters.mbox").read_text()
    assert text.count("\n>From here\nand there\n") == 3


def test_eml_files_come_in_and_go_out(server, tmp_path):
    (tmp_path / "in" / "Notes").mkdir(parents=True)
    (tmp_path / "in" / "one.eml").write_bytes(message("one"))
    (tmp_path / "in" / "Notes" / "two.eml").write_bytes(message("two").replace(b"\r\n", b"\n"))
    server.run("import", ANNA, str(tmp_path / "in"))
    server.run("export", ANNA, str(tmp_path / "out"), "--format", "eml")
    assert (tmp_path / "out" / "INBOX" / "1.eml").read_bytes() == message("one")
    assert (tmp_path / "out" / "Notes" / "1.eml").read_bytes() == message("two")


def test_an_import_shows_in_open_sessions(troika, tmp_path):
    maildir(tmp_path / "in")
    client = troika.imap()
    assert client.select("INBOX")[1] == [b"0"]
    troika.run("import", ANNA, str(tmp_path / "in"))
    client.noop()
    assert client.response("EXISTS")[1][-1] == b"5"
    client.logout()
    assert subjects(troika, box="Work/Clients") == ["to a client"]


@pytest.mark.parametrize("columns", [1, 20, 35, 50, 65, 80, 200])
def test_lists_fit_terminals_of_any_width(troika, columns):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = subprocess.Popen([BINARY, "-c", troika.config, "account", "list"], stdout=theirs, stderr=theirs,
                               env={**os.environ, "LC_ALL": "C.UTF-8"})
    os.close(theirs)
    shown = b""
    try:
        while len(shown) < 2**20 and (part := os.read(ours, 4096)):
            shown += part
    except OSError:  # how Linux says that the other end is closed
        pass
    command.kill()
    command.wait()
    assert 0 < len(shown) < 2**16
    if columns >= 100:
        assert ANNA in shown.decode()
