"""What people read: in their language, and nothing left out."""

import json
import os
import re
import subprocess
import sys

import pytest
from lib_troika import BINARY, DOMAIN, PASSWORD, ROOT, message

RUSSIAN = {"LC_ALL": "ru_RU.UTF-8"}


def say(*words, input="", environment=RUSSIAN):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run([str(BINARY), *map(str, words)], input=input, capture_output=True, text=True,
                          env={**clean, **environment})


def has_russian(text):
    return any("а" <= letter <= "я" for letter in text.lower())


def test_no_sentence_lacks_its_translation():
    result = subprocess.run([sys.executable, ROOT / "tools" / "texts.py", "check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ["LC_ALL", "LC_MESSAGES", "LANG"])
def test_the_locale_chooses_the_language(name):
    assert "показать домены" in say("help", environment={name: "ru_RU.UTF-8"}).stdout
    assert "show the domains" in say("help", environment={name: "C.UTF-8"}).stdout
    assert "show the domains" in say("help", environment={name: "xx_YY"}).stdout


def test_the_stronger_locale_wins():
    mixed = {"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}
    assert not has_russian(say("help", environment=mixed).stdout)
    assert has_russian(say("help", environment={"LC_MESSAGES": "ru", "LANG": "en_US"}).stdout)


def test_every_command_has_its_help_in_russian():
    for line in say("help", environment={"LANG": "C"}).stdout.splitlines():
        if not line.startswith("  ") or line.startswith("   "):
            continue
        command = line[2:22].split()
        shown = say(*command, "--help").stdout
        assert has_russian(shown), command
        for text in shown.splitlines()[2:]:
            assert has_russian(text) or not text.strip() or text.startswith("   "), (command, text)


@pytest.mark.parametrize("words, said", [
    (["acount", "list"], 'может быть, "troika account list"'),
    (["account", "add"], "для \"account add\" нужно address: например, anna@example.org"),
    (["queue", "list", "--limits", "3"], "может быть, --limit?"),
    (["-c", "/nowhere.conf", "account", "list"], "/nowhere.conf: нет такого файла"),
])
def test_wrong_words_are_told_in_russian(words, said):
    result = say(*words)
    assert result.returncode in (2, 3) and said in result.stderr, result.stderr


def test_answers_of_the_server_are_in_russian(make_troika):
    """On a stopped one; what the server says, and what it refuses."""
    server = make_troika("boris", start=False)
    run = lambda *words, **more: say("-c", server.config, *words, **more)
    added = run("account", "add", f"anna@{DOMAIN}", input=f"{PASSWORD}\n")
    assert added.stdout == f"У anna@{DOMAIN} теперь есть почтовый ящик.\n"
    again = run("account", "add", f"anna@{DOMAIN}", input=f"{PASSWORD}\n")
    assert again.stderr == f"troika: учётная запись anna@{DOMAIN} уже есть\n"
    elsewhere = run("account", "add", "x@elsewhere.example", input=f"{PASSWORD}\n")
    assert "elsewhere.example не домен этого сервера" in elsewhere.stderr
    assert "нет учётной записи" in run("account", "show", f"x@{DOMAIN}").stderr
    assert run("domain", "add", DOMAIN).stderr == f"troika: домен {DOMAIN} уже есть\n"
    assert f"в {DOMAIN} есть учётные записи" in run("domain", "remove", DOMAIN).stderr
    assert run("alias", "remove", f"x@{DOMAIN}").stderr == f"troika: нет псевдонима x@{DOMAIN}\n"
    (server.folder / "letter.eml").write_bytes(message())
    refused = run("import", f"anna@{DOMAIN}", server.folder / "letter.eml", "--mailbox", "a//b")
    assert "не бывает пустых уровней" in refused.stderr
    assert "домен" in run("domain", "list").stdout.splitlines()[0]
    refused = run("--json", "account", "show", f"x@{DOMAIN}")
    assert json.loads(refused.stderr)["failure"] == "not-found"
    assert list(json.loads(run("--json", "domain", "list").stdout)[0])[0] == "domain"


def test_a_wrong_configuration_is_told_in_russian(make_troika):
    server = make_troika(extra="limit = { mesage_size = 3; };", start=False)
    line = server.config.read_text().splitlines().index("limit = { mesage_size = 3; };") + 1
    for words in (["config", "check"], ["serve"], ["account", "list"]):
        said = say("-c", server.config, *words).stderr
        assert f"troika.conf:{line}: limit: такого ключа нет; самый похожий: limits" in said, words


SENTENCE = re.compile(r"[A-Z0-9][\w ,;\"$\\*'().-]+")
FOR_OTHERS = ("list.c", "metrics.c")  # assertions, an operator's figures


def sentences_of_imap():
    """What src/imapd and IMAP's grammars say: literals, without the codes before and the brackets around."""
    for path in [*(ROOT / "src" / "imapd").glob("*.c"), *(ROOT / "src" / "wire").glob("imap*.c")]:
        if path.name in FOR_OTHERS or path.name.startswith(("test-", "fuzz-")):
            continue
        text = re.sub(r"/\*.*?\*/|#include.*?\n|\.(purpose|rfc|capability|name|file) =.*?,\n", "", path.read_text(), flags=re.S)
        for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r'"\s*\n\s*"', "", text)):
            said = re.sub(r"^(\[.*?\] )+|^\)?\]+ ", "", literal).replace("\\r\\n", "")
            if SENTENCE.fullmatch(said) and " " in said and re.search("[a-z]{2}", said):
                yield said


def test_imap_says_everything_in_russian():
    """RFC 5255 3: whoever chose Russian by LANGUAGE reads no English."""
    known = set(re.findall(r'msgid "((?:[^"\\]|\\.)*)"', (ROOT / "src" / "imapd" / "ru.po").read_text()))
    assert not sorted({said for said in sentences_of_imap()} - known)
