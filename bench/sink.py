"""smtp-sink, which keeps nothing: the ceiling of what smtp-source can reach, and the far end
of the relay."""

import os
import re
import subprocess

import processes
import scratch


class Sink:
    name = "sink"

    def __init__(self, folder, counts=False):
        self.port = scratch.free_port()
        self._counter = open(folder / f"sink-{self.port}", "w+b")
        command = ["smtp-sink", "-m", "2000"]
        if counts:
            command.append("-c")
        if os.geteuid() == 0:
            command += ["-u", "nobody"]
        self._process = subprocess.Popen(
            [*command, f"127.0.0.1:{self.port}", "2000"], stdout=self._counter,
            start_new_session=True)
        scratch.wait_for_port(self.port, self._process)
        processes.prefer(self.roots())

    def roots(self):
        return [self._process.pid]

    def arrived(self):
        """Messages so far, of one that counts: it writes "sess=N quit=N mesg=N" for each."""
        size = os.fstat(self._counter.fileno()).st_size
        tail = os.pread(self._counter.fileno(), 200, max(0, size - 200))
        counts = re.findall(rb"mesg=(\d+) *\r", tail)
        return int(counts[-1]) if counts else 0

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._counter.close()
