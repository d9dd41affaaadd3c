"""A Maildir of small messages such as people write: a head as mail programs make it, some
paragraphs, here and there a second part in HTML. The same numbers give the same messages."""

import random

WORDS = """about after again all along also always answer any around ask back because before
between book both bring budget but call came can change city close come could date day did
different does done door down each early end even ever every family few find first follow for
found from garden get give good great group had half hand has have head help here high him his
home hour house how idea into invoice just keep know large last later leave left letter life
light like line list little live long look made make many may meeting men message might minute
month more morning most move much must name near need never new next night not nothing now
number off office often old once one only open order other our out over own page paper part
people place plan please point problem project question quite read really report right room
said same saw say school second see send sent set she should show side since small some soon
start state still story street such summer table take tell than thank that the their them then
there these they thing think this thought three through time today together told too took
train turn two under until use very wait walk want was water way week well went were what when
where which while who why will with without word work world would write year you your""".split()
NAMES = "anna boris clara david elena frank grete henry irina jonas katja louis maria".split()
LEAST, MOST = 4000, 12000

HEAD = """\
Return-Path: <{sender}@example.net>
Received: from mx{relay}.example.net (mx{relay}.example.net [192.0.2.{relay}])
\tby mail.bench.test with ESMTPS id {number:08x}
\tfor <import@bench.test>; Mon, {day} Mar 2025 {hour:02}:{minute:02}:07 +0100
Date: Mon, {day} Mar 2025 {hour:02}:{minute:02}:05 +0100
From: {name} Example <{sender}@example.net>
To: import@bench.test
Subject: {subject}
Message-ID: <{number:08x}.{day}@example.net>
In-Reply-To: <{before:08x}.{day}@example.net>
References: <{before:08x}.{day}@example.net>
MIME-Version: 1.0
"""
PLAIN = """\
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}"""
TWO = """\
Content-Type: multipart/alternative; boundary="=_{number:08x}"

--=_{number:08x}
Content-Type: text/plain; charset=utf-8

{text}
--=_{number:08x}
Content-Type: text/html; charset=utf-8

<html><body><p>{text}</p></body></html>
--=_{number:08x}--
"""


def _paragraphs(chance):
    made = []
    for _ in range(400):
        words = chance.choices(WORDS, k=chance.randint(30, 90))
        lines = [" ".join(words[start:start + 12]) for start in range(0, len(words), 12)]
        made.append("\n".join(lines).capitalize() + ".\n\n")
    return made


def _text(chance, paragraphs, size):
    parts, length = [], 0
    while length < size:
        parts.append(chance.choice(paragraphs))
        length += len(parts[-1])
    return "".join(parts)


def _message(number, chance, paragraphs):
    name = chance.choice(NAMES)
    fields = {
        "number": number, "before": max(0, number - chance.randint(1, 50)), "sender": name,
        "name": name.capitalize(), "relay": chance.randint(1, 200),
        "day": 3 + 7 * chance.randint(0, 3), "hour": chance.randint(0, 23),
        "minute": chance.randint(0, 59), "subject": " ".join(chance.choices(WORDS, k=6))}
    size = chance.randint(LEAST, MOST)
    if number % 5:
        body, length = PLAIN, size - 800
    else:
        body, length = TWO, (size - 1000) // 2
    return (HEAD + body).format(text=_text(chance, paragraphs, length), **fields)


def _name(number, chance):
    flags = chance.choice(("S", "S", "S", "RS", "FS", ""))
    return f"{1740000000 + number}.M{number}P1.bench:2,{flags}"


def make(folder, count):
    """Returns the bytes written."""
    chance = random.Random(1)
    paragraphs = _paragraphs(chance)
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    written = 0
    for number in range(count):
        message = _message(number, chance, paragraphs).encode()
        with open(folder / "cur" / _name(number, chance), "wb", buffering=0) as file:
            file.write(message)
        written += len(message)
    return written
