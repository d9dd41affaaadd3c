"""Plays IMAP scripts as ImapTest's documentation describes them: a header, then commands with what must come back.

    connections: 2                            a header; then an empty line
    1 ok fetch 1 (uid flags)                  a command by connection 1, to be answered OK
    * 1 fetch (uid $uid flags (\\seen))        an untagged answer that must come, in any order; $uid is learned
    ! 2 fetch ($!unordered)                   one that must not come

The scripts are other people's: a folder of them is given to the test that plays them. What a script
needs but does not find stored (NAME.mbox, default.mbox) is a short mailbox of our own. Beside what the
script says, each session's view must hold together: see lib_scripted_view.py.
"""

import os
import re
import socket
import time

from lib_scripted_view import Failure, View
from lib_troika import HOST, PASSWORD, PATIENCE, insecure_tls

MAILBOX = "imaptest"
PLAIN_MAIL = [(None, b"Subject: %d\r\n\r\nbody %d\r\n" % (number, number)) for number in range(1, 8)]
NAME = re.compile(r"\w*")
HEADER = r"(capabilities|connections|messages|state|ignore_extra_untagged|user \d+) *"


# --- values: NIL is None, a list a list, all else a Text


class Text(str):
    """An atom or a string; quoted says which, since only an atom can be a directive or NIL. Of a script's literal8
    it is not known where a line ended in CRLF, as scripts are kept as texts: loose."""

    quoted, loose = False, False

    @classmethod
    def of(cls, value, quoted, loose=False):
        text = cls(value)
        text.quoted, text.loose = quoted, loose
        return text


def read_values(data):
    """The values of a line: bytes with literals in place, of a server's line or of a script's."""
    at, stack = 0, [[]]
    while at < len(data):
        char = data[at : at + 1]
        if char == b" ":
            at += 1
        elif char == b"(":
            stack.append([])
            at += 1
        elif char == b")" and len(stack) > 1:
            done = stack.pop()
            stack[-1].append(done)
            at += 1
        elif char == b'"':
            match = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL).match(data, at)
            if not match:
                raise Failure(f"a quote without end: {data!r}")
            stack[-1].append(Text.of(re.sub(rb"\\(.)", rb"\1", match[1]).decode("latin-1"), True))
            at = match.end()
        elif match := re.compile(rb"(~?)\{(\d+)\+?\}\r\n").match(data, at):
            end = match.end() + int(match[2])
            stack[-1].append(Text.of(data[match.end() : end].decode("latin-1"), True, bool(match[1])))
            at = end
        else:
            match = re.compile(rb"[^ ()]+|\)").match(data, at)
            word = match[0].decode("latin-1")
            stack[-1].append(None if word.upper() == "NIL" else Text.of(word, False))
            at = match.end()
    if len(stack) > 1:
        raise Failure(f"a parenthesis without end: {data!r}")
    return stack[0]


def show(value):
    if isinstance(value, list):
        return "(" + " ".join(map(show, value)) + ")"
    return "NIL" if value is None else repr(str(value)) if value.quoted else str(value)


# --- a script


class Group:
    """Commands that leave together: (tag, bytes, expected answer), and (kind, values) that must come meanwhile; without
    commands it is about the greeting."""

    def __init__(self, line, connection):
        self.line, self.connection = line, connection
        self.commands, self.untagged, self.open = [], [], {}
        self.ordered, self.sleep = False, 0


