"""A parked, slow or deaf peer costs a few KiB and no thread, and nobody else's speed."""

import os
import re
import resource
import subprocess
import time
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("TROIKA_BUILD", Path(__file__).resolve().parent.parent / "build"))
ECHO, LOAD = BUILD / "src" / "net-echo", BUILD / "src" / "net-load"
TORTURE = bool(os.environ.get("TROIKA_TORTURE"))
pytestmark = [pytest.mark.longer, pytest.mark.skipif(
    not (ECHO.exists() and LOAD.exists()), reason="net-echo or net-load is not built")]

# Of a session under TLS. Issue 3 grants 24 KiB, the protocol's state included.
SESSION_KIB_MOST = 17
IDLE_MIB_MOST = 20
# Seen: 1.0 to 1.4. A worker that is held up, or a scan of all sessions, would be far above.
CPU_RATIO_MOST = 3


class Server:
    def __init__(self):
        self.process = subprocess.Popen(
            [ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = self.process.stdout.readline().split()[1:]
        self.loads = []

    def proc(self, name):
        return Path(f"/proc/{self.process.pid}/{name}").read_text()

    def private_kib(self):
        return sum(map(int, re.findall(r"Private_\w+:\s+(\d+) kB", self.proc("smaps_rollup"))))

    def threads(self):
        return int(re.search(r"Threads:\s+(\d+)", self.proc("status"))[1])

    def cpu_s(self):
        return sum(map(int, self.proc("stat").split()[13:15])) / os.sysconf("SC_CLK_TCK")

    def load(self, parked=0, tricklers=0, deaf=0, talkers=0, seconds=0):
        numbers = map(str, (parked, tricklers, deaf, talkers, seconds))
        load = subprocess.Popen(
            [LOAD, *self.ports, *numbers],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert load.stdout.readline().startswith("parked")
        self.loads.append(load)
        return load

    def talk(self, seconds=3):
        """Microseconds of the server's processor for a line, and lines a second.

        What others have it do all the while is not a line's: where few lines come, as on a busy
        machine, it would be most of it.
        """
        before = self.cpu_s()
        time.sleep(seconds)
        meanwhile = self.cpu_s()
        load = self.load(talkers=20, seconds=seconds)
        rate = int(load.stdout.readline().split()[1])
        spent = (self.cpu_s() - meanwhile) - (meanwhile - before)
        self.end(load)
        return spent / (rate * seconds) * 1e6, rate

    def end(self, load):
        self.loads.remove(load)
        load.stdin.close()
        load.wait(timeout=120)

    def stop(self):
        for load in list(self.loads):
            self.end(load)
        self.process.stdin.close()
        return self.process.wait(timeout=60)


@pytest.fixture
def server():
    server = Server()
    yield server
    assert server.stop() == 0


def sessions_that_fit(wanted):
    """Fewer where descriptors are scarce; said so by the numbers printed."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return min(wanted, most - 1500)


def test_parked_sessions_are_small(server):
    count = sessions_that_fit(10000 if TORTURE else 2000)
    idle = server.private_kib()
    assert idle < IDLE_MIB_MOST * 1024
    threads = server.threads()
    load = server.load(parked=count)
    time.sleep(1)
    each = (server.private_kib() - idle) / count
    print(f"{count} sessions, {each:.1f} KiB each, {server.threads()} threads")
    assert each <= SESSION_KIB_MOST
    assert server.threads() == threads
    server.end(load)
    gives_back(server, idle + count * SESSION_KIB_MOST / 4)


def gives_back(server, most_kib):
    """A crowd's memory is given back within seconds; more of them where the machine is busy."""
    for _ in range(300):
        if server.private_kib() < most_kib:
            break
        time.sleep(0.2)
    assert server.private_kib() < most_kib


def test_a_crowd_that_leaves_in_two_parts_leaves_nothing(server):
    idle = server.private_kib()
    first, last = server.load(parked=1100), server.load(parked=900)
    server.end(first)
    gives_back(server, idle + 1100 * SESSION_KIB_MOST)
    server.end(last)
    gives_back(server, idle + 2000 * SESSION_KIB_MOST / 4)


def test_slow_and_deaf_peers_hold_nobody_up(server):
    threads = server.threads()
    alone, alone_rate = server.talk()
    hostile = (500, 500) if TORTURE else (200, 200)
    server.load(parked=sessions_that_fit(10000 if TORTURE else 500),
                tricklers=hostile[0], deaf=hostile[1])
    time.sleep(1.5)
    among, among_rate = server.talk()
    print(f"alone {alone_rate}/s, {alone:.1f} us each; among them {among_rate}/s, {among:.1f} us")
    assert server.threads() == threads
    assert among < alone * CPU_RATIO_MOST
    # What deaf peers are owed is bounded: 256 KiB each at most, which may not be there yet.
    for _ in range(30):
        before = server.private_kib()
        time.sleep(2)
        grown = server.private_kib() - before
        if grown < 1024:
            break
    assert grown < 1024
