"""Options of the whole test suite."""

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")
"""How long an example takes says more of what else the machine has to do than of the code."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="write tests/golden/ anew instead of comparing with it: only for a format change",
    )
    parser.addoption(
        "--regenerate-scenarios",
        action="store_true",
        help="write what follows in tests/scenarios/*.txt anew: only for a change of behaviour",
    )


@pytest.fixture
def regenerate_scenarios(request: pytest.FixtureRequest) -> bool:
    """Whether plays are to be written anew."""
    return bool(request.config.getoption("--regenerate-scenarios"))


@pytest.fixture
def regenerate_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew."""
    return bool(request.config.getoption("--regenerate-golden"))
