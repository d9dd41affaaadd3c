"""The control socket and what lies behind it: bad calls, reloads, rights, full servers."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest
from lib_troika import BINARY, DOMAIN, HOST, PASSWORD, free_ports, message, wait_until

ANNA = f"anna@{DOMAIN}"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = 65534


class Call:
    """The control protocol, spoken by hand (src/admin/control.h)."""

    def __init__(self, troika, operation=None, **arguments):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(troika.folder / "data" / "control"))
        self.answers = self.socket.makefile("rb")
        if operation:
            self.send({"operation": operation, "arguments": arguments})

    def send(self, frame):
        line = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        self.socket.sendall(line + b"\n")

    def file(self, path, content, whole=True, size=None):
        self.send({"file": path, "modified": 1_000_000_000, "size": len(content) if size is None else size})
        self.socket.sendall(content)
        if whole is not None:
            self.send({"whole": whole})

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)
        return [json.loads(line) for line in self.answers]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answers.close()
        self.socket.close()


# --- calls that no command line makes


@pytest.mark.parametrize("call, said", [
    (b"", "that is no call"),
    (b"hello", "that is no call"),
    (b"[1, 2]", "that is no call"),
    (b"\xff\xfe", "that is no call"),
    ({"operation": "account list"}, "that is no call"),
    ({"operation": 7, "arguments": {}}, "that is no call"),
    ({"operation": "account burn", "arguments": {}}, "no operation"),
    ({"operation": "account show", "arguments": {}}, "needs address"),
    ({"operation": "account show", "arguments": {"address": 7}}, "address"),
    ({"operation": "account show", "arguments": {"address": None}}, "address"),
    ({"operation": "account show", "arguments": {"address": [ANNA]}}, "address"),
    ({"operation": "account show", "arguments": {"address": ANNA, "colour": "red"}}, "colour"),
    ({"operation": "queue drop", "arguments": {"all": False}}, "all"),
    ({"operation": "queue drop", "arguments": {"id": []}}, "id"),
    ({"operation": "queue drop", "arguments": {"id": ["x", 7]}}, "id"),
    ({"operation": "alias add", "arguments": {"address": ANNA, "target": "x"}}, "target"),
    ({"operation": "account add", "arguments": {"address": f"c@{DOMAIN}"}}, "password"),
    (b'{"operation":"status","operation":"check","arguments":{}}', "that is no call"),
    (b"x" * 300_000, "no call came"),
], ids=map(str, range(19)))
def test_wrong_calls_are_refused(troika, call, said):
    with Call(troika) as control:
        with contextlib.suppress(ConnectionError):
            control.send(call)
        (answer,) = control.end()
        assert said in answer["error"] and answer["failure"] == "invalid"
    assert "accounts" in troika.run("status")


def test_texts_of_any_length_and_sign_do_no_harm(troika):
    for address in ("", "@", "x" * 200_000, "\0", "a\0b@c", "ы" * 1000, f"../../x@{DOMAIN}"):
        for operation in ("account show", "account remove", "domain add", "message trace", "queue list"):
            name = {"domain add": "domain", "message trace": "id", "queue list": "to"}.get(operation, "address")
            with Call(troika, operation, **{name: address}) as control:
                last = control.end()[-1]
                assert "error" in last or "done" in last
    assert [row["domain"] for row in json.loads(troika.run("--json", "domain", "list"))] == [DOMAIN]


# --- imports that break off


def test_half_a_message_is_none(troika):
    whole, half = message("whole"), message("half", body="x" * 5000)
    with Call(troika, "import", address=ANNA, path="x") as control:
        control.file("cur/1:2,S", whole)
        control.file("cur/2:2,S", half[:3000], whole=None, size=len(half))
        last = control.end()[-1]
        assert last["failure"] == "cancelled" and "1 messages are stored" in last["error"]
    assert troika.messages() == [whole]


def test_all_bytes_without_the_word_for_it_are_none(troika):
    with Call(troika, "import", address=ANNA, path="x") as control:
        control.file("cur/1", message("no word"), whole=None)
        assert control.end()[-1]["failure"] == "cancelled"
    assert troika.messages() == []


def test_what_could_not_be_read_to_its_end_is_left_out(troika):
    mbox = b"".join(b"From x Thu Nov 24 18:22:48 2011\n" + message(s).replace(b"\r\n", b"\n") + b"\n"
                    for s in ("first", "second"))
    with Call(troika, "import", address=ANNA, path="x") as control:
        control.file("cur/1", message("filled up") + b"\n" * 100, whole=False)
        control.file("letters", mbox + b"\n" * 100, whole=False)
        control.file("cur/2", message("fine"))
        control.send({"end": True})
        answers = control.end()
        assert "2 messages are stored, 2 files or messages were left out" in answers[-1]["error"]
        assert sum("left out" in answer.get("say", "") for answer in answers) == 2
    assert [message("fine")] == troika.messages()
    assert [b"first" in text for text in troika.messages(mailbox="letters")] == [True]


def big_maildir(folder, count=400):
    for place in ("cur", "new", "tmp"):
        (folder / place).mkdir(parents=True)
    for number in range(count):
        (folder / "cur" / f"{number:05d}:2,").write_bytes(message(f"big {number}", body="x" * 20_000 + "\r\n"))
    return folder


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_command_that_is_stopped_stores_whole_messages_only(troika, tmp_path, number, code):
    big_maildir(tmp_path / "in")
    (child,) = troika.children()
    os.kill(child, signal.SIGSTOP)
    command = subprocess.Popen([BINARY, "-c", troika.config, "import", ANNA, tmp_path / "in"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        process = pathlib.Path(f"/proc/{command.pid}")
        wait_until(lambda: int(re.search(r"rchar: (\d+)", (process / "io").read_text())[1]) > 200_000 and
                   int(re.search(r"SigBlk:\s+(\w+)", (process / "status").read_text())[1], 16) & 1 << signal.SIGINT - 1,
                   "the import to send, and to hear of Ctrl-C")
        command.send_signal(number)
    finally:
        os.kill(child, signal.SIGCONT)
    command.communicate(timeout=60)
    assert command.returncode == code
    wait_until(lambda: "admin.done operation=import" in troika.log(), "the end of the import")
    texts = troika.messages()
    assert len(texts) < 400
    assert all(len(text) == len(message(f"big {n}", body="x" * 20_000 + "\r\n")) for n, text in enumerate(texts))


def let_everybody_through(folder):
    for above in (folder, *folder.parents):
        if str(above) not in ("/", "/tmp"):
            above.chmod(above.stat().st_mode | 0o111)


# --- who may, and what is written down


def test_calls_are_written_down_without_their_secrets(troika):
    troika.run("account", "add", f"carla@{DOMAIN}", input="never to be seen\n")
    (line,) = [line for line in troika.log().splitlines() if "admin.done" in line and "carla" in line]
    assert "account add" in line and f"user={os.geteuid()}" in line
    assert "never to be seen" not in troika.log()
    troika.run("account", "add", f"carla@{DOMAIN}", input="again\n", check=False)
    assert any("failure=exists" in line for line in troika.log().splitlines() if "admin.done" in line)


@as_root
def test_others_may_not_ask(troika):
    let_everybody_through(troika.folder)
    (troika.folder / "data").chmod(0o711)
    control = troika.folder / "data" / "control"
    assert control.stat().st_mode & 0o777 == 0o600
    control.chmod(0o666)
    script = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
              "print(s.makefile().readline())")
    asked = subprocess.run(["setpriv", f"--reuid={NOBODY}", "--clear-groups", "/usr/bin/python3", "-c", script, control],
                           capture_output=True, text=True)
    assert json.loads(asked.stdout)["failure"] == "denied", asked


def test_a_full_server_still_listens_to_its_administrator(make_troika):
    extra = "limits = { sessions = 3; sessions_per_address = 0; sessions_per_network = 0; new_sessions_per_second = 0; };"
    troika = make_troika("anna", extra=extra)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            assert stack.enter_context(troika.connect("smtp")).recv(100).startswith(b"220")
        assert stack.enter_context(troika.connect("smtp")).recv(100).startswith(b"421")
        assert json.loads(troika.run("--json", "status"))[0]["sessions"] >= 3


@as_root
@pytest.mark.parametrize("user", ["", 'user = "nobody";'])
def test_roots_commands_on_a_stopped_server_leave_the_files_to_their_owner(make_troika, user):
    server = make_troika(extra=user, start=False)
    data = server.folder / "data"
    let_everybody_through(server.folder)
    server.add_accounts("anna")
    for path in (data, *data.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    server.run("account", "add", f"carla@{DOMAIN}", input=f"{PASSWORD}\n")
    server.run("check")
    assert {path.stat().st_uid for path in data.rglob("*")} == {NOBODY}


@as_root
@pytest.mark.parametrize("user", ["", 'user = "daemon";'], ids=["root", "another"])
def test_root_serves_from_no_folder_of_another(make_troika, user):
    server = make_troika(extra=user, start=False)
    let_everybody_through(server.folder)
    (server.folder / "data").mkdir()
    os.chown(server.folder / "data", NOBODY, NOBODY)
    served = subprocess.run([BINARY, "-c", server.config, "serve"], capture_output=True, text=True,
                            env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert served.returncode != 0
    assert f"belongs to nobody, but the server would run as {'daemon' if user else 'root'}" in served.stderr
    assert not list((server.folder / "data").iterdir())


def test_a_command_waits_for_the_store_of_another(make_troika, tmp_path):
    server = make_troika("anna", start=False)
    commands = [subprocess.Popen([BINARY, "-c", server.config, "domain", "add", f"d{number}.test"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE) for number in range(4)]
    assert [command.communicate()[1] for command in commands] == [b""] * 4
    assert len(json.loads(server.run("--json", "domain", "list"))) == 5


# --- reloads


def reload(troika, event):
    before = troika.log().count(event)
    os.kill(troika.process.pid, signal.SIGHUP)
    wait_until(lambda: troika.log().count(event) > before, event)


def answers(port):
    try:
        with socket.create_connection((HOST, port), timeout=10) as client:
            return client.recv(100).startswith(b"220")
    except OSError:
        return False


def test_a_reload_opens_and_closes_ports(troika):
    (port,) = free_ports(1)
    old = troika.config.read_text()
    troika.config.write_text(old.replace(
        "listener = (\n", f'listener = (\n  {{ protocol = "smtp"; address = "{HOST}"; port = {port}; }},\n'))
    client = troika.smtp()
    assert not answers(port)
    reload(troika, "serve.reloaded")
    assert answers(port) and client.noop()[0] == 250
    troika.config.write_text(old)
    reload(troika, "serve.reloaded")
    assert not answers(port) and answers(troika.ports["smtp"])
    assert client.noop()[0] == 250
    client.quit()


def test_a_reload_names_what_needs_a_restart(troika):
    old = troika.config.read_text()
    reload(troika, "serve.reloaded")
    assert "serve.needs-restart" not in troika.log()
    troika.config.write_text(old.replace("letters_per_hour = 0", "letters_per_hour = 7")
                             + 'relay = { expire = "3d"; };\nclear_networks = [ "192.0.2.0/24" ];\n')
    reload(troika, "serve.reloaded")
    (line,) = [line for line in troika.log().splitlines() if "serve.needs-restart" in line]
    for key in ("limits.letters_per_hour", "relay.expire", "clear_networks"):
        assert key in line


@pytest.mark.parametrize("wrong, said", [
    ('limit = { sessions = 3; };', "limits"),
    ('tls = ( { chain = "/nowhere.pem"; key = "/nowhere.key"; } );', ":"),
    ('clear_networks = [ "x" ', ":"),
    ('clear_networks = [ "x" ];', "clear_networks"),
])
def test_a_wrong_configuration_changes_nothing_at_a_reload(troika, wrong, said):
    old = troika.config.read_text()
    for _ in range(2):  # the second one after a failed one
        troika.config.write_text(old + wrong)
        reload(troika, "net.reload-failed")
    line = [line for line in troika.log().splitlines() if "net.reload-failed" in line][-1]
    assert "troika.conf" in line and said in line
    assert answers(troika.ports["smtp"])
    (child,) = troika.children()
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: answers(troika.ports["smtp"]) and "serve.ready" in troika.log().split("child-died")[-1],
               "a new child with the old configuration")
    troika.config.write_text(old)
    troika.run("status")
    reload(troika, "serve.reloaded")


# --- ends


def test_a_check_ends_with_its_server(troika, tmp_path):
    big_maildir(tmp_path / "in")
    troika.run("import", ANNA, str(tmp_path / "in"))
    commands = [subprocess.Popen([BINARY, "-c", troika.config, "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for _ in range(3)]
    troika.process.send_signal(signal.SIGTERM)
    assert troika.process.wait(60) == 0
    for command in commands:
        command.communicate(timeout=60)
        assert command.returncode in (0, 1)
    assert "child-died" not in troika.log()
    troika.run("check")


# --- programs that read


def test_errors_are_objects_for_programs(make_troika, tmp_path):
    server = make_troika("anna", start=False)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    cases = {
        ("account", "show", f"x@{DOMAIN}"): "not-found",
        ("acount", "list"): "invalid",
        ("account", "list", "--colour"): "invalid",
        ("import", ANNA, "/nowhere"): "not-found",
        ("export", ANNA, str(tmp_path / "full")): "exists",
    }
    for words, failure in cases.items():
        for placed in (["--json", *words], [*words, "--json"]):
            result = server.run(*placed, check=False)
            (line,) = [line for line in result.stderr.splitlines() if line]
            assert json.loads(line)["failure"] == failure and result.returncode, words
    assert (tmp_path / "full" / "file").read_text() == "mine"
    broken = subprocess.run([BINARY, "-c", "/nowhere.conf", "--json", "status"], capture_output=True, text=True)
    assert json.loads(broken.stderr)["failure"] == "not-found" and json.loads(broken.stdout or "[]") == []
    for words in (["version"], ["config", "check"]):
        assert len(json.loads(server.run("--json", *words))) == 1


# --- setup


def run_setup(home, *words, answers, environment=None):
    return subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", BINARY, *words, "setup"],
                          input=answers, capture_output=True, text=True,
                          env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C", **(environment or {})})


@pytest.fixture
def home():
    """Where nobody can come: pytest's own folders are root's."""
    folder = pathlib.Path("/tmp") / f"troika-home-{os.getpid()}"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@as_root
def test_setup_as_a_plain_user(home):
    if subprocess.run(["setpriv", f"--reuid={NOBODY}", "--clear-groups", "test", "-x", BINARY]).returncode:
        pytest.skip("the binary lies where only root can come")
    early = run_setup(home, answers="example.org\n")
    assert early.returncode == 1 and "nothing is done" in early.stderr and not list(home.rglob("*.conf"))
    done = run_setup(home, answers="nonsense\nexample.org\n\nanna\na good password\n", environment={"LC_ALL": "ru_RU.UTF-8"})
    assert done.returncode == 0, done.stderr
    assert "не полное имя домена" in done.stderr and "Что осталось сделать" in done.stdout
    assert "example.org.  MX    10 mail.example.org." in done.stdout or "MX" in done.stdout
    (config,) = home.rglob("troika.conf")
    listed = subprocess.run([BINARY, "-c", config, "--json", "account", "list"], capture_output=True, text=True)
    assert [row["address"] for row in json.loads(listed.stdout)] == ["anna@example.org"], listed.stderr
    assert {path.stat().st_uid for path in home.rglob("*")} == {NOBODY}
    again = run_setup(home, answers="example.org\n\nanna\na good password\n")
    assert again.returncode == 1 and "begin anew" in again.stderr
