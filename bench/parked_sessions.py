#!/usr/bin/python3
"""IMAPS sessions that are signed in, have INBOX open and wait in IDLE:

	parked_sessions.py [--compressed] PORT COUNT ADDRESS...

Says "parked N" when all wait; ends with its input. With COMPRESS each lists ten letters before,
so that both directions were used."""

import os
import resource
import socket
import ssl
import sys
import threading
import zlib

DIALLERS = 4


def _read_until(session, mark):
    text = b""
    while mark not in text:
        piece = session.recv(65536)
        if not piece:
            raise OSError(f"closed after {text!r}")
        text += piece
    return text


class _Deflated:
    """A session after COMPRESS (RFC 4978)."""

    def __init__(self, session):
        self._session = session
        self._out = zlib.compressobj(wbits=-15)
        self._in = zlib.decompressobj(wbits=-15)

    def sendall(self, text):
        self._session.sendall(self._out.compress(text) + self._out.flush(zlib.Z_SYNC_FLUSH))

    def recv(self, size):
        text = b""
        while not text:
            piece = self._session.recv(size)
            if not piece:
                return b""
            text = self._in.decompress(piece)
        return text


def _compress(session):
    session.sendall(b"d COMPRESS DEFLATE\r\n")
    _read_until(session, b"d OK")
    deflated = _Deflated(session)
    deflated.sendall(b"e UID FETCH 1:10 (FLAGS ENVELOPE BODYSTRUCTURE)\r\n")
    _read_until(deflated, b"e OK")
    return deflated


def _park(port, address, context, compressed):
    plain = socket.create_connection(("127.0.0.1", port), timeout=60)
    session = context.wrap_socket(plain, server_hostname="mail.bench.test")
    _read_until(session, b"\r\n")
    session.sendall(f"a LOGIN {address} bench\r\n".encode())
    _read_until(session, b"a OK")
    session.sendall(b"b SELECT INBOX\r\n")
    _read_until(session, b"b OK")
    if compressed:
        session = _compress(session)
    session.sendall(b"c IDLE\r\n")
    _read_until(session, b"+ ")
    return session


def _dial(port, addresses, kept, context, compressed):
    for address in addresses:
        kept.append(_park(port, address, context, compressed))


def main():
    words = sys.argv[1:]
    compressed = words[0] == "--compressed"
    words = words[compressed:]
    port, count, addresses = int(words[0]), int(words[1]), words[2:]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    wanted = [addresses[number % len(addresses)] for number in range(count)]
    kept = []
    diallers = [
        threading.Thread(
            target=_dial, args=(port, wanted[start::DIALLERS], kept, context, compressed))
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
