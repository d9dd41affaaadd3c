"""The SMTP dialogue, RFC by RFC: scenarios/smtp."""

import pathlib

import pytest
from lib_scenario import Player, read_scenarios
from lib_troika import Troika

FOLDER = pathlib.Path(__file__).parent / "scenarios" / "smtp"
SCENARIOS = [scenario for path in sorted(FOLDER.glob("*.txt")) for scenario in read_scenarios(path)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    limits = "limits = { sessions_per_address = 0; new_sessions_per_second = 0; wrong_passwords_per_hour = 1000; };"
    with Troika(tmp_path_factory.mktemp("smtp"), limits) as server:
        server.add_accounts("anna", "boris")
        yield server.start()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=map(str, SCENARIOS))
def test_dialogue(server, scenario):
    Player(server, scenario, "smtp").play()
