"""What was measured, as tables to read while it goes on, and as JSON afterwards."""

import json
import os
import time

TROIKA, PAIR, SINK = "Troika", "Postfix + Dovecot", "sink"

INBOUND_HEAD = (" to      KB  sess.   Troika     pair     sink   x pair  of sink   goal"
                "   CPU-s/1000: Troika   pair   load   others")
RELAY_HEAD = (" KB  sess.   Troika  Postfix   x Postfix   goal"
              "   CPU-s/1000: Troika  Postfix   load   others")
PARKED_HEAD = "                   idle    parked   sessions   KiB each   all in   threads more"
SEARCH_HEAD = ("                                           median     worst    CPU ms   x Troika"
               "   same found")
MIX_HEAD = ("                   commands/s   x Troika is   mean ms   worst ms   refused"
            "   CPU-s/1000   load   private MiB   others")
TIMES_HEAD = "                           ms   x Troika is   server CPU-s   others"
HOSTILE_HEAD = "             messages/s   of quiet   CPU-s/1000   threads   private MiB   others"


def inbound_goal(size, sessions, pair, sink):
    """Messages a second that issue 3 asks for: a multiple of the pair, or a share of the
    sink, whichever is lower."""
    if sessions == 1:
        return 3 * pair
    times, share = (5, 0.80) if size >= 100 else (10, 0.65)
    return min(times * pair, share * sink)


def _rate(measured, name):
    return measured[name]["rate"] if name in measured else 0.0


def _cpu(measured, name):
    return f"{measured[name]['cpu_s_per_1000']:7.3f}" if name in measured else "      -"


def _others(measured):
    """How much of the machine somebody else used: the noise."""
    return max(one["others"] for one in measured.values())


