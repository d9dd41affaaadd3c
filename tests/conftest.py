import pytest
from lib_troika import BINARY, Troika


@pytest.fixture
def make_troika(tmp_path):
    """Makes servers of the test's own: make_troika("anna", extra="…", start=True)."""
    made = []

    def make(*accounts, extra="", environment=None, start=True):
        if not BINARY.exists():
            pytest.fail(f"{BINARY} is not built")
        server = Troika(tmp_path / f"troika-{len(made)}", extra, environment)
        made.append(server)
        if accounts:
            server.add_accounts(*accounts)
        return server.start() if start else server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def troika(make_troika):
    """A running server with anna and boris."""
    return make_troika("anna", "boris")
