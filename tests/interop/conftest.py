"""What is missing is said aloud: a verifier that was not asked has not agreed."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.interop import Judge, Missing, go_libraries, litewitness, node_program, npm_ics23

T = TypeVar("T")


def _there(found: T | Missing) -> T:
    if isinstance(found, Missing):
        print(found.reason)
        pytest.skip(found.reason)
    return found


@pytest.fixture
def go() -> Judge:
    return _there(go_libraries())


@pytest.fixture
def npm() -> Judge:
    return _there(npm_ics23())


@pytest.fixture
def node() -> Callable[[str], tuple[str, ...]]:
    return lambda name: _there(node_program(name))


@pytest.fixture
def witness_program() -> Path:
    return _there(litewitness())
