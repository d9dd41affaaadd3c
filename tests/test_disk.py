"""A disk that is full or may not be written, and no descriptors left: everybody is told to come
again, nobody loses anything, and all goes on when it is over."""

import contextlib
import functools
import os
import re
import resource
import socket
import subprocess

import pytest
from lib_fault import preload
from lib_hostile import ANNA, SMTP_MAIL, Peer, Vitals
from lib_troika import DOMAIN, HOST, PASSWORD, Dialogue, insecure_tls, message, wait_until

LIMITS = (
    "limits = { sessions_per_address = 0; sessions_per_network = 0; new_sessions_per_second = 0; sessions_per_account = 0;"
    " letters_per_hour = 0; };"
)
LARGE = ("x" * 76 + "\r\n") * 30000  # spills into a file


# --- what each protocol says ---------------------------------------------------------------------


def or_nothing(nothing):
    """A server whose store has failed goes down to come again: no answer is one, too."""
    def decorate(say):
        @functools.wraps(say)
        def say_or_nothing(*words, **more):
            try:
                return say(*words, **more)
            except OSError:
                return nothing
        return say_or_nothing
    return decorate


@or_nothing((0, ""))
def smtp_reply(server, subject, body="some text\r\n"):
    """The last reply to a message for anna: (code, text)."""
    with Dialogue(server.connect("smtp")) as smtp:
        reply = smtp.smtp_reply()
        lines = ["EHLO client", "MAIL FROM:<you@example.org>", f"RCPT TO:<{ANNA}>", "DATA"]
        while lines and reply[0] in (220, 250):
            smtp.send(lines.pop(0) + "\r\n")
            reply = smtp.smtp_reply()
        if reply[0] == 354:
            smtp.send(message(subject, body=body) + b".\r\n")
            reply = smtp.smtp_reply()
        return reply


@or_nothing("")
def imap_reply(server, *commands, text=None):
    """The tagged or last answer to the first command that is not answered OK, or to the last."""
    with Dialogue(server.connect("imaps")) as imap:
        answer = imap.line()
        for number, command in enumerate([f"LOGIN {ANNA} {PASSWORD}", *commands]):
            if not answer.startswith(("* OK", "t")) or " OK" not in answer[:12]:
                break
            if text and command.startswith("APPEND"):
                imap.send(f"t{number} {command} {{{len(text)}+}}\r\n".encode() + text + b"\r\n")
                answer = imap.until(f"t{number} ")[-1]
            else:
                answer = imap.command(f"t{number}", command)[-1]
        return answer


@or_nothing("")
def pop3_reply(server, *commands):
    with Dialogue(server.connect("pop3s")) as pop:
        answer = pop.line()
        for command in [f"USER {ANNA}", f"PASS {PASSWORD}", *commands]:
            if not answer.startswith("+OK"):
                break
            pop.send(command + "\r\n")
            answer = pop.line()
        return answer


def is_temporary(answer):
    """For the time being, or nothing at all."""
    return bool(re.match(r"t\d+ NO \[(UNAVAILABLE|LIMIT|OVERQUOTA)\]|\* BYE \[UNAVAILABLE\]|-ERR \[SYS/TEMP\]|$", answer))


def assert_all_are_told_to_come_again(server, tries=3):
    for number in range(tries):
        code, text = smtp_reply(server, f"refused {number}")
        assert code in (0, 421, 451, 452) and (code == 0 or text[:2] == "4."), (code, text)
        code, text = smtp_reply(server, f"refused {number}", LARGE)
        assert code in (0, 421, 451, 452), (code, text)
        answer = imap_reply(server, "APPEND INBOX", text=message(f"refused {number}"))
        assert is_temporary(answer), answer
        answer = imap_reply(server, "SELECT INBOX", "STORE 1 +FLAGS (\\Flagged)")
        assert is_temporary(answer), answer
        answer = imap_reply(server, "CREATE refused")
        assert is_temporary(answer), answer
        answer = pop3_reply(server, "DELE 1", "QUIT")
        assert is_temporary(answer), answer


def subjects(server):
    return sorted(re.search(rb"Subject: (.*)\r\n", text)[1].decode() for text in server.messages("anna"))


def assert_all_is_well(server, kept):
    """Mail comes in again by all ways; what was acknowledged is there, and nothing that was not."""
    wait_until(lambda: smtp_reply(server, "afterwards")[0] == 250, "mail to be taken again")
    assert smtp_reply(server, "large afterwards", LARGE)[0] == 250
    assert " OK " in imap_reply(server, "APPEND INBOX", text=message("appended afterwards"))
    assert subjects(server) == sorted([*kept, "afterwards", "large afterwards", "appended afterwards"])
    imap = server.imap()
    imap.select()
    assert imap.search(None, "FLAGGED")[1] == [b""]
    imap.logout()
    assert pop3_reply(server, "DELE 1", "QUIT").startswith("+OK")
    assert len(subjects(server)) == len(kept) + 2
    server.run("check")


