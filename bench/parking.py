"""Sessions that wait in IDLE, as long as one is inside."""

import subprocess
import sys
import time

import scratch


class Parked:
    def __init__(self, server, count, accounts, compressed=False):
        words = ["--compressed"] if compressed else []
        self.program = subprocess.Popen(
            [sys.executable, scratch.BENCH / "parked_sessions.py", *words, str(server.imaps),
             str(count), *accounts], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.wanted = count

    def __enter__(self):
        said = self.program.stdout.readline()
        if said != b"parked %d\n" % self.wanted:
            raise scratch.Failed(f"{self.wanted} sessions were to be parked: {said!r}")
        time.sleep(2)

    def __exit__(self, *_):
        self.program.stdin.close()
        self.program.wait()
