"""Restoring a backup: nothing of what the newer store told its clients comes to mean something else."""

import collections
import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from lib_fault import preload
from lib_away import Away
from lib_store import power_cuts, read_recording, some_of
from lib_troika import BINARY, DOMAIN, HOST, PASSWORD, Dialogue, message, wait_until
from test_backup import Load, subjects

ANNA = f"anna@{DOMAIN}"
AWAY = "somebody@away.test"


class Seen:
    """What clients have been told: of each mailbox its UIDVALIDITY; and ids, which are for good."""

    def __init__(self):
        self.validity, self.ids = collections.Counter(), set()

    def look(self, server, *names):
        """What is told now. Of an account that is new, or a mailbox, too."""
        now = Seen()
        for name in names:
            now.look_at_account(server, name)
        return now

    def look_at_account(self, server, name):
        with Dialogue(server.connect("imaps")) as client:
            client.line()
            client.command("a", f"LOGIN {name}@{DOMAIN} {PASSWORD}")
            for line in client.command("b", 'LIST "" "*" RETURN (STATUS (UIDVALIDITY MAILBOXID))'):
                if found := re.match(r"\* STATUS (\S+) \(UIDVALIDITY (\d+) MAILBOXID \(([^)]+)\)\)", line):
                    self.validity[name, found[1].strip('"')] = int(found[2])
                    self.ids.add(found[3])
            client.command("c", "SELECT INBOX")
            emails = re.findall(r"EMAILID \(([^)]+)\)", "".join(client.command("d", "FETCH 1:* EMAILID")))
            self.ids.update((name, email) for email in emails)
        pop3 = server.pop3(name)
        self.ids.update((name, line.split()[1]) for line in pop3.uidl()[1])
        pop3.quit()

    def assert_void(self, now):
        assert now.validity and not self.ids & now.ids
        again = {box: (self.validity[box], value) for box, value in now.validity.items() if value <= self.validity[box]}
        assert not again, "UIDVALIDITY (before, after) is not larger"

    def and_also(self, other):
        self.ids |= other.ids
        self.validity |= other.validity  # the larger of both


def restore(server, copy, check=True, **environment):
    return subprocess.run(
        [BINARY, "-c", server.config, "restore", str(copy)], capture_output=True, text=True, check=check,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment})


@contextlib.contextmanager
def command(server, name="anna"):
    with Dialogue(server.connect("imaps")) as client:
        client.line()
        client.command("a", f"LOGIN {name}@{DOMAIN} {PASSWORD}")
        yield lambda text: client.command("b", text)


def carried_away(server, tmp_path, name="away"):
    server.run("backup")
    backup = server.folder / "data" / "backup"
    shutil.copytree(backup, tmp_path / name)
    shutil.rmtree(backup)
    return tmp_path / name


def lose(server):
    """The disk is gone."""
    if server.process:
        server.stop()
    shutil.rmtree(server.folder / "data")


def assert_modes(server):
    data = server.folder / "data"
    for path in [data / "store", *(data / "store").rglob("*")]:
        status = path.stat()
        assert status.st_uid == data.stat().st_uid and (path.is_file() or not status.st_mode & 0o077), path