class Script:
    def __init__(self, path):
        self.path, self.name = path, path.name
        self.capabilities, self.connections, self.messages = [], 1, None
        self.state, self.extra_allowed, self.groups, self.users = "selected", True, [], {}
        self.skipping = []
        head, body = self.split(path.read_bytes().decode("latin-1").split("\n"))
        for line in head:
            self.take_header(line)
        for number, line in self.join(body):
            self.take_line(number, line)

    @staticmethod
    def split(lines):
        end = next((at for at, line in enumerate(lines) if not re.match(rf"#|{HEADER}:", line)), len(lines))
        return [line for line in lines[:end] if line[:1] != "#"], list(enumerate(lines[end:], end + 1))

    def take_header(self, line):
        key, value = (part.strip() for part in line.split(":", 1))
        if key == "capabilities":
            self.capabilities = value.upper().split()
        elif key == "connections":
            self.connections = int(value)
        elif key == "messages":
            self.messages = None if value == "all" else int(value)
        elif key == "state":
            self.state = value
        elif key == "ignore_extra_untagged":
            self.extra_allowed = value[:1] == "y"
        elif key.startswith("user "):
            self.users[int(key.split()[1])] = value
        else:
            raise Failure(f"{self.name}: header {key}")

    @staticmethod
    def join(lines):
        """Lines with their blocks: {{{ to }}} is a literal whose lines end in CRLF, the last one not."""
        lines = iter(lines)
        for number, line in lines:
            if not line or line[0] == "#":
                continue
            data = line.encode("latin-1")
            while data.endswith(b"{{{"):
                block = []
                while not (inner := next(lines)[1]).startswith("}}}"):
                    block.append(inner)
                text = "\r\n".join(block).encode("latin-1")
                data = data.removesuffix(b"{{{") + b"{%d+}\r\n" % len(text) + text
                data += inner.removeprefix("}}}").encode("latin-1")
            yield number, data

    def take_condition(self, word, argument):
        """Whether the line is one of those that say which lines count."""
        if word in ("!ifenv", "!ifnenv"):
            self.skipping.append((argument in os.environ) != (word == "!ifenv"))
        elif word == "!else":
            self.skipping[-1] = not self.skipping[-1]
        elif word == "!endif":
            self.skipping.pop()
        else:
            return False
        return True

    def take_directive(self, word, argument):
        if word == "!ordered":
            self.groups[-1].ordered = True
        elif word == "!sleep":
            number, unit = re.fullmatch(r"(\d+) *(\w+)", argument).groups()
            self.groups[-1].sleep = int(number) / (1000 if unit.startswith("ms") else 1)
        elif word != "!output":
            raise Failure(f"{self.name}: {word}")

    def take_line(self, number, data):
        kind = data[:2].decode("latin-1")
        word, _, argument = data.decode("latin-1").partition(" ")
        if self.take_condition(word, argument) or any(self.skipping):
            return
        if kind[0] == "!" and kind != "! ":
            self.take_directive(word, argument)
            return
        if kind in ("* ", "! ", "? "):
            values = read_values(data[2:])
            with_defaults(values)
            if not self.groups:
                self.groups.append(Group(number, 1))
            self.groups[-1].untagged.append((kind[0], values))
            return
        connection = 1
        if self.connections > 1 and (match := re.match(rb"(\d+) ", data)):
            connection, data = int(match[1]), data[match.end() :]
        tag, answer, rest = re.fullmatch(rb'(?:(tag\d+) )?(?:(ok|no|bad|"")(?: |$))?(.*)', data, re.I | re.DOTALL).groups()
        if self.groups and tag in self.groups[-1].open:
            if answer is None:
                raise Failure(f"{self.name}:{number}: {data!r}")
            self.groups[-1].open.pop(tag)
            self.expect(tag, answer, read_values(rest))
            return
        if not (self.groups and self.groups[-1].open):
            self.groups.append(Group(number, connection))
        self.groups[-1].commands.append([tag, rest, None])
        if answer is None:
            self.groups[-1].open[tag] = True
        else:
            self.expect(tag, answer, [])

    def expect(self, tag, answer, values):
        for command in self.groups[-1].commands:
            if command[0] == tag and command[2] is None:
                command[2] = (answer.decode().upper(), values)
                return


def with_defaults(values):
    """Puts the directives that the documentation says stand in lists without any."""
    name = next((str(value).lower() for value in values[:2] if isinstance(value, Text) and re.match(r"[A-Za-z]", value)), "")

    def put(inner, *directives):
        if not any(isinstance(item, Text) and item.startswith("$!") for item in inner):
            inner[:0] = [Text(directive) for directive in directives]

    if name in ("list", "lsub") and len(values) > 1 and isinstance(values[1], list):
        put(values[1], "$!unordered")
    if name in ("status", "fetch") and len(values) > 2 and isinstance(values[2], list):
        put(values[2], "$!unordered=2")
        for before, item in zip(values[2], values[2][1:]):
            if name == "fetch" and isinstance(item, list) and str(before).lower() == "flags":
                put(item, "$!unordered", "$!noextra", "$!ignore=\\recent",
                    "$!ignore=$HasAttachment", "$!ignore=$HasNoAttachment")


