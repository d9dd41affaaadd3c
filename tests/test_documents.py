"""What docs/ says is tested has its test: a scenario's title, or the name of a test's function."""

import re

import pytest
from lib_scenario import read_scenarios
from lib_troika import ROOT

TESTS = ROOT / "tests"


def known_tests():
    known = {scenario.title for path in TESTS.glob("scenarios/*/*.txt") for scenario in read_scenarios(path)}
    for path in TESTS.glob("test_*.py"):
        known |= set(re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE))
    for path in (ROOT / "src").glob("*/test-*.c"):
        known |= set(re.findall(r"^(\w+)\(void \*\*state\)", path.read_text(), re.MULTILINE))
    return known


def named_in(page):
    """The last cell of each row names one, or several with " · " between them."""
    lines = [line for line in (ROOT / "docs" / page).read_text().splitlines() if line.startswith("| ")]
    cells = [line.strip().removesuffix("|").split(" | ")[-1].strip() for line in lines]
    return [name for cell in cells if cell not in ("Test", "Tests") for name in cell.split(" · ")]


@pytest.mark.parametrize("page, least", [("imap-clients.md", 60), ("attacks.md", 80)])
def test_what_is_said_to_be_tested_is(page, least):
    named, known = named_in(page), known_tests()
    assert len(named) >= least and not [name for name in named if name not in known]
