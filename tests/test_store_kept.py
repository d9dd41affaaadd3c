"""Stores that former formats left behind open in place, and go on."""

import shutil
from pathlib import Path

import pytest

import lib_store
from lib_store import DONE, Trial

KEPT = Path(__file__).resolve().parent / "kept"

pytestmark = pytest.mark.skipif(
    not lib_store.built(), reason="store-load, store-check or fault.so is not built")


@pytest.fixture(params=sorted(path.name for path in KEPT.glob("format-*")))
def kept(request, tmp_path):
    """Made by store-load: three times 14 commits of threads 32 and 33, then left open."""
    trial = Trial(tmp_path)
    shutil.copytree(KEPT / request.param, trial.store)
    (trial.store / "ledger").rename(trial.ledger)
    return trial


def test_kept_store_is_whole(kept):
    assert kept.assert_whole("as it was left")["acknowledged"] == 84


def test_kept_store_goes_on(kept):
    assert kept.load(2, 10, 2, first=32) == DONE, kept.errors
    assert kept.assert_whole("with more commits")["acknowledged"] == 84 + 40
