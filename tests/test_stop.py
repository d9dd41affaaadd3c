"""The end: of a server in which something hangs, and of sessions whose account is removed."""

import signal
import struct
import subprocess
import time

import pytest
from lib_fault import FAULT, preload
from lib_hostile import Peer
from lib_troika import BINARY, DOMAIN, PASSWORD, PATIENCE, Dialogue, message, wait_until

ANNA = f"anna@{DOMAIN}"
STOP_MOST = 30  # DESIGN section 3


def signed_in(server):
    session = Dialogue(server.connect("imaps"))
    session.line()
    assert session.command("a", f"LOGIN {ANNA} {PASSWORD}")[-1].startswith("a OK")
    assert session.command("b", "SELECT INBOX")[-1].startswith("b OK")
    return session


def test_a_removed_account_ends_its_sessions(troika):
    """In every protocol and phase; then the removal is done, and the name is free."""
    parked, idling, writing = signed_in(troika), signed_in(troika), signed_in(troika)
    idling.send("c IDLE\r\n")
    idling.line()
    writing.send("c APPEND INBOX {100}\r\n")
    assert writing.line().startswith("+")
    pop = Peer(troika, "pop3s", None, f"USER {ANNA}", f"PASS {PASSWORD}")
    smtp = troika.submission()
    other = Peer(troika, "pop3s", None, f"USER boris@{DOMAIN}", f"PASS {PASSWORD}")
    troika.run("account", "remove", ANNA)
    for session in (parked, idling):
        assert session.line().startswith("* BYE")
        assert session.line() == ""
    assert writing.line() == ""
    assert pop.end().startswith("-ERR [AUTH]")
    assert smtp.getreply()[0] == 421
    assert other.say("NOOP").startswith("+OK")
    troika.run("account", "add", ANNA, input=f"{PASSWORD}\n")
    assert not troika.messages("anna")
    for peer in (parked, idling, writing, pop, smtp, other):
        peer.close()


def test_a_stop_in_the_middle_of_a_removal_is_quick(troika):
    """A peer in the middle of a literal holds the removal up, and not the stop."""
    writing = signed_in(troika)
    writing.send("c APPEND INBOX {100}\r\n")
    assert writing.line().startswith("+")
    words = [str(BINARY), "-c", str(troika.config), "account", "remove", ANNA]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as removing:
        begun = time.monotonic()
        wait_until(lambda: "operation=\"account remove\"" in troika.log() or time.monotonic() > begun + 1)
        troika.process.send_signal(signal.SIGTERM)
        assert troika.process.wait(PATIENCE) == 0
        removing.wait(PATIENCE)
    assert "net.errands-hang" not in troika.log()


@pytest.mark.skipif(not FAULT.exists(), reason="fault.so is not built")
def test_a_stop_in_which_something_hangs(make_troika, tmp_path):
    """It ends after its time without an abort, says what hung, and keeps what was acknowledged."""
    blobs, total = tmp_path / "troika-0" / "data" / "store" / "blobs", tmp_path / "total"
    server = make_troika("anna", environment={
        "LD_PRELOAD": preload(), "FAULT_UNDER": str(blobs), "FAULT_TOTAL": str(total),
        "FAULT_ONLY": "link", "FAULT_AT": "1", "FAULT_DO": "hang"})
    # More than 1 MiB: stored by an errand, whose link does not come back.
    peer = Peer(server, "smtp", None, "EHLO x", "MAIL FROM:<you@example.org>", f"RCPT TO:<{ANNA}>", "DATA")
    peer.send(message("large", body=("x" * 70 + "\r\n") * 30000) + b".\r\n")
    wait_until(lambda: struct.unpack("Q", total.read_bytes())[0] >= 1, "the link")
    for number in range(3):
        server.send(message(f"small {number}"))
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(STOP_MOST + PATIENCE) == 0
    log = server.log()
    assert "net.errands-hang lane=storage errands=1" in log
    assert "serve.left-at-once commits=durable" in log
    assert "assert" not in log.lower()
    peer.close()
    server.stop()
    server.environment = {}
    server.start()
    assert len(server.messages("anna")) == 3
    server.stop()
    server.run("check")
