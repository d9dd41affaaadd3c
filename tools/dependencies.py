#!/usr/bin/python3
"""Holds three lists together: the libraries that meson asks for, those that docs/dependencies.md
gives a reason for, and the packages that tools/packages.txt installs for them."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASKED = re.compile(r"\b(?:dependency|find_library)\('([^']+)'")
PACKAGE = re.compile(r"^((?:lib|zlib)\S+-dev|\S+-data)\s+\S", re.M)


def asked_of_meson():
    return {name for path in [ROOT / "meson.build", *(ROOT / "src").rglob("meson.build")]
            for name in ASKED.findall(path.read_text())}


def explained():
    """The names in meson, and the packages, of the table's rows."""
    rows = [line.split("|")[1:-1] for line in (ROOT / "docs/dependencies.md").read_text().splitlines()
            if line.startswith("|") and "`" in line]
    return tuple({name for row in rows for name in re.findall(r"`([^`]+)`", row[column])}
                 for column in (1, 2))


def differences():
    libraries, packages = explained()
    listed = set(PACKAGE.findall((ROOT / "tools/packages.txt").read_text().split("[test]")[0]))
    asked = asked_of_meson()
    for names, complaint in (
            (asked - libraries, "meson asks for {}: it has no line in docs/dependencies.md"),
            (libraries - asked, "docs/dependencies.md: meson does not ask for {}"),
            (packages - listed, "docs/dependencies.md: {} is not in tools/packages.txt"),
            (listed - packages, "tools/packages.txt: {} has no line in docs/dependencies.md")):
        yield from (complaint.format(name) for name in sorted(names))


found = list(differences())
for difference in found:
    print(difference)
sys.exit(bool(found))
