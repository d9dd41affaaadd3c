"""What a session is told must hold together, whatever a script asks: ImapTest checks as much.

A View takes what is sent and what comes untagged, as lib_scripted.py's values, and raises Failure where numbers,
UIDs, flags or dates contradict what came before.
"""

import re

SYSTEM_FLAGS = ("\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft", "\\recent")
STAYS = ("INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "EMAILID", "SAVEDATE", "BODY[]", "BODY[HEADER]")


class Failure(AssertionError):
    pass


class View:
    def __init__(self, session, recent):
        """recent is all sessions': which of them has been told that a message (mailbox, UID) is new."""
        self.session, self.recent, self.qresync = session, recent, False
        self.leave()

    def leave(self, mailbox=None, reads_only=True):
        self.mailbox, self.reads_only = mailbox, reads_only
        self.exists, self.uids, self.keywords, self.known = 0, [], set(), {}

    def sends(self, command):
        match = re.match(rb"(select|examine|unselect|close|delete|rename)(?: +(\S+)| *$)", command, re.I)
        if match and match[1].lower() in (b"select", b"examine"):
            self.leave(match[2], match[1].lower() == b"examine")
        elif match and match[1].lower() in (b"delete", b"rename"):
            for key in [key for key in self.recent if key[0] == match[2]]:
                del self.recent[key]
        elif match:
            self.leave()

    def take(self, values):
        word = str(values[0]).upper()
        if word.isdigit() and len(values) > 1:
            self.take_number(int(word), str(values[1]).upper(), values[2:])
        elif word == "FLAGS":
            self.keywords = {str(flag).lower() for flag in values[1]}
        elif word == "ENABLED":
            self.qresync = self.qresync or "QRESYNC" in (str(name).upper() for name in values[1:])
        elif word == "VANISHED" and not self.qresync:
            raise Failure("VANISHED without QRESYNC")

    def take_number(self, number, word, rest):
        if word == "EXISTS":
            if number < self.exists:
                raise Failure(f"{self.exists} messages became {number}")
            self.uids += [None] * (number - self.exists)
            self.exists = number
        elif word in ("EXPUNGE", "FETCH") and not 0 < number <= self.exists:
            raise Failure(f"{word} of {number}, with {self.exists} messages")
        elif word == "EXPUNGE":
            self.exists -= 1
            del self.uids[number - 1]
        elif word == "FETCH":
            self.take_row(number, dict(self.pairs(rest[0])))

    @staticmethod
    def pairs(row):
        names = [re.sub(r"<.*", "", str(name)).upper() for name in row[::2]]
        return zip(names, row[1::2]) if len(row) % 2 == 0 else ()

    def take_row(self, number, row):
        uid = row.get("UID", self.uids[number - 1])
        if self.uids[number - 1] not in (None, uid):
            raise Failure(f"message {number} had UID {self.uids[number - 1]}, and has {uid}")
        self.uids[number - 1] = uid
        for name in set(STAYS) & set(row) if uid else ():
            if self.known.setdefault((uid, name), row[name]) != row[name]:
                raise Failure(f"{name} of UID {uid} has changed: {self.known[uid, name]!r}, {row[name]!r}")
        self.take_flags(uid, [str(flag).lower() for flag in row.get("FLAGS", [])])

    def take_flags(self, uid, flags):
        unknown = [flag for flag in flags if flag[0] == "\\" and flag not in SYSTEM_FLAGS
                   or flag[0] != "\\" and flag not in self.keywords]
        if unknown:
            raise Failure(f"flags that FLAGS has not told: {unknown}")
        if "\\recent" in flags and uid and not self.reads_only:
            if self.recent.setdefault((self.mailbox, uid), self.session) != self.session:
                raise Failure(f"UID {uid} is new to two sessions")