def read_mbox(path):
    """(date or None, message) of each; the blank line before the next From is the message's, as ImapTest takes it."""
    found = []
    for part in re.split(r"(?m)^From (?=\S+  )", path.read_text(encoding="latin-1"))[1:]:
        first, _, text = part.partition("\n")
        found.append((first.split(None, 1)[1], text.replace("\n", "\r\n").encode("latin-1")))
    return found


def internal_date(text):
    """Fri Feb 22 17:06:23 2008 [+0200] as APPEND takes it."""
    match = re.match(r"\w+ (\w+) +(\d+) ([\d:]+) (\d+)(?: ([+-]\d+))?", text)
    return f'"{int(match[2]):2d}-{match[1]}-{match[4]} {match[3]} {match[5] or "+0000"}"'


# --- matching


class Matcher:
    def __init__(self, names):
        self.names, self.sequence = names, []
        self.modseq = (0, 0)  # the highest $modseqN that has a value, and that

    def relative(self, number):
        if not 0 < number <= len(self.sequence):
            return "<out of range>"
        return str(self.sequence[number - 1] or "<expunged>")

    def take_name(self, text):
        """The name that follows a $, and what is behind it."""
        if text.startswith("{"):
            name, _, rest = text[1:].partition("}")
            return name, rest
        name = NAME.match(text)[0]
        return name, text[len(name) :]

    def expand(self, text):
        """A command's text with its names' values."""
        made = ""
        while text:
            before, dollar, text = text.partition("$")
            made += before
            if not dollar:
                break
            if text.startswith("$"):
                made, text = made + "$", text[1:]
                continue
            name, text = self.take_name(text)
            if name.isdigit():
                made += self.relative(int(name))
            elif name in self.names:
                made += self.names[name]
            else:
                raise Failure(f"${name} has no value")
        return made

    def may_be_modseq(self, number, value):
        """$modseqN is at least as much above the one before as the numbers are apart."""
        if not value.isdigit() or int(value) < self.modseq[1] + max(0, number - self.modseq[0]) and number > self.modseq[0]:
            return False
        if number > self.modseq[0]:
            self.modseq = (number, int(value))
        return True

    def same_text(self, pattern, text, prefix=False):
        """Whether text is like the pattern; names without a value learn theirs."""
        exact = False
        while pattern:
            if pattern[0] != "$" or pattern[1:2] == "$":
                pattern = pattern[pattern[0] == "$" :]
                same = text[:1] == pattern[0] if exact else text[:1].lower() == pattern[0].lower()
                if not same:
                    return False
                pattern, text = pattern[1:], text[1:]
                continue
            name, pattern = self.take_name(pattern[1:])
            if name.startswith("case:"):
                if not text.startswith(name[5:]):
                    return False
                exact, text = True, text[len(name) - 5 :]
                continue
            value = self.relative(int(name)) if name.isdigit() else self.names.get(name)
            if value is None:
                end = text.lower().find(pattern[0].lower()) if pattern else len(text)
                value = text[: end if end >= 0 else len(text)]
                if (match := re.fullmatch(r"modseq(\d+)", name)) and not self.may_be_modseq(int(match[1]), value):
                    return False
                if name:
                    self.names[name] = value
            if not text.startswith(value):
                return False
            text = text[len(value) :]
        return prefix or not text

    def same(self, pattern, value, prefix=False):
        if isinstance(pattern, list):
            return isinstance(value, list) and self.same_list(pattern, value)
        if pattern is None:
            return value is None
        if isinstance(value, list) or value is None:
            return pattern == "$" and value is not None
        return self.same_text(pattern, value, prefix) or (
            pattern.loose and pattern.replace("\r", "") == value.replace("\r", ""))

    def same_row(self, patterns, values, prefix=False):
        values = list(values)
        for at, pattern in enumerate(patterns):
            last = prefix and at == len(patterns) - 1
            if pattern == "$]":  # all up to the end of a response code
                while values and isinstance(values[0], Text) and "]" not in values[0]:
                    values.pop(0)
            elif not values or not self.same(pattern, values[0], last):
                return False
            del values[:1]
        return prefix or not values

    def same_list(self, patterns, values):
        unordered, chain, extra, ignored, banned = False, 1, None, [], []
        while patterns and isinstance(patterns[0], Text) and patterns[0].startswith("$!"):
            word, _, argument = patterns[0][2:].partition("=")
            if word == "ordered":
                unordered = False
            elif word == "unordered":
                unordered, chain, extra = True, int(argument or 1), True if extra is None else extra
            elif word in ("extra", "noextra"):
                extra = word == "extra"
            elif word in ("ignore", "ban"):
                (ignored if word == "ignore" else banned).append(argument.lower())
            patterns = patterns[1:]
        if not unordered:
            return self.same_row(patterns, values)
        left = [values[at : at + chain] for at in range(0, len(values), chain)]
        for at in range(0, len(patterns), chain):
            found = next((row for row in left if self.same_row(patterns[at : at + chain], row)), None)
            if found is None:
                return False
            left.remove(found)
        words = [str(row[0]).lower() for row in left]
        return not any(word in banned for word in words) if extra else all(word in ignored for word in words)


