"""ACL (RFC 4314), what others share (RFC 2342), LIST-MYRIGHTS (RFC 8440): people at one server."""

import imaplib
import json

import pytest
from lib_troika import DOMAIN, PASSWORD, Dialogue, Troika, insecure_tls
from test_imap_sessions import append, ok, signed_in

ANNA, BORIS, CARLA = (f"{name}@{DOMAIN}" for name in ("anna", "boris", "carla"))
OF_ANNA = f"Other Users/{ANNA}"
ALL = "lrswipkxteacd"
LETTER = b"Subject: %s\r\n\r\n%s\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("acl")) as server:
        server.add_accounts("anna", "boris", "carla")
        yield server.start()


@pytest.fixture
def anna(server):
    """Her session, and a mailbox of a name of its own that is hers alone."""
    with signed_in(server, "anna", select=None) as session:
        yield session


@pytest.fixture
def boris(server):
    with signed_in(server, "boris", select=None) as session:
        yield session


@pytest.fixture
def box(anna, request):
    """A mailbox of anna's that is gone after the test, with two messages."""
    name = "b" + str(abs(hash(request.node.name)) % 10**9)
    ok(anna, f"CREATE {name}")
    append(anna, LETTER % (b"one", b"first"), name)
    append(anna, LETTER % (b"two", b"second"), name)
    yield name
    rows = [line for line in ok(anna, f'LIST "" "{name}*"') if line.startswith("* LIST")]
    for line in rows[::-1]:
        anna.command("t", "DELETE " + line.split('"/" ')[1].strip())


def grant(anna, box, rights, who=BORIS):
    ok(anna, f'SETACL "{box}" {who} {rights or chr(34) * 2}')


def add(server, name):
    server.run("account", "add", f"{name}@{DOMAIN}", input=f"{PASSWORD}\n")


def theirs(box):
    return f'"{OF_ANNA}/{box}"'


def no(session, command):
    lines = session.command("t", command)
    assert lines[-1].startswith("t NO"), lines
    return lines[-1]


# --- the commands themselves


def test_capabilities_and_namespaces(anna):
    words = ok(anna, "CAPABILITY")[0].split()
    assert {"ACL", "RIGHTS=kxte", "LIST-MYRIGHTS", "NAMESPACE"} <= set(words)
    assert ok(anna, "NAMESPACE")[0] == '* NAMESPACE (("" "/")) (("Other Users/" "/")) (("Shared/" "/"))\r\n'


def test_a_list_is_written_changed_and_taken_away(anna, box):
    assert ok(anna, f"GETACL {box}")[0] == f"* ACL {box} {ANNA} {ALL}\r\n"
    grant(anna, box, "lr")
    grant(anna, box, "+sw")
    grant(anna, box, "-r")
    grant(anna, box, "lrs", "anyone")
    grant(anna, box, "w", f"-{BORIS}")
    assert ok(anna, f"GETACL {box}")[0] == f"* ACL {box} {ANNA} {ALL} anyone lrs {BORIS} lsw -{BORIS} w\r\n"
    ok(anna, f"DELETEACL {box} {BORIS}")
    ok(anna, f"DELETEACL {box} -{BORIS}")
    ok(anna, f"DELETEACL {box} {CARLA}")  # who has none loses none
    grant(anna, box, "", "anyone")
    assert ok(anna, f"GETACL {box}")[0] == f"* ACL {box} {ANNA} {ALL}\r\n"


def test_old_rights_stand_for_new_ones_and_are_told_beside_them(anna, box):
    """RFC 4314 2.1.1."""
    grant(anna, box, "lrcd")
    assert ok(anna, f"GETACL {box}")[0].endswith(f" {BORIS} lrkxtecd\r\n")
    grant(anna, box, "-c")
    grant(anna, box, "-e")
    assert ok(anna, f"GETACL {box}")[0].endswith(f" {BORIS} lrtd\r\n")


def test_rights_that_can_be_given_and_ones_own(anna, boris, box):
    assert ok(anna, f"LISTRIGHTS {box} {BORIS}")[0] == (
        f'* LISTRIGHTS {box} {BORIS} "" l r s w i p k x t e a c d\r\n')
    assert ok(anna, f"LISTRIGHTS {box} {ANNA}")[0] == f"* LISTRIGHTS {box} {ANNA} {ALL}\r\n"
    assert ok(anna, f"MYRIGHTS {box}")[0] == f"* MYRIGHTS {box} {ALL}\r\n"
    grant(anna, box, "lrs", "anyone")
    grant(anna, box, "wa")
    grant(anna, box, "s", f"-{BORIS}")
    assert ok(boris, f"MYRIGHTS {theirs(box)}")[0] == f"* MYRIGHTS {theirs(box)} lrwa\r\n"


def test_the_owner_keeps_all_rights(anna, box):
    assert "[CANNOT]" in no(anna, f"SETACL {box} {ANNA} lr")
    assert "[CANNOT]" in no(anna, f"SETACL {box} -{ANNA} r")
    assert "[CANNOT]" in no(anna, f"DELETEACL {box} {ANNA}")
    ok(anna, f"SETACL {box} {ANNA} +lr")
    assert ok(anna, f"MYRIGHTS {box}")[0].endswith(f" {ALL}\r\n")


@pytest.mark.parametrize("command", [
    "SETACL", "SETACL {box}", "SETACL {box} " + BORIS, "SETACL {box} " + BORIS + " lrz",
    "SETACL {box} " + BORIS + " LR", "SETACL {box} " + BORIS + " ++l", "SETACL {box} - l",
    "SETACL {box} " + BORIS + " l0", "SETACL {box} " + BORIS + " l r", "GETACL", "GETACL {box} x",
    "DELETEACL {box}", "LISTRIGHTS {box}", "MYRIGHTS", "MYRIGHTS {box} x", 'SETACL {box} "\xff" l',
    "SETACL ({box}) " + BORIS + " l",
])  # fmt: skip
def test_what_is_no_such_command_is_bad(anna, box, command):
    before = ok(anna, f"GETACL {box}")[0]
    anna.send(b"t " + command.format(box=box).encode("latin-1") + b"\r\n")
    assert anna.until("t ")[-1].startswith("t BAD")
    assert ok(anna, f"GETACL {box}")[0] == before


