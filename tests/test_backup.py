"""Backups as docs/operations.md tells: made under load, carried away, brought back."""

import collections
import re
import shutil
import threading

import pytest
from lib_troika import DOMAIN, message

ANNA = f"anna@{DOMAIN}"
SUBJECT = re.compile(rb"^Subject: (\S+)", re.M)


class Load:
    """Letters for as long as the block lasts; acknowledged: subjects of those that got their 250."""

    def __init__(self, troika, senders=3):
        self.troika, self.acknowledged, self.over = troika, [], threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(n,)) for n in range(senders)]
        self.enough = threading.Semaphore(0)

    def send(self, sender):
        with self.troika.smtp() as client:
            number = 0
            while not self.over.is_set():
                subject = f"load-{sender}-{number}"
                body = f"{subject}\r\n" * (1 + number % 7 * 3000)  # some are compressed, some lie alone
                client.sendmail("you@example.org", [ANNA], message(subject, body=body))
                self.acknowledged.append(subject)
                self.enough.release()
                number += 1

    def wait(self, letters):
        for _ in range(letters):
            assert self.enough.acquire(timeout=60)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def bring_back(make_troika, copy):
    """A server whose store is the copy."""
    server = make_troika(start=False)
    store = server.folder / "data" / "store"
    shutil.rmtree(store, ignore_errors=True)
    store.parent.mkdir(exist_ok=True, mode=0o700)
    shutil.copytree(copy, store)
    server.start()
    assert "All is whole" in server.run("check")
    return server


def subjects(server):
    return collections.Counter(SUBJECT.search(text).group(1).decode() for text in server.messages())


def test_a_backup_of_a_running_server_has_all_that_was_acknowledged(make_troika, tmp_path):
    troika = make_troika("anna")
    backup = troika.folder / "data" / "backup"
    with Load(troika) as load:
        load.wait(50)
        before = set(load.acknowledged)
        assert str(backup) in troika.run("backup")
        load.wait(50)  # it goes on, into files that the copy shares
        shutil.copytree(backup, tmp_path / "away")
        load.wait(20)
    back = subjects(bring_back(make_troika, tmp_path / "away"))
    assert before <= set(back) and max(back.values()) == 1
    assert set(back) < set(load.acknowledged), "it is of one moment"
    assert "All is whole" in troika.run("check")


def test_a_backup_is_not_written_over(troika):
    troika.send()
    troika.run("backup")
    again = troika.run("backup", check=False)
    assert again.returncode == 1 and "copy it away and remove it" in again.stderr
    shutil.rmtree(troika.folder / "data" / "backup" / "keys")  # which come last: so does a crash leave it
    again = troika.run("backup", check=False)
    assert again.returncode == 1 and "did not come to its end: remove it" in again.stderr
    shutil.rmtree(troika.folder / "data" / "backup")
    troika.run("backup")


def test_a_backup_of_a_stopped_server(make_troika):
    troika = make_troika("anna")
    troika.send(message("before"))
    troika.stop()
    troika.run("backup")
    assert subjects(bring_back(make_troika, troika.folder / "data" / "backup")) == {"before": 1}


@pytest.mark.parametrize("stopped", [True, False], ids=["after a stop", "after a crash"])
def test_the_folder_of_a_server_that_does_not_run_may_be_copied(make_troika, tmp_path, stopped):
    troika = make_troika("anna")
    with Load(troika) as load:
        load.wait(50)
    (troika.stop if stopped else troika.kill)()
    back = subjects(bring_back(make_troika, troika.folder / "data" / "store"))
    assert set(back) == set(load.acknowledged) and max(back.values()) == 1


def test_one_accounts_mail_comes_from_a_backup_beside(make_troika, tmp_path):
    troika = make_troika("anna")
    troika.send(message("lost"))
    troika.run("backup")
    with troika.imap() as client:
        client.select()
        client.store("1", "+FLAGS", r"\Deleted")
        client.expunge()
    old = make_troika(start=False)
    (old.folder / "data").mkdir(mode=0o700, exist_ok=True)
    shutil.rmtree(old.folder / "data" / "store", ignore_errors=True)
    shutil.copytree(troika.folder / "data" / "backup", old.folder / "data" / "store")
    old.run("export", ANNA, str(tmp_path / "anna"))
    troika.run("import", ANNA, str(tmp_path / "anna"), "--mailbox", "Found")
    assert len(troika.messages(mailbox="Found")) == 1 and not troika.messages()