# --- a connection


class Connection:
    def __init__(self, port, number, recent):
        plain = socket.create_connection((HOST, port), timeout=PATIENCE)
        self.socket = insecure_tls().wrap_socket(plain)
        self.file = self.socket.makefile("rb")
        self.number, self.count, self.view = number, 0, View(number, recent)
        self.greeting = self.line()

    def line(self):
        """A line with its literals in place; b"" at the end."""
        data = b""
        while True:
            line = self.file.readline()
            if not line:
                return data
            data += line
            match = re.search(rb"\{(\d+)\}\r\n$", line)
            if not match:
                return data.removesuffix(b"\r\n")
            data += self.file.read(int(match[1]))

    def send(self, command):
        self.count += 1
        tag = f"{self.number}.{self.count}"
        self.view.sends(command)
        self.socket.sendall(tag.encode() + b" " + command + b"\r\n")
        return tag

    def ask(self, command):
        """Sends a command and expects OK; its untagged answers."""
        tag, seen = self.send(command), []
        while not (line := self.line()).startswith(tag.encode() + b" "):
            if not line:
                raise Failure(f"{command!r}: the connection ended")
            seen.append(line)
            self.view.take(read_values(line[2:]))
        if line.split()[1].upper() != b"OK":
            raise Failure(f"{command[:80]!r}: {line!r}")
        return seen

    def close(self):
        self.file.close()
        self.socket.close()


