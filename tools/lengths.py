#!/usr/bin/python3
"""Measures functions, files and headers of src/ and says which are too long."""

import json
import pathlib
import statistics
import subprocess
import sys

FUNCTION_MOST, FUNCTION_MEDIAN = 70, 15
FILE_SIGN, FILE_MEDIAN = 600, 300  # above FILE_SIGN: look whether it is two ideas
HEADER_MOST = 400

ROOT = pathlib.Path(__file__).resolve().parent.parent


def functions(files):
    """(lines, file, first line, name) of each, as universal-ctags sees them."""
    command = ["/usr/bin/ctags-universal", "--output-format=json", "--fields=+ne",
               "--kinds-C=f", "--languages=C", "--langmap=C:.c", "-f", "-", *files]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["end"] - tag["line"] + 1, tag["path"], tag["line"], tag["name"]


def lines_of(path):
    with open(ROOT / path, "rb") as file:
        return sum(1 for _ in file)


def main():
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.[ch]"))
    sources = [path for path in files if path.endswith(".c")]
    lengths = {path: lines_of(path) for path in files}
    measured = list(functions(sources))
    function_median = statistics.median(length for length, *_ in measured)
    file_median = statistics.median(lengths[path] for path in sources)
    failed = []
    for length, path, line, name in measured:
        if length > FUNCTION_MOST:
            failed.append(f"{path}:{line}: {name} has {length} lines, {FUNCTION_MOST} are the most")
    for path in files:
        if path.endswith(".h") and lengths[path] > HEADER_MOST:
            failed.append(f"{path}: has {lengths[path]} lines, {HEADER_MOST} are a header's most")
        elif lengths[path] > FILE_SIGN:
            print(f"{path}: warning: has {lengths[path]} lines; is it more than one idea?")
    if function_median > FUNCTION_MEDIAN:
        failed.append(f"functions' median is {function_median} lines, {FUNCTION_MEDIAN} is the most")
    if file_median > FILE_MEDIAN:
        failed.append(f"files' median is {file_median} lines, {FILE_MEDIAN} is the most")
    for message in failed:
        print(message)
    print(f"{len(measured)} functions, median {function_median:g}, longest "
          f"{max(length for length, *_ in measured)}; {len(sources)} files, median {file_median:g}")
    return bool(failed)


sys.exit(main())
