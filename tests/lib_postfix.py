"""Postfix as somebody else's mail server: postfix.away.test, for the domain away.test."""

import os
import pathlib
import shutil
import smtplib
import subprocess
import tempfile

import pytest
from lib_troika import DOMAIN, HOST, PATIENCE, free_ports, wait_until

COMMANDS = "/usr/sbin"
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = postfix.away.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = away.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {{ somebody@away.test = somebody/ }} }}
virtual_alias_maps = inline:{{ {{ closed@away.test = closed@behind.away.test }} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_transport = virtual
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ later@away.test = 450 4.2.0 later }} }}, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtp_tls_security_level = may
smtp_tls_loglevel = 1
maillog_file = /dev/stdout
maillog_file_prefixes = /dev
transport_maps = inline:{{ {{ {domain} = smtp:[127.0.0.1]:{back} }}, {{ behind.away.test = error:5.2.1 closed for today }} }}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
error unix - - n - - error
virtual unix - n n - - virtual
smtp unix - - n - - smtp
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Relays what is for troika to it; mail for somebody@away.test lies in a Maildir, closed@ is
    closed when it has been taken, later@ is put off, others do not exist."""

    def __init__(self, troika):
        if os.geteuid() or not shutil.which("postfix", path=COMMANDS):
            pytest.skip("Postfix is not here, or may not be started")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="troika-postfix-"))
        self.folder.chmod(0o755)
        for name in ("queue", "data", "conf", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix", "postfix")
        shutil.chown(self.folder / "mail", 65534, 65534)
        (self.port,) = free_ports(1)
        (self.folder / "conf/main.cf").write_text(MAIN.format(
            folder=self.folder, certificate=troika.certificate, key=troika.key, domain=DOMAIN, back=troika.ports["smtp"]))
        (self.folder / "conf/master.cf").write_text(MASTER.format(port=self.port))

    def __enter__(self):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([f"{COMMANDS}/postfix", "-c", self.folder / "conf", "start-fg"], stdout=log, stderr=log)
        wait_until(lambda: "daemon started" in self.log(), "Postfix")
        return self

    def __exit__(self, *_):
        self.run("postfix", "stop", check=False)
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, *words, **more):
        option = "-C" if command == "sendmail" else "-c"
        return subprocess.run([f"{COMMANDS}/{command}", option, self.folder / "conf", *words], capture_output=True, timeout=PATIENCE,
                              **{"check": True, **more}).stdout.decode(errors="replace")

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def smtp(self):
        return smtplib.SMTP(HOST, self.port, timeout=PATIENCE)

    def queue(self):
        return self.run("postqueue", "-j").splitlines()

    def letters(self):
        """Somebody's, as they lie in the Maildir."""
        return [path.read_bytes() for path in (self.folder / "mail/somebody/new").glob("*")]