# --- the disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["n", "r", "i"], ids=["full", "read-only", "broken"])
def test_a_disk_that_takes_nothing_for_a_while(make_troika, tmp_path, fault):
    switch = tmp_path / "switch"
    switch.write_bytes(b"-")
    server = make_troika(start=False, extra=LIMITS)
    server.environment = {"LD_PRELOAD": preload(), "FAULT_UNDER": f"{server.folder}/data", "FAULT_SWITCH": str(switch)}
    server.add_accounts("anna")
    server.start()
    kept = ["first", "second"]
    for subject in kept:
        assert smtp_reply(server, subject)[0] == 250

    def turn(to):
        with open(switch, "r+b") as file:  # in place: it is mapped
            file.write(to.encode())

    for _ in range(2):
        turn(fault)
        assert_all_are_told_to_come_again(server)
        turn("-")
        wait_until(lambda: smtp_reply(server, "between")[0] == 250, "mail to be taken again")
        kept.append("between")
    assert_all_is_well(server, kept)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 MiB, and a way to leave only so much of it free."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("a file system can't be mounted here")

    def leave(size):
        with contextlib.suppress(FileNotFoundError):
            (folder / "ballast").unlink()
        free = os.statvfs(folder)
        with open(folder / "ballast", "wb") as ballast:
            left = free.f_bavail * free.f_frsize - size
            os.posix_fallocate(ballast.fileno(), 0, max(left, 1))

    yield folder, leave
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_file_system_that_is_full(make_troika, small_disk):
    """In steps: below the reserve only new mail is refused, below the second one everything."""
    folder, leave = small_disk
    server = make_troika(start=False, extra=LIMITS + 'store = { reserve = "16M"; last_reserve = "4M"; };')
    config = server.config.read_text().replace(f"{server.folder}/data", f"{folder}/data")
    server.config.write_text(config)
    server.add_accounts("anna")
    server.start()
    kept = ["first", "second"]
    for subject in kept:
        assert smtp_reply(server, subject)[0] == 250
    leave(10 << 20)
    while smtp_reply(server, "before the reserve")[0] == 250:
        kept.append("before the reserve")
    assert smtp_reply(server, "refused") == (452, "4.3.1 No room now, try again later\r\n")
    assert is_temporary(imap_reply(server, "APPEND INBOX", text=message("refused")))
    assert " OK " in imap_reply(server, "SELECT INBOX", "STORE 1 +FLAGS (\\Seen)")
    leave(0)
    wait_until(lambda: is_temporary(imap_reply(server, "SELECT INBOX", "STORE 1 +FLAGS (\\Seen)")), "the second reserve")
    assert_all_are_told_to_come_again(server)
    leave(50 << 20)
    assert_all_is_well(server, kept)
    server.stop()


# --- descriptors ---------------------------------------------------------------------------------


@contextlib.contextmanager
def few_descriptors(server, more):
    """Only so many more for the serving child."""
    (pid,) = server.children()
    had = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = max(map(int, os.listdir(f"/proc/{pid}/fd")))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 1 + more, had[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, had)


BUSY = {"smtp": "421 4.3.2 ", "imap": "* BYE [UNAVAILABLE] ", "pop3": "-ERR [SYS/TEMP] "}


def test_no_descriptors_left(make_troika):
    server = make_troika("anna", "boris", extra=LIMITS)
    vitals = Vitals(server)
    assert smtp_reply(server, "before")[0] == 250
    assert smtp_reply(server, "large before", LARGE)[0] == 250
    with contextlib.ExitStack() as stack:
        inside = stack.enter_context(contextlib.closing(Peer(server, "smtp", *SMTP_MAIL)))
        reader = stack.enter_context(Dialogue(server.connect("imaps")))
        reader.line()
        assert " OK " in reader.command("a", f"LOGIN {ANNA} {PASSWORD}")[-1]
        assert " OK " in reader.command("b", "SELECT INBOX")[-1]
        with few_descriptors(server, 5):
            crowd = []
            for _ in range(40):
                crowd.append(stack.enter_context(Dialogue(server.connect("smtp"))))
            greetings = [each.line() for each in crowd]
            assert 0 < sum(line.startswith("220 ") for line in greetings) <= 6
            assert all(line.startswith(("220 ", BUSY["smtp"])) for line in greetings), greetings
            for listener, busy in BUSY.items():
                with Dialogue(server.connect(listener)) as refused:
                    assert refused.line().startswith(busy)
                    assert refused.line() == ""
            for listener in ("submissions", "imaps", "pop3s"):  # under TLS nothing can be said
                with pytest.raises(OSError), socket.create_connection((HOST, server.ports[listener]), timeout=60) as raw:
                    insecure_tls().wrap_socket(raw)
            # Who is inside is served; what needs a file of its own comes again.
            assert inside.say("DATA").startswith("354")
            inside.send(message("large inside", body=LARGE))
            assert inside.say(".")[:3] in ("451", "452")
            for line in SMTP_MAIL[2:]:
                assert inside.say(line).startswith("250")
            assert inside.say("DATA").startswith("354")
            inside.send(message("inside"))
            assert inside.say(".").startswith("250")
            answer = reader.command("c", "FETCH 1:* (FLAGS BODY.PEEK[HEADER])")
            assert answer[-1].startswith(("c OK", "c NO"))
            assert " OK " in reader.command("d", "STORE 1 +FLAGS (\\Seen)")[-1]
        wait_until(lambda: smtp_reply(server, "after")[0] == 250, "sessions to be taken again")
        vitals.assert_same_child()
    assert subjects(server) == ["after", "before", "inside", "large before"]
    assert smtp_reply(server, "large after", LARGE)[0] == 250
    server.run("check")
