"""500 peers that send a byte a second or never read: threads, and everybody else's speed, with
them and without."""

import contextlib
import statistics
import subprocess
import sys
import time

import measuring
import processes
import reading
import scratch
import smtp_load
from troika_server import Troika

PEERS = 500
SIZE, SESSIONS = 12000, 20
QUIET = "nobody"
SPEEDS = "solo2@bench.test"


@contextlib.contextmanager
def _peers(protocol, port):
    if protocol == QUIET:
        yield
        return
    program = subprocess.Popen(
        [sys.executable, scratch.BENCH / "hostile_peers.py", protocol, str(port), str(PEERS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if program.stdout.readline() != b"there\n":
            raise scratch.Failed(f"the hostile peers did not get in by {protocol}")
        time.sleep(3)
        yield
    finally:
        program.stdin.close()
        program.wait()


def _send(server, count):
    watcher = reading.Watcher(server.imap, SPEEDS)
    expected = watcher.messages() + count
    with processes.Meter([server]) as meter:
        smtp_load.send(server.port, SIZE, SESSIONS, count, SPEEDS)
        reading.wait_for(watcher, expected, count / 10)
        meter.stop()
    watcher.close()
    return measuring.Run(count, meter)


def _turn(server, protocol, count):
    ports = {"smtp": server.port, "imap": server.imap, "pop3": server.pop3, QUIET: 0}
    scratch.settle()
    with _peers(protocol, ports[protocol]):
        threads = processes.threads(server.roots())
        run = _send(server, count)
        private = processes.memory_kib(server.roots())[1] / 1024
    return {"rate": run.rate, "cpu_s_per_1000": run.server_cpu, "others": run.others,
            "threads": threads, "private_mib": private}


def _middle(turns):
    return {what: statistics.median(turn[what] for turn in turns) for what in turns[0]}


def run(folder, plan, report):
    server = Troika(folder, ["solo1@bench.test", SPEEDS])
    try:
        smtp_load.send(server.port, 100_000, 5, 50, "solo1@bench.test")
        count = max(plan.probe, round(_send(server, plan.probe).rate * plan.seconds))
        kinds = (QUIET, "smtp", "imap", "pop3")
        turns = {kind: [] for kind in kinds}
        for _ in range(plan.rounds):
            for kind in kinds:
                turns[kind].append(_turn(server, kind, count))
        report.hostile(PEERS, {kind: _middle(of_kind) for kind, of_kind in turns.items()})
    finally:
        server.stop()
