"""Real programs as their users run them, over TLS; the certificate is self-signed."""

import email
import os
import pathlib
import shutil
import subprocess

import pytest
from lib_troika import DOMAIN, HOST, PASSWORD, message, wait_until

ANNA, BORIS = f"anna@{DOMAIN}", f"boris@{DOMAIN}"


def program(name):
    return pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")


def run(words, folder, input=None, codes=(0,)):
    environment = {**os.environ, "HOME": str(folder), "PATH": f"/usr/bin:{os.environ['PATH']}"}
    result = subprocess.run(
        [str(word) for word in words], input=input, capture_output=True, timeout=300, env=environment
    )
    output = (result.stdout + result.stderr).decode(errors="replace")
    assert result.returncode in codes, f"{words[0]}: {result.returncode}\n{output}"
    return output


def write(path, text, mode=0o600):
    path = pathlib.Path(path)
    path.write_text(text)
    path.chmod(mode)
    return path


def subjects(texts):
    return sorted(email.message_from_bytes(text)["Subject"] for text in texts)


@program("swaks")
def test_swaks_sends_under_tls(troika, tmp_path):
    run(["swaks", "--server", f"{HOST}:{troika.ports['smtp']}", "--tls", "--from", "you@example.org",
         "--to", ANNA, "--header", "Subject: swaks"], tmp_path)
    run(["swaks", "--server", f"{HOST}:{troika.ports['submissions']}", "--tlsc", "--auth", "LOGIN",
         "--auth-user", ANNA, "--auth-password", PASSWORD, "--from", ANNA, "--to", BORIS,
         "--header", "Subject: swaks back"], tmp_path)
    assert subjects(troika.messages("anna")) == ["swaks"]
    assert subjects(troika.messages("boris")) == ["swaks back"]


@program("msmtp")
def test_msmtp_submits(troika, tmp_path):
    config = write(tmp_path / "msmtprc", f"""
defaults
tls on
tls_trust_file {troika.certificate}
auth on
account starttls
host {HOST}
port {troika.ports['submission']}
from {ANNA}
user {ANNA}
password {PASSWORD}
account implicit : starttls
port {troika.ports['submissions']}
tls_starttls off
""")
    for account in ("starttls", "implicit"):
        run(["msmtp", "-C", config, "-a", account, BORIS], tmp_path,
            input=message(account, sender=ANNA, to=BORIS))
    assert subjects(troika.messages("boris")) == ["implicit", "starttls"]


@program("curl")
def test_curl_speaks_all_three(troika, tmp_path):
    text = write(tmp_path / "letter", message("curl", sender=ANNA, to=BORIS).decode())
    run(["curl", "-sSk", "--ssl-reqd", f"smtp://{HOST}:{troika.ports['submission']}", "--user",
         f"{ANNA}:{PASSWORD}", "--mail-from", ANNA, "--mail-rcpt", BORIS, "-T", text], tmp_path)
    user = ["--user", f"{BORIS}:{PASSWORD}"]
    listing = run(["curl", "-sSk", *user, f"imaps://{HOST}:{troika.ports['imaps']}/"], tmp_path)
    assert "INBOX" in listing and "\\Sent" in listing
    for url in (f"imaps://{HOST}:{troika.ports['imaps']}/INBOX;MAILINDEX=1",
                f"pop3s://{HOST}:{troika.ports['pop3s']}/1"):
        assert "Subject: curl" in run(["curl", "-sSk", *user, url], tmp_path)
    assert "Subject: curl" in run(
        ["curl", "-sSk", "--ssl-reqd", *user, f"pop3://{HOST}:{troika.ports['pop3']}/1"], tmp_path)


@program("mpop")
def test_mpop_fetches_and_deletes(troika, tmp_path):
    for number in range(3):
        troika.send(message(f"mpop {number}"))
    (tmp_path / "mail").mkdir()
    for place in ("cur", "new", "tmp"):
        (tmp_path / "mail" / place).mkdir()
    config = write(tmp_path / "mpoprc", f"""
account anna
host {HOST}
port {troika.ports['pop3s']}
user {ANNA}
password {PASSWORD}
tls on
tls_starttls off
tls_trust_file {troika.certificate}
delivery maildir {tmp_path}/mail
uidls_file {tmp_path}/uidls
keep on
""")
    run(["mpop", "-C", config, "anna"], tmp_path)
    run(["mpop", "-C", config, "anna"], tmp_path)  # nothing new
    assert len(list((tmp_path / "mail" / "new").iterdir())) == 3
    assert len(troika.messages()) == 3
    run(["mpop", "-C", config, "--keep=off", "anna"], tmp_path)
    assert troika.messages() == []


@program("fetchmail")
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_fetchmail_fetches(troika, tmp_path, protocol):
    for number in range(3):
        troika.send(message(f"fetchmail {number}"))
    config = write(tmp_path / "fetchmailrc", f"""
poll {HOST} protocol {protocol} port {troika.ports[protocol + 's']}
  user "{ANNA}" password "{PASSWORD}" ssl sslproto "auto" no sslcertck
  mda "cat >> {tmp_path}/got" no rewrite
""")
    run(["fetchmail", "-f", config, "--nosyslog", "--nodetach", "--pidfile", tmp_path / "pid", "-i", tmp_path / "ids"], tmp_path)
    assert (tmp_path / "got").read_bytes().count(b"Subject: fetchmail") == 3
    assert troika.messages() == []


