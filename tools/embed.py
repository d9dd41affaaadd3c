#!/usr/bin/python3
"""A file as the C array NAME, on standard output: tools/embed.py NAME FILE"""

import sys

name, path = sys.argv[1:]
data = open(path, "rb").read()
print(f"#include <stddef.h>\nextern const char {name}[];\nextern const size_t {name}_length;")
print(f"const char {name}[] =")
for line in data.splitlines(keepends=True):
    text = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in line)
    print(f'\t"{text}"')
print(f"\t;\nconst size_t {name}_length = {len(data)};")
