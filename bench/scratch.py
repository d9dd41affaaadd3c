"""The scratch folder: everything that is measured lives there, on a real disk."""

import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
IN_MEMORY = ("tmpfs", "ramfs", "overlay")


class Failed(Exception):
    """What was to be measured could not be: said in one line."""


def make():
    """TROIKA_BENCH_SCRATCH names where; by default in the build folder."""
    parent = pathlib.Path(os.environ.get("TROIKA_BENCH_SCRATCH", ROOT / "build"))
    parent.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    folder.chmod(0o755)
    return folder


def kind_of_disk(folder):
    kind = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True)
    return kind.stdout.strip()


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def raise_descriptors():
    """As many as we may; returns how many that is."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Failed(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Failed(f"{process.args[0]} does not listen on port {port}")


def settle():
    """What one has written must not be written out during the next one's turn."""
    os.sync()
    time.sleep(0.3)