class Run:
    """Run(server, script, address, of who is user 2).play(): raises Failure at the first difference."""

    def __init__(self, server, script, address, other=None):
        self.script, self.port = script, server.ports["imaps"]
        user, _, domain = address.partition("@")
        self.matcher = Matcher({
            "user": address, "username": user, "domain": domain, "password": PASSWORD,
            "mailbox": MAILBOX, "mailbox_url": MAILBOX, "user2": other, "password2": PASSWORD})
        self.address, self.mail, self.next = address, self.mail_of(script), 0
        self.connections = []

    @staticmethod
    def mail_of(script):
        for name in (f"{script.name}.mbox", "default.mbox"):
            path = script.path.with_name(name)
            if path.exists() and (mail := read_mbox(path)):
                return mail
        return PLAIN_MAIL

    def letter(self):
        date, text = self.mail[self.next % len(self.mail)]
        self.next += 1
        date = f"{internal_date(date)} " if date else ""
        return date.encode() + b"{%d+}\r\n" % len(text) + text

    def prepare(self):
        recent = {}
        self.connections = [
            Connection(self.port, number, recent) for number in range(1, self.script.connections + 1)]
        if self.script.state == "nonauth":
            return
        for each in self.connections:
            address = self.matcher.expand(self.script.users.get(each.number, self.address))
            each.ask(f'LOGIN "{address}" "{PASSWORD}"'.encode())
        first = self.connections[0]
        known = b" ".join(first.ask(b"CAPABILITY")).upper().split()
        missing = [name for name in self.script.capabilities if name.encode() not in known]
        if missing:
            raise Failure(f"not announced: {' '.join(missing)}")
        if self.script.state == "auth":
            return
        first.ask(f"CREATE {MAILBOX}".encode())
        if self.script.state == "created":
            return
        count = len(self.mail) if self.script.messages is None else self.script.messages
        for _ in range(count):
            first.ask(f"APPEND {MAILBOX} ".encode() + self.letter())
        if self.script.state == "selected":
            for each in self.connections:
                each.ask(f"SELECT {MAILBOX}".encode())

    def command(self, text):
        text = self.matcher.expand(text.decode("latin-1")).encode("latin-1")
        if text.lower() == b"append":
            return f"APPEND {MAILBOX} ".encode() + self.letter()
        if re.fullmatch(rb"append \S+( \([^)]*\))?", text, re.I):
            return text + b" " + self.letter()
        return text

    def play(self):
        try:
            self.prepare()
            for group in self.script.groups:
                try:
                    self.play_group(group)
                except Failure as failure:
                    command = group.commands[0][1][:120] if group.commands else b""
                    raise Failure(f"{self.script.name}:{group.line}: {command!r}\n{failure}") from None
            if not any(self.says_goodbye(group) for group in self.script.groups):
                self.connections[0].ask(b"LOGOUT")
        finally:
            for each in self.connections:
                each.close()

    @staticmethod
    def says_goodbye(group):
        return any(text.lower() == b"logout" for _, text, _ in group.commands) or any(
            kind == "*" and str(values[0]).upper() == "BYE" for kind, values in group.untagged)

    def play_group(self, group):
        each = self.connections[group.connection - 1]
        self.matcher.sequence = list(range(1, each.view.exists + 1))
        if not group.commands:
            missing = list(group.untagged)
            self.take_untagged(each, group, missing, read_values(each.greeting[2:]), None)
            self.must_be_none(missing, [each.greeting])
            return
        self.play_commands(each, group)
        time.sleep(group.sleep)

    @staticmethod
    def must_be_none(missing, seen):
        left = [show(values) for kind, values in missing if kind == "*"]
        if left:
            raise Failure("missing: " + "\n  ".join(left) + "\ncame:\n  " + "\n  ".join(map(repr, seen)))

    def play_commands(self, each, group):
        waiting = {}
        for _, text, answer in group.commands:
            waiting[each.send(self.command(text))] = answer
        first, missing, seen = next(iter(waiting)), list(group.untagged), []
        while waiting:
            line = each.line()
            if not line:
                if any(str(values[0]).upper() == "BYE" for _, values in group.untagged):
                    break
                raise Failure("the connection ended")
            tag, _, rest = line.partition(b" ")
            if tag.decode("latin-1") in waiting:
                self.check_tagged(waiting.pop(tag.decode("latin-1")), line[len(tag) + 1 :])
                continue
            seen.append(line)
            self.take_untagged(each, group, missing, read_values(rest), first)
        self.must_be_none(missing, seen)

    def check_tagged(self, expected, line):
        word, values = expected
        if word != '""' and line.split()[0].upper() != word.encode():
            raise Failure(f"expected {word}, came {line!r}")
        if values and not self.matcher.same_row(values, read_values(line)[1:], prefix=True):
            raise Failure(f"expected {word} {show(values)}, came {line!r}")

    def take_untagged(self, each, group, missing, values, tag):
        prefix, before = str(values[0]).upper() in ("OK", "NO", "BAD", "BYE"), len(missing)
        for entry in list(missing):
            known, modseq = dict(self.matcher.names), self.matcher.modseq
            self.matcher.names["tag"] = tag
            same = self.matcher.same_row(entry[1], values, prefix)
            self.matcher.names.pop("tag", None)
            if same and entry[0] == "!":
                raise Failure(f"must not come: {show(values)}")
            if same:
                missing.remove(entry)
            else:
                self.matcher.names, self.matcher.modseq = known, modseq
            if group.ordered and (same or entry[0] == "*"):
                break
        if len(missing) == before and not self.script.extra_allowed:
            raise Failure(f"not expected: {show(values)}")
        each.view.take(values)
        if len(values) == 2 and str(values[1]).upper() == "EXPUNGE":
            gone = int(values[0])
            self.matcher.sequence = [0 if at == gone else at - (at > gone) for at in self.matcher.sequence]


def scripts_in(folder):
    return [Script(path) for path in sorted(folder.iterdir())
            if path.is_file() and "." not in path.name and path.name != "Makefile"]

