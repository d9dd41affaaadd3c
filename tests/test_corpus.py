"""
Six thousand messages of other people's mail, as it is out there: by APPEND they go in, by FETCH
they come back. tools/corpus fetches them; they are never committed.
"""

import concurrent.futures
import email.errors
import email.header
import imaplib
import re
import subprocess

import pytest
from lib_troika import DOMAIN, PASSWORD, ROOT, Dialogue, Troika

FOLDER = ROOT / ".cache" / "corpus"
SESSIONS, AT_ONCE = 12, 20
imaplib._MAXLINE = 10_000_000  # of one line of an answer; some envelopes are long


def fetched():
    """The messages' folder. Skips where there is no network, or no npm."""
    result = subprocess.run([ROOT / "tools" / "corpus"], stderr=subprocess.PIPE, text=True)
    if result.returncode:
        pytest.skip(result.stderr.strip())
    return FOLDER


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    texts = [path.read_bytes() for path in sorted(fetched().rglob("*.txt"))]
    with Troika(tmp_path_factory.mktemp("corpus")) as server:
        server.add_accounts("anna")
        server.start()
        server.letters = append_all(server, texts)
        yield server


@pytest.fixture(scope="module")
def letters(server):
    """As they must come back: by rising UIDs, with CRLF."""
    return [re.sub(rb"(?<!\r)\n", b"\r\n", text) for text in server.letters]


def append_some(server, texts):
    """By one session, without waiting for each answer (RFC 7888); the texts by UID."""
    stored = {}
    with Dialogue(server.connect("imaps")) as session:
        session.line()
        session.command("a", f"LOGIN anna@{DOMAIN} {PASSWORD}")
        for some in (texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)):
            session.send(b"".join(b"m APPEND INBOX {%d+}\r\n%b\r\n" % (len(text), text) for text in some))
            for text in some:
                line = session.line()
                stored[int(re.match(r"m OK \[APPENDUID \d+ (\d+)\]", line)[1])] = text
    return stored


def append_all(server, texts):
    stored = {}
    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as sessions:
        shares = [texts[number::SESSIONS] for number in range(SESSIONS)]
        for some in sessions.map(lambda share: append_some(server, share), shares):
            stored |= some
    assert sorted(stored) == list(range(1, len(texts) + 1))
    return [stored[uid] for uid in sorted(stored)]


@pytest.fixture
def client(server):
    client = server.imap()
    client.select("INBOX", readonly=True)
    yield client
    client.logout()


def test_every_byte_comes_back(client, letters):
    typ, rows = client.fetch("1:*", "(RFC822.SIZE BODY.PEEK[])")
    rows = [row for row in rows if isinstance(row, tuple)]
    assert typ == "OK" and len(rows) == len(letters)
    for number, ((head, body), text) in enumerate(zip(rows, letters), 1):
        assert body == text, f"message {number} has changed"
        assert head == b"%d (RFC822.SIZE %d BODY[] {%d}" % (number, len(text), len(text))


# --- what the server says of them


def parse(text):
    """An IMAP answer's value as lists, bytes and None; literals stand in it as they came."""
    place = 0

    def value():
        nonlocal place
        if text[place : place + 1] == b"(":
            place += 1
            items = []
            while text[place : place + 1] != b")":
                if text[place : place + 1] == b" ":
                    place += 1
                else:
                    items.append(value())
            place += 1
            return items
        if match := re.compile(rb'"((?:[^"\\]|\\.)*)"').match(text, place):
            place = match.end()
            return re.sub(rb"\\(.)", rb"\1", match[1])
        if match := re.compile(rb"\{(\d+)\}\r\n").match(text, place):
            place = match.end() + int(match[1])
            return text[match.end() : place]
        match = re.compile(rb"[^ ()]+").match(text, place)
        place = match.end()
        return None if match[0] == b"NIL" else match[0]

    return value()


def described(client):
    """For each message: {"ENVELOPE": …, "BODYSTRUCTURE": …}."""
    typ, rows = client.fetch("1:*", "(ENVELOPE BODYSTRUCTURE)")
    assert typ == "OK"
    joined = b""
    for row in rows:
        joined += row if isinstance(row, bytes) else row[0] + b"\r\n" + row[1]
        if isinstance(row, bytes):
            joined += b"\0"
    for text in joined.split(b"\0")[:-1]:
        items = parse(text.split(b" ", 1)[1])
        yield dict(zip(items[::2], items[1::2]))