def test_what_clients_remember_is_void(make_troika, tmp_path):
    troika = make_troika("anna", "boris")
    troika.run("shared", "add", f"sales@{DOMAIN}")
    troika.run("shared", "grant", f"sales@{DOMAIN}", ANNA, "lrswipkxtea")
    with command(troika) as anna:
        for number in range(30):  # at once: their UIDVALIDITYs are ahead of the clock
            anna(f"CREATE many/{number}")
        anna("APPEND Drafts {4+}\r\na: b")
        url = f"imap://{ANNA}/Drafts/;UID=1/;SECTION=HEADER;URLAUTH=user+{ANNA}"
        url = re.search(r'"(.*)"', anna(f'GENURLAUTH "{url}" INTERNAL')[0])[1]
        assert "NIL" not in anna(f'URLFETCH "{url}"')[0]
    with Load(troika) as load:
        load.wait(30)
        before = set(load.acknowledged)
        copy = carried_away(troika, tmp_path)
        load.wait(30)
    troika.send(message("for boris"), to=[f"boris@{DOMAIN}"])
    with command(troika) as anna:
        for number in range(200):
            anna(f"CREATE lost{number}")
            anna(f"DELETE lost{number}")
        anna("CREATE late")
        [line] = [line for line in anna("SELECT INBOX (CONDSTORE)") if "HIGHESTMODSEQ" in line]
        modseq = re.search(r"\d+", line)[0]
    troika.run("account", "add", f"carol@{DOMAIN}", input=f"{PASSWORD}\n")
    troika.send(message("for carol"), to=[f"carol@{DOMAIN}"])
    seen = Seen().look(troika, "anna", "boris", "carol")
    lose(troika)
    restore(troika, copy)
    assert_modes(troika)
    troika.start()
    assert "All is whole" in troika.run("check")
    found = subjects(troika)
    assert before <= set(found) < set(load.acknowledged) and max(found.values()) == 1
    now = seen.look(troika, "anna", "boris")
    seen.assert_void(now)
    shared = [box for box in now.validity if box[1].startswith("Shared/sales")]
    assert shared and ("anna", "late") not in now.validity
    # What is made and delivered now is new to everybody, too.
    troika.run("account", "add", f"carol@{DOMAIN}", input=f"{PASSWORD}\n")
    with command(troika) as anna:
        anna("CREATE late")
    for name in ("anna", "carol"):
        troika.send(message("afterwards"), to=[f"{name}@{DOMAIN}"])
    seen.assert_void(seen.look(troika, "anna", "boris", "carol"))
    with command(troika) as anna:
        assert "NIL" in anna(f'URLFETCH "{url}"')[0]
    # RFC 7162 3.2.5.2: who knows another UIDVALIDITY is told all, and nothing of what vanished.
    with command(troika) as anna:
        anna("ENABLE QRESYNC")
        answer = "".join(anna(f"SELECT INBOX (QRESYNC ({seen.validity['anna', 'INBOX']} {modseq}))"))
        assert f"UIDVALIDITY {now.validity['anna', 'INBOX']}]" in answer
        assert "VANISHED" not in answer and " FETCH " not in answer
        assert "* SEARCH\r\n" in anna("SEARCH EMAILID M2") and ("anna", "M2") in seen.ids
        [email] = re.findall(r"EMAILID \(([^)]+)\)", "".join(anna("FETCH 1 EMAILID")))
        assert "* SEARCH 1\r\n" in anna(f"SEARCH EMAILID {email}")


def test_the_same_backup_comes_back_twice(make_troika, tmp_path):
    troika = make_troika("anna")
    troika.send(message("kept"))
    copy = carried_away(troika, tmp_path)
    seen = Seen().look(troika, "anna")
    for number in range(2):
        lose(troika)
        restore(troika, copy)
        troika.start()
        now = seen.look(troika, "anna")
        seen.assert_void(now)
        seen.and_also(now)
        troika.send(message(f"after-{number}"))
        now = seen.look(troika, "anna")
        assert len(now.ids - seen.ids) == 2  # its EMAILID and its UIDL
        seen.and_also(now)
        assert subjects(troika) == {"kept": 1, f"after-{number}": 1}


def test_what_waited_for_other_servers_is_held(make_troika, tmp_path):
    troika = make_troika("anna", "boris")
    queue = lambda: {row["to"]: row["state"] for row in json.loads(troika.run("--json", "queue", "list"))}
    with Away({b"RCPT": "450 4.2.0 later"}) as away:
        troika.run("route", "add", "away.test", f"smtp://{HOST}:{away.port}")
        with troika.submission() as client:
            client.sendmail(ANNA, [AWAY], message("away", sender=ANNA, to=AWAY))
        troika.run("account", "limit", f"boris@{DOMAIN}", "--quota", "600")
        with troika.smtp() as client:  # which does not say how large it is
            client.ehlo()
            client.mail("you@example.org")
            assert [client.rcpt(to)[0] for to in (f"boris@{DOMAIN}", ANNA)] == [250, 250]
            assert client.data(message("here", body="x\r\n" * 300))[0] == 250
        wait_until(lambda: len(queue()) == 2, "letters that wait")
        copy = carried_away(troika, tmp_path)
        away.answers = {}
        lose(troika)
        said = restore(troika, copy).stdout
        assert "1 recipients of letters in the queue are held" in said
        troika.run("account", "limit", f"boris@{DOMAIN}", "--quota", "1M")
        assert queue() == {AWAY: "held", f"boris@{DOMAIN}": "waiting"}
        troika.start()
        troika.run("queue", "retry", "--all")
        wait_until(lambda: not queue(), "an empty queue")
        assert len(away.letters) == 1 and len(troika.messages("boris")) == 1


