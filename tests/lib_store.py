"""Drives store-load, store-check and fault.so; rebuilds what a power cut would leave."""

import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

from lib_fault import BUILD, FAULT, preload

LOAD = BUILD / "src" / "store-load"
CHECK = BUILD / "src" / "store-check"

# store-load's exits
DONE, BROKEN, NOT_OPENED = 0, 3, 4
KILLED = -9


def built():
    return FAULT.exists() and LOAD.exists() and CHECK.exists()


def fast_folder(tmp_path):
    """Where only the order of calls matters, memory serves as the disk."""
    shm = Path("/dev/shm")
    if not os.access(shm, os.W_OK):
        return tmp_path
    folder = shm / f"troika-{os.getpid()}-{tmp_path.name}"
    folder.mkdir()
    return folder


class Trial:
    """One store, one ledger, and the loads that run on them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.store = self.folder / "store"
        self.ledger = self.folder / "ledger"
        self.total = self.folder / "total"

    def fresh(self):
        shutil.rmtree(self.store, ignore_errors=True)
        for path in (self.ledger, self.total):
            path.unlink(missing_ok=True)

    def start(self, threads, commits, rounds, first=0, **faults):
        env = dict(os.environ)
        if faults:
            faults = {"UNDER": self.store, "TOTAL": self.total, **faults}
            env.update({f"FAULT_{name}": str(value) for name, value in faults.items()})
            env["LD_PRELOAD"] = preload()
        return subprocess.Popen(
            [LOAD, self.store, self.ledger, str(threads), str(commits), str(rounds),
             str(first)],
            env=env, stderr=subprocess.PIPE, text=True)

    def load(self, threads, commits, rounds, first=0, **faults):
        process = self.start(threads, commits, rounds, first, **faults)
        self.errors = process.communicate()[1]
        return process.returncode

    def calls(self):
        return struct.unpack("=Q", self.total.read_bytes())[0]

    def check(self, *words):
        """Numbers of store-check, and what it found."""
        process = subprocess.run([CHECK, self.store, self.ledger, *words],
                                 capture_output=True, text=True)
        lines = process.stdout.splitlines()
        words = lines[-1].split() if lines and lines[-1].startswith("acknowledged") else []
        numbers = {name: float(value) for name, value in zip(words[::2], words[1::2])}
        return process.returncode, numbers, process.stdout + process.stderr

    def assert_whole(self, what):
        status, numbers, text = self.check()
        assert status == 0, f"{what}:\n{text}"
        return numbers


# --- recordings -----------------------------------------------------------------------------

HEADER = struct.Struct("=8sQQQQ")
PAGE = 4096


def read_recording(path):
    """(kind, inode, offset, first, second) of each event."""
    data = Path(path).read_bytes()
    at = 0
    while at + HEADER.size <= len(data):
        kind, inode, offset, size, second = HEADER.unpack_from(data, at)
        at += HEADER.size
        yield (kind.rstrip(b"\0").decode(), inode, offset, data[at:at + size],
               data[at + size:at + size + second])
        at += size + second


class File:
    def __init__(self):
        self.durable = bytearray()
        self.waiting = []  # (offset, bytes), or (size, None) for a cut

    @staticmethod
    def apply(content, offset, data):
        if data is None:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
            return
        content.extend(bytes(max(0, offset + len(data) - len(content))))
        content[offset:offset + len(data)] = data

    def sync(self):
        for offset, data in self.waiting:
            self.apply(self.durable, offset, data)
        self.waiting = []

    def survived(self, chance):
        """What is there after the cut: synced bytes, and of the others some pages, each as
        it was at some moment. A page has a later write only with those before it."""
        content = bytearray(self.durable)
        count = len(self.waiting) if chance else 0
        seen = {}  # page -> how many of the writes it came to the disk with
        for number, (offset, data) in enumerate(self.waiting[:count]):
            end = offset + len(data or b"")
            while offset < end:
                page = offset // PAGE
                if page not in seen:
                    seen[page] = chance.choice((0, count, chance.randint(0, count)))
                part = data[len(data) - (end - offset):][:(page + 1) * PAGE - offset]
                if number < seen[page]:
                    self.apply(content, offset, part)
                offset += len(part)
        return content


class Disk:
    """A file system that keeps nothing but what it was told to sync."""

    def __init__(self):
        self.files = {}        # inode now in use -> File
        self.names = {}        # path -> File, None for a folder: as programs see it
        self.durable_names = {}
        self.ledger = b""

    def names_changed(self, folder):
        inside = lambda names: {p: f for p, f in names.items() if os.path.dirname(p) == folder}
        for path in inside(self.durable_names):
            del self.durable_names[path]
        self.durable_names.update(inside(self.names))

    def rename(self, source, target):
        for names in (self.names, self.durable_names):
            for path in [p for p in names if p == source or p.startswith(source + "/")]:
                if names is self.names or path != source:
                    file = names.pop(path)
                    names[target + path[len(source):]] = file

    def do(self, kind, inode, offset, first, second):
        path = os.path.normpath(first.decode()) if kind in (
            "create", "mkdir", "link", "unlink", "rename", "syncdir") else None
        if kind == "write":
            self.files.setdefault(inode, File()).waiting.append((offset, first))
        elif kind == "cut":
            self.files[inode].waiting.append((offset, None))
        elif kind == "sync":
            self.files.setdefault(inode, File()).sync()
        elif kind == "syncdir":
            self.names_changed(path)
        elif kind == "tmpfile":
            self.files[inode] = File()
        elif kind == "create":
            self.files[inode] = self.names[path] = File()
        elif kind == "mkdir":
            self.names[path] = None
        elif kind == "link":
            self.names[path] = self.files[inode]
        elif kind == "unlink":
            self.names.pop(path, None)
        elif kind == "rename":
            self.rename(path, os.path.normpath(second.decode()))
        elif kind == "ledger":
            self.ledger += first
        else:
            raise ValueError(kind)

    def write_out(self, trial, chance=None):
        """Makes the folder as it would be found after a power cut at this moment."""
        trial.fresh()
        trial.ledger.write_bytes(self.ledger)
        if self.names:
            trial.store.mkdir()  # its own name stands in a folder that is not recorded
        for path, file in sorted(self.durable_names.items()):
            if not Path(path).parent.exists():
                continue  # a name in a folder that did not survive itself
            if file is None:
                Path(path).mkdir(exist_ok=True)
            else:
                Path(path).write_bytes(file.survived(chance))


def power_cuts(recording, trial, moments, chance=None):
    """Stops the recording at each moment (a count of events), most likely ones first."""
    events = list(read_recording(recording))
    disk, done = Disk(), 0
    for moment in sorted(moments(events)):
        while done < moment:
            disk.do(*events[done])
            done += 1
        disk.write_out(trial, chance)
        yield moment


def some_of(count, wanted, seed=1):
    """All numbers up to count, or a fixed choice of them with both ends."""
    if count <= wanted:
        return list(range(1, count + 1))
    chosen = set(random.Random(seed).sample(range(1, count + 1), wanted))
    return sorted(chosen | {1, count})
