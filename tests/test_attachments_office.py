"""Documents as LibreOffice writes them, of each kind that it and Troika both know, are found.

Not `.ppt`: catppt reads the outline that PowerPoint keeps, and LibreOffice puts all text into drawings."""

import os
import shutil
import subprocess

import lib_documents as documents
import pytest
from lib_troika import Troika

OFFICE = shutil.which("soffice")
NEEDED = ("bsdtar", "catdoc", "xls2csv", "pdftotext")
pytestmark = [pytest.mark.longer,
              pytest.mark.skipif(not OFFICE or not all(map(shutil.which, NEEDED)),
                                 reason="needs LibreOffice and the programs that read documents")]

SAID = ("zephyrine budget", "Огурцы солёные", "漢字文書")
PAGE = f"""<html><head><meta charset="utf-8"></head><body><h1>Quarterly</h1>
<p>The {SAID[0]} of Pskov: {SAID[1]}, {SAID[2]} and more.</p></body></html>"""
TABLE = "name,amount\n" + "".join(f"{words},{number}\n" for number, words in enumerate(SAID))
NAMES = [f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "drawing", "text", "svg-compatible")]
SLIDES = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="{NAMES[0]}" xmlns:draw="{NAMES[1]}" xmlns:text="{NAMES[2]}" xmlns:svg="{NAMES[3]}"
office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.presentation">
<office:body><office:presentation><draw:page draw:name="one"><draw:frame svg:width="10cm" svg:height="4cm" svg:x="1cm"
svg:y="1cm"><draw:text-box><text:p>The {SAID[0]}: {SAID[1]}, {SAID[2]}</text:p></draw:text-box></draw:frame>
</draw:page></office:presentation></office:body></office:document>"""

# What is made of what, in this order; how the first one of a kind is read.
MADE = [("text.html", "odt", "--infilter=HTML (StarWriter)"), ("text.odt", "docx", None), ("text.odt", "doc", None),
        ("text.odt", "rtf", None), ("text.odt", "pdf", None), ("table.csv", "ods", "--infilter=CSV:44,34,76"),
        ("table.ods", "xlsx", None), ("table.ods", "xls", None), ("slides.fodp", "odp", None),
        ("slides.fodp", "pptx", None)]


def convert(folder, source, kind, reading):
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run([OFFICE, profile, "--headless", "--convert-to", kind, *([reading] if reading else []),
                    "--outdir", folder, folder / source],
                   env=dict(os.environ, HOME=str(folder)), check=True, capture_output=True, timeout=300)
    made = folder / f"{source.partition('.')[0]}.{kind}"
    assert made.exists(), f"LibreOffice made no {kind} of {source}"
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    for name, text in (("text.html", PAGE), ("table.csv", TABLE), ("slides.fodp", SLIDES)):
        (folder / name).write_text(text)
    return [convert(folder, *how) for how in MADE]


def test_documents_of_libreoffice_are_found(made, tmp_path):
    with Troika(tmp_path) as server:
        server.add_accounts("anna")
        client = server.start().imap("anna")
        client.select()
        for document in made:
            mail = documents.letter(document.read_bytes(), document.name, "application/octet-stream")
            assert client.append("INBOX", None, None, mail)[0] == "OK"
        client.noop()
        for words in SAID:
            client.literal = words.encode()
            status, answer = client.uid("SEARCH", "CHARSET", "UTF-8", "BODY")
            assert status == "OK", answer
            found = {made[int(uid) - 1].name for uid in answer[0].split()}
            assert found == {document.name for document in made}, words
