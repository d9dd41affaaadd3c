"""A large mailbox: all of it listed, flagged, and fetched by a client for the first time; and
SELECT of one that is larger still."""

import imaplib
import shutil
import statistics
import subprocess
import time

import imap_programs
import maildir
import processes
import scratch

FULL = "full@bench.test"
QUIET_SECONDS, PATIENCE = 3, 120
CHORES_SECONDS = 12  # Troika's chores come every ten seconds, and pause between
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
    report.imap_times(f"{LISTING} of {plan.full}",
                      {name: _fastest(turns) | {"first_ms": first[name]["ms"]}
                       for name, turns in again.items()}, 3)


# --- a flag on all of them -----------------------------------------------------------------


def _flag(servers, plan, report):
    turns = {server.name: [] for server in servers}
    for sign in "+-" * ((plan.rounds + 1) // 2):
        for server in servers:
            scratch.settle()
            before = processes.written_bytes(server.roots())
            one = _metered(server, "SELECT INBOX", f"STORE 1:* {sign}FLAGS.SILENT (\\Flagged)")
            turns[server.name].append(
                one | {"written": processes.written_bytes(server.roots()) - before})
    report.imap_times(f"STORE of a flag on {plan.full}", {name: _fastest(some)
                      for name, some in turns.items()})


# --- a client's first time -----------------------------------------------------------------

MBSYNC = """\
FSync no
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {address}
Pass bench
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


def _sync_once(server, folder, count):
    folder.mkdir()
    configuration = folder / "mbsyncrc"
    configuration.write_text(MBSYNC.format(port=server.imap, address=FULL, folder=folder))
    scratch.settle()
    with processes.Meter([server]) as meter:
        ended = subprocess.run(["mbsync", "-q", "-c", configuration, "-a"],
                               capture_output=True, text=True)
    if ended.returncode:
        raise scratch.Failed(f"mbsync with {server.name}: {ended.stderr.strip()[-300:]}")
    found = sum(len(list((folder / "INBOX" / name).iterdir())) for name in ("cur", "new"))
    if found != count:
        raise scratch.Failed(f"mbsync has {found} messages of {server.name}")
    scratch.remove(folder)
    return {"ms": meter.seconds * 1000, "cpu_s": meter.server_cpu, "load_cpu_s": meter.load_cpu,
            "others": meter.others}


def _sync(folder, servers, plan, report):
    turns = {server.name: [] for server in servers}
    for number in range(plan.syncs):
        for server in servers:
            turns[server.name].append(
                _sync_once(server, folder / f"mbsync-{number}-{server.imap}", plan.full))
    report.imap_times(f"First full sync of {plan.full} by mbsync", {name: _fastest(some)
                      for name, some in turns.items()}, 2)


# --- larger still --------------------------------------------------------------------------


def _select_ms(server, times):
    """Milliseconds of SELECT, each in a session of its own."""
    return [imap_programs.ask(server, FULL, "SELECT Larger")[0][0] for _ in range(times)]


def _select(server, plan, report):
    """Made by COPY, as that is the quickest; only Troika's, as the goal is in milliseconds."""
    copies = -(-plan.larger // plan.full)
    imap_programs.ask(server, FULL, "CREATE Larger", "SELECT INBOX",
                      *["COPY 1:* Larger"] * copies)
    holder = imaplib.IMAP4("127.0.0.1", server.imap)
    holder.login(FULL, "bench")
    holder.select("Larger", readonly=True)
    cached = _select_ms(server, 5)
    holder.logout()
    time.sleep(QUIET_SECONDS)  # what its close leaves to do
    fresh = []
    for _ in range(plan.starts):
        server.stop()
        server.start()
        fresh += _select_ms(server, 1)
    server.kill()
    server.start()
    killed = _select_ms(server, 1)
    search = imap_programs.ask(server, FULL, "SELECT Larger", "SEARCH RETURN (COUNT) UNSEEN",
                               "STATUS INBOX (MESSAGES UNSEEN)")
    report.imap_select(copies * plan.full, {
        "cached_ms": statistics.median(cached), "fresh_ms": statistics.median(fresh),
        "killed_ms": killed[0], "search_ms": search[1][0], "status_ms": search[2][0],
        "private_mib": processes.memory_kib(server.roots())[1] / 1024})


def _wait_until_quiet(server):
    """Its search index is made in the background; Dovecot makes none."""
    end, before = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        now = processes.cpu_seconds(server.roots())
        if before is not None and now - before < 0.05 * CHORES_SECONDS:
            return
        before = now
        time.sleep(CHORES_SECONDS)


def run(folder, servers, plan, report):
    path = folder / "Maildir"
    maildir.make(path, plan.full)
    for server in servers:
        server.fill(FULL, path)
    _wait_until_quiet(servers[0])
    _list(servers, plan, report)
    _flag(servers, plan, report)
    if shutil.which("mbsync"):
        _sync(folder, servers, plan, report)
    else:
        report.skipped("First full sync", "mbsync is not installed")
    _select(servers[0], plan, report)
