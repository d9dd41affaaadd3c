"""Contestants take turns, several times; what counts is the median of each."""

import statistics

import scratch

DISTURBED = 0.15  # of the machine, by others
TRIES_MOST = 3


class Run:
    """One contestant's one turn."""

    def __init__(self, count, meter):
        self.rate = count / meter.seconds
        self.server_cpu = meter.server_cpu / count * 1000
        self.load_cpu = meter.load_cpu / count * 1000
        self.others = meter.others


def _summary(runs):
    def median(what):
        return statistics.median(getattr(run, what) for run in runs)

    return {"rate": median("rate"), "cpu_s_per_1000": median("server_cpu"),
            "load_cpu_s_per_1000": median("load_cpu"), "others": median("others"),
            "rates": [run.rate for run in runs]}


def _undisturbed(send, contestant, count):
    """A turn during which others used the machine is tried again; the calmest counts."""
    tries = []
    for _ in range(TRIES_MOST):
        scratch.settle()
        tries.append(send(contestant, count))
        if tries[-1].others < DISTURBED:
            break
    return min(tries, key=lambda run: run.others)


def in_turns(contestants, send, plan):
    """`send(contestant, count)` gives a Run. A first, short one says how many messages take
    about plan.seconds; then A B C A B C."""
    counts = [max(plan.probe, round(send(contestant, plan.probe).rate * plan.seconds))
              for contestant in contestants]
    runs = {contestant.name: [] for contestant in contestants}
    for _ in range(plan.rounds):
        for contestant, count in zip(contestants, counts):
            runs[contestant.name].append(_undisturbed(send, contestant, count))
    return {name: _summary(of_one) for name, of_one in runs.items()}