# --- what is refused --------------------------------------------------------------------------


@pytest.fixture
def lost(make_troika, tmp_path):
    """A server whose disk is gone, and its backup with one letter."""
    server = make_troika("anna", start=False)
    server.start()
    server.send(message("kept", body="kept\r\n" * 9000))
    copy = carried_away(server, tmp_path)
    lose(server)
    return server, copy


def refused(server, copy, words):
    result = restore(server, copy, check=False)
    assert result.returncode == 1 and words in result.stderr, result
    return result


def left(server):
    data = server.folder / "data"
    return sorted(path.name for path in data.iterdir()) if data.exists() else []


def test_no_store_is_written_over(lost):
    server, copy = lost
    server.start()
    refused(server, copy, "the server runs: stop it first")
    server.stop()
    refused(server, copy, "store is there already")
    assert "store.incoming" not in left(server)


def unfinished(copy):
    (copy / "keys").rename(copy / "keys.unfinished")


def without_keys(copy):
    shutil.rmtree(copy / "keys")


def without_a_segment(copy):
    next((copy / "blobs").iterdir()).unlink()


def with_half_a_segment(copy):
    segment = next((copy / "blobs").iterdir())
    os.truncate(segment, 100)


def without_a_table(copy):
    next((copy / "keys").glob("*.sst")).unlink()


def with_half_a_table(copy):
    os.truncate(next((copy / "keys").glob("*.sst")), 100)


def one_folder_above(copy):
    shutil.copytree(copy, copy / "inside")
    shutil.rmtree(copy / "keys")
    shutil.rmtree(copy / "blobs")


def of_the_future(copy):
    """Or the clock is wrong, from which UIDVALIDITYs are made."""
    os.utime(copy / "keys" / "CURRENT", (time.time() + 3 * 86400,) * 2)


