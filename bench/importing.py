"""Import of a large Maildir into a running server: messages a second, and memory."""

import statistics
import subprocess
import time

import maildir
import processes
import scratch
from troika_server import BINARY, Troika

ADDRESS = "import@bench.test"


def _import(server, path):
    """Seconds, and samples of PSS in MiB of the server and of the command."""
    command = subprocess.Popen(
        [BINARY, "-c", server.configuration, "import", ADDRESS, path],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    began = time.monotonic()
    with (processes.Memory(server.roots()) as of_server,
          processes.Memory([command.pid]) as of_command):
        said = command.stderr.read()
        ended = command.wait()
        seconds = time.monotonic() - began
    if ended:
        raise scratch.Failed(f"import: {said.decode(errors='replace').strip()[-300:]}")
    return seconds, of_server.samples, of_command.samples


def _quarters(samples):
    """The median of each quarter of the way: flat, or growing?"""
    step = max(1, len(samples) // 4)
    return [statistics.median(samples[start:start + step])
            for start in range(0, step * 4, step) if samples[start:start + step]]


def run(folder, plan, report):
    path = folder / "Maildir"
    maildir.make(path, plan.imported)
    server = Troika(folder, [ADDRESS])
    try:
        scratch.settle()
        before = processes.cpu_seconds(server.roots())
        seconds, of_server, of_command = _import(server, path)
        cpu = processes.cpu_seconds(server.roots()) - before
        rows = server.command("--json", "account", "show", ADDRESS)
    finally:
        server.stop()
    report.importing(plan.imported, {
        "seconds": seconds, "rate": plan.imported / seconds, "peak_mib": max(of_server),
        "quarters_mib": _quarters(of_server), "command_peak_mib": max(of_command),
        "command_quarters_mib": _quarters(of_command), "cpu_s_per_1000": cpu / plan.imported * 1000,
        "account": rows.strip()})
