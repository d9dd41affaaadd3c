"""SMTP in to mailbox: until the last message can be read by IMAP."""

import measuring
import processes
import reading
import scratch
import smtp_load
from postfix_dovecot import PostfixDovecot
from sink import Sink
from troika_server import Troika

SPREAD = [f"{number}box@bench.test" for number in range(1, smtp_load.SPREAD + 1)]
WATCHED = SPREAD[39::40]  # every fortieth mailbox, the last one among them
SOLO = [f"solo{number}@bench.test" for number in range(1, 13)]
MAILBOXES = SPREAD + SOLO


class Contestant:
    """A server with what was sent to it so far: each mailbox is counted on."""

    def __init__(self, server):
        self.server = server
        self.name = server.name
        self.reads = hasattr(server, "imap")
        self.turn = 0
        self.sent_each = 0
        self.watchers = []
        if self.reads:
            self.watchers = [reading.Watcher(server.imap, address) for address in WATCHED]

    def stop(self):
        for watcher in self.watchers:
            watcher.close()
        self.server.stop()

    def one_mailbox(self, size, sessions, count):
        """The next of a few mailboxes, so that none grows without end."""
        address = SOLO[self.turn % len(SOLO)]
        self.turn += 1
        watcher = reading.Watcher(self.server.imap, address) if self.reads else None
        expected = count + (watcher.messages() if watcher else 0)
        with processes.Meter([self.server]) as meter:
            smtp_load.send(self.server.port, size, sessions, count, address)
            if watcher:
                reading.wait_for(watcher, expected, count / 10)
            meter.stop()
        if watcher:
            watcher.close()
        return measuring.Run(count, meter)

    def spread(self, size, sessions, count):
        turns = max(1, round(count / smtp_load.SPREAD))
        self.sent_each += turns
        count = turns * smtp_load.SPREAD
        with processes.Meter([self.server]) as meter:
            smtp_load.send_spread(self.server.port, size, sessions, turns, "box@bench.test")
            if self.reads:
                reading.wait_until(self.server.waiting, count / 10)
            for watcher in self.watchers:
                reading.wait_for(watcher, self.sent_each, count / 10)
            meter.stop()
        return measuring.Run(count, meter)

    def check_spread(self):
        """Every mailbox has exactly what was sent to it; a sink has nothing to check."""
        if not self.reads:
            return
        for address in SPREAD:
            watcher = reading.Watcher(self.server.imap, address)
            found = watcher.messages()
            watcher.close()
            if found != self.sent_each:
                raise scratch.Failed(
                    f"{self.name}: {address} has {found} messages of {self.sent_each}")


def _contestants(folder, plan):
    """Those that can be had here, in the order of their turns."""
    made = [Contestant(Troika(folder, MAILBOXES))]
    if plan.pair:
        made.append(Contestant(PostfixDovecot(folder, MAILBOXES)))
    made.append(Contestant(Sink(folder)))
    return made


WAYS = {"one": Contestant.one_mailbox, "spread": Contestant.spread}


def run(folder, plan, report):
    contestants = _contestants(folder, plan)
    try:
        for way, size, sessions in plan.inbound:
            report.inbound(way, size, sessions, measuring.in_turns(
                contestants,
                lambda contestant, count: WAYS[way](contestant, size * 1000, sessions, count),
                plan))
        if any(way == "spread" for way, _, _ in plan.inbound):
            for contestant in contestants:
                contestant.check_spread()
    finally:
        for contestant in contestants:
            contestant.stop()