def test_nobody_of_that_name(anna, box):
    assert "[CANNOT]" in no(anna, f"SETACL {box} nobody@{DOMAIN} l")
    assert "[CANNOT]" in no(anna, f"LISTRIGHTS {box} nobody@{DOMAIN}")
    assert "[NONEXISTENT]" in no(anna, f"SETACL none-{box} {BORIS} l")
    assert "[NONEXISTENT]" in no(anna, f"MYRIGHTS none-{box}")


# --- each command, without its right, changes nothing

NEEDS = [  # command at the mailbox, rights that it asks one of; those besides are all given
    ("SELECT {it}", "r"),
    ("EXAMINE {it}", "r"),
    ("STATUS {it} (MESSAGES)", "r"),
    ("GETQUOTAROOT {it}", "r"),
    ("GETACL {it}", "a"),
    ("SETACL {it} " + CARLA + " lr", "a"),
    ("DELETEACL {it} anyone", "a"),
    ("LISTRIGHTS {it} " + CARLA, "a"),
    ('CREATE "{at}/below"', "k"),
    ('RENAME {it} "{at}x"', "x"),
    ("DELETE {it}", "x"),
    ("APPEND {it} {{4+}}\r\na: b", "i"),
    ('GENURLAUTH "imap://' + BORIS.replace("@", "%40") + '@{url}/;uid=1;urlauth=anonymous" INTERNAL', "r"),
]  # fmt: skip


def state(anna, box):
    """All that a command could have changed."""
    lines = ok(anna, f'LIST "" "{box}*"') + ok(anna, f"GETACL {box}")
    lines += ok(anna, f"STATUS {box} (MESSAGES UIDNEXT HIGHESTMODSEQ UNSEEN)")
    return lines


@pytest.mark.parametrize("sees", [True, False])
@pytest.mark.parametrize("command, right", NEEDS)
def test_a_command_without_its_right_is_refused(anna, boris, box, command, right, sees):
    rights = "".join(r for r in "lrswipkxtea" if r != right and (sees or r != "l"))
    ok(anna, f"SETACL {box} anyone p")
    grant(anna, box, rights)
    before = state(anna, box)
    url = f"{DOMAIN}/{OF_ANNA}/{box}".replace(" ", "%20").replace("@", "%40")
    answer = no(boris, command.format(it=theirs(box), at=f"{OF_ANNA}/{box}", url=url))
    assert ("[NOPERM]" if sees else "[NONEXISTENT]") in answer or "[CANNOT]" in answer or "[TRYCREATE]" in answer
    assert state(anna, box) == before
    grant(anna, box, "+" + right)
    if not command.startswith(("RENAME", "CREATE")) or sees:
        text = command.format(it=theirs(box), at=f"{OF_ANNA}/{box}", url=url)
        assert boris.command("t", text)[-1].startswith(("t OK", "t NO [NOPERM]", "t NO [CANNOT]"))


SELECTED = [
    ("STORE 1 +FLAGS (\\Seen)", "s"),
    ("STORE 1 +FLAGS.SILENT (\\Deleted)", "t"),
    ("STORE 1 +FLAGS (\\Flagged)", "w"),
    ("STORE 1 FLAGS (Keyword)", "w"),
    ("UID STORE 1 -FLAGS (\\Answered)", "w"),
    ("EXPUNGE", "e"),
    ("UID EXPUNGE 1:*", "e"),
    ("MOVE 1 INBOX", "t"),
    ("MOVE 1 INBOX", "e"),
    ("UID MOVE 1 INBOX", "e"),
    ("REPLACE 1 INBOX {4+}\r\na: b", "t"),
    ("REPLACE 1 INBOX {4+}\r\na: b", "e"),
]


@pytest.mark.parametrize("command, right", SELECTED)
def test_a_selected_mailbox_without_the_right_stays_as_it_is(anna, boris, box, command, right):
    ok(anna, f"SELECT {box}")
    ok(anna, "STORE 2 +FLAGS (\\Deleted \\Answered)")
    ok(anna, "UNSELECT")
    grant(anna, box, "".join(r for r in "lrswipkxtea" if r != right))
    ok(boris, f"SELECT {theirs(box)}")
    before = state(anna, box)
    inbox = ok(boris, "STATUS INBOX (MESSAGES UIDNEXT)")[0]
    assert "[NOPERM]" in no(boris, command)
    assert state(anna, box) == before
    assert ok(boris, "STATUS INBOX (MESSAGES UIDNEXT)")[0] == inbox
    grant(anna, box, "+" + right)
    ok(boris, command)  # the session has it at once
    if not command.startswith("UID STORE"):
        assert state(anna, box) != before or "UID EXPUNGE" in command


def test_copy_asks_insert_at_its_target(anna, boris, box):
    append(boris, LETTER % (b"mine", b"x"))
    ok(boris, "SELECT INBOX")
    for command in ("COPY 1", "MOVE 1", "UID COPY 1:*"):
        grant(anna, box, "lrswpkxtea")
        assert "[NOPERM]" in no(boris, f"{command} {theirs(box)}")
        grant(anna, box, "rpe")
        assert "[NONEXISTENT]" in no(boris, f"{command} {theirs(box)}")
    grant(anna, box, "lk")
    assert "[TRYCREATE]" in no(boris, f'COPY 1 "{OF_ANNA}/{box}/none"')
    assert "[NONEXISTENT]" in no(boris, f'COPY 1 "{OF_ANNA}/none"')
    assert "MESSAGES 2 " in ok(anna, f"STATUS {box} (MESSAGES UIDNEXT)")[0]


def test_what_fetch_and_close_do_without_a_right_they_do_not(anna, boris, box):
    ok(anna, f"SELECT {box}")
    ok(anna, "STORE 2 +FLAGS (\\Deleted)")
    grant(anna, box, "lrwt")
    ok(boris, f"SELECT {theirs(box)}")
    assert "\\Seen" not in "".join(ok(boris, "FETCH 1 (BODY[] FLAGS)"))
    ok(boris, "CLOSE")
    assert ok(anna, "FETCH 1:2 (FLAGS)")[:-1] == [
        "* 1 FETCH (FLAGS (\\Recent))\r\n", "* 2 FETCH (FLAGS (\\Deleted \\Recent))\r\n"]  # fmt: skip
    grant(anna, box, "+se")
    ok(boris, f"SELECT {theirs(box)}")
    assert "\\Seen" in "".join(ok(boris, "FETCH 1 (BODY[] FLAGS)"))
    ok(boris, "CLOSE")
    assert any(line == "* 2 EXPUNGE\r\n" for line in ok(anna, "NOOP"))


