"""
Some sessions do at random what clients do, all at once, on two mailboxes. Each keeps what it is
told (RFC 3501 5.2, 7.3, 7.4), as a client does. In the end what each believes is what there is,
and each UID has the text that APPENDUID and COPYUID promised. Some sessions count by mod-sequences
(RFC 7162): they are told VANISHED, and the mod-sequence of each message they know is the one there
is. Who comes back with QRESYNC has in one command what all the others have. And whoever asks then
(SEARCH, SORT, STATUS, FETCH; lib_oracle.py) gets the answer that follows from what there is.

The first message of each mailbox, which nobody touches, has so many keywords that the others must
share a few numbers: keywords come, go out of use, and give their numbers to others all the time;
some find no room.

TROIKA_SEED=n repeats a run; TROIKA_RUNS=n makes so many; TROIKA_MODEL_SECONDS=n plays on and on
for so long with more sessions (make torture).
"""

import os
import random
import re
import time

import pytest
from lib_oracle import Message, Oracle
from lib_troika import DOMAIN, PASSWORD, Dialogue

FIRST = int(os.environ.get("TROIKA_SEED", random.randrange(10**6)))
RUNS = int(os.environ.get("TROIKA_RUNS", 1 if "TROIKA_SEED" in os.environ else 4))
ROUNDS, SESSIONS = 300, 4
SECONDS = int(os.environ.get("TROIKA_MODEL_SECONDS", 600))
MAILBOXES = ["INBOX", "Other"]
WORDS = "alpha beta gamma Delta письмо Привет straße über 日本語 日本 zeta-eta 12345 a.b.c".split()
SYSTEM_FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"]
KEYWORDS = ["$Forwarded", "Later", "$Junk", "red", "blue", "green", "mine"]
ROOM, KEYWORDS_MOST, KEEPER = 4, 248, 1  # the keeper's UID and number
ROW = re.compile(r"\* (\d+) FETCH \((?:UID (\d+) ?)?(?:FLAGS \(([^)]*)\) ?)?(.*)")
BODY = re.compile(r"(.*?)(?: FLAGS \(([^)]*)\))?(?: MODSEQ \((\d+)\))?\)\r\n")
MODSEQ = re.compile(r"MODSEQ \((\d+)\)")
VANISHED = re.compile(r"\* VANISHED (?:\(EARLIER\) )?([\d:,]+)")
SETS = re.compile(r"\[(?:APPENDUID|COPYUID) ([\d:, ]+)\]")


def numbers_of(text):
    """"1:3,5" as a list."""
    numbers = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def flags_of(text):
    return {flag for flag in text.split() if flag != "\\Recent"}


class Known:
    """
    A message as a client knows it; None: not told yet. fell: told as it was before, which may only
    be if it is gone already (RFC 2180 4.1.2) and the client could not be told yet.
    """

    def __init__(self):
        self.uid = self.flags = self.modseq = None
        self.fell = False


