"""A search index of a former format is made anew after an upgrade, and searches are right before and after."""

import pathlib
import re
import shutil
import urllib.request

import pytest
from lib_troika import DOMAIN, HOST, PASSWORD, message, wait_until

KEPT = pathlib.Path(__file__).resolve().parent / "kept"
LETTERS, ROUNDS = 40, 2


def kept_letters():
    """By UID, as "post-search-load FOLDER work" made them, in two rounds, when segments had that format."""
    every = [(number, of) for of in range(1, ROUNDS + 1) for number in range(LETTERS)]
    return {uid: f"Subject: letter {number} of round {of}\n"
                 f"Tea time {number * of} of the чай {number * 2654435761 % 2**32:x}\n".lower()
            for uid, (number, of) in enumerate(every, 1) if uid % 3}


def metric(server, name):
    with urllib.request.urlopen(f"http://{HOST}:{server.ports['metrics']}/metrics") as answer:
        found = re.search(rf"^{name} (\d+)$", answer.read().decode(), re.M)
    return int(found[1]) if found else 0


def search(client, needle):
    client.literal = needle.encode()
    kind, [found] = client.uid("SEARCH", "CHARSET", "UTF-8", "TEXT")
    assert kind == "OK"
    return {int(uid) for uid in found.split()}


def assert_right(client):
    letters = kept_letters()
    assert client.select()[1] == [str(len(letters)).encode()]
    for needle in ("tea", "ea ti", "time 1", "letter 12", "of the чай", "ЧАЙ", "round 2", "ff", "zz"):
        wanted = {uid for uid, text in letters.items() if needle.lower() in text}
        assert search(client, needle) == wanted, needle


@pytest.mark.parametrize("kept", sorted(path.name for path in KEPT.glob("search-*")))
def test_an_index_of_another_format_is_made_anew(make_troika, kept):
    troika = make_troika(start=False)
    shutil.copytree(KEPT / kept, troika.folder / "data" / "store")
    troika.run("account", "password", f"anna@{DOMAIN}", input=f"{PASSWORD}\n")
    troika.start()
    client = troika.imap()
    assert_right(client)
    wait_until(lambda: metric(troika, "troika_post_indexed_messages_total") >= len(kept_letters()), "a new index")
    assert metric(troika, "troika_post_index_drops_total") == 1 and "post.search.dropped" in troika.log()
    assert_right(client)
    troika.stop()
    assert "All is whole" in troika.run("check")
    troika.start()
    assert_right(troika.imap())
    assert metric(troika, "troika_post_index_drops_total") == 0
    troika.send(message("afterwards"), to=[f"anna@{DOMAIN}"])