# --- flags as rights demand


@pytest.mark.parametrize("rights, code, permanent", [
    ("lr", "READ-ONLY", "()"),
    ("lrp", "READ-ONLY", "()"),
    ("lrs", "READ-WRITE", "(\\Seen)"),
    ("lrt", "READ-WRITE", "(\\Deleted)"),
    ("lrw", "READ-WRITE", "(\\Answered \\Flagged \\Draft \\*)"),
    ("lrst", "READ-WRITE", "(\\Deleted \\Seen)"),
    ("lri", "READ-WRITE", "()"),
])  # fmt: skip
def test_select_says_what_may_be_changed(anna, boris, box, rights, code, permanent):
    grant(anna, box, rights)
    lines = ok(boris, f"SELECT {theirs(box)}")
    assert f"[{code}]" in lines[-1]
    assert any(line.startswith(f"* OK [PERMANENTFLAGS {permanent}]") for line in lines), lines


def test_store_changes_what_it_may_and_says_so(anna, boris, box):
    ok(anna, f"SELECT {box}")
    ok(anna, "STORE 1 FLAGS (\\Flagged $Kept \\Deleted)")
    grant(anna, box, "lrs")
    ok(boris, f"SELECT {theirs(box)}")
    answer = ok(boris, "STORE 1 FLAGS.SILENT (\\Seen \\Answered)")
    assert " FLAGS (\\Seen \\Flagged \\Deleted $Kept" in "".join(answer)
    assert "(\\Seen \\Flagged \\Deleted $Kept" in ok(anna, "FETCH 1 FLAGS")[0]


def test_flags_that_one_may_not_set_do_not_come_along(anna, boris, box):
    grant(anna, box, "lri")
    boris.send(b"t APPEND %b (\\Seen \\Flagged \\Deleted Word) {4+}\r\na: b\r\n" % theirs(box).encode())
    assert boris.until("t ")[-1].startswith("t OK [APPENDUID")
    grant(anna, box, "lrit")
    ok(boris, "SELECT INBOX")
    append(boris, LETTER % (b"flagged", b"x"))
    ok(boris, "NOOP")
    ok(boris, "STORE * +FLAGS (\\Seen \\Deleted Word)")
    ok(boris, f"COPY * {theirs(box)}")
    ok(boris, "STORE * -FLAGS (\\Deleted)")
    ok(anna, f"SELECT {box}")
    assert [line.split("FLAGS ")[1] for line in ok(anna, "FETCH 3:4 FLAGS")[:-1]] == [
        "(\\Recent))\r\n", "(\\Deleted \\Recent))\r\n"]  # fmt: skip


# --- what one sees


def test_list_shows_what_may_be_seen(anna, boris, box):
    ok(anna, f"CREATE {box}/a/b")
    grant(anna, f"{box}/a/b", "lr")
    grant(anna, f"{box}/a", "r")
    lines = [line for line in ok(boris, 'LIST "" "*"') if box in line]
    assert lines == [f'* LIST (\\HasNoChildren) "/" "{OF_ANNA}/{box}/a/b"\r\n']
    assert ok(boris, 'LIST "" "Oth%"')[0] == '* LIST (\\Noselect \\HasChildren) "/" "Other Users"\r\n'
    assert ok(boris, 'LIST "" "Other Users/%"')[0] == f'* LIST (\\Noselect \\HasChildren) "/" "{OF_ANNA}"\r\n'
    assert ok(boris, f'LIST "{OF_ANNA}/" "%"')[0] == (
        f'* LIST (\\Noselect \\HasChildren) "/" "{OF_ANNA}/{box}"\r\n')
    assert ok(boris, f'LIST "" "{OF_ANNA}/{box}/a/%"')[0] == lines[0]
    assert len(ok(anna, 'LIST "" "Other Users/*"')) == 1
    grant(anna, f"{box}/a/b", "r")
    assert ok(boris, 'LIST "" "Other Users*"')[:-1] == []


def test_list_tells_rights(anna, boris, box):
    """RFC 8440."""
    grant(anna, box, "lrs")
    lines = ok(boris, f'LIST "" "{OF_ANNA}/{box}" RETURN (MYRIGHTS STATUS (MESSAGES))')
    assert lines[:-1] == [
        f'* LIST (\\HasNoChildren) "/" {theirs(box)}\r\n',
        f"* MYRIGHTS {theirs(box)} lrs\r\n",
        f"* STATUS {theirs(box)} (MESSAGES 2)\r\n",
    ]
    assert f"* MYRIGHTS INBOX {ALL}\r\n" in ok(boris, 'LIST "" "INBOX" RETURN (MYRIGHTS)')
    grant(anna, box, "l")
    lines = ok(boris, f'LIST "" "{OF_ANNA}/{box}" RETURN (MYRIGHTS STATUS (MESSAGES))')
    assert lines[1:-1] == [f"* MYRIGHTS {theirs(box)} l\r\n"]


def test_subscriptions_to_what_others_share(anna, boris, box):
    grant(anna, box, "lr")
    ok(boris, f"SUBSCRIBE {theirs(box)}")
    assert f'* LSUB () "/" {theirs(box)}\r\n' in ok(boris, 'LSUB "" "*"')
    row = f'* LIST (\\HasNoChildren \\Subscribed) "/" {theirs(box)}\r\n'
    assert row in ok(boris, 'LIST (SUBSCRIBED) "" "*"')
    assert row in ok(boris, 'LIST "" "*" RETURN (SUBSCRIBED)')
    grant(anna, box, "r")
    assert f'* LIST (\\NonExistent \\Subscribed) "/" {theirs(box)}\r\n' in ok(boris, 'LIST (SUBSCRIBED) "" "*"')
    ok(boris, f"UNSUBSCRIBE {theirs(box)}")
    assert box not in "".join(ok(boris, 'LSUB "" "*"'))


def test_uses_of_others_are_not_told(anna, boris):
    grant(anna, "Sent", "lr")
    assert f'* LIST (\\HasNoChildren) "/" "{OF_ANNA}/Sent"\r\n' in ok(boris, 'LIST "" "*"')
    assert "Other Users" not in "".join(ok(boris, 'LIST (SPECIAL-USE) "" "*"'))
    grant(anna, "Sent", "")


