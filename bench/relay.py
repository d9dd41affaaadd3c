"""SMTP in, queue, SMTP out: an alias in the server's domain leads to an address elsewhere,
whose server is smtp-sink; until the sink has the last message."""

import measuring
import processes
import reading
import smtp_load
from postfix_dovecot import PostfixDovecot
from sink import Sink
from troika_server import Troika

AWAY = "somebody@sink.test"


class Contestant:
    def __init__(self, make, folder):
        self.sink = Sink(folder, counts=True)
        self.server = make(folder, ["solo1@bench.test"], (AWAY, self.sink.port))
        self.name = self.server.name

    def send(self, size, sessions, count):
        expected = self.sink.arrived() + count
        with processes.Meter([self.server]) as meter:
            smtp_load.send(self.server.port, size, sessions, count, "foreign@bench.test")
            reading.wait_until(lambda: expected - self.sink.arrived(), count / 10)
            meter.stop()
        return measuring.Run(count, meter)

    def stop(self):
        self.server.stop()
        self.sink.stop()


def run(folder, plan, report):
    makers = [Troika, PostfixDovecot] if plan.pair else [Troika]
    contestants = [Contestant(make, folder) for make in makers]
    try:
        for size, sessions in plan.relay:
            report.relay(size, sessions, measuring.in_turns(
                contestants,
                lambda contestant, count: contestant.send(size * 1000, sessions, count),
                plan))
    finally:
        for contestant in contestants:
            contestant.stop()
