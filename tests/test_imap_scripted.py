"""Other people's IMAP scripts, where TROIKA_IMAP_SCRIPTS names a folder of them: see lib_scripted.py."""

import os
import pathlib

import pytest
from lib_scripted import Failure, Run, Script, View, read_values, scripts_in
from lib_troika import DOMAIN, PASSWORD, Troika

FOLDER = os.environ.get("TROIKA_IMAP_SCRIPTS")
SCRIPTS = scripts_in(pathlib.Path(FOLDER)) if FOLDER else []


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("scripted")) as server:
        server.run("domain", "add", DOMAIN)
        yield server.start()


OWN = """capabilities: ESEARCH
connections: 2
messages: 3

1 ok fetch 1:* (uid flags)
* 1 fetch (uid $uid1 flags ())
* 3 fetch (flags () uid $uid3)

1 ok store 1 +flags (\\seen $$work)
* 1 fetch (flags ($$work \\seen))

2 ok noop
* 1 fetch (uid $uid1 flags (\\seen $$work))

2 search return (all) seen
* esearch (tag $tag) all 1
! esearch (tag $tag) all 1:3
2 ok done

1 ok append $mailbox (\\flagged) {{{
From: user@example.org

text
}}}
* 4 exists

1 ok store 2 +flags \\deleted
1 ok expunge
* 2 expunge

2 ok uid fetch $uid3 (uid body.peek[text])
* $3 fetch (uid $uid3 body[text] $text)
"""
WRONG = (
    ("ok fetch 1 uid\n* 1 fetch (uid 77)\n", "missing"),
    ("bad noop\n", "expected BAD"),
    ("ok fetch 1 flags\n! 1 fetch (flags ())\n", "must not come"),
    ("select $mailbox\nok [read-only]\n", "expected OK"),
    ("ok fetch 1 flags\n* 1 fetch (flags (\\seen))\n", "missing"),
    ("ok fetch 1 body.peek[text]\n* 1 fetch (body[text] ~{{{\nbody 1\n}}})\n", "missing"),
    ("ok fetch 1 uid\n* 1 fetch (uid $modseq2)\nok fetch 1 uid\n* 1 fetch (uid $modseq5)\n", "missing"),
)
CONTRADICTIONS = (
    (["3 EXISTS", "2 EXISTS"], "3 messages became 2"),
    (["1 EXISTS", "2 EXPUNGE"], "EXPUNGE of 2"),
    (["1 EXISTS", "2 FETCH (UID 2)"], "FETCH of 2"),
    (["1 EXISTS", "1 FETCH (UID 1)", "1 FETCH (UID 2)"], "had UID 1, and has 2"),
    (["2 EXISTS", "2 FETCH (UID 7)", "1 EXPUNGE", "1 FETCH (UID 8)"], "had UID 7, and has 8"),
    (["1 EXISTS", "1 FETCH (UID 1 RFC822.SIZE 9)", "1 FETCH (RFC822.SIZE 8)"], "RFC822.SIZE of UID 1 has changed"),
    (["1 EXISTS", "FLAGS (a)", "1 FETCH (FLAGS (\\Seen a b))"], "FLAGS has not told: ..b.."),
    (["VANISHED 1"], "VANISHED without QRESYNC"),
)


def play(server, name, script):
    address = f"{name}@{DOMAIN}"
    server.run("account", "add", address, input=f"{PASSWORD}\n")
    other = f"{name}-2@{DOMAIN}" if script.users else None
    if other:
        server.run("account", "add", other, input=f"{PASSWORD}\n")
    Run(server, script, address, other).play()


def test_the_player_knows_right_from_wrong(server, tmp_path):
    path = tmp_path / "own"
    path.write_text(OWN)
    play(server, "own", Script(path))
    for number, (text, said) in enumerate(WRONG):
        path.write_text("messages: 1\n\n" + text)
        with pytest.raises(Failure, match=said):
            play(server, f"wrong{number}", Script(path))


@pytest.mark.parametrize("lines,said", CONTRADICTIONS)
def test_what_contradicts_itself_is_seen(lines, said):
    view = View(1, {})
    with pytest.raises(Failure, match=said):
        for line in lines:
            view.take(read_values(line.encode()))


def test_a_message_is_new_to_one_session():
    recent = {}
    for session in (1, 2):
        view = View(session, recent)
        view.sends(b"SELECT box")
        view.take(read_values(b"1 EXISTS"))
        row = read_values(b"1 FETCH (UID 1 FLAGS (\\Recent))")
        if session == 1:
            view.take(row)
    with pytest.raises(Failure, match="new to two sessions"):
        view.take(row)


@pytest.mark.skipif(not FOLDER, reason="TROIKA_IMAP_SCRIPTS names no folder of scripts")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script(server, script):
    play(server, script.name, script)