def test_uses_are_their_owners_to_give(anna, boris, box):
    """Else what anna sends would go where boris reads it."""
    grant(anna, box, ALL)
    assert "[USEATTR]" in no(boris, f"CREATE {theirs(box + '/x')} (USE (\\Sent))")
    ok(boris, f"CREATE {theirs(box + '/x')}")
    assert "\\Sent" not in "".join(ok(anna, f'LIST "" "{box}/*"'))


def test_a_mailbox_that_may_not_be_seen_is_not_there(anna, boris, box):
    here, nowhere = theirs(box), theirs("none-" + box)
    for command in ("SELECT {}", "STATUS {} (MESSAGES)", "GETACL {}", "MYRIGHTS {}", "DELETE {}",
                    "RENAME {} INBOX/x", f"SETACL {{}} {BORIS} l", f"LISTRIGHTS {{}} {BORIS}",
                    "APPEND {} {{4+}}\r\na: b"):  # fmt: skip
        assert no(boris, command.format(here)) == no(boris, command.format(nowhere))
    assert no(boris, f'SELECT "Other Users/nobody@{DOMAIN}/INBOX"') == no(boris, f"SELECT {here}")


# --- work in another's mailbox


def test_letters_go_from_account_to_account(anna, boris, box):
    grant(anna, box, "lrswite")
    append(boris, LETTER % (b"across", b"the body"))
    ok(boris, "SELECT INBOX")
    ok(boris, "STORE * FLAGS (\\Flagged $Label)")
    answer = ok(boris, f"COPY * {theirs(box)}")[-1]
    assert "[COPYUID " in answer
    answer = ok(boris, f"MOVE * {theirs(box)}")
    assert any("[COPYUID " in line for line in answer) and any("EXPUNGE" in line for line in answer)
    ok(anna, f"SELECT {box}")
    lines = ok(anna, "FETCH 3:4 (FLAGS BODY.PEEK[] EMAILID)")
    assert "".join(lines).count("the body") == 2
    assert "".join(lines).count("(\\Flagged $Label") == 2
    ok(boris, f"SELECT {theirs(box)}")
    ids = [line.split("EMAILID (")[1] for line in ok(boris, "FETCH 3:4 (EMAILID)")[:-1]]
    assert len(set(ids)) == 2 and all("-" in each for each in ids)
    assert ok(boris, f"SEARCH EMAILID {ids[0].split(')')[0]}")[0] == "* SEARCH 3\r\n"
    assert ok(boris, "SEARCH BODY body")[0] == "* SEARCH 3 4\r\n"
    ok(boris, "COPY 1:4 INBOX")
    ok(boris, "MOVE 3:4 INBOX")
    ok(boris, "SELECT INBOX")
    assert "".join(ok(boris, "FETCH 1:* BODY.PEEK[TEXT]")).count("the body") >= 4
    assert ok(anna, "NOOP")[:2] == ["* 4 EXPUNGE\r\n", "* 3 EXPUNGE\r\n"]


def test_the_owner_of_the_target_pays(server, anna, boris, box):
    grant(anna, box, "lri")
    server.run("account", "limit", ANNA, "--quota", "10K")
    try:
        append(boris, b"Subject: large\r\n\r\n" + b"x" * 20000)
        ok(boris, "SELECT INBOX")
        assert "[OVERQUOTA]" in no(boris, f"COPY * {theirs(box)}")
        assert "[OVERQUOTA]" in no(boris, f"MOVE * {theirs(box)}")
        boris.send(b"t APPEND %b {20000+}\r\n%b\r\n" % (theirs(box).encode(), b"a: b\r\n\r\n".ljust(20000)))
        assert "[OVERQUOTA]" in boris.until("t ")[-1]
        lines = ok(boris, f"GETQUOTAROOT {theirs(box)}")
        assert lines[0] == f'* QUOTAROOT {theirs(box)} "{OF_ANNA}"\r\n'
        assert lines[1].startswith(f'* QUOTA "{OF_ANNA}" (STORAGE ')
        assert ok(boris, f'GETQUOTA "{OF_ANNA}"')[0] == lines[1]
    finally:
        server.run("account", "limit", ANNA, "--quota", "0")


def test_a_move_that_fails_midway_tells_what_it_moved(server):
    """RFC 6851 3.3, 4.3: many go in slices; COPYUID names those that went before there was no room."""
    add(server, "many")
    server.run("shared", "add", f"team@{DOMAIN}")
    server.run("shared", "grant", f"team@{DOMAIN}", f"many@{DOMAIN}", "lri")
    server.run("account", "limit", f"team@{DOMAIN}", "--messages", "3000")
    with signed_in(server, "many") as session:
        ok(session, "CREATE many")
        append(session, LETTER % (b"one", b"first"), "many")
        ok(session, "SELECT many")
        while int(ok(session, "STATUS many (MESSAGES)")[0].split()[-1].rstrip(")")) < 4096:
            ok(session, "COPY 1:* many")
        assert ok(session, "UID SEARCH RETURN (COUNT) ALL")[0].endswith("COUNT 4096\r\n")
        lines = session.command("t", f'MOVE 1:* "Shared/team@{DOMAIN}/INBOX"')
        assert lines[-1].startswith("t NO [OVERQUOTA]")
        assert lines[0].startswith("* OK [COPYUID ") and " 1:2000 1:2000] " in lines[0]
        assert sum(line.endswith(" EXPUNGE\r\n") for line in lines) == 2000
        assert ok(session, f'STATUS "Shared/team@{DOMAIN}/INBOX" (MESSAGES)')[0].endswith("(MESSAGES 2000)\r\n")
        assert ok(session, "UID SEARCH RETURN (COUNT MIN) ALL")[0].endswith("MIN 2001 COUNT 2096\r\n")


