"""imapflow and node-imap: what webmails and scripts are made with. tests/clients has a day of each."""

import json
import subprocess

import pytest
from lib_troika import DOMAIN, PASSWORD, ROOT


@pytest.fixture(scope="module")
def packages():
    result = subprocess.run([ROOT / "tools" / "node-clients"], stderr=subprocess.PIPE, text=True)
    if result.returncode:
        pytest.skip(result.stderr.strip())
    return ROOT / ".cache" / "node-clients"


def a_day_of(script, server, packages):
    result = subprocess.run(
        ["node", ROOT / "tests" / "clients" / script, packages, str(server.ports["imaps"]), f"anna@{DOMAIN}", PASSWORD],
        capture_output=True, text=True, timeout=300,
    )
    if "SyntaxError" in result.stderr or "Unsupported engine" in result.stderr:
        pytest.skip(f"this node is too old for {script}")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_imapflow(troika, packages):
    seen = a_day_of("imapflow.mjs", troika, packages)
    assert seen["enabled"] == ["CONDSTORE", "IMAP4REV2", "QRESYNC", "UTF8=ACCEPT"]
    assert ["Проекты/2026 & later", None, 0] in seen["mailboxes"]
    assert ["Sent", "\\Sent", 0] in seen["mailboxes"]
    assert seen["subjects"] == ["one", "two", "three"]
    assert (seen["from"], seen["type"], seen["whole"]) == ("Анна", "text/plain", True)
    assert (seen["flagged"], seen["text"], seen["unseen"]) == ([2], [2], [2, 3])
    assert (seen["downloaded"], seen["moved"], seen["quota"]) == ("Привет, мир", 1, True)
    assert (seen["exists"], seen["deleted"], seen["left"]) == (3, True, 2)
    assert (seen["status"]["messages"], seen["status"]["uidNext"]) == (1, 2)
    assert seen["paths"] == ["Архив 🗄"]


def test_node_imap(troika, packages):
    seen = a_day_of("node-imap.js", troika, packages)
    assert {"INBOX", "Sent", "Отчёты"} <= set(seen["boxes"])
    assert (seen["total"], seen["subjects"]) == (2, ["one", "two"])
    assert seen["unseen"] == seen["keyword"] == [2]
    assert (sorted(seen["sorted"]), seen["threads"]) == ([1, 2], 2)
    assert (seen["news"], seen["left"], seen["there"]) == (1, ["first"], 1)
