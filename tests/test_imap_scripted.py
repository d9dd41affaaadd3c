"""Other people's IMAP scripts, where TROIKA_IMAP_SCRIPTS names a folder of them: see lib_scripted.py."""

import os
import pathlib

import pytest
from lib_scripted import Failure, Run, Script, scripts_in
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
)


def play(server, name, script):
    address = f"{name}@{DOMAIN}"
    server.run("account", "add", address, input=f"{PASSWORD}\n")
    Run(server, script, address).play()


def test_the_player_knows_right_from_wrong(server, tmp_path):
    path = tmp_path / "own"
    path.write_text(OWN)
    play(server, "own", Script(path))
    for number, (text, said) in enumerate(WRONG):
        path.write_text("messages: 1\n\n" + text)
        with pytest.raises(Failure, match=said):
            play(server, f"wrong{number}", Script(path))


@pytest.mark.skipif(not FOLDER, reason="TROIKA_IMAP_SCRIPTS names no folder of scripts")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script(server, script):
    play(server, script.name, script)
