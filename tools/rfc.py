#!/usr/bin/python3
"""Makes docs/rfc.md: which RFC sections stand beside which code and tests, and the reverse.

    tools/rfc.py            checks that every reference has a sane form, and that the page is
                            up to date
    tools/rfc.py --write    writes the page, as make format does

A reference is "RFC 3501 6.3.1", also a list: "RFC 3501 6.3.1, 6.3.2 and RFC 3691",
"SIZE (RFC 1870 6), CHUNKING (3030 2)". An RFC that is named for the first time gets its title
in tools/rfc.txt; that is where a mistyped number is noticed.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rfc.md"
TITLES = ROOT / "tools" / "rfc.txt"
LEVELS_MOST, NUMBER_MOST = 6, 40

FIRST = re.compile(r"\bRFC (?P<rfc>\d+)(?![\w])")
LINE_END = re.compile(r"\s*\n[ \t]*(?:\*|//|#|\|)?[ \t]*")
BETWEEN = re.compile(r"(?:\)?[,;]?(?: (?:and|or|with|to))?(?: \\?[A-Z0-9][\w.+-]*)? \("
                     r"|, (?:and )?|; | and | or | to | )")
TOKEN = re.compile(r"(?:RFC )?(?P<rfc>\d{4})(?![\w])"
                   r"|(?:[Ss]ection |[Aa]ppendix )?(?P<section>(?:\d+|[A-H])(?:\.\d+)*)(?![\w]|\.\d)")


def titles():
    rows = (line.split(None, 1) for line in TITLES.read_text().splitlines()
            if line and not line.startswith("#"))
    return {int(number): title for number, title in rows}


def upto(first, last):
    """The sections after first, up to last: "4.1.5 to 4.1.7" are three."""
    stem, _, end = last.rpartition(".")
    if first and first.rpartition(".")[0] == stem and end.isdigit():
        for number in range(int(first.split(".")[-1]) + 1, int(end)):
            yield f"{stem}.{number}".strip(".")
    yield last


def references(text):
    """(RFC, section) of each reference in a text; section is "" where none is named."""
    text = LINE_END.sub(" ", text)
    for first in FIRST.finditer(text):
        rfc, at, alone, section = int(first["rfc"]), first.end(), True, None
        while between := BETWEEN.match(text, at):
            token = TOKEN.match(text, between.end())
            if not token or token["section"] in {"A", "B", "C", "D", "E", "F", "G", "H"}:
                break
            if token["rfc"]:
                if alone:
                    yield rfc, ""
                rfc, alone = int(token["rfc"]), True
            else:
                previous = section if between[0] == " to " else None
                section, alone = token["section"], False
                yield from ((rfc, each) for each in upto(previous, section))
            at = token.end()
        if alone:
            yield rfc, ""


def is_test(path):
    return path.startswith("tests/") or path.split("/")[-1].startswith(("test-", "fuzz-"))


def files():
    for folder in ("src", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".py", ".txt") and "messages" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(errors="replace")


def in_order(section):
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in section.split(".") if part]


def collect():
    """{RFC: {section: files}}."""
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, text in files():
        for rfc, section in references(text):
            found[rfc][section].add(path)
    return found


def offences(found, named):
    for rfc, sections in sorted(found.items()):
        for section, paths in sections.items():
            where = ", ".join(sorted(paths))
            parts = section.split(".")
            numbers = [int(part) for part in parts if part.isdigit()]
            if rfc not in named:
                yield f"{where}: RFC {rfc} has no title in tools/rfc.txt"
            elif len(parts) > LEVELS_MOST or any(not 0 < number <= NUMBER_MOST for number in numbers):
                yield f"{where}: RFC {rfc} {section}: there can't be such a section"


def link(path):
    shown = path.removeprefix("src/").removeprefix("tests/")
    return f"[{shown}](../{path})"


def by_rfc(found, named):
    for rfc, sections in sorted(found.items()):
        yield f"### RFC {rfc}: {named[rfc]}\n"
        yield "| section | code | tests |\n|---|---|---|"
        for section in sorted(sections, key=in_order):
            paths = sorted(sections[section])
            code = ", ".join(link(path) for path in paths if not is_test(path))
            tests = ", ".join(link(path) for path in paths if is_test(path))
            yield f"| {section or 'all of it'} | {code} | {tests} |"
        yield ""


def by_file(found):
    reverse = collections.defaultdict(lambda: collections.defaultdict(set))
    for rfc, sections in found.items():
        for section, paths in sections.items():
            for path in paths:
                reverse[path][rfc].add(section)
    yield "| file | RFC sections |\n|---|---|"
    for path, rfcs in sorted(reverse.items()):
        texts = (" ".join([str(rfc), ", ".join(sorted(filter(None, sections), key=in_order))]).strip()
                 for rfc, sections in sorted(rfcs.items()))
        yield f"| {link(path)} | {'; '.join(texts)} |"


def page(found, named):
    return "\n".join([
        "# RFC index\n",
        "Made by `make format` (`tools/rfc.py --write`) from the references that stand beside code and",
        "tests; `make check` fails when it is not up to date.\n",
        "## By RFC\n", *by_rfc(found, named),
        "## By file\n", *by_file(found)]) + "\n"


def rows(text):
    """(RFC, section, link) of all that a page says of sections."""
    said, rfc = set(), ""
    for line in text.splitlines():
        if line.startswith("#"):
            rfc = line.removeprefix("### ").split(":")[0] if line.startswith("### ") else ""
        elif rfc and line.startswith("|"):
            section, *cells = line.strip("|").split("|")
            said |= {(rfc, section.strip(), link) for cell in cells for link in re.findall(r"\[[^]]*\]\([^)]*\)", cell)}
    return {row for row in said if row[1] != "all of it"}


def main():
    found, named = collect(), titles()
    wrong = list(offences(found, named))
    if not wrong:
        made = page(found, named)
        if sys.argv[1:] == ["--write"]:
            PAGE.write_text(made)
        if differing := len(rows(made) ^ rows(PAGE.read_text())):
            wrong.append(f"docs/rfc.md differs in {differing} references: make format mends it")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if not wrong:
        sections = [section for rfc in found.values() for section in rfc.values()]
        both = sum(any(map(is_test, paths)) and not all(map(is_test, paths)) for paths in sections)
        print(f"{len(found)} RFCs, {len(sections)} references, {both} in code and tests")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