class Account:
    """What all sessions share: a server, who signs in, and each text by mailbox and UID."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.texts = {mailbox: {} for mailbox in MAILBOXES}

    def sign_in(self):
        dialogue = Dialogue(self.server.connect("imaps"))
        dialogue.line()
        assert dialogue.command("l", f"LOGIN {self.name}@{DOMAIN} {PASSWORD}")[-1].startswith("l OK")
        return dialogue


class Client:
    def __init__(self, name, account, mailbox, counts=False, select=""):
        self.name, self.texts, self.mailbox, self.counts = name, account.texts, mailbox, counts
        self.known, self.command, self.log, self.tag = [], "", [], 0
        self.validity, self.highest, self.gone, self.named = 0, 0, [], set()
        self.dialogue = account.sign_in()
        if counts:
            self.run("ENABLE QRESYNC")
        self.run(select or f"SELECT {mailbox}")

    def run(self, command, text=""):
        self.say(command, text)
        return self.hear()

    def say(self, command, text=""):
        self.tag += 1
        self.command, self.text = command, text
        self.log.append(f"C: {command}")
        self.believe()
        self.dialogue.send((f"t{self.tag} {command}\r\n" + (text + "\r\n" if text else "")).encode())

    def believe(self, refused=False):
        """Who changes flags silently believes that it is done; else it will be told. Of what was refused it
        knows nothing then."""
        silent = re.fullmatch(r"(UID )?STORE (\S+) ([+-]?)FLAGS.SILENT \((.*)\)", self.command)
        if not silent:
            return
        uid, numbers, sign, flags = silent.groups()
        numbers, flags = set(numbers_of(numbers)), flags_of(flags)
        for number, known in enumerate(self.known, 1):
            if (known.uid if uid else number) in numbers and known.flags is not None:
                known.flags = {"+": known.flags | flags, "-": known.flags - flags}.get(sign, flags)
                known.flags = None if refused else known.flags

    def hear(self):
        """All up to the tagged answer, or to "+"; the last line."""
        while True:
            line = self.dialogue.line()
            assert line, "the server hung up"
            self.log.append(f"S: {line.rstrip()}")
            self.learn_texts(line)
            if not line.startswith("* "):
                break
            self.untagged(line)
        if line.startswith("+"):
            return line
        tag, word, rest = line.split(" ", 2)
        assert tag == f"t{self.tag}" and (word == "OK" or rest.startswith(("[EXPUNGEISSUED]", "[LIMIT]"))), line
        if word == "NO":
            self.believe(refused=True)
        self.command = ""
        return line

    def untagged(self, line):
        if match := re.match(r"\* (\d+) EXISTS", line):
            assert int(match[1]) >= len(self.known), line
            self.known += [Known() for _ in range(int(match[1]) - len(self.known))]
        elif line.startswith("* VANISHED (EARLIER)"):
            self.gone += numbers_of(VANISHED.match(line)[1])
        elif match := re.match(r"\* OK \[(UIDVALIDITY|HIGHESTMODSEQ) (\d+)\]", line):
            name = "validity" if match[1] == "UIDVALIDITY" else "highest"
            setattr(self, name, int(match[2]))
        elif match := re.match(r"\* FLAGS \((.*)\)", line):
            self.named = flags_of(match[1])
        elif match := VANISHED.match(line):
            assert self.counts and not self.command.startswith(("FETCH", "STORE", "SEARCH")), line
            for uid in numbers_of(match[1]):
                self.vanish(uid)
        elif match := re.match(r"\* (\d+) EXPUNGE", line):
            assert not self.counts, line
            assert not self.command.startswith(("FETCH", "STORE", "SEARCH")), f"{line} in {self.command}"
            del self.known[int(match[1]) - 1]
        elif match := ROW.match(line):
            self.row(*match.groups())
        elif match := re.match(r"\* SEARCH(.*)", line):
            numbers = [int(word) for word in match[1].split()]
            assert numbers == sorted(set(numbers)), line
            assert self.command.startswith("UID") or max(numbers, default=0) <= len(self.known), line

    def vanish(self, uid):
        for place, known in enumerate(self.known):
            if known.uid == uid:
                del self.known[place]
                return
        self.vanish_unnamed(uid)

    def vanish_unnamed(self, uid):
        """Of those whose UIDs were not told yet one that stands where it would; what was told of the others
        there by their numbers may have been told of that one."""
        after = next((place for place, known in enumerate(self.known) if known.uid and known.uid > uid), len(self.known))
        before = max((place + 1 for place, known in enumerate(self.known) if known.uid and known.uid < uid), default=0)
        assert before < after, f"UID {uid} vanished and was not there"
        del self.known[before]
        for known in self.known[before:after - 1]:
            known.flags = known.modseq = None
            known.fell = False

    def row(self, number, uid, flags, rest):
        number = int(number)
        known = self.known[number - 1]
        if uid:
            assert known.uid in (None, int(uid)), f"{number} was UID {known.uid}, is {uid}"
            known.uid = int(uid)
            uids = [each.uid for each in self.known if each.uid]
            assert uids == sorted(set(uids)), f"UIDs don't rise: {uids}"
        if rest.startswith("BODY[TEXT] "):
            text, flags, modseq = BODY.fullmatch(self.dialogue.line()).groups()
            rest = f"MODSEQ ({modseq})" if modseq else ""
            promised = self.texts[self.mailbox].get(known.uid)
            self.texts[self.mailbox][known.uid] = text
            assert promised in (None, text), f"UID {known.uid} is {text!r}, not {promised!r}"
        if flags is not None:
            known.flags = flags_of(flags)
            assert known.flags <= self.named, f"FLAGS has not {known.flags - self.named}"
        if match := MODSEQ.search(rest):
            known.fell = known.fell or (known.modseq or 0) > int(match[1])
            known.modseq = int(match[1])
        else:
            assert not (flags is not None and self.counts and not self.command.startswith(("FETCH", "UID FETCH"))), rest

    def learn_texts(self, line):
        if not (match := SETS.search(line)):
            return
        _, *sets = match[1].split()
        if len(sets) == 1:
            self.texts[self.command.split()[1]][int(sets[0])] = self.text.rpartition("\r\n")[2]
            return
        here, there = self.texts[self.mailbox], self.texts[self.command.split()[-1]]
        for source, target in zip(numbers_of(sets[0]), numbers_of(sets[1]), strict=True):
            if source in here:
                there[target] = here[source]


class Chance:
    """What a client might say next."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0

    def set(self, client):
        """"UID " or "", and a set of what the client knows; None if that is nothing."""
        uids = [known.uid for known in client.known if known.uid and known.uid != KEEPER]
        by_uid = bool(uids) and self.random.random() < 0.5
        numbers = uids if by_uid else list(range(KEEPER + 1, len(client.known) + 1))
        if not numbers:
            return None
        if self.random.random() < 0.7:
            numbers = numbers[-4:]  # where sessions meet
        some = self.random.sample(numbers, self.random.randint(1, min(4, len(numbers))))
        return "UID " if by_uid else "", ",".join(map(str, some))

    def flags(self):
        keywords = self.random.sample(KEYWORDS, self.random.choice([0, 0, 0, 1, 2]))
        return " ".join([*self.random.sample(SYSTEM_FLAGS, self.random.randint(0, 2)), *keywords])

    def forget(self, client):
        """A keyword goes out of use, perhaps, and its number to another."""
        return client.say(f"STORE {KEEPER + 1}:{len(client.known)} -FLAGS.SILENT ({self.random.choice(KEYWORDS)})")

    def append(self):
        self.count += 1
        body = " ".join(self.random.choices(WORDS, k=3))
        text = f"Subject: {self.count}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body} {self.count}"
        return f"APPEND {self.random.choice(MAILBOXES)} ({self.flags()}) {{{len(text.encode())}+}}", text

    def say(self, client):
        """One command; IDLE is ended with DONE in the same breath, or a round later."""
        what = self.random.choice(["append", "noop", "idle", "expunge", "search", *["store"] * 4,
                                   *["fetch"] * 3, "copy", "move", *["forget"] * 2])
        some = self.set(client)
        if what == "append" or not some:
            return client.say(*self.append())
        by, numbers = some
        if what == "forget":
            return self.forget(client)
        if what == "store":
            silent = self.random.choice(["", ".SILENT"])
            return client.say(f"{by}STORE {numbers} {self.random.choice(['', '+', '-'])}FLAGS{silent} ({self.flags()})")
        if what == "fetch":
            items = self.random.choice(["FLAGS", "(UID FLAGS)", "(UID BODY.PEEK[TEXT])", "(UID BODY[TEXT])"])
            return client.say(f"{by}FETCH {numbers} {items}")
        if what == "expunge" and by:
            return client.say(f"UID EXPUNGE {numbers}")
        if what == "search":
            key = self.random.choice(["ALL", "DELETED", "UNSEEN", "NOT (SEEN FLAGGED)", "1:*", "KEYWORD later"])
            return client.say(f"{by}SEARCH {key}")
        if what in ("copy", "move"):
            return client.say(f"{by}{what.upper()} {numbers} {self.random.choice(MAILBOXES)}")
        return client.say(what.upper())