@pytest.mark.parametrize("spoil, words", [
    (unfinished, "did not come to its end"),
    (without_keys, "that is no backup, or not all of one"),
    (without_a_segment, "No such file or directory"),
    (with_half_a_segment, "bytes, but"),
    (without_a_table, ""),
    (with_half_a_table, ""),
    (one_folder_above, 'none has a file "inside/'),
    (of_the_future, "set the clock"),
], ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_no_whole_backup_is_none(lost, spoil, words):
    server, copy = lost
    spoil(copy)
    assert "remove " in refused(server, copy, words).stdout
    assert left(server) == ["store.incoming"]
    assert not list((server.folder / "data" / "store.incoming").iterdir())
    server.start(wait=False)  # and makes no empty store
    wait_until(lambda: told_to_come_again(server), "a server that says 421")
    server.stop()
    shutil.rmtree(server.folder / "data" / "store.incoming")
    server.start()


def test_two_restores_at_once(lost):
    server, copy = lost
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    holder = os.open(data, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    refused(server, copy, "another process restores a backup")
    os.close(holder)
    restore(server, copy)


# --- stopped in the middle --------------------------------------------------------------------


def test_nobody_serves_what_is_not_there_yet(lost):
    server, copy = lost
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    (data / "store.incoming" / "keys").mkdir(parents=True)
    refused_command = server.run("account", "list", check=False)
    assert refused_command.returncode == 3 and "did not come to its end" in refused_command.stderr
    server.start(wait=False)
    wait_until(lambda: told_to_come_again(server), "a server that says 421")
    refused(server, copy / "blobs", "none has a file")
    assert "store.incoming" in left(server) and "store" not in left(server)  # else it would make an empty one
    restore(server, copy)  # which it waits for
    assert server.process.stdout.readline() == b"ready\n"
    assert subjects(server) == {"kept": 1}
    assert "store.incoming" not in left(server)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_restore_that_is_stopped_is_none(lost, number):
    """Whoever reads stands still meanwhile, so that not all can be sent yet."""
    server, copy = lost
    segment = next((copy / "blobs").iterdir())
    length = segment.stat().st_size
    os.truncate(segment, 256 << 20)
    command = subprocess.Popen([BINARY, "-c", server.config, "restore", copy], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    children = pathlib.Path(f"/proc/{command.pid}/task/{command.pid}/children")
    status = pathlib.Path(f"/proc/{command.pid}/status")
    while not int(re.search(r"SigBlk:\s+(\w+)", status.read_text())[1], 16) & 1 << signal.SIGINT - 1:
        assert command.poll() is None
    (child,) = map(int, children.read_text().split())
    os.kill(child, signal.SIGSTOP)
    try:
        command.send_signal(number)
    finally:
        os.kill(child, signal.SIGCONT)
    said, complaints = command.communicate(timeout=60)
    assert command.returncode == 130, (said, complaints)
    assert left(server) == ["store.incoming"] and "nothing is restored" in complaints and "remove " in said
    os.truncate(segment, length)
    restore(server, copy)
    server.start()
    assert subjects(server) == {"kept": 1}


def told_to_come_again(server):
    with contextlib.suppress(OSError), Dialogue(server.connect("smtp")) as client:
        return client.smtp_reply()[0] == 421


def validity(server):
    """Of anna's INBOX."""
    with command(server) as anna:
        return int(re.search(r"UIDVALIDITY (\d+)", "".join(anna("STATUS INBOX (UIDVALIDITY)")))[1])


def assert_whole_or_none(server, before, what):
    """True when the restored store is there."""
    if "store" not in left(server):
        return False
    checked = server.run("check", check=False)
    assert "All is whole" in checked.stdout, (what, checked)
    server.start()
    assert validity(server) > before, what
    assert subjects(server) == {"kept": 1}, what
    server.stop()
    return True


@pytest.fixture
def validity_before(lost, make_troika):
    server, copy = lost
    by_hand = make_troika(start=False)
    (by_hand.folder / "data").mkdir(mode=0o700, exist_ok=True)
    shutil.rmtree(by_hand.folder / "data" / "store", ignore_errors=True)
    shutil.copytree(copy, by_hand.folder / "data" / "store")
    by_hand.start()
    return validity(by_hand)


def test_killed_at_every_step(lost, validity_before, tmp_path):
    server, copy = lost
    data, total = server.folder / "data", tmp_path / "total"
    data.mkdir(mode=0o700)
    faults = {"LD_PRELOAD": preload(), "FAULT_UNDER": str(data), "FAULT_TOTAL": str(total)}
    restore(server, copy, **faults)
    calls = int.from_bytes(total.read_bytes(), "little")
    assert calls > 50
    there = []
    wanted = calls if os.environ.get("TROIKA_TORTURE") else 25
    for number in {*some_of(calls, wanted), *range(calls - 5, calls + 3)}:
        shutil.rmtree(data)
        data.mkdir(mode=0o700)
        total.unlink()
        restore(server, copy, check=False, **faults, FAULT_AT=str(number), FAULT_DO="kill")
        there.append(assert_whole_or_none(server, validity_before, f"killed at call {number} of {calls}"))
        if not there[-1] and number % 5 == 0:
            restore(server, copy)  # where that one left off
            assert assert_whole_or_none(server, validity_before, "done again")
    assert True in there and False in there


class Rebuilt:
    """What lib_store's power_cuts writes out: the data folder itself."""

    def __init__(self, folder, tmp_path):
        self.store, self.ledger = folder, tmp_path / "ledger"

    def fresh(self):
        shutil.rmtree(self.store, ignore_errors=True)


def test_power_lost_at_every_step(lost, validity_before, tmp_path):
    server, copy = lost
    data, recording = server.folder / "data", tmp_path / "recording"
    data.mkdir(mode=0o700)
    restore(server, copy, LD_PRELOAD=preload(), FAULT_UNDER=str(data), FAULT_RECORD=str(recording))
    wanted = 200 if os.environ.get("TROIKA_TORTURE") else 20
    there = []

    def moments(events):
        return {*some_of(len(events), wanted), *range(max(1, len(events) - 10), len(events) + 1)}
    for moment in power_cuts(recording, Rebuilt(data, tmp_path), moments):
        data.chmod(0o700)
        there.append(assert_whole_or_none(server, validity_before, f"power lost after {moment} events"))
    assert there[-1] and there == sorted(there)
    assert False in there and len(list(read_recording(recording))) > 50
