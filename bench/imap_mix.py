"""100 sessions that each say a command as soon as the one before is answered."""

import statistics
import subprocess

import imap_programs
import maildir
import processes
import reading
import scratch

ACCOUNTS, SESSIONS = 25, 100


def _addresses():
    return [f"{number}box@bench.test" for number in range(1, ACCOUNTS + 1)]


def mailboxes(_plan):
    return _addresses()


def _fill(servers, path):
    for server in servers:
        for address in _addresses():
            server.fill(address, path)
            imap_programs.ask(server, address, "CREATE Receipts")
    for server in servers:
        watcher = reading.Watcher(server.imap, _addresses()[-1])
        if watcher.messages() != len(list((path / "cur").iterdir())):
            raise scratch.Failed(f"{server.name} was not filled")
        watcher.close()


def _counts(line):
    """("store", {...}) of "store 120 0 1.250 9.1"."""
    name, *figures = line.split()
    commands, refused, middle, worst = map(float, figures)
    return name, {"commands": commands, "refused": refused, "mean_ms": middle, "worst_ms": worst}


def _turn(server, seconds):
    scratch.settle()
    load = subprocess.Popen(
        [imap_programs.LOAD, str(server.imap), str(SESSIONS), str(ACCOUNTS), str(seconds)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if load.stdout.readline() != "ready\n":
        raise scratch.Failed(f"{server.name}: the sessions did not get in")
    before = processes.cpu_seconds([load.pid])
    with processes.Meter([server]) as meter:
        load.stdin.write("go\n")
        load.stdin.flush()
        kinds = dict(map(_counts, iter(load.stdout.readline, "\n")))
        meter.stop()
        private_kib = processes.memory_kib(server.roots())[1]
        load.communicate()
        if load.returncode:
            raise scratch.Failed(f"{server.name}: imap-load ended with {load.returncode}")
    commands = kinds["all"]["commands"]
    return {"rate": commands / meter.seconds, "cpu_s_per_1000": meter.server_cpu / commands * 1000,
            "load_cpu_s_per_1000": (meter.load_cpu - before) / commands * 1000,
            "private_mib": private_kib / 1024,
            "refused": kinds["all"]["refused"] / commands, "others": meter.others,
            "kinds": kinds}


def _middle(turns):
    made = {what: statistics.median(turn[what] for turn in turns)
            for what in turns[0] if what != "kinds"}
    return made | {"rates": [turn["rate"] for turn in turns], "kinds": turns[-1]["kinds"]}


def run(folder, servers, plan, report):
    path = folder / "Maildir"
    maildir.make(path, plan.mixed)
    _fill(servers, path)
    turns = {server.name: [] for server in servers}
    for server in servers:
        _turn(server, 1)
    for _ in range(plan.rounds):
        for server in servers:
            turns[server.name].append(_turn(server, plan.seconds))
    report.imap_mix(SESSIONS, {name: _middle(some) for name, some in turns.items()})
