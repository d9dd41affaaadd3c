#!/usr/bin/python3
"""The sentences that people read, and their translations in po/.

    tools/texts.py check     names what a language lacks, has too much of, or left empty
    tools/texts.py update    rewrites po/*.po: new sentences empty, gone ones left out

A sentence is a literal handed to one of the functions below, or marked with BASE_TEXT.
"""

import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Which argument holds the English text.
FUNCTIONS = {
    "BASE_TEXT": 0, "base_text": 1, "base_fail": 2, "base_config_fail": 4,
    "admin_say": 1, "admin_done": 3, "admin_progress": 3,
    "ADMIN_FIELD_OF_TEXT": 0, "ADMIN_FIELD_OF_NUMBER": 0, "ADMIN_FIELD_OF_SWITCH": 0, "ADMIN_FIELD_OF_TIME": 0,
    "complain": (1, 2), "report": 1, "leave_out": 1, "cli_print_error": 2,
    "post_check_problem": 1, "post_directory_refuse": 2, "fail_file": 3, "tell": 1, "tell_blob": 2, "say": 1,
}
CALL = re.compile(r"\b(%s)\(" % "|".join(FUNCTIONS))
FIELD = re.compile(r"\.(?:help|more)\s*=")
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[()\[\]{},?:;]|[^\s()\[\]{},?:;"\'/]+|/|\s+', re.S)
# What these rooms say goes to mail programs and servers.
ELSEWHERE = ("wire", "smtpd", "imapd", "popd", "httpd")
# The manual of the configuration; what a translator reads; a program of measurements.
NOT_SAID = ("keys.c", "help-man.c", "texts-fill.c", "post-bench.c")
NAMES = ("setup", "useradd", "export", "import")
# What libraries say, in gaps of our sentences.
FOREIGN = [
    "syntax error", "duplicate setting name", "No such file or directory", "Permission denied", "File exists", "Is a directory",
    "Not a directory", "No space left on device", "Read-only file system", "Disk quota exceeded",
    "File name too long", "Too many levels of symbolic links", "Input/output error",
    "Address already in use", "Cannot assign requested address", "Connection refused",
    "Operation not permitted", "Too many open files", "Invalid argument", "Directory not empty",
]


def literals(text):
    """The texts of one argument: pieces side by side are one, branches are several."""
    found, pieces = [], []
    for token in TOKEN.findall(text):
        if token.startswith('"'):
            pieces.append(ast.literal_eval("b" + re.sub(r"[^\x00-\x7f]", lambda c: "".join(
                f"\\x{b:02x}" for b in c[0].encode()), token)).decode())
        elif pieces and not token.isspace() and not token.startswith("/*"):
            found.append("".join(pieces))
            pieces = []
    return found + (["".join(pieces)] if pieces else [])


def argument(text, start, index):
    """The text of an argument of the call whose parenthesis ends at start."""
    depth = at = 0
    begin = position = start
    for match in TOKEN.finditer(text, start):
        token = match[0]
        depth += token in "([{" and len(token) == 1
        position = match.start()
        if token in (")", "]", "}"):
            depth -= 1
        if depth < 0 or (token == "," and depth == 0):
            if at == index:
                return text[begin:position]
            if depth < 0:
                return ""
            at, begin = at + 1, match.end()
    return ""


def indexes(function):
    index = FUNCTIONS[function]
    return index if isinstance(index, tuple) else (index,)


def sentences():
    """Each English text, to the file where it stands first."""
    found = {}
    for path in sorted((ROOT / "src").rglob("*.c")):
        if path.parent.name in ELSEWHERE or path.name.startswith(("test-", "fuzz-")):
            continue
        if path.name in NOT_SAID:
            continue
        text = path.read_text()
        places = [(m.start(), argument(text, m.end(), index))
                  for m in CALL.finditer(text) for index in indexes(m[1])]
        places += [(m.start(), argument(text, m.end(), 0)) for m in FIELD.finditer(text)]
        for _, where in sorted(places):
            for english in literals(where):
                if english in NAMES:
                    continue
                if re.search(r"[A-Za-z]{2}", re.sub(r"%[-#+ '0-9.*hlLqjzt]*[a-zA-Z]", "", english)):
                    found.setdefault(english, str(path.relative_to(ROOT)))
    for english in FOREIGN:
        found.setdefault(english, "libraries")
    return found


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def read(path):
    """msgid to msgstr, as base/texts.h reads them."""
    entries, part = {}, None
    for line in path.read_text().splitlines():
        match = re.match(r'(msgid|msgstr)?\s*"(.*)"$', line.strip())
        if not match:
            continue
        text = match[2].replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")
        if match[1] == "msgid":
            english, part = text, "msgid"
        elif match[1] == "msgstr":
            entries[english], part = text, "msgstr"
        elif part == "msgid":
            english += text
        else:
            entries[english] += text
    return entries


def update(path, found):
    had = read(path)
    with path.open("w") as file:
        file.write(f'msgid ""\nmsgstr {quoted(had.get("", ""))}\n')
        last = None
        for english, place in found.items():
            file.write(f"\n# {place}\n" if place != last else "\n")
            file.write(f"msgid {quoted(english)}\nmsgstr {quoted(had.get(english, ''))}\n")
            last = place


def check(path, found):
    had = read(path)
    lacks = [f"{path.name} lacks, of {place}: {english!r}" for english, place in found.items() if not had.get(english)]
    return lacks + [f"{path.name} has what nobody says: {e!r}" for e in had if e and e not in found]


def main():
    found, complaints = sentences(), []
    for path in sorted((ROOT / "po").glob("*.po")):
        if sys.argv[1:] == ["update"]:
            update(path, found)
        elif sys.argv[1:] == ["check"]:
            complaints += check(path, found)
        else:
            sys.exit(__doc__)
    print("\n".join(complaints) or f"{len(found)} sentences")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
