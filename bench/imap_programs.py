"""imap-load and imap-ask: load programs in C, as Python would be the limit."""

import pathlib
import os
import subprocess

import scratch

BUILD = pathlib.Path(os.environ.get("TROIKA_BUILD", scratch.ROOT / "build")) / "bench"
LOAD, ASK = BUILD / "imap-load", BUILD / "imap-ask"


def ask(server, address, *commands):
    """For each command (milliseconds, bytes, lines) of its answer."""
    ended = subprocess.run([ASK, str(server.imap), address, *commands],
                           capture_output=True, text=True)
    if ended.returncode:
        raise scratch.Failed(f"{server.name}: {ended.stderr.strip()[-300:]}")
    return [(float(taken), int(size), int(lines))
            for taken, size, lines in map(str.split, ended.stdout.splitlines())]
