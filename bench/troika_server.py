"""Troika, as its demonstration is configured, in a folder of its own."""

import json
import os
import pathlib
import select
import signal
import subprocess
import time

import processes
import scratch

BINARY = pathlib.Path(os.environ.get("TROIKA_BUILD", scratch.ROOT / "build")) / "troika"
# "bench", hashed quickly, as 1,000 accounts are made: what is measured is mail, not sign-in.
HASH = "$1$bench$IDaFocGqo.f39hZ5dc3P7."
READY_SECONDS = 60

CONFIGURATION = """\
host_name = "mail.bench.test";
data = "{folder}/data";
clear_networks = ["127.0.0.0/8"];
listener = (
	{{ protocol = "smtp"; address = "127.0.0.1"; port = {port}; }},
	{{ protocol = "imap"; address = "127.0.0.1"; port = {imap}; }},
	{{ protocol = "imap"; address = "127.0.0.1"; port = {imaps}; tls = "implicit"; }},
	{{ protocol = "pop3"; address = "127.0.0.1"; port = {pop3}; }}
);
limits = {{
	sessions = 0;
	sessions_per_address = 0;
	sessions_per_network = 0;
	new_sessions_per_second = 0;
	sessions_per_account = 0;
	letters_per_hour = 0;
}};
"""


def missing():
    return None if BINARY.exists() else f"{BINARY} is not built"


class Troika:
    name = "Troika"

    def __init__(self, folder, mailboxes, away=None):
        self.folder = folder / "troika"
        self.folder.mkdir()
        self.port, self.imap, self.imaps, self.pop3 = (scratch.free_port() for _ in range(4))
        self.configuration = self.folder / "troika.conf"
        self.configuration.write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, imap=self.imap, imaps=self.imaps,
            pop3=self.pop3))
        self._process = None
        self.start()
        self._populate(mailboxes, away)

    def _populate(self, mailboxes, away):
        self.command("domain", "add", "bench.test")
        for mailbox in mailboxes:
            self.command("account", "add", mailbox, "--hash", given=HASH)
        if away:
            address, port = away
            self.command("alias", "add", "foreign@bench.test", address)
            self.command("route", "add", address.split("@")[1], f"smtp://127.0.0.1:{port}")

    def command(self, *words, given=""):
        ended = subprocess.run([BINARY, "-c", self.configuration, *words], input=given,
                               capture_output=True, text=True)
        if ended.returncode:
            raise scratch.Failed(f"troika {' '.join(words)}: {ended.stderr.strip()}")
        return ended.stdout

    def start(self):
        """Returns the seconds until it said "ready"."""
        began = time.monotonic()
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [BINARY, "-c", self.configuration, "serve"], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        while select.select([self._process.stdout], [], [], READY_SECONDS)[0]:
            line = self._process.stdout.readline()
            if line == b"ready\n":
                processes.prefer(self.roots())
                return time.monotonic() - began
            if not line:
                break
        raise scratch.Failed(f"troika is not ready; see {self.folder}/log")

    def fill(self, address, path):
        """INBOX from a Maildir."""
        self.command("import", address, str(path))

    def roots(self):
        return [self._process.pid]

    def reading_roots(self):
        return self.roots()

    def waiting(self):
        """What has its 250 is in the mailbox; what is left of the queue, the sink counts."""
        return 0

    def queued(self):
        return len(json.loads(self.command("--json", "queue", "list", "--limit", "0")))

    def kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._reap()

    def stop(self):
        self._process.terminate()
        self._reap()

    def _reap(self):
        self._process.wait()
        self._process.stdout.close()
