"""A large mailbox: all of it listed, flagged, and fetched by a client for the first time; and
SELECT of one that is larger still."""

import imap_programs
import maildir
import processes
import scratch

FULL = "full@bench.test"
LISTING = "FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)"


def mailboxes(_plan):
    return [FULL]


def _metered(server, *commands):
    """The last command's: the others are said before."""
    scratch.settle()
    with processes.Meter([server]) as meter:
        *_before, (taken, size, lines) = imap_programs.ask(server, FULL, *commands)
    return {"ms": taken, "bytes": size, "lines": lines, "cpu_s": meter.server_cpu,
            "others": meter.others}


def _fastest(turns):
    return min(turns, key=lambda turn: turn["ms"])


def _list(servers, plan, report):
    first = {server.name: _metered(server, "SELECT INBOX", LISTING) for server in servers}
    again = {server.name: [] for server in servers}
    for _ in range(plan.rounds):
        for server in servers:
            again[server.name].append(_metered(server, "SELECT INBOX", LISTING))
    for name, one in first.items():
        if one["lines"] != plan.full:
            raise scratch.Failed(f"{name} listed {one['lines']} of {plan.full}")
    report.imap_times(f"FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE) of {plan.full}, milliseconds",
                      {name: _fastest(turns) | {"first_ms": first[name]["ms"]}
                       for name, turns in again.items()}, 3)


def run(folder, servers, plan, report):
    path = folder / "Maildir"
    maildir.make(path, plan.full)
    for server in servers:
        server.fill(FULL, path)
    _list(servers, plan, report)