def field(text, name):
    """A header field's raw value on one line; None without one."""
    head = (b"\r\n" + text).split(b"\r\n\r\n")[0] + b"\r\n"
    match = re.search(rb"\r\n" + name + rb":[ \t]*(.*?)\r\n(?![ \t])", head, re.IGNORECASE | re.DOTALL)
    return re.sub(rb"\r\n(?=[ \t])", b"", match[1]).strip() if match else None


def test_envelopes_say_what_the_headers_say(client, letters):
    for number, (text, items) in enumerate(zip(letters, described(client), strict=True), 1):
        date, subject, *addresses, message_id = items[b"ENVELOPE"]
        assert len(addresses) == 7
        for given, name in ((date, b"Date"), (subject, b"Subject"), (message_id, b"Message-ID")):
            assert (given or b"").split() == (field(text, name) or b"").split(), f"message {number}"


def leaves(part, path=""):
    """(path, part) of all that is not multipart; a message's own parts count too."""
    if isinstance(part[0], list):
        count = next((at for at, child in enumerate(part) if not isinstance(child, list)), len(part))
        for number, child in enumerate(part[:count], 1):
            yield from leaves(child, f"{path}.{number}" if path else str(number))
    else:
        yield path or "1", part


def test_structures_add_up(client, letters):
    multiparts = 0
    for text, items in zip(letters, described(client), strict=True):
        structure = items[b"BODYSTRUCTURE"]
        body = text.partition(b"\r\n\r\n")[2]
        sizes = [int(part[6]) for _, part in leaves(structure)]
        if isinstance(structure[0], list):
            multiparts += 1
            assert sum(sizes) < len(body)
        else:
            assert sizes == [len(body)]
    assert multiparts > 500


def test_parts_have_the_size_that_is_told(client):
    structures = [items[b"BODYSTRUCTURE"] for items in described(client)]
    looked_at = 0
    for number, structure in enumerate(structures, 1):
        if not isinstance(structure[0], list):
            continue
        parts = list(leaves(structure))
        asked = " ".join(f"BODY.PEEK[{path}]" for path, _ in parts)
        rows = [row for row in client.fetch(str(number), f"({asked})")[1] if isinstance(row, tuple)]
        assert [len(row[1]) for row in rows] == [int(part[6]) for _, part in parts], f"message {number}"
        for (_, part), (_, given) in zip(parts, rows):
            if part[0].lower() == b"text":
                assert int(part[7]) == given.count(b"\n"), f"message {number}"
        looked_at += len(parts)
    assert looked_at > 900


# --- SEARCH against a naive one


def decoded(text, name):
    value = field(text, name)
    if value is None:
        return None
    try:
        return str(email.header.make_header(email.header.decode_header(value.decode("ascii"))))
    except (UnicodeError, LookupError, email.errors.HeaderParseError):
        return None


@pytest.mark.parametrize("name, word", [
    ("Subject", "linux"), ("Subject", "re:"), ("Subject", "ilug"), ("Subject", "e"), ("Subject", "!!!"),
    ("From", "yahoo.com"), ("From", "the"), ("To", "undisclosed"), ("Message-ID", "@localhost"),
    ("X-Mailer", "outlook express 5"),
])
def test_search_finds_what_a_naive_one_finds(client, letters, name, word):
    quoted = word.replace('"', '\\"')
    found = set(map(int, client.search(None, "HEADER", name, f'"{quoted}"')[1][0].split()))
    for number, text in enumerate(letters, 1):
        value = decoded(text, name.encode())
        repeated = len(re.findall(rb"(?mi)^" + name.encode() + rb":", text.partition(b"\r\n\r\n")[0])) > 1
        if value is None or not value.isascii() or repeated:
            continue
        squeezed = " ".join(value.lower().split())
        assert (word in squeezed) == (number in found), f"message {number}: {value}"
    assert found


def test_search_of_sizes_and_sets_is_exact(client, letters):
    found = client.search(None, "LARGER", "10000", "NOT", "SMALLER", "12000")[1][0].split()
    assert found == [b"%d" % number for number, text in enumerate(letters, 1) if len(text) >= 12000]
