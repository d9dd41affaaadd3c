"""What processes cost: processor seconds and memory of whole trees, and everybody else's."""

import os
import pathlib
import re
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
PROC = pathlib.Path("/proc")


def _stat(pid):
    """The fields after the name, which may hold blanks and parentheses itself."""
    text = (PROC / str(pid) / "stat").read_text()
    return text[text.rindex(")") + 2:].split()


def _parents():
    parents = {}
    for entry in os.scandir(PROC):
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(_stat(entry.name)[1])
            except (OSError, ValueError):
                continue  # it ended meanwhile
    return parents


def tree(root):
    """The process and all that descend from it."""
    children = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _cpu_of(pid):
    try:
        fields = _stat(pid)
    except OSError:
        return 0.0
    # utime, stime, and those of children that were waited for
    return sum(map(int, fields[11:15])) / TICKS


def cpu_seconds(roots):
    """User and system time of the trees since they began, ended children included."""
    return sum(_cpu_of(pid) for root in roots for pid in tree(root))


def _rollup(pid):
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return {}
    return {name: int(kib) for name, kib in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}


def memory_kib(roots):
    """(PSS, private) of the trees: what they weigh together, and what is theirs alone."""
    proportional = private = 0
    for root in roots:
        for pid in tree(root):
            sizes = _rollup(pid)
            proportional += sizes.get("Pss", 0)
            private += sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)
    return proportional, private


def written_bytes(roots):
    """What the trees sent to the disk since they began, those that ended apart."""
    count = 0
    for root in roots:
        for pid in tree(root):
            try:
                text = (PROC / str(pid) / "io").read_text()
            except OSError:
                continue
            count += int(re.search(r"^write_bytes: (\d+)", text, re.M)[1])
    return count


def threads(roots):
    count = 0
    for root in roots:
        for pid in tree(root):
            try:
                count += len(os.listdir(PROC / str(pid) / "task"))
            except OSError:
                continue
    return count


class Memory:
    """Samples the trees' PSS in MiB until it is left; seldom, as the kernel walks all pages for it."""

    def __init__(self, roots, interval=0.5):
        self.roots, self.interval = roots, interval
        self.samples = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while True:
            self.samples.append(memory_kib(self.roots)[0] / 1024)
            if self._end.wait(self.interval):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

def _machine_busy():
    """Processor seconds that the whole machine was at work, stolen ones included."""
    user, nice, system, _idle, _wait, irq, softirq, steal = map(
        int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def _own_children():
    times = os.times()
    return times.children_user + times.children_system


class Meter:
    """Between entering and leaving: elapsed time, the servers' processor time, that of the
    load programs, and the share of the machine that others took."""

    def __init__(self, servers):
        self.roots = [root for server in servers for root in server.roots()]
        self.seconds = None

    def __enter__(self):
        self._busy = _machine_busy()
        self._server = cpu_seconds(self.roots)
        self._load = _own_children()
        self._self = time.process_time()
        self._start = time.monotonic()
        return self

    def stop(self):
        """What is measured ends here; reading the meters comes after."""
        if self.seconds is None:
            self.seconds = time.monotonic() - self._start

    def __exit__(self, *_):
        self.stop()
        self.server_cpu = cpu_seconds(self.roots) - self._server
        self.load_cpu = _own_children() - self._load
        mine = self.server_cpu + self.load_cpu + time.process_time() - self._self
        others = _machine_busy() - self._busy - mine
        # Ticks are coarse: of a few milliseconds nothing can be said.
        self.others = min(1.0, max(0.0, others / (self.seconds * os.cpu_count())))


def prefer(roots):
    """On a machine that others use too: TROIKA_BENCH_NICE=-15, as root, gives the trees the
    processors before others. Where the kernel weighs sessions (setsid) against each other,
    the threads' own niceness says nothing; elsewhere nothing else does."""
    nice = os.environ.get("TROIKA_BENCH_NICE")
    for root in roots if nice else ():
        for pid in tree(root):
            if (PROC / str(pid) / "autogroup").exists():
                (PROC / str(pid) / "autogroup").write_text(nice)
            for thread in os.listdir(PROC / str(pid) / "task"):
                os.setpriority(os.PRIO_PROCESS, int(thread), int(nice))
