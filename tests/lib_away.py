"""Somebody else's mail server: takes mail over SMTP and keeps it, as a thread."""

import socketserver
import threading

from lib_troika import HOST


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self._talk()
        except (OSError, EOFError):
            pass

    def _say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def _line(self):
        line = self.rfile.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        return line

    def _talk(self):
        self._say("220 away.test")
        recipients = 0
        while True:
            command = self._line()
            verb = command[:4].upper()
            if verb == b"EHLO":
                self._say("250-away.test\r\n250-PIPELINING\r\n250 8BITMIME")
            elif verb == b"DATA" and recipients:
                self._data()
                recipients = 0
            elif verb == b"DATA":
                self._say("503 for whom")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                reply = self.server.away.answer(command)
                recipients += verb == b"RCPT" and reply.startswith("250")
                self._say(reply)

    def _data(self):
        self._say("354 go on")
        text = bytearray()
        while (line := self._line()) != b".\r\n":
            text += line[1:] if line.startswith(b".") else line
        self.server.away.keep(bytes(text))
        self._say("250 taken")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class Away:
    """answers: {b"RCPT TO:<bad": "550 no"} for commands that begin so."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.letters = []
        self.lock = threading.Lock()
        self.server = _Server((HOST, 0), _Session)
        self.server.away = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def answer(self, command):
        for start, reply in self.answers.items():
            if command.upper().startswith(start.upper()):
                return reply
        return "250 fine"

    def keep(self, text):
        with self.lock:
            self.letters.append(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
