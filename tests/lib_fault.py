"""fault.so, which makes writes fail, hang or kill: where it is and how a program is given it."""

import os
import tempfile
from pathlib import Path

BUILD = Path(os.environ.get("TROIKA_BUILD", Path(__file__).resolve().parent.parent / "build"))
FAULT = BUILD / "fault.so"

links = []  # the folders of links, until the tests end


def preload():
    """For LD_PRELOAD, which takes a blank or a colon for the end of a path."""
    if not any(sign in str(FAULT) for sign in " :"):
        return str(FAULT)
    if not links:
        links.append(tempfile.TemporaryDirectory(prefix="troika-fault-"))
        (Path(links[0].name) / FAULT.name).symlink_to(FAULT)
    return str(Path(links[0].name) / FAULT.name)
