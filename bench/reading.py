"""Whether the mail can be read: IMAP sessions that were signed in beforehand and ask seldom."""

import imaplib
import re
import time

import scratch

PATIENCE = 180


class Watcher:
    """An IMAP session that asks how many messages INBOX has."""

    def __init__(self, port, address):
        self._session = imaplib.IMAP4("127.0.0.1", port)
        self._session.login(address, "bench")

    def messages(self):
        _ok, answer = self._session.status("INBOX", "(MESSAGES)")
        return int(re.search(rb"MESSAGES (\d+)", answer[0])[1])

    def close(self):
        self._session.logout()


def _pause(missing, rate):
    """About half of what the rest will take: few questions, and a small error."""
    return min(0.25, max(0.01, missing / max(rate, 1) / 2))


def wait_until(missing, rate):
    """Asks `missing()` how many are not there yet, until none."""
    end = time.monotonic() + PATIENCE
    while (left := missing()) > 0:
        if time.monotonic() > end:
            raise scratch.Failed(f"{left} messages did not arrive within {PATIENCE} s")
        time.sleep(_pause(left, rate))


def wait_for(watcher, expected, rate):
    wait_until(lambda: expected - watcher.messages(), rate)