def play_round(clients, chance):
    """All speak before any is heard, so that the server has it all at once."""
    for client in clients:
        if client.command == "IDLE":
            client.dialogue.send("DONE\r\n")
        else:
            chance.say(client)
    for client in clients:
        line = client.hear()
        if line.startswith("+") and chance.random.random() < 0.3:
            client.dialogue.send("DONE\r\n")
            client.hear()


def beliefs(client):
    return [(known.uid, known.flags) for known in client.known]


def modseqs(client):
    return [(known.uid, known.modseq) for known in client.known]


class Returning:
    """What a client of a mailbox has kept when it left, and comes back with."""

    def __init__(self):
        self.validity = self.highest = None
        self.kept = {}

    def leave(self, client):
        self.kept = {known.uid: known.flags for known in client.known}
        self.validity, self.highest = client.validity, client.highest

    def come_back(self, account, mailbox, present):
        client = Client("returning", account, mailbox, True,
                        f"SELECT {mailbox} (QRESYNC ({self.validity} {self.highest}))")
        for uid in client.gone:
            self.kept.pop(uid, None)
        for known in client.known:
            if known.uid:
                self.kept[known.uid] = known.flags
        client.dialogue.close()
        assert sorted(self.kept.items()) == present, client.log


def settle(client):
    if client.command == "IDLE":
        client.dialogue.send("DONE\r\n")
        client.hear()
    client.run("NOOP")
    for number, known in enumerate(client.known, 1):
        if known.uid is None or known.flags is None or (client.counts and known.modseq is None):
            client.run(f"FETCH {number} (UID FLAGS{' MODSEQ' if client.counts else ''})")