@program("mbsync")
def test_mbsync_keeps_both_sides_alike(troika, tmp_path):
    for number in range(3):
        troika.send(message(f"mbsync {number}"))
    (tmp_path / "mail").mkdir()
    config = write(tmp_path / "mbsyncrc", f"""
IMAPAccount anna
Host localhost
Port {troika.ports['imaps']}
User {ANNA}
Pass {PASSWORD}
SSLType IMAPS
CertificateFile {troika.certificate}

IMAPStore far
Account anna

MaildirStore near
Path {tmp_path}/mail/
Inbox {tmp_path}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
Sync All
SyncState *
""")

    def sync():
        return run(["mbsync", "-c", config, "all"], tmp_path)

    sync()
    inbox = tmp_path / "mail" / "INBOX"
    fetched = sorted((inbox / "new").iterdir())
    assert len(fetched) == 3
    # Read here, deleted here, written here: all of it must be so there.
    fetched[0].rename(inbox / "cur" / (fetched[0].name.split(":")[0] + ":2,S"))
    fetched[1].rename(inbox / "cur" / (fetched[1].name.split(":")[0] + ":2,T"))
    drafts = tmp_path / "mail" / "Drafts" / "cur"
    (drafts / "1.2.here:2,D").write_bytes(message("draft", sender=ANNA).replace(b"\r\n", b"\n"))
    sync()
    client = troika.imap()
    client.select("INBOX")
    assert client.search(None, "SEEN")[1] == [b"1"]
    assert client.search(None, "ALL")[1] == [b"1 2"]
    client.store("2", "+FLAGS", "\\Flagged")
    client.logout()
    assert subjects(troika.messages(mailbox="Drafts")) == ["draft"]
    sync()
    assert any(path.name.endswith(":2,F") for path in (inbox / "cur").iterdir())


@program("offlineimap")
def test_offlineimap_keeps_both_sides_alike(troika, tmp_path):
    for number in range(3):
        troika.send(message(f"offlineimap {number}"))
    config = write(tmp_path / "offlineimaprc", f"""
[general]
accounts = anna
metadata = {tmp_path}/state
ui = quiet
[Account anna]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = {tmp_path}/mail
[Repository far]
type = IMAP
remotehost = localhost
remoteport = {troika.ports['imaps']}
remoteuser = {ANNA}
remotepass = {PASSWORD}
ssl = yes
sslcacertfile = {troika.certificate}
""")
    run(["offlineimap", "-c", config, "-o", "-1"], tmp_path)
    fetched = [path for place in ("new", "cur") for path in (tmp_path / "mail" / "INBOX" / place).iterdir()]
    assert len(fetched) == 3
    fetched[0].unlink()
    run(["offlineimap", "-c", config, "-o", "-1"], tmp_path)
    assert len(troika.messages()) == 2


@program("getmail")
def test_getmail_fetches_once(troika, tmp_path):
    for subject in ("one", "two"):
        troika.send(message(subject))
    (tmp_path / "letters").mkdir()
    write(tmp_path / "getmailrc", f"""
[retriever]
type = SimpleIMAPSSLRetriever
server = {HOST}
port = {troika.ports['imaps']}
username = {ANNA}
password = {PASSWORD}
mailboxes = ("INBOX",)
ca_certs = {troika.certificate}

[destination]
type = MDA_external
path = /bin/sh
arguments = ("-c", "cat >{tmp_path}/letters/$$")
unixfrom = False
allow_root_commands = True

[options]
read_all = false
delete = false
""")
    for expected in (["one", "two"], ["one", "three", "two"]):
        run(["getmail", "--getmaildir", tmp_path, "--rcfile", "getmailrc"], tmp_path)
        texts = [path.read_bytes() for path in (tmp_path / "letters").iterdir()]
        assert subjects(texts) == expected
        troika.send(message("three"))


@program("neomutt")
def test_neomutt_reads_copies_and_sends(troika, tmp_path):
    troika.send(message("neomutt"))
    config = write(tmp_path / "muttrc", f"""
set folder = imaps://{HOST}:{troika.ports['imaps']}/
set imap_user = {ANNA}
set imap_pass = {PASSWORD}
set spoolfile = +INBOX
set smtp_url = smtps://{ANNA}@{HOST}:{troika.ports['submissions']}/
set smtp_pass = {PASSWORD}
set from = {ANNA}
set hostname = {DOMAIN}
set certificate_file = {troika.certificate}
set copy = no
set delete = yes
set confirmappend = no
set wait_key = no
""")
    run(["neomutt", "-F", config, "-s", "from neomutt", "--", BORIS], tmp_path, input=b"hello\n")
    assert subjects(troika.messages("boris")) == ["from neomutt"]
    # As a person at a terminal: flags the message, keeps a copy in Archive, leaves.
    keys = "<flag-message><copy-message>=Archive<enter><sync-mailbox><quit>"
    run(["script", "-qefc", f"neomutt -F {config} -e 'push {keys}'", "/dev/null"], tmp_path)
    assert subjects(troika.messages("anna", "Archive")) == ["neomutt"]
    client = troika.imap()
    client.select("INBOX")
    assert client.search(None, "FLAGGED")[1] == [b"1"]
    client.logout()


@pytest.mark.parametrize("name", ["smtp", "imap", "pop3"])
def test_pythons_clients_upgrade_to_tls(troika, name):
    import imaplib
    import poplib

    from lib_troika import insecure_tls

    if name == "smtp":
        client = troika.submission()
        assert client.noop()[0] == 250
        client.quit()
    elif name == "imap":
        client = imaplib.IMAP4(HOST, troika.ports["imap"])
        client.starttls(insecure_tls())
        client.login(ANNA, PASSWORD)
        assert client.select("INBOX")[0] == "OK"
        client.logout()
    else:
        client = poplib.POP3(HOST, troika.ports["pop3"])
        client.stls(insecure_tls())
        client.user(ANNA)
        client.pass_(PASSWORD)
        assert client.stat() == (0, 0)
        client.quit()
