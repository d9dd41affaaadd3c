"""Messages sent by smtp-source, Postfix's own load program: a new session for each message,
as is its default."""

import subprocess
import threading

import scratch

# One smtp-source numbers its recipients from 1 on and doesn't begin again, so that many
# messages to 1,000 mailboxes take several of them.
SPREAD = 1000
AT_ONCE = 4


def _command(port, size, sessions, count):
    return ["smtp-source", "-4", "-f", "sender@sender.test", "-M", "sender.test",
            "-l", str(size), "-s", str(sessions), "-m", str(count)]


def _run(command):
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode or ended.stderr:
        raise scratch.Failed(f"smtp-source: {ended.stderr.strip() or ended.returncode}")


def send(port, size, sessions, count, recipient):
    """`count` messages to one address."""
    sessions = min(sessions, count)
    _run([*_command(port, size, sessions, count), "-t", recipient, f"127.0.0.1:{port}"])


def send_numbered(port, size, sessions, count, recipient):
    """One message to each of 1recipient, 2recipient, ... up to `count`."""
    _run([*_command(port, size, sessions, count), "-N", "-t", recipient, f"127.0.0.1:{port}"])


def _in_threads(work, count):
    failed = []

    def attempt():
        try:
            work()
        except scratch.Failed as error:
            failed.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def send_spread(port, size, sessions, turns, recipient):
    """`turns` messages to each of 1recipient, 2recipient, ... 1000recipient."""
    at_once = min(AT_ONCE, turns, sessions)
    left = iter(range(turns))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if next(left, None) is None:
                    return
            send_numbered(port, size, sessions // at_once, SPREAD, recipient)

    _in_threads(work, at_once)