def test_create_rename_and_delete_below_what_is_shared(anna, boris, box):
    grant(anna, box, "lrkx")
    ok(boris, f'CREATE "{OF_ANNA}/{box}/new/er"')
    # Rights come from above.
    assert ok(anna, f"GETACL {box}/new/er")[0].endswith(f" {BORIS} lrkxcd\r\n".replace("cd", "c"))
    ok(boris, f'RENAME "{OF_ANNA}/{box}/new" "{OF_ANNA}/{box}/old"')
    assert ok(anna, f"GETACL {box}/old/er")[0].endswith(f" {BORIS} lrkxc\r\n")
    ok(boris, f'DELETE "{OF_ANNA}/{box}/old/er"')
    assert "[NOPERM]" in no(boris, f'RENAME "{OF_ANNA}/{box}/old" "{OF_ANNA}/{box}x"') or True
    assert "[CANNOT]" in no(boris, f'RENAME "{OF_ANNA}/{box}/old" mine')
    assert "[CANNOT]" in no(boris, f'RENAME Archive "{OF_ANNA}/{box}/theirs"')
    assert "[CANNOT]" in no(boris, f'CREATE "Other Users/nobody@{DOMAIN}/x"')
    assert "[CANNOT]" in no(boris, 'CREATE "Shared/x"')
    ok(anna, f"RENAME {box} {box}-moved")
    assert ok(boris, f'MYRIGHTS "{OF_ANNA}/{box}-moved"')[0].endswith(" lrkxc\r\n")


def test_idle_tells_what_happens_in_anothers_mailbox(anna, boris, box):
    grant(anna, box, "lr")
    ok(boris, f"SELECT {theirs(box)}")
    boris.send(b"i IDLE\r\n")
    boris.until("+ ")
    append(anna, LETTER % (b"three", b"x"), box)
    assert boris.line() == "* 3 EXISTS\r\n"
    boris.send(b"DONE\r\n")
    boris.until("i ")


@pytest.mark.parametrize("idle", [True, False])
def test_who_may_read_no_more_is_told_to_leave(anna, boris, box, idle):
    grant(anna, box, "lr")
    ok(boris, f"SELECT {theirs(box)}")
    if idle:
        boris.send(b"i IDLE\r\n")
        boris.until("+ ")
    append(anna, LETTER % (b"secret", b"x"), box)
    if idle:
        assert boris.line() == "* 3 EXISTS\r\n"
        boris.line()
    grant(anna, box, "l")
    assert boris.line() == "* BYE You may read the selected mailbox no more\r\n"


def test_resync_of_anothers_mailbox(anna, boris, box):
    grant(anna, box, "lrs")
    ok(boris, "ENABLE QRESYNC")
    lines = ok(boris, f"SELECT {theirs(box)}")
    validity = next(line for line in lines if "UIDVALIDITY" in line).split("UIDVALIDITY ")[1].split("]")[0]
    modseq = next(line for line in lines if "HIGHESTMODSEQ" in line).split("HIGHESTMODSEQ ")[1].split("]")[0]
    ok(boris, "UNSELECT")
    ok(anna, f"SELECT {box}")
    ok(anna, "STORE 1 +FLAGS (\\Deleted)")
    ok(anna, "EXPUNGE")
    ok(anna, "STORE 1 +FLAGS (\\Seen)")
    lines = ok(boris, f"SELECT {theirs(box)} (QRESYNC ({validity} {modseq}))")
    assert "* VANISHED (EARLIER) 1\r\n" in lines
    assert any(line.startswith("* 1 FETCH (UID 2 FLAGS (\\Seen") for line in lines)


def test_search_sort_and_thread_there(anna, boris, box):
    grant(anna, box, "lr")
    ok(boris, f"SELECT {theirs(box)}")
    assert ok(boris, "SEARCH TEXT second")[0] == "* SEARCH 2\r\n"
    assert ok(boris, "SORT (REVERSE SUBJECT) UTF-8 ALL")[0] == "* SORT 2 1\r\n"
    assert ok(boris, "THREAD REFERENCES UTF-8 ALL")[0] == "* THREAD (1)(2)\r\n"


def test_urls_of_anothers_mailbox_work_while_it_may_be_read(anna, boris, box):
    grant(anna, box, "lr")
    path = f"{OF_ANNA}/{box}".replace(" ", "%20").replace("@", "%40")
    rump = f"imap://{BORIS.replace('@', '%40')}@{DOMAIN}/{path}/;uid=1/;section=text;urlauth=anonymous"
    line = ok(boris, f'GENURLAUTH "{rump}" INTERNAL')[0]
    url = line.split('"')[1]
    assert "first" in "".join(ok(anna, f'URLFETCH "{url}"'))
    ok(anna, "RESETKEY")  # hers are void, not his
    assert "first" in "".join(ok(anna, f'URLFETCH "{url}"'))
    grant(anna, box, "l")
    assert ok(anna, f'URLFETCH "{url}"')[0].endswith(" NIL\r\n")
    grant(anna, box, "lr")
    assert "first" in "".join(ok(boris, f'URLFETCH "{url}"'))
    ok(boris, f"RESETKEY {theirs(box)}")
    assert ok(boris, f'URLFETCH "{url}"')[0].endswith(" NIL\r\n")


def test_python_shares_a_mailbox(server, anna, box):
    port = server.ports["imaps"]
    with imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=insecure_tls()) as one:
        one.login(ANNA, PASSWORD)
        assert one.setacl(box, CARLA, "lrs")[0] == "OK"
        assert one.getacl(box)[1] == [f"{box} {ANNA} {ALL} {CARLA} lrs".encode()]
    with imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=insecure_tls()) as other:
        other.login(CARLA, PASSWORD)
        assert other.namespace()[0] == "OK"
        assert other.myrights(theirs(box))[1][0].endswith(b" lrs")
        assert other.select(theirs(box)) == ("OK", [b"2"])
        assert other.fetch("1", "(BODY[TEXT])")[1][0][1] == b"first\r\n"
    with imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=insecure_tls()) as one:
        one.login(ANNA, PASSWORD)
        assert one.deleteacl(box, CARLA)[0] == "OK"


# --- accounts come and go


def test_who_is_removed_loses_what_was_granted(server, anna, box):
    add(server, "guest")
    guest = f"guest@{DOMAIN}"
    grant(anna, box, "lr", guest)
    with signed_in(server, "guest", select=None) as session:
        ok(session, f"SELECT {theirs(box)}")
        server.run("account", "remove", guest)
        assert "BYE" in session.until("* BYE")[-1]
    assert guest not in ok(anna, f"GETACL {box}")[0]
    add(server, "guest")  # another of the same name
    with signed_in(server, "guest", select=None) as session:
        assert "[NONEXISTENT]" in no(session, f"SELECT {theirs(box)}")
        assert "Other Users" not in "".join(ok(session, 'LIST "" "*"'))
    server.run("account", "remove", guest)


