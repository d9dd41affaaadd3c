"""Ports for servers of tests. No two test processes of a machine are ever given the same one.

Each process owns a range, held by a name in the kernel (an abstract UNIX socket) that is free
again when the process ends, however it ends; within the range ports are given out in turn, so
that a server which is not started yet doesn't lose its port to the next.
"""

import contextlib
import functools
import itertools
import os
import socket

HOST = "127.0.0.1"
FIRST, EACH, RANGES = 10000, 250, 88  # below those that the kernel gives to clients


@functools.cache
def _claim():
    """Takes a free range; (the socket that holds it, its ports in turn)."""
    for number in range(RANGES):
        at = (os.getpid() + number) % RANGES
        holder = socket.socket(socket.AF_UNIX)
        try:
            holder.bind(f"\0troika-test-ports-{at}")
        except OSError:
            holder.close()
            continue
        return holder, itertools.cycle(range(FIRST + EACH * at, FIRST + EACH * (at + 1)))
    raise RuntimeError(f"{RANGES} test processes hold all ports")


def free_ports(count):
    """Ports that nobody listens on, and nobody else will be given."""
    _, turn = _claim()
    ports = []
    for port in itertools.islice(turn, EACH):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            ports.append(port)
        if len(ports) == count:
            return ports
    raise RuntimeError(f"none of {EACH} ports is free")
