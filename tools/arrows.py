#!/usr/bin/python3
"""Holds the rooms of src/ to their arrows: who may include, and link, whom; and the table in
docs/architecture.md to what they do include."""

import pathlib
import re
import sys

RANK_2 = "post door gate relay fetch bulk"
# Besides base, which every room may include. News travels upwards by callbacks.
ARROWS = {
    "base": "",
    "wire": "",
    "net": "wire",
    "store": "",
    "post": "wire store",
    "door": "wire net store post",
    "gate": "wire net store",
    "relay": "wire net store post gate",
    "fetch": "wire net store post",
    "bulk": "wire net store post relay fetch",
    "admin": f"wire net store {RANK_2}",
    "smtpd": "wire net post door gate relay",
    "imapd": "wire net post door",
    "popd": "wire net post door",
    "sieved": "wire net post door",
    "proxyd": "wire net door gate relay fetch",
    "httpd": "wire net post door relay bulk admin",
}
MAY_INCLUDE_ALL = {"cli"}

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"
PICTURE = SOURCE.parent / "docs" / "architecture.md"
ROW = re.compile(r"^\| `(\w+)` \| ([\w ]*) \|", re.M)
INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
SEES = re.compile(r"'sees':\s*\[([^\]]*)\]")


def permitted(room):
    """The rooms that room may include; None: all of them."""
    if room in MAY_INCLUDE_ALL or room is None:
        return None
    return {"base", room, *ARROWS[room].split()}


def offences_of_file(path, room):
    rooms = permitted(room)
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        target = include[1].split("/")[0]
        if "/" not in include[1]:
            yield f"{path}:{number}: write \"room/{include[1]}\""
        elif target not in ARROWS and target not in MAY_INCLUDE_ALL:
            yield f"{path}:{number}: there is no room {target}"
        elif rooms is not None and target not in rooms:
            yield f"{path}:{number}: {room} includes {target}; it may include {' '.join(sorted(rooms))}"


def offences_of_build(path, room):
    rooms = permitted(room)
    sees = SEES.search(path.read_text())
    for target in re.findall(r"'(\w+)'", sees[1]) if sees and rooms else []:
        if target not in rooms:
            yield f"{path}: {room} links {target}; it may see {' '.join(sorted(rooms))}"


def offences():
    for folder in sorted(path for path in SOURCE.iterdir() if path.is_dir()):
        if folder.name not in ARROWS and folder.name not in MAY_INCLUDE_ALL:
            yield f"{folder}: is no room; rooms and arrows are listed in tools/arrows.py"
            continue
        for path in sorted(folder.rglob("*.[ch]")):
            yield from offences_of_file(path, folder.name)
        build = folder / "meson.build"
        if build.exists():
            yield from offences_of_build(build, folder.name)
    for path in sorted(SOURCE.glob("*.[ch]")):
        yield from offences_of_file(path, None)


def included(folder):
    """The rooms that a room's program, without its tests, includes by name."""
    targets = {include[1].split("/")[0] for path in folder.rglob("*.[ch]")
               if not path.name.startswith(("test-", "fuzz-"))
               for line in path.read_text(errors="replace").splitlines()
               if (include := INCLUDE.match(line)) and "/" in include[1]}
    return targets - {folder.name}


def offences_of_picture():
    """An arrow that is drawn and not there is an offence; one that is not drawn is told."""
    drawn = {room: set(rooms.split()) for room, rooms in ROW.findall(PICTURE.read_text())}
    rooms = {path.name: included(path) for path in SOURCE.iterdir() if path.is_dir()}
    for room in sorted(rooms.keys() | drawn.keys()):
        for target in sorted(drawn.get(room, set()) - rooms.get(room, set())):
            yield f"{PICTURE}: {room} is drawn with {target}, and does not include it"
        for target in sorted(rooms.get(room, set()) - drawn.get(room, set())):
            print(f"docs/architecture.md: warning: {room} includes {target}; draw it")


found = [*offences(), *offences_of_picture()]
for offence in found:
    print(offence.replace(f"{SOURCE.parent}/", ""))
sys.exit(bool(found))
