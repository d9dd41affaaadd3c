"""Dialogues as files that one can read aloud: scenarios/PROTOCOL/*.txt.

    == RFC 3501 6.1.2: NOOP does nothing     a scenario begins; its title
    on: imap                                 which listener, if not the usual one
    mail: hello.eml \\Seen                    IMAP: a message that lies in INBOX before
    arrives: dots                            POP3: a message that comes in now
    C: a NOOP                                sent with CRLF
    C> DATA␍␊                                sent as it is, but for ␍ ␊ ␀ ␉ ␛
    S: a OK …                                the next line; … is anything
    S: ... a OK …                            any lines up to one like this
    TLS, END, HANGUP                         a handshake; the server's end; ours

C2:, S2:, END2 … speak of a second session, and so on. Neighbouring C: leave in one segment.
«x*300» repeats, «64 text» is text in base64, «hex c328» are bytes. <name> is a word: what the
server said there first is expected and sent from then on. Known from the start: <account>,
<password>, <plain> (base64 of SASL PLAIN), <account64> and <password64>. Lines that begin with #
say why.
"""

import base64
import re
import socket

from lib_troika import DOMAIN, PASSWORD, Dialogue, insecure_tls

PICTURES = {"␀": b"\0", "␉": b"\t", "␊": b"\n", "␍": b"\r", "␛": b"\x1b"}
LINE = re.compile(r"(C|S)(\d*)([:>])(?: (.*))?")
ACTION = re.compile(r"(TLS|END|HANGUP)(\d*)")
ARRIVES = "arrives: "
NAME = r"<[a-z][a-z0-9]*>"


class Scenario:
    def __init__(self, path, title):
        self.path, self.title = path, title
        self.listener, self.mail, self.lines = None, [], []

    def __str__(self):
        return f"{self.path.stem}: {self.title}"


def read_scenarios(path):
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("== "):
            found.append(Scenario(path, line[3:]))
        elif line.startswith("mail: "):
            found[-1].mail.append(line[6:].split())
        elif line.startswith("on: "):
            found[-1].listener = line[4:].strip()
        elif line and not line.startswith("#"):
            known = LINE.fullmatch(line) or ACTION.fullmatch(line) or line.startswith(ARRIVES)
            assert known, f"{path}:{number}: {line}"
            found[-1].lines.append((number, line))
    return found


def to_bytes(text):
    text = re.sub(r"«([^«]*?)\*(\d+)»", lambda match: match[1] * int(match[2]), text)
    data = b""
    for part in re.split("(«.*?»)", text):
        kind, _, what = part.strip("«»").partition(" ")
        if part.startswith("«"):
            data += bytes.fromhex(what) if kind == "hex" else base64.b64encode(to_bytes(what))
        else:
            data += b"".join(PICTURES.get(char) or char.encode() for char in part)
    return data


class Player:
    """Plays a scenario against a server: Player(server, scenario, "smtp").play()."""

    def __init__(self, server, scenario, listener, account="anna"):
        self.server, self.scenario = server, scenario
        self.listener = scenario.listener or listener
        self.sessions, self.unsent = {}, {}
        address = f"{account}@{DOMAIN}"
        self.names = {"account": address, "password": PASSWORD}
        for name, text in (("plain", f"\0{address}\0{PASSWORD}"), ("account64", address),
                           ("password64", PASSWORD)):
            self.names[name] = base64.b64encode(text.encode()).decode()

    def connect(self):
        """A new session, as the first line of a scenario finds it."""
        return Dialogue(self.server.connect(self.listener))

    def session(self, number):
        if number not in self.sessions:
            self.sessions[number] = self.connect()
            self.unsent[number] = b""
        return self.sessions[number]

    def flush(self):
        for number, session in self.sessions.items():
            data, self.unsent[number] = self.unsent[number], b""
            if data:
                session.send(data)

    def with_names(self, text):
        return re.sub(NAME, lambda match: self.names.get(match[0][1:-1], match[0]), text)

    def pattern(self, text):
        made, new = "", set()
        for part in re.split(f"(…|{NAME})", self.with_names(text)):
            if part == "…":
                made += ".*"
            elif not re.fullmatch(NAME, part):
                made += re.escape(part)
            elif part in new:
                made += f"(?P={part[1:-1]})"
            else:
                new.add(part)
                made += f"(?P{part}[^] )]+)"
        return re.compile(made + r"\r\n", re.DOTALL)

    def expect(self, number, text):
        session = self.session(number)
        self.flush()
        skips = text.startswith("...")
        pattern = self.pattern(text.removeprefix("...").strip() if skips else text)
        seen = []
        while not (match := pattern.fullmatch(line := session.line())):
            seen.append(line)
            assert skips and line, f"expected {pattern.pattern!r}, got\n" + "\n".join(map(repr, seen))
        self.names.update(match.groupdict())

    def act(self, word, number):
        session = self.session(number)
        self.flush()
        if word == "TLS":
            session.socket = insecure_tls().wrap_socket(session.socket)
            session.file = session.socket.makefile("rb")
        elif word == "HANGUP":
            socket.socket.shutdown(session.socket, socket.SHUT_WR)  # under TLS, too
        else:
            line = session.line()
            assert line == "", f"expected the end, got {line!r}"

    def arrive(self, name):
        raise NotImplementedError

    def play_line(self, line):
        if line.startswith(ARRIVES):
            return self.arrive(line.removeprefix(ARRIVES))
        action = ACTION.fullmatch(line)
        if action:
            return self.act(action[1], action[2])
        side, number, mark, text = LINE.fullmatch(line).groups(default="")
        if side == "S":
            return self.expect(number, text)
        self.session(number)
        self.unsent[number] += to_bytes(self.with_names(text)) + (b"\r\n" if mark == ":" else b"")

    def play(self):
        try:
            for number, line in self.scenario.lines:
                try:
                    self.play_line(line)
                except (AssertionError, OSError) as error:
                    raise AssertionError(f"{self.scenario.path.name}:{number}: {line}\n{error}") from error
            self.flush()
        finally:
            for session in self.sessions.values():
                session.close()
