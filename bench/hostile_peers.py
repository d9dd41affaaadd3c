#!/usr/bin/python3
"""Peers that hold a server up if it lets them:

	hostile_peers.py PROTOCOL PORT COUNT

Half of them send a byte a second of a line that never ends; the others ask for much and never
read. Whoever is thrown out comes back. Says "there" when all are; ends with its input."""

import os
import resource
import select
import socket
import sys

GREETED = {"smtp": b"EHLO hostile.test\r\n", "imap": b"", "pop3": b""}
DEMAND = {
    "smtp": b"EHLO hostile.test\r\n" * 50,
    "imap": b"a LOGIN solo1@bench.test bench\r\nb SELECT INBOX\r\nc FETCH 1:* BODY[]\r\n" * 20,
    "pop3": b"CAPA\r\n" * 100,
}
BYTE_EVERY = 1.0


class Peer:
    def __init__(self, port, first):
        self.port, self.first = port, first
        self.socket = None
        self.open()

    def open(self):
        if self.socket:
            self.socket.close()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", self.port))
        self.socket.setblocking(False)
        self.owed = self.first

    def act(self):
        """Once a second; a peer that can't get rid of its bytes keeps them for the next time."""
        try:
            sent = self.socket.send(self.owed)
            self.owed = self.owed[sent:] or self.next()
        except BlockingIOError:
            return
        except OSError:
            self.open()


class Slow(Peer):
    """Reads, to see when it is thrown out."""

    def next(self):
        return b"x"

    def act(self):
        super().act()
        try:
            if not self.socket.recv(65536):
                self.open()
        except BlockingIOError:
            return
        except OSError:
            self.open()


class Deaf(Peer):
    def next(self):
        return self.first


def main():
    protocol, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    peers = [Slow(port, GREETED[protocol] or b"x") if number % 2 else Deaf(port, DEMAND[protocol])
             for number in range(count)]
    print("there", flush=True)
    while not select.select([sys.stdin], [], [], BYTE_EVERY)[0]:
        for peer in peers:
            try:
                peer.act()
            except OSError:
                continue  # refused just now; it tries again
    os._exit(0)


if __name__ == "__main__":
    main()
