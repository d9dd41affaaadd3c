"""How much is measured: the whole, or in a few minutes what says most."""

import dataclasses

SIZES = (4, 12, 100)  # thousands of bytes
SESSIONS = (1, 20, 100)


@dataclasses.dataclass
class Plan:
    pair: bool  # Postfix and Dovecot take part
    rounds: int
    seconds: float  # of each turn
    probe: int  # messages of a first turn, that only says how fast it goes
    inbound: list  # (way, thousands of bytes, sessions)
    relay: list  # (thousands of bytes, sessions)
    parked: int
    stored: int
    starts: int
    imported: int
    searched: int  # bytes of mail
    needles: int  # of each kind
    mixed: int  # messages in each mailbox of the mixed load
    full: int  # in a large mailbox
    larger: int
    syncs: int
    idle: int  # sessions that wait while mail arrives
    letters: int  # that are waited for


def whole(pair):
    inbound = [(way, size, sessions)
               for way in ("one", "spread") for size in SIZES for sessions in SESSIONS]
    relay = [(size, sessions) for size in (4, 12) for sessions in (20, 100)]
    return Plan(pair=pair, rounds=3, seconds=5, probe=300, inbound=inbound, relay=relay,
                parked=10_000, stored=100_000, starts=5, imported=200_000,
                searched=1_000_000_000, needles=20,
                mixed=500, full=100_000, larger=1_000_000, syncs=1, idle=10_000,
                letters=200)


def quick(pair):
    return Plan(pair=pair, rounds=3, seconds=2, probe=200,
                inbound=[("one", 12, 20), ("one", 100, 20), ("one", 12, 1)],
                relay=[(12, 20)], parked=2000, stored=20_000, starts=2, imported=20_000,
                searched=32_000_000, needles=10, mixed=500, full=20_000,
                larger=200_000, syncs=1, idle=1000, letters=50)
