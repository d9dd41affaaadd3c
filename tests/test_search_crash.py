"""kill -9 at a write while the search index is made, merged or compacted: what is there afterwards
holds together, and the index finds what reading finds. Losing it costs its making anew, no more."""

import os
import random
import struct
import subprocess

import pytest
from lib_fault import BUILD, FAULT, preload

LOAD = BUILD / "src" / "post-search-load"
TORTURE = bool(os.environ.get("TROIKA_TORTURE"))
pytestmark = [pytest.mark.longer,
              pytest.mark.skipif(not (LOAD.exists() and FAULT.exists()), reason="the tests are not built")]


def run(folder, what, **faults):
    env = dict(os.environ)
    if faults:
        env |= {f"FAULT_{name}": str(value) for name, value in faults.items()}
        env |= {"FAULT_UNDER": str(folder), "LD_PRELOAD": preload()}
    return subprocess.run([LOAD, folder, what], env=env, capture_output=True, text=True)


def calls_of_a_whole_run(tmp_path):
    total = tmp_path / "total"
    folder = tmp_path / "whole"
    ended = run(folder, "work", TOTAL=total)
    assert ended.returncode == 0, ended.stdout
    ended = run(folder, "check")
    assert ended.returncode == 0, ended.stdout
    return struct.unpack("<Q", total.read_bytes())[0]


def test_kill_at_writes_leaves_an_index_that_is_right(tmp_path):
    total = calls_of_a_whole_run(tmp_path)
    seed = int(os.environ.get("TROIKA_SEED", random.randrange(1 << 32)))
    print(f"TROIKA_SEED={seed}")
    moments = range(1, total + 1) if TORTURE else sorted(random.Random(seed).sample(range(1, total + 1), 12))
    for at in moments:
        folder = tmp_path / f"at-{at}"
        ended = run(folder, "work", AT=at, DO="kill")
        assert ended.returncode == -9, f"not killed at {at} of {total}"
        ended = run(folder, "check")
        assert ended.returncode == 0, f"killed at {at} of {total}: {ended.stdout}{ended.stderr}"
        again = run(folder, "work")
        assert again.returncode == 0, f"killed at {at} of {total}, then: {again.stdout}"
        ended = run(folder, "check")
        assert ended.returncode == 0, f"killed at {at} of {total}, at work again: {ended.stdout}"
