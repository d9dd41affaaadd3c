#!/usr/bin/python3
"""IMAPS sessions that are signed in, have INBOX open and wait in IDLE:

	parked_sessions.py PORT COUNT ADDRESS...

Says "parked N" when all wait; ends with its input."""

import os
import resource
import socket
import ssl
import sys
import threading

DIALLERS = 4


def _read_until(session, mark):
    text = b""
    while mark not in text:
        piece = session.recv(65536)
        if not piece:
            raise OSError(f"closed after {text!r}")
        text += piece
    return text


def _park(port, address, context):
    plain = socket.create_connection(("127.0.0.1", port), timeout=60)
    session = context.wrap_socket(plain, server_hostname="mail.bench.test")
    _read_until(session, b"\r\n")
    session.sendall(f"a LOGIN {address} bench\r\n".encode())
    _read_until(session, b"a OK")
    session.sendall(b"b SELECT INBOX\r\n")
    _read_until(session, b"b OK")
    session.sendall(b"c IDLE\r\n")
    _read_until(session, b"+ ")
    return session


def _dial(port, addresses, kept, context):
    for address in addresses:
        kept.append(_park(port, address, context))


def main():
    port, count, addresses = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    wanted = [addresses[number % len(addresses)] for number in range(count)]
    kept = []
    diallers = [threading.Thread(target=_dial, args=(port, wanted[start::DIALLERS], kept, context))
                for start in range(DIALLERS)]
    for dialler in diallers:
        dialler.start()
    for dialler in diallers:
        dialler.join()
    print(f"parked {len(kept)}", flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
