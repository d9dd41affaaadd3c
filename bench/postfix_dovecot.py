"""The pair that is usual today: Postfix hands to Dovecot by LMTP, Dovecot keeps Maildirs.

Both as Debian ships them, with their defaults for durability and for concurrency; only what
a configuration must say is said: names, ports, folders, virtual mailboxes. Their logs go to
the system's log, and so cost nothing where there is none."""

import os
import shutil
import subprocess

import dovecot
import processes
import scratch

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = mail.bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
biff = no
append_dot_mydomain = no
virtual_mailbox_domains = bench.test
virtual_mailbox_maps = hash:{folder}/mailboxes
virtual_alias_maps = hash:{folder}/aliases
virtual_transport = lmtp:unix:{folder}/run/lmtp
transport_maps = hash:{folder}/transport
"""


def missing():
    """Why the pair can't be measured here, or nothing."""
    for program in ("postfix", "postconf", "dovecot", "smtp-source"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
            return f"{program} is not installed"
    return None if os.geteuid() == 0 else "Postfix and Dovecot are started by root only"


class PostfixDovecot:
    name = "Postfix + Dovecot"

    def __init__(self, folder, mailboxes, away=None, more=""):
        """`mailboxes`: addresses in bench.test. `away`: where foreign@bench.test is sent on
        to, as (address, port). `more`: further lines for Dovecot."""
        self.folder = folder / "pair"
        self.port, self.imap, self.imaps, self.pop3 = (scratch.free_port() for _ in range(4))
        for name in ("queue", "data", "run", "state", "mail", "postfix"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        shutil.chown(self.folder / "mail", "mail", "mail")
        shutil.chown(self.folder / "data", "postfix", "postfix")
        dovecot.certificate(self.folder)
        self._maps(mailboxes, away)
        self._configure(more)
        self._processes = []
        self.start()

    def _map(self, name, lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        subprocess.run(["postmap", "-c", self.folder / "postfix", f"hash:{path}"], check=True)

    def _maps(self, mailboxes, away):
        (self.folder / "postfix" / "main.cf").write_text(MAIN.format(folder=self.folder))
        self._map("mailboxes", (f"{mailbox} there" for mailbox in mailboxes))
        aliases, transport = [], []
        if away:
            address, port = away
            aliases.append(f"foreign@bench.test {address}")
            transport.append(f"{address.split('@')[1]} smtp:[127.0.0.1]:{port}")
        self._map("aliases", aliases)
        self._map("transport", transport)

    def _configure(self, more):
        """master.cf as Debian's, without chroot, and on a port of our own."""
        folder = self.folder / "postfix"
        shutil.copy("/usr/share/postfix/master.cf.dist", folder / "master.cf")
        postconf = ["postconf", "-c", folder]
        subprocess.run([*postconf, "-F", "*/*/chroot=n"], check=True)
        subprocess.run([*postconf, "-MX", "smtp/inet"], check=True)
        service = f"127.0.0.1:{self.port}"
        subprocess.run(
            [*postconf, "-M", f"{service}/inet={service} inet n - n - - smtpd"], check=True)
        dovecot.configure(self.folder, "maildir:~/Maildir", self.imap, self.imaps, self.pop3, more)

    def start(self):
        self._processes.append(dovecot.start(self.folder, self.imap))
        quiet = open(self.folder / "postfix.log", "wb")
        postfix = subprocess.Popen(
            ["postfix", "-c", self.folder / "postfix", "start-fg"],
            stdout=quiet, stderr=quiet, start_new_session=True)
        quiet.close()
        self._processes.append(postfix)
        scratch.wait_for_port(self.port, postfix)
        processes.prefer(self.roots())

    def roots(self):
        return [process.pid for process in self._processes]

    def reading_roots(self):
        """Dovecot alone."""
        return self.roots()[:1]

    def waiting(self):
        """Messages in the queue; names are looked at only, no file is opened."""
        count = 0
        for name in ("maildrop", "incoming", "active", "deferred"):
            for _folder, _folders, files in os.walk(self.folder / "queue" / name):
                count += len(files)
        return count

    def stop(self):
        """Postfix's master is not the process that we started, but its child."""
        subprocess.run(["postfix", "-c", self.folder / "postfix", "stop"], capture_output=True)
        for process in self._processes:
            process.terminate()
            process.wait()
        self._processes.clear()
