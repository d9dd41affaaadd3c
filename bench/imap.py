"""IMAP beside Dovecot with mdbox and with Maildir; of the two the better figure counts."""

import dovecot
import imap_idle
import imap_large
import imap_mix
from dovecot import Dovecot
from troika_server import Troika


def contestants(folder, plan, mailboxes):
    made = [Troika(folder, mailboxes)]
    if plan.pair and not dovecot.missing():
        made += [Dovecot(folder, "mdbox"), Dovecot(folder, "maildir")]
    return made


def _with_contestants(part, folder, plan, report):
    place = folder / part.__name__
    place.mkdir()
    place.chmod(0o755)
    servers = contestants(place, plan, part.mailboxes(plan))
    try:
        part.run(place, servers, plan, report)
    finally:
        for server in servers:
            server.stop()


def run(folder, plan, report):
    for part in (imap_mix, imap_large, imap_idle):
        _with_contestants(part, folder, plan, report)
