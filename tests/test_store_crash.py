"""The store's promise: what was acknowledged is there, whole, whatever happened."""

import fcntl
import os
import random
import shutil
import signal
import struct
import subprocess
import time

import pytest

import lib_store
from lib_store import BROKEN, DONE, KILLED, NOT_OPENED, Trial, some_of

TORTURE = bool(os.environ.get("TROIKA_TORTURE"))
pytestmark = [pytest.mark.longer, pytest.mark.skipif(
    not lib_store.built(), reason="store-load, store-check or fault.so is not built")]

# One thread, two rounds with a collect after each: sets, spills, deletions, rewriting.
SHORT = (1, 15, 2)


@pytest.fixture
def trial(tmp_path):
    folder = lib_store.fast_folder(tmp_path)
    yield Trial(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def disk_trial(tmp_path):
    return Trial(tmp_path)


def count_calls(trial):
    assert trial.load(*SHORT, DO="none") == DONE, trial.errors
    assert trial.assert_whole("undisturbed")["acknowledged"] == 30
    return trial.calls()


def test_stop_at_every_write(trial):
    """Groups fall a little differently each time, so it goes on until a run gets through."""
    calls = count_calls(trial)
    for n in range(1, 2 * calls):
        trial.fresh()
        status = trial.load(*SHORT, AT=n, DO="kill")
        if status == DONE:
            break
        assert status == KILLED, trial.errors
        trial.assert_whole(f"killed at call {n} of about {calls}")
    assert n > calls / 2


@pytest.mark.parametrize("deed", ["eio", "enospc", "short"])
def test_one_call_fails(trial, deed):
    """Whatever call fails, once: tickets fail or it does not matter; nothing is lost."""
    calls = count_calls(trial)
    for n in some_of(calls, calls if TORTURE else 120):
        trial.fresh()
        status = trial.load(*SHORT, AT=n, DO=deed)
        assert status in (DONE, BROKEN, NOT_OPENED), f"call {n}: {status} {trial.errors}"
        trial.assert_whole(f"{deed} at call {n} of {calls}")


@pytest.mark.parametrize("deed", ["eio", "enospc"])
def test_all_calls_fail_from_there(trial, deed):
    calls = count_calls(trial)
    for n in some_of(calls, calls if TORTURE else 60):
        trial.fresh()
        status = trial.load(*SHORT, AT=n, UNTIL=10**9, DO=deed)
        assert status in (DONE, BROKEN, NOT_OPENED), f"call {n}: {status} {trial.errors}"
        trial.assert_whole(f"{deed} from call {n} of {calls}")


def test_full_disk_is_waited_for(trial):
    """No room for blobs for a while: refused, nothing broken, then it goes on."""
    status = trial.load(4, 40, 1, ONLY="pwritev", AT=6, UNTIL=14, DO="enospc")
    assert status == DONE, trial.errors
    assert trial.calls() > 14
    assert trial.assert_whole("full for a while")["acknowledged"] == 160


def test_kill_under_load(disk_trial):
    chance = random.Random(3)
    opened = []
    for n in range(50 if TORTURE else 5):
        process = disk_trial.start(16, 10**6, 1)
        time.sleep(0.3 + chance.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        opened.append(disk_trial.assert_whole(f"kill {n}"))
    assert opened[-1]["acknowledged"] > opened[0]["acknowledged"] > 0


def test_power_cut_rebuilt(trial, tmp_path):
    """Only synced bytes and names survive: at each moment all that was said is there."""
    recording = tmp_path / "recording"
    assert trial.load(3, 15, 2, RECORD=recording, LEDGER=trial.ledger) == DONE
    moments = lambda events: some_of(len(events), len(events) if TORTURE else 120)
    for moment in lib_store.power_cuts(recording, trial, moments):
        trial.assert_whole(f"power cut after event {moment}")


def test_power_cut_rebuilt_with_stray_pages(trial, tmp_path):
    """As before, but some pages that nobody synced have landed as well, in any order."""
    recording = tmp_path / "recording"
    assert trial.load(3, 15, 2, RECORD=recording, LEDGER=trial.ledger) == DONE
    moments = lambda events: some_of(len(events), len(events) if TORTURE else 120, seed=2)
    chance = random.Random(5)
    for moment in lib_store.power_cuts(recording, trial, moments, chance):
        trial.assert_whole(f"power cut after event {moment}, with stray pages")


# Blobs and keys are synced side by side: which of them comes first to the disk?
BLOBS_LAST, KEYS_LAST = ".blobs", ".log"


@pytest.mark.parametrize("late", [BLOBS_LAST, KEYS_LAST])
@pytest.mark.parametrize("stray", [None, 7], ids=["none", "stray"])
def test_power_cut_between_the_syncs_of_a_group(trial, tmp_path, late, stray):
    recording = tmp_path / "recording"
    assert trial.load(3, 15, 2, RECORD=recording, LEDGER=trial.ledger, LATE=late) == DONE
    moments = lambda events: some_of(len(events), len(events) if TORTURE else 80, seed=4)
    chance = stray and random.Random(stray)
    for moment in lib_store.power_cuts(recording, trial, moments, chance):
        trial.assert_whole(f"power cut after event {moment}, {late} synced last")


def test_power_cut_between_the_syncs_without_the_cut(trial, tmp_path):
    """The control: a start that trusts the last group must be found out."""
    recording = tmp_path / "recording"
    assert trial.load(3, 15, 1, RECORD=recording, LEDGER=trial.ledger, LATE=BLOBS_LAST) == DONE
    moments = lambda events: some_of(len(events), 80, seed=4)
    found = 0
    for moment in lib_store.power_cuts(recording, trial, moments):
        found += trial.check("uncut")[0] != 0
    assert found, "no cut came between the two syncs of a group"


def test_power_cut_rebuilt_without_syncs(trial, tmp_path):
    """The control: a program that does not sync must be found out."""
    recording = tmp_path / "recording"
    assert trial.load(3, 15, 1, RECORD=recording, LEDGER=trial.ledger, NOSYNC=1) == DONE
    for moment in lib_store.power_cuts(recording, trial, lambda events: [len(events)]):
        status, numbers, text = trial.check()
        assert status != 0, f"nothing was lost without syncs: {text}"


# --- power loss on a real file system ---------------------------------------------------

SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2


class Loop:
    """ext4 in a file; its power can be cut."""

    def __init__(self, folder):
        self.image, self.mount_point = folder / "image", folder / "mnt"
        self.mount_point.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(1 << 30)

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True)

    def make(self):
        made = self.run("mkfs.ext4", "-q", "-F", self.image)
        return made.returncode == 0 and self.mount()

    def mount(self):
        return self.run("mount", "-o", "loop", self.image, self.mount_point).returncode == 0

    def unmount(self):
        self.run("umount", self.mount_point)

    def cut_power(self):
        descriptor = os.open(self.mount_point, os.O_RDONLY)
        fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("=I", NO_LOG_FLUSH))
        os.close(descriptor)