def compare(account, clients, mailbox, returning, oracle):
    """All of one mailbox, while nobody changes anything."""
    fresh = Client("fresh", account, mailbox)
    if fresh.known:
        fresh.run("FETCH 1:* (UID FLAGS)")
        fresh.run("FETCH 1:* (UID BODY.PEEK[TEXT])")
    for client in clients:
        assert beliefs(client) == beliefs(fresh), f"session {client.name}"
        assert not any(known.fell for known in client.known), f"session {client.name}"
    if returning.validity:
        returning.come_back(account, mailbox, beliefs(fresh))
    if fresh.known:
        fresh.run("FETCH 1:* (UID MODSEQ)")
    for client in clients:
        assert not client.counts or modseqs(client) == modseqs(fresh), f"session {client.name}"
    messages = [Message(known.uid, known.flags, known.modseq, account.texts[mailbox][known.uid]) for known in fresh.known]
    for client in [fresh, *clients]:
        oracle.ask(client.dialogue, mailbox, messages)
    returning.leave(fresh)
    fresh.dialogue.close()


def compare_all(account, clients, returning, oracle):
    for _ in range(2):  # what settling changes (\\Recent) is told the others
        for client in clients:
            settle(client)
    for mailbox in MAILBOXES:
        here = [client for client in clients if client.mailbox == mailbox]
        compare(account, here, mailbox, returning[mailbox], oracle)


def play(account, seed, sessions):
    chance = Chance(seed)
    returning, oracle = {mailbox: Returning() for mailbox in MAILBOXES}, Oracle(chance.random, WORDS)
    clients = [Client(name, account, MAILBOXES[name % 2], counts=name % 4 < 2) for name in range(sessions)]
    try:
        for number in range(ROUNDS):
            play_round(clients, chance)
            if number % 25 == 24:
                compare_all(account, clients, returning, oracle)
    except (AssertionError, AttributeError, IndexError, KeyError) as error:
        logs = "\n".join(f"--- session {client.name}\n" + "\n".join(client.log[-40:]) for client in clients)
        raise AssertionError(f"TROIKA_SEED={seed}, round {number}: {error!r}\n{logs}") from error
    finally:
        for client in clients:
            client.dialogue.close()


def with_mailboxes(server, name="anna"):
    account = Account(server, name)
    others = " ".join(f"key{number}" for number in range(KEYWORDS_MOST - ROOM))
    with account.sign_in() as session:
        assert session.command("b", "CREATE Other")[-1].startswith("b OK")
        for mailbox in MAILBOXES:
            text = "Subject: 0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nkept 0"
            assert session.command("c", f"APPEND {mailbox} ({others}) {{{len(text)}+}}\r\n{text}")[-1].startswith("c OK")
    return account


# Names without the seed: parallel workers must collect the same.
@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS), ids=range(RUNS))  # the same for all of xdist
def test_what_is_told_is_what_is(make_troika, seed):
    play(with_mailboxes(make_troika("anna")), seed, SESSIONS)


@pytest.mark.torture
@pytest.mark.timeout(SECONDS + 600)
def test_hours_of_sessions(make_troika):
    """One server all along, and an account for each seed."""
    end, seed, server = time.monotonic() + SECONDS, FIRST, make_troika("anna")
    while time.monotonic() < end:
        server.run("account", "add", f"player{seed}@{DOMAIN}", input=f"{PASSWORD}\n")
        play(with_mailboxes(server, f"player{seed}"), seed, 10)
        seed += 1
    print(f"seeds {FIRST} to {seed - 1}")