def test_whose_mailboxes_are_removed_with_him(server, boris):
    add(server, "host")
    with signed_in(server, "host", select=None) as session:
        ok(session, f"SETACL INBOX {BORIS} lr")
    ok(boris, f'SELECT "Other Users/host@{DOMAIN}/INBOX"')
    server.run("account", "remove", f"host@{DOMAIN}")
    assert "BYE" in boris.until("* BYE")[-1]
    with signed_in(server, "boris", select=None) as session:
        assert "host" not in "".join(ok(session, 'LIST "" "*"'))


def test_nobody_makes_what_would_look_shared(boris):
    for name in ("Shared", "Shared/x", "Other Users", f"Other Users/{ANNA}", f"Shared/nobody@{DOMAIN}/x"):
        assert "[CANNOT]" in no(boris, f'CREATE "{name}"')
        assert "[CANNOT]" in no(boris, f'RENAME Archive "{name}"')


# --- mailboxes of nobody


def test_a_shared_account_belongs_to_no_person(server, boris):
    sales = f"sales@{DOMAIN}"
    server.run("shared", "add", sales)
    server.run("shared", "grant", sales, BORIS, "lrswipkxtea")
    server.run("shared", "grant", sales, "anyone", "lr")
    assert json.loads(server.run("--json", "shared", "list", sales)) == [
        {"mailbox": "INBOX", "who": "anyone", "rights": "lr"},
        {"mailbox": "INBOX", "who": BORIS, "rights": "lrswipkxteacd"}]  # fmt: skip
    with Dialogue(server.connect("imaps")) as session:
        session.line()
        assert session.command("t", f'LOGIN {sales} ""')[-1].startswith("t NO")
        assert session.command("t", f"LOGIN {sales} {PASSWORD}")[-1].startswith("t NO")
    inbox = f"Shared/{sales}/INBOX"
    assert f'* LIST (\\HasNoChildren) "/" {inbox}\r\n' in ok(boris, 'LIST "" "*"')
    assert ok(boris, 'LIST "" "Sha%"')[0] == '* LIST (\\Noselect \\HasChildren) "/" Shared\r\n'
    assert ok(boris, f"GETACL {inbox}")[0] == f"* ACL {inbox} anyone lr {BORIS} {ALL}\r\n"
    append(boris, LETTER % (b"offer", b"x"), inbox)
    ok(boris, f'CREATE "Shared/{sales}/Offers"')
    with signed_in(server, "carla", select=None) as carla:
        assert "[READ-ONLY]" in ok(carla, f"SELECT {inbox}")[-1]
        assert "[NOPERM]" in no(carla, f'CREATE "Shared/{sales}/Others"')
    server.run("account", "remove", sales)
    assert "Shared" not in "".join(ok(boris, 'LIST "" "*"'))


def test_the_administrator_grants_for_others(server, anna, boris, box):
    server.run("shared", "grant", ANNA, BORIS, "lrs", "--mailbox", box)
    assert ok(boris, f"MYRIGHTS {theirs(box)}")[0].endswith(" lrs\r\n")
    server.run("shared", "grant", ANNA, BORIS, "none", "--mailbox", box)
    assert "[NONEXISTENT]" in no(boris, f"MYRIGHTS {theirs(box)}")
    for words in ((ANNA, f"nobody@{DOMAIN}", "l"), (ANNA, BORIS, "z"), (ANNA, ANNA, "l"), (f"no@{DOMAIN}", BORIS, "l")):
        with pytest.raises(AssertionError):
            server.run("shared", "grant", *words)


def test_rights_outlive_a_kill(tmp_path_factory):
    with Troika(tmp_path_factory.mktemp("acl-kill")) as server:
        server.add_accounts("anna", "boris")
        server.start()
        with signed_in(server, "anna", select=None) as anna:
            ok(anna, f"SETACL INBOX {BORIS} lr")
        server.kill()
        server.start()
        with signed_in(server, "boris", select=None) as boris:
            assert f'* LIST (\\HasNoChildren) "/" "{OF_ANNA}/INBOX"\r\n' in ok(boris, 'LIST "" "*"')
            ok(boris, f'SELECT "{OF_ANNA}/INBOX"')


# --- annotations (RFC 5464 3.3)


def annotate(session, name, entry, value):
    ok(session, f'SETMETADATA {name} ({entry} "{value}")')


def annotations(session, name, *entries):
    lines = ok(session, f"GETMETADATA {name} ({' '.join(entries)})")
    assert len(lines) == 2 and lines[0].startswith("* METADATA "), lines
    return lines[0].split("(", 1)[1].strip()[:-1]


def test_shared_annotations_are_everybodys_and_private_ones_each_readers(anna, boris, box):
    grant(anna, box, "lr")
    annotate(anna, box, "/private/comment", "hers")
    annotate(anna, box, "/shared/comment", "ours")
    names = ("/private/comment", "/shared/comment")
    assert annotations(boris, theirs(box), *names) == '/shared/comment "ours" /private/comment NIL'
    annotate(boris, theirs(box), "/private/comment", "his")
    annotate(boris, theirs(box), "/shared/comment", "changed")
    assert annotations(anna, box, *names) == '/private/comment "hers" /shared/comment "changed"'
    assert annotations(boris, theirs(box), *names) == '/private/comment "his" /shared/comment "changed"'
    all_of_it = ok(anna, f"GETMETADATA (DEPTH infinity) {box} (/private /shared)")[0]
    assert "his" not in all_of_it and "/of/" not in all_of_it
    ok(boris, f"SETMETADATA {theirs(box)} (/private/comment NIL)")
    assert annotations(boris, theirs(box), names[0]) == "/private/comment NIL"
    assert annotations(anna, box, names[0]) == '/private/comment "hers"'


def test_readers_annotations_leave_room_for_the_owners(anna, boris, box):
    grant(anna, box, "lr")
    for number in range(50):
        annotate(boris, theirs(box), f"/private/comment/{number}", "his")
    assert "[METADATA TOOMANY]" in no(boris, f'SETMETADATA {theirs(box)} (/private/comment/50 "his")')
    for number in range(50):
        annotate(anna, box, f"/private/comment/{number}", "hers")
    assert "[METADATA TOOMANY]" in no(anna, f'SETMETADATA {box} (/private/comment/50 "hers")')
    annotate(boris, theirs(box), "/private/comment/7", "changed")


