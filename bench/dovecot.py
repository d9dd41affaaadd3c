"""Dovecot as Debian ships it, with its defaults for durability and processes; only what a
configuration must say is said. Alone, with a store of either kind, for what is about IMAP."""

import os
import shutil
import subprocess

import processes
import scratch

CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
protocols = imap pop3 lmtp
listen = 127.0.0.1
log_path = {folder}/dovecot.log
auth_mechanisms = plain
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = {location}
first_valid_uid = 1
mail_max_userip_connections = 20000
passdb {{
  driver = static
  args = password=bench
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%d/%n allow_all_users=yes
}}
service imap-login {{
  process_limit = 1200
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service imap {{
  process_limit = 1200
}}
service pop3-login {{
  process_limit = 1200
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service auth {{
  client_limit = 4000
}}
service anvil {{
  client_limit = 4000
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
"""


def missing():
    """Why it can't be measured here, or nothing."""
    if not shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin"):
        return "dovecot is not installed"
    return None if os.geteuid() == 0 else "Dovecot is started by root only"


def certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=mail.bench.test",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True)


def configure(folder, location, imap, imaps, pop3, more=""):
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(
        folder=folder, location=location, imap=imap, imaps=imaps, pop3=pop3) + more)


def start(folder, imap):
    process = subprocess.Popen(
        ["dovecot", "-F", "-c", folder / "dovecot.conf"], start_new_session=True)
    scratch.wait_for_port(imap, process)
    return process


class Dovecot:
    """Knows no accounts: everybody whose password is "bench" is in."""

    def __init__(self, folder, kind):
        """`kind`: maildir or mdbox."""
        self.name, self.kind = f"Dovecot {kind}", kind
        self.folder = folder / f"dovecot-{kind}"
        self.imap, self.imaps, self.pop3 = (scratch.free_port() for _ in range(3))
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        shutil.chown(self.folder / "mail", "mail", "mail")
        certificate(self.folder)
        location = {"maildir": "maildir:~/Maildir", "mdbox": "mdbox:~/mdbox"}[kind]
        configure(self.folder, location, self.imap, self.imaps, self.pop3)
        self._process = None
        self.start()

    def start(self):
        self._process = start(self.folder, self.imap)
        processes.prefer(self.roots())

    def _doveadm(self, *words):
        """What setting up writes is not measured, and so not synced."""
        ended = subprocess.run(
            ["doveadm", "-c", self.folder / "dovecot.conf", "-o", "mail_fsync=never", *words],
            capture_output=True, text=True)
        if ended.returncode or "Error" in ended.stderr:
            raise scratch.Failed(f"doveadm {words[0]}: {ended.stderr.strip()[-300:]}")

    def fill(self, address, path):
        """INBOX from a Maildir. Its messages are linked, so that it stays as it is."""
        box, domain = address.split("@")
        home = self.folder / "mail" / domain / box
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-al", path, home / "Maildir"], check=True)
        for each in (home.parent, home, home / "Maildir", *(home / "Maildir").iterdir()):
            shutil.chown(each, "mail", "mail")
        if self.kind != "maildir":
            self._doveadm("import", "-u", address, f"maildir:{home}/Maildir", "", "ALL")
            shutil.rmtree(home / "Maildir")
        self._doveadm("index", "-u", address, "INBOX")

    def roots(self):
        return [self._process.pid]

    def reading_roots(self):
        return self.roots()

    def stop(self):
        self._process.terminate()
        self._process.wait()