@pytest.fixture
def loop(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("power loss needs root, for a loop device")
    if not shutil.which("mkfs.ext4"):
        pytest.skip("power loss needs mkfs.ext4")
    loop = Loop(tmp_path)
    if not loop.make():
        pytest.skip("power loss needs a loop device, and there is none to be had")
    yield loop
    loop.unmount()


def lose_power(loop, tmp_path, seconds, **faults):
    """Load until the power goes; the ledger is on another disk."""
    trial = Trial(loop.mount_point)
    trial.ledger = tmp_path / "ledger"
    trial.total = tmp_path / "total"
    before = trial.ledger.stat().st_size if trial.ledger.exists() else 0
    process = trial.start(16, 10**6, 1, **faults)
    while not trial.ledger.exists() or trial.ledger.stat().st_size == before:
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(seconds)
    acknowledged = trial.ledger.read_bytes()
    loop.cut_power()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    # A sync that ends while ext4 shuts down may say yes and mean nothing: no disk's power goes so slowly.
    trial.ledger.write_bytes(acknowledged)
    loop.unmount()
    assert loop.mount()
    return trial


def test_power_loss(loop, tmp_path):
    for n in range(10 if TORTURE else 2):
        if n % 3 == 0:  # the disk is small; in between, losses come one upon the other
            shutil.rmtree(loop.mount_point / "store", ignore_errors=True)
            (tmp_path / "ledger").unlink(missing_ok=True)
        trial = lose_power(loop, tmp_path, 1.0 + n % 3)
        assert trial.assert_whole(f"power loss {n}")["acknowledged"] > 0


def test_power_loss_with_a_lying_disk(loop, tmp_path):
    """The control: without syncs the same cut must lose something, or it proves nothing."""
    trial = lose_power(loop, tmp_path, 1.5, NOSYNC=1)
    assert trial.ledger.stat().st_size > 0
    status, numbers, text = trial.check()
    assert status != 0, f"nothing was lost without syncs: {numbers} {text}"


def test_really_full_disk(loop):
    """Mail is refused at the reserve; the store still opens; with room it goes on."""
    trial = Trial(loop.mount_point)
    filler = loop.mount_point / "filler"
    state = os.statvfs(loop.mount_point)
    with open(filler, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - (160 << 20))
    assert trial.load(4, 10**5, 1) == BROKEN, "it was to give up"
    acknowledged = trial.assert_whole("with a full disk")["acknowledged"]
    filler.unlink()
    assert trial.load(4, 20, 1) == DONE, trial.errors
    assert trial.assert_whole("with room again")["acknowledged"] == acknowledged + 80