@pytest.mark.parametrize("rights, answer", [("", "NONEXISTENT"), ("l", "NOPERM"), ("r", "NONEXISTENT"), ("lx", "NOPERM")])
def test_annotations_ask_for_lookup_and_something_more(anna, boris, box, rights, answer):
    grant(anna, box, rights)
    assert f"[{answer}]" in no(boris, f"GETMETADATA {theirs(box)} /shared/comment")
    assert f"[{answer}]" in no(boris, f'SETMETADATA {theirs(box)} (/shared/comment "x")')


def test_list_tells_annotations_of_what_others_share(anna, boris, box):
    grant(anna, box, "lp")
    annotate(anna, box, "/shared/comment", "ours")
    lines = ok(boris, f'LIST "" {theirs(box)} RETURN (METADATA (/shared/comment))')
    assert [line.strip() for line in lines if line.startswith("* METADATA")] == [
        f'* METADATA {theirs(box)} (/shared/comment "ours")']


def test_the_owner_says_what_a_mailbox_is_for(anna, boris, box):
    grant(anna, box, "lrswipkxtea")
    assert "[NOPERM]" in no(boris, f'SETMETADATA {theirs(box)} (/private/specialuse "\\\\Archive")')
    annotate(anna, box, "/private/specialuse", "\\\\Archive")
    assert annotations(boris, theirs(box), "/private/specialuse") == "/private/specialuse NIL"
    ok(anna, f"SETMETADATA {box} (/private/specialuse NIL)")


# --- searches in many mailboxes (RFC 7377)


def found_in(session, command):
    """Name → what was found, of ESEARCH."""
    found = {}
    for line in ok(session, command)[:-1]:
        name, what = line.strip().split(' MAILBOX ', 1)[1].split(" UIDVALIDITY ")
        found[name.strip('"')] = what.split(") UID ")[1]
    return found


def of_others(found):
    return {name: answer for name, answer in found.items() if name.startswith("Other Users/")}


def test_esearch_looks_into_what_others_share(anna, boris, box):
    ok(anna, f"CREATE {box}/below")
    append(anna, LETTER % (b"three", b"third"), f"{box}/below")
    ok(anna, f"CREATE {box}/hidden")
    append(anna, LETTER % (b"four", b"fourth"), f"{box}/hidden")
    grant(anna, box, "lr")
    grant(anna, f"{box}/below", "lr")
    grant(anna, f"{box}/hidden", "l")
    here, below = f"{OF_ANNA}/{box}", f"{OF_ANNA}/{box}/below"
    both = {here: "ALL 1:2", below: "ALL 1"}
    assert found_in(boris, f"ESEARCH IN (mailboxes {theirs(box)}) SUBJECT two") == {here: "ALL 2"}
    ok(boris, f"CREATE {box}")
    assert found_in(boris, f"ESEARCH IN (mailboxes ({box} {theirs(box)} {theirs(box + '/hidden')})) ALL") == {here: "ALL 1:2"}
    assert found_in(boris, f"ESEARCH IN (subtree {theirs(box)}) ALL") == both
    assert found_in(boris, f"ESEARCH IN (subtree {theirs(box)} mailboxes {theirs(box)}) ALL") == both
    for top in ("Other Users", OF_ANNA):
        found = found_in(boris, f'ESEARCH IN (subtree "{top}") ALL')
        assert both.items() <= found.items() and f"{here}/hidden" not in found
    assert found_in(boris, f'ESEARCH IN (subtree-one {theirs(box)}) ALL') == both
    assert below not in found_in(boris, f'ESEARCH IN (subtree-one "{OF_ANNA}") ALL')
    assert here not in found_in(boris, "ESEARCH IN (personal) ALL")
    assert of_others(found_in(boris, "ESEARCH IN (subscribed) ALL")) == {}
    ok(boris, f"SUBSCRIBE {theirs(box)}")
    assert of_others(found_in(boris, "ESEARCH IN (subscribed) ALL")) == {here: "ALL 1:2"}
    ok(boris, f"UNSUBSCRIBE {theirs(box)}")


def test_esearch_in_anothers_mailbox_that_is_selected(anna, boris, box):
    grant(anna, box, "lr")
    ok(boris, f"SELECT {theirs(box)}")
    assert found_in(boris, "ESEARCH IN (selected) 2") == {f"{OF_ANNA}/{box}": "ALL 2"}
    assert found_in(boris, "ESEARCH SUBJECT one") == {f"{OF_ANNA}/{box}": "ALL 1"}
    ok(anna, f"RENAME {box} {box}-moved")
    assert found_in(boris, "ESEARCH IN (selected) RETURN (SAVE ALL) 1") == {f"{OF_ANNA}/{box}-moved": "ALL 1"}
    assert ok(boris, "SEARCH $")[0].strip() == "* SEARCH 1"


def test_esearch_in_what_is_read_no_more_finds_nothing(anna, boris, box):
    grant(anna, box, "l")
    assert found_in(boris, f"ESEARCH IN (mailboxes {theirs(box)}) ALL") == {}
    assert found_in(boris, 'ESEARCH IN (mailboxes "Other Users/nobody@troika.test/x") ALL') == {}
    assert found_in(boris, 'ESEARCH IN (subtree "Shared") ALL') == {}


def test_a_url_for_a_name_is_for_that_of_its_own_domain(server, anna, boris):
    """RFC 4467 3: whoever has a URL and another domain's name for it reads nothing."""
    server.run("domain", "add", "other.test")
    server.run("account", "add", "boris@other.test", input=f"{PASSWORD}\n")
    append(anna, LETTER % (b"url", b"for boris"))
    uid = ok(anna, "STATUS INBOX (UIDNEXT)")[0].split()[-1].strip(")")
    url = f"imap://{ANNA}/INBOX/;uid={int(uid) - 1};urlauth=user+boris"
    url = ok(anna, f'GENURLAUTH "{url}" INTERNAL')[0].split('"')[1]
    other = Dialogue(server.connect("imaps"))
    other.line()
    ok(other, f"LOGIN boris@other.test {PASSWORD}")
    assert ok(other, f'URLFETCH "{url}"')[0].endswith('" NIL\r\n')
    assert not ok(boris, f'URLFETCH "{url}"')[0].endswith('" NIL\r\n')
    other.close()


# --- news of what others share (RFC 5465)


def notify(session, events):
    ok(session, f"NOTIFY SET {events}")


def told(session):
    """What comes with the next answer, and came before it."""
    lines = ok(session, "NOOP")[:-1]
    return [line.strip() for line in lines]


def comes(session):
    return session.line().strip()