class Report:
    def __init__(self, folder):
        self.folder = folder
        self.results = {"begun": time.strftime("%Y-%m-%d %H:%M:%S"),
                        "processors": os.cpu_count(), "load_before": os.getloadavg()[0]}
        self._headed = set()

    def say(self, line):
        print(line, flush=True)

    def _head(self, part, title, columns):
        if part not in self._headed:
            self._headed.add(part)
            self.say(f"\n{title}\n{columns}")

    def _keep(self, part, row):
        self.results.setdefault(part, []).append(row)

    def skipped(self, part, why):
        self.say(f"\n{part}: not measured: {why}")
        self._keep("skipped", {"part": part, "why": why})

    def inbound(self, way, size, sessions, measured):
        self._head("inbound", "SMTP in to mailbox, messages a second", INBOUND_HEAD)
        troika, pair, sink = (_rate(measured, name) for name in (TROIKA, PAIR, SINK))
        ratio = goal = "-"
        reached = None
        if pair:
            wanted = inbound_goal(size, sessions, pair, sink)
            reached = troika >= wanted
            ratio, goal = f"{troika / pair:.1f}", f"{wanted:.0f}{'' if reached else '!'}"
        self.say(f" {way:6} {size:3} {sessions:6} {troika:8.0f} {pair or 0:8.0f} {sink:8.0f}"
                 f" {ratio:>8} {troika / sink:8.0%} {goal:>6}"
                 f"             {_cpu(measured, TROIKA)}{_cpu(measured, PAIR)}"
                 f"{measured[TROIKA]['load_cpu_s_per_1000']:7.3f} {_others(measured):8.0%}")
        self._keep("inbound", {"way": way, "kilobytes": size, "sessions": sessions,
                               "reached": reached, "measured": measured})

    def relay(self, size, sessions, measured):
        self._head("relay", "SMTP in, queue, SMTP out to smtp-sink, messages a second",
                   RELAY_HEAD)
        troika, postfix = _rate(measured, TROIKA), _rate(measured, PAIR)
        ratio = goal = "-"
        if postfix:
            mark = "" if troika >= 4 * postfix else "!"
            ratio, goal = f"{troika / postfix:.1f}", f"{4 * postfix:.0f}{mark}"
        self.say(f"{size:3} {sessions:6} {troika:8.0f} {postfix:8.0f} {ratio:>11} {goal:>6}"
                 f"             {_cpu(measured, TROIKA)}  {_cpu(measured, PAIR)}"
                 f"{measured[TROIKA]['load_cpu_s_per_1000']:7.3f} {_others(measured):8.0%}")
        self._keep("relay", {"kilobytes": size, "sessions": sessions, "measured": measured})

    def parked(self, name, weighed):
        self._head("parked", "IMAPS sessions in IDLE, private memory of all processes",
                   PARKED_HEAD)
        self.say(f" {name:10} {weighed['idle_mib']:7.1f} MiB {weighed['parked_mib']:6.0f} MiB"
                 f" {weighed['sessions']:8} {weighed['kib_each']:10.1f}"
                 f" {weighed['all_in_kib_each']:8.1f} {weighed['threads_more']:14}")
        if "fresh_mib" in weighed:
            self.say(f" {name}: {weighed['fresh_mib']:.1f} MiB just after its start")
        self._keep("parked", {"server": name} | weighed)

    def starts(self, stored, measured):
        self.say(f"\nUntil ready, with {stored} messages stored: {measured['clean_s']:.2f} s "
                 f"after a stop, {measured['killed_s']:.2f} s after kill -9 under load")
        self._keep("starts", {"stored": stored} | measured)

    def hostile(self, peers, kinds):
        self._head("hostile", f"smtp-source, 20 sessions of 12 KB, beside {peers} hostile peers",
                   HOSTILE_HEAD)
        quiet = kinds["nobody"]["rate"]
        for kind, turn in kinds.items():
            self.say(f" {kind:8} {turn['rate']:12.0f} {turn['rate'] / quiet:10.0%}"
                     f" {turn['cpu_s_per_1000']:12.3f} {turn['threads']:9.0f}"
                     f" {turn['private_mib']:13.0f} {turn['others']:8.0%}")
        self._keep("hostile", {"peers": peers, "kinds": kinds})

    def importing(self, count, measured):
        self.say(f"\nImport of {count} messages: {measured['rate']:.0f} a second, "
                 f"{measured['cpu_s_per_1000']:.3f} CPU-s of the server per 1,000")
        for name, key in (("server", ""), ("command", "command_")):
            quarters = ", ".join(f"{mib:.0f}" for mib in measured[key + "quarters_mib"])
            self.say(f" {name}: at most {measured[key + 'peak_mib']:.0f} MiB, "
                     f"by quarters of the way: {quarters}")
        self._keep("import", {"count": count} | measured)

    def searching(self, count, bytes_all, measured):
        self._head("search", f"SEARCH TEXT in {count} messages, {bytes_all / 1e6:.0f} MB, milliseconds",
                   SEARCH_HEAD)
        for name, kinds in measured.items():
            for kind, one in kinds.items():
                ratio = one["cpu_ms"] / measured["Troika"][kind]["cpu_ms"]
                same = one["found"] == measured["Troika"][kind]["found"]
                self.say(f" {name:22} {kind:16} {one['median_ms']:9.1f} {one['worst_ms']:9.1f}"
                         f" {one['cpu_ms']:9.1f} {ratio:10.1f} {'yes' if same else 'no':>8}")
        self._keep("search", {"count": count, "bytes": bytes_all, "measured": measured})

    def _reached(self, ratios, goal):
        """Troika beside the better of the others."""
        if ratios:
            mark = "" if min(ratios) >= goal else "!"
            self.say(f" Troika: {min(ratios):.1f} times the better of the others; goal {goal}{mark}")

    def imap_mix(self, sessions, measured):
        self._head("imap_mix", f"IMAP, a mixed load of {sessions} sessions", MIX_HEAD)
        ratios = []
        for name, one in measured.items():
            ratio = measured[TROIKA]["rate"] / one["rate"]
            ratios += [ratio] if name != TROIKA else []
            every = one["kinds"]["all"]
            self.say(f" {name:16} {one['rate']:12.0f} {ratio:13.1f} {every['mean_ms']:9.2f}"
                     f" {every['worst_ms']:10.1f} {one['refused']:9.2%} {one['cpu_s_per_1000']:12.3f}"
                     f" {one['load_cpu_s_per_1000']:6.3f} {one['private_mib']:13.0f} {one['others']:8.0%}")
        kinds = [kind for kind in measured[TROIKA]["kinds"] if kind != "all"]
        self.say(" mean ms of each: " + " ".join(f"{kind:>8}" for kind in kinds))
        for name, one in measured.items():
            self.say(f" {name:16} " + " ".join(f"{one['kinds'][kind]['mean_ms']:8.2f}" for kind in kinds))
        self._reached(ratios, 3)
        self._keep("imap_mix", {"sessions": sessions, "measured": measured})

    def imap_times(self, title, measured, goal=None):
        self.say(f"\n{title}, milliseconds\n{TIMES_HEAD}")
        ratios = []
        for name, one in measured.items():
            ratio = one["ms"] / measured[TROIKA]["ms"]
            ratios += [ratio] if name != TROIKA else []
            more = f"   first {one['first_ms']:.0f} ms" if "first_ms" in one else ""
            more += f"   {one['written'] / 1024:.0f} KiB to the disk" if "written" in one else ""
            if "load_cpu_s" in one:
                share = one["load_cpu_s"] * 1000 / one["ms"]
                more += f"   the client's own {one['load_cpu_s']:.1f} s are {share:.0%} of it"
            self.say(f" {name:16} {one['ms']:12.1f} {ratio:13.1f} {one['cpu_s']:14.2f}"
                     f" {one['others']:8.0%}{more}")
        if goal:
            self._reached(ratios, goal)
        self._keep("imap_times", {"title": title, "measured": measured})

    def imap_select(self, count, measured):
        def line(what, key, goal=None):
            mark = "" if not goal or measured[key] <= goal else "!"
            self.say(f" {what:24} {measured[key]:10.2f}{f'   goal {goal}{mark}' if goal else ''}")

        self.say(f"\nSELECT of {count} messages, milliseconds")
        line("cached", "cached_ms", 20)
        line("after a start", "fresh_ms", 300)
        line("after kill -9", "killed_ms")
        line("then SEARCH UNSEEN", "search_ms")
        line("then STATUS of another", "status_ms")
        self.say(f" private memory: {measured['private_mib']:.0f} MiB")
        self._keep("imap_select", {"count": count} | measured)

    def imap_idle(self, name, measured):
        self._head("imap_idle", "New mail in IDLE (TLS), milliseconds after its 250",
                   "                  sessions   median      99 %     worst    goal   others")
        mark = "" if measured["worst_ms"] <= 10 else "!"
        self.say(f" {name:16} {measured['sessions']:9} {measured['median_ms']:8.2f}"
                 f" {measured['most_ms']:9.2f} {measured['worst_ms']:9.2f}      10{mark or ' '}"
                 f" {measured['others']:8.0%}")
        self._keep("imap_idle", {"server": name} | measured)

    def imap_compress(self, measured):
        mark = "" if measured["kib_each"] <= 72 else "!"
        self.say(f"\nParked with COMPRESS (TLS): {measured['kib_each']:.1f} KiB a session of "
                 f"{measured['sessions']}; goal 72{mark}")
        self._keep("imap_compress", measured)

    def write(self):
        self.folder.mkdir(exist_ok=True)
        path = self.folder / time.strftime("%Y%m%d-%H%M%S.json")
        self.results["load_after"] = os.getloadavg()[0]
        path.write_text(json.dumps(self.results, indent="\t") + "\n")
        self.say(f"\nKept as {path}")
