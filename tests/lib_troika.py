"""A Troika of a test's own: a folder, free ports, accounts; and clients that speak to it."""

import contextlib
import imaplib
import os
import pathlib
import poplib
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import time

from lib_ports import HOST, free_ports

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TROIKA_BUILD", ROOT / "build"))
BINARY = BUILD / "troika"
SANITIZED = BUILD.name.endswith(("-asan", "-tsan"))  # they map terabytes
DOMAIN = "troika.test"
PASSWORD = "troika"
PATIENCE = 180  # seconds a test waits for what must come; no figure of speed

LISTENERS = {
    "smtp": ("smtp", "starttls"),
    "submission": ("submission", "starttls"),
    "submissions": ("submission", "implicit"),
    "imap": ("imap", "starttls"),
    "imaps": ("imap", "implicit"),
    "pop3": ("pop3", "starttls"),
    "pop3s": ("pop3", "implicit"),
    "metrics": ("metrics", "none"),
}


def wait_until(condition, what="that"):
    """Until condition() is true; its value. Fails when PATIENCE is over."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def insecure_tls():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def make_certificate(folder, *names):
    """A self-signed pair for the names; the first is the subject."""
    kinds = ",".join(("IP:" if name[0].isdigit() else "DNS:") + name for name in names)
    chain, key = folder / f"{names[0]}-chain.pem", folder / f"{names[0]}-key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "30", "-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={kinds}",
         "-out", chain, "-keyout", key],
        check=True, capture_output=True,
    )
    return chain, key


def message(subject="hello", sender="you@example.org", to=f"anna@{DOMAIN}", body="some text\r\n"):
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
    head += "Date: Mon, 02 Jan 2006 15:04:05 +0000\r\nMessage-ID: <%s@example.org>\r\n"
    return (head % re.sub(r"\W+", ".", subject) + "\r\n" + body).encode()


class Troika:
    """extra: lines of configuration. environment: for the server alone (LD_PRELOAD …)."""

    def __init__(self, folder, extra="", environment=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = dict(zip(LISTENERS, free_ports(len(LISTENERS))))
        self.config = self.folder / "troika.conf"
        self.environment = environment or {}
        self.prefix = []  # words before the server's command: it ends as the server
        self.process = None
        self.log_path = self.folder / "log"
        self.certificate, self.key = make_certificate(self.folder, f"mail.{DOMAIN}", "localhost", HOST)
        self.config.write_text(self.configuration(extra))

    def configuration(self, extra):
        listeners = ",\n".join(
            f'  {{ protocol = "{protocol}"; tls = "{tls}"; address = "{HOST}"; port = {self.ports[name]}; }}'
            for name, (protocol, tls) in LISTENERS.items()
        )
        limits = "" if "limits" in extra else (
            "limits = { sessions_per_address = 0; sessions_per_network = 0; "
            "new_sessions_per_second = 0; sessions_per_account = 0; letters_per_hour = 0; };\n"
        )
        return (
            f'host_name = "mail.{DOMAIN}";\ndata = "{self.folder}/data";\n'
            f'tls = ( {{ chain = "{self.certificate}"; key = "{self.key}"; }} );\n'
            f"listener = (\n{listeners}\n);\n{limits}{extra}\n"
        )

    # --- commands

    def run(self, *words, input=None, check=True, binary=BINARY):
        """A command; its standard output. With check a failure fails the test."""
        result = subprocess.run(
            [str(binary), "-c", str(self.config), *words],
            input=input, capture_output=True, text=True, timeout=600, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        if check and result.returncode:
            raise AssertionError(f"troika {' '.join(words)}: {result.stderr}{result.stdout}")
        return result.stdout if check else result

    def add_accounts(self, *names, domain=DOMAIN):
        self.run("domain", "add", domain)
        for name in names:
            self.run("account", "add", f"{name}@{domain}", input=f"{PASSWORD}\n")

    # --- the server

    def start(self, wait=True):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [*self.prefix, str(BINARY), "-c", str(self.config), "serve"],
            stdout=subprocess.PIPE, stderr=log, env={**os.environ, **self.environment},
        )
        log.close()
        if wait:
            line = self.process.stdout.readline()
            assert line == b"ready\n", f"not ready: {line!r}\n{self.log()[-3000:]}"
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)
        if self.process:
            self.process.stdout.close()
        self.process = None

    def processes(self):
        """Of the parent: the child that serves, and the helper."""
        return [int(pid) for pid in pathlib.Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    def helpers(self):
        def name(pid):
            with contextlib.suppress(OSError):
                return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        return [pid for pid in self.processes() if name(pid) == "troika-helper"]

    def children(self):
        helpers = self.helpers()
        return [pid for pid in self.processes() if pid not in helpers]

    def kill(self):
        """kill -9 of parent and child: as the power of one machine, but for its disk."""
        pids = [self.process.pid, *self.processes()]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        wait_until(lambda: not any(is_running(pid) for pid in pids), "the death of the child")
        self.process.stdout.close()
        self.process = None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- clients

    def smtp(self):
        return smtplib.SMTP(HOST, self.ports["smtp"], timeout=PATIENCE)

    def submission(self, name="anna", tls=True):
        client = smtplib.SMTP(HOST, self.ports["submission"], timeout=PATIENCE)
        if tls:
            client.starttls(context=insecure_tls())
            client.login(f"{name}@{DOMAIN}", PASSWORD)
        return client

    def imap(self, name="anna", domain=DOMAIN):
        client = imaplib.IMAP4_SSL(HOST, self.ports["imaps"], ssl_context=insecure_tls())
        if name:
            client.login(f"{name}@{domain}", PASSWORD)
        return client

    def pop3(self, name="anna"):
        client = poplib.POP3_SSL(HOST, self.ports["pop3s"], context=insecure_tls())
        if name:
            client.user(f"{name}@{DOMAIN}")
            client.pass_(PASSWORD)
        return client

    def connect(self, name, tls=None):
        """A bare socket, under TLS where the port is so."""
        plain = socket.create_connection((HOST, self.ports[name]), timeout=PATIENCE)
        if tls is None:
            tls = LISTENERS[name][1] == "implicit"
        return insecure_tls().wrap_socket(plain) if tls else plain

    def send(self, text=None, sender="you@example.org", to=(f"anna@{DOMAIN}",)):
        with self.smtp() as client:
            client.sendmail(sender, list(to), text or message(to=to[0]))

    def messages(self, name="anna", mailbox="INBOX"):
        """All messages of a mailbox, whole."""
        client = self.imap(name)
        client.select(f'"{mailbox}"', readonly=True)
        texts = []
        if client.search(None, "ALL")[1][0]:
            _, rows = client.fetch("1:*", "(BODY.PEEK[])")
            texts = [row[1] for row in rows if isinstance(row, tuple)]
        client.logout()
        return texts


class Dialogue:
    """Lines over a bare socket, for what no client library would say."""

    def __init__(self, socket):
        self.socket = socket
        self.file = socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        return self.file.readline().decode("utf-8", "replace")

    def smtp_reply(self):
        """The code and all text of one reply; (0, "") at the end."""
        text = ""
        while True:
            line = self.line()
            text += line[4:]
            if len(line) < 4 or line[3] == " ":
                return int(line[:3] or 0) if line[:3].isdigit() else 0, text

    def say(self, data):
        """One SMTP command and its reply's code."""
        self.send(data + "\r\n" if isinstance(data, str) else data)
        return self.smtp_reply()[0]

    def until(self, start):
        """Lines up to one that begins so; the end of input ends it too."""
        lines = []
        while True:
            line = self.line()
            lines.append(line)
            if not line or line.startswith(start):
                return lines

    def command(self, tag, text):
        """One IMAP command and all lines of its answer."""
        self.send(f"{tag} {text}\r\n")
        return self.until(tag + " ")

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