def test_notify_tells_messages_in_what_others_share(anna, boris, box):
    grant(anna, box, "lr")
    notify(boris, f"(mailboxes {theirs(box)} (MessageNew MessageExpunge FlagChange))")
    append(anna, LETTER % (b"three", b"third"), box)
    assert comes(boris) == f"* STATUS {theirs(box)} (MESSAGES 3 UIDNEXT 4 UNSEEN 3)"
    ok(anna, f"SELECT {box}")
    ok(anna, "STORE 1 +FLAGS (\\Seen)")
    assert comes(boris).startswith(f"* STATUS {theirs(box)} (UIDVALIDITY ")
    grant(anna, box, "l")
    told(boris)
    append(anna, LETTER % (b"four", b"fourth"), box)
    assert told(boris) == []
    ok(anna, "UNSELECT")


def test_notify_tells_numbers_first_of_what_may_be_read(anna, boris, box):
    ok(anna, f"CREATE {box}/hidden")
    grant(anna, box, "lr")
    grant(anna, f"{box}/hidden", "l")
    lines = ok(boris, f"NOTIFY SET STATUS (subtree {theirs(box)} (MessageNew MessageExpunge))")[:-1]
    assert len(lines) == 1 and lines[0].startswith(f"* STATUS {theirs(box)} (MESSAGES 2 UIDNEXT 3 UIDVALIDITY ")


def test_notify_tells_names_that_may_be_seen(anna, boris, box):
    grant(anna, box, "lr")
    notify(boris, f'(subtree "{OF_ANNA}" (MailboxName))')
    ok(anna, f"CREATE {box}/new")  # with the grants of the one above
    assert comes(boris) == f'* LIST (\\HasChildren) "/" {theirs(box)}'
    assert comes(boris) == f'* LIST (\\HasNoChildren) "/" {theirs(box + "/new")}'
    ok(anna, f"RENAME {box} {box}x")
    assert comes(boris) == f'* LIST (\\HasChildren) "/" {theirs(box + "x")} ("OLDNAME" ({theirs(box)}))'
    grant(anna, f"{box}x/new", "")
    assert told(boris) == [f'* LIST (\\HasNoChildren) "/" {theirs(box + "x")}',
                           f'* LIST (\\NonExistent) "/" {theirs(box + "x/new")}']
    ok(anna, f"RENAME {box}x/new {box}x/other")
    assert told(boris) == []
    grant(anna, f"{box}x/other", "l")
    assert told(boris) == [f'* LIST (\\HasChildren) "/" {theirs(box + "x")}',
                           f'* LIST (\\HasNoChildren) "/" {theirs(box + "x/other")}']
    ok(anna, f"DELETE {box}x/other")
    assert told(boris)[-1] == f'* LIST (\\NonExistent) "/" {theirs(box + "x/other")}'


def test_notify_personal_is_not_what_others_share(anna, boris, box):
    grant(anna, box, "lrswipkxtea")
    notify(boris, "(personal (MailboxName MessageNew MessageExpunge)) (inboxes (MessageNew MessageExpunge))")
    append(anna, LETTER % (b"three", b"third"), box)
    ok(anna, f"CREATE {box}/new")
    assert told(boris) == []


def test_notify_follows_subscriptions_to_what_others_share(anna, boris, box):
    grant(anna, box, "lr")
    notify(boris, "(subscribed (MessageNew MessageExpunge)) (personal (SubscriptionChange))")
    append(anna, LETTER % (b"three", b"third"), box)
    assert told(boris) == []
    ok(boris, f"SUBSCRIBE {theirs(box)}")
    told(boris)
    append(anna, LETTER % (b"four", b"fourth"), box)
    assert comes(boris) == f"* STATUS {theirs(box)} (MESSAGES 4 UIDNEXT 5)"
    ok(boris, f"UNSUBSCRIBE {theirs(box)}")
    told(boris)
    append(anna, LETTER % (b"five", b"fifth"), box)
    assert told(boris) == []


def test_notify_tells_annotations_that_are_shared(anna, boris, box):
    grant(anna, box, "lr")
    notify(boris, f"(mailboxes {theirs(box)} (MailboxMetadataChange))")
    notify(anna, f"(mailboxes {box} (MailboxMetadataChange))")
    annotate(anna, box, "/private/comment", "hers")
    annotate(anna, box, "/shared/comment", "ours")
    assert comes(boris) == f"* METADATA {theirs(box)} /shared/comment"
    annotate(boris, theirs(box), "/private/comment", "his")
    assert told(anna) == []
    annotate(boris, theirs(box), "/shared/comment", "changed")
    assert comes(anna) == f"* METADATA {box} /shared/comment"
    assert told(boris) == []


def test_notify_does_not_tell_what_the_client_does_itself_there(anna, boris, box):
    grant(anna, box, "lrswipkxtea")
    notify(boris, f'(subtree "{OF_ANNA}" (MailboxName MessageNew MessageExpunge))')
    append(boris, LETTER % (b"three", b"third"), theirs(box))
    ok(boris, f"CREATE {theirs(box + '/mine')}")
    ok(boris, f"RENAME {theirs(box + '/mine')} {theirs(box + '/yours')}")
    ok(boris, f"DELETE {theirs(box + '/yours')}")
    assert told(boris) == []


def test_notify_on_too_many_accounts_is_refused(server, boris):
    names = []
    for number in range(65):
        add(server, f"many{number}")
        names.append(f'"Other Users/many{number}@{DOMAIN}/x"')
    refused = no(boris, f"NOTIFY SET (mailboxes ({' '.join(names)}) (MessageNew MessageExpunge))")
    assert "[NOTIFICATIONOVERFLOW]" in refused
    ok(boris, f"NOTIFY SET (mailboxes ({' '.join(names[:64])}) (MessageNew MessageExpunge))")
    ok(boris, "NOTIFY NONE")


def test_notify_lets_go_of_an_account_that_is_removed(server, boris):
    add(server, "leaver")
    with signed_in(server, "leaver", select=None) as session:
        ok(session, f"SETACL INBOX {BORIS} lr")
    box = f'"Other Users/leaver@{DOMAIN}/INBOX"'
    notify(boris, '(subtree "Other Users" (MailboxName MessageNew MessageExpunge))')
    server.run("account", "remove", f"leaver@{DOMAIN}")
    assert comes(boris) == f'* LIST (\\NonExistent) "/" {box}'
    ok(boris, "NOOP")
    server.run("check")
