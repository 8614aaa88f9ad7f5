"""Which node a command talks to, with which token, and what its refusals become.

The node is named by --node, else by the data directory of one on this machine (--data), else by
the environment. The token comes from --token-file, else from the data directory, else from the
environment; without one only what is public can be asked for.
"""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from ledger_node.api.tokens import TokenError, read_token
from ledger_node.cli.connection_options import TOKEN_VARIABLE, URL_VARIABLE
from ledger_node.cli.outcome import CommandError, ExitCode, local, usage
from ledger_node.client import (
    AnswerUnreadable,
    ApiProblem,
    LedgerClient,
    NodeUnreachable,
    NotFinal,
    Retries,
)
from ledger_node.node.config import DataDirectory, SettingsError, read_settings, split_address

PATIENCE: Final = Retries(total_s=2.0)
"""A person waits: a node that is down is said to be down soon."""

_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"}  # noqa: S104
"""Where to find, on this machine, what listens on every address."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Connection:
    """url: of the node's API; token: empty for none."""

    url: str
    token: str


def connection(
    options: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> Connection:
    """The node that the options name."""
    directory = None if options.data is None else DataDirectory(options.data)
    if options.node is not None:
        url = checked_url("--node", options.node)
    elif directory is not None:
        url = url_in(directory)
    elif URL_VARIABLE in environment:
        url = checked_url(URL_VARIABLE, environment[URL_VARIABLE])
    else:
        raise usage(f"which node? give --node, --data or set {URL_VARIABLE}")
    token_file: Path | None = options.token_file
    if token_file is None and directory is not None:
        token_file = directory.api_token
    if token_file is None and TOKEN_VARIABLE in environment:
        token_file = Path(environment[TOKEN_VARIABLE])
    try:
        return Connection(url, "" if token_file is None else read_token(token_file))
    except TokenError as error:
        raise local(str(error)) from error


def ask(node: Connection, question: Callable[[LedgerClient], Awaitable[T]]) -> T:
    """The answer to `question`, or the command's end with what the node said instead."""

    async def asked() -> T:
        async with LedgerClient(node.url, node.token, retries=PATIENCE) as client:
            return await question(client)

    try:
        return asyncio.run(asked())
    except (NodeUnreachable, AnswerUnreadable, NotFinal) as error:
        raise CommandError(ExitCode.NO_NODE, str(error)) from error
    except ApiProblem as problem:
        raise _refusal(node, problem) from problem


def _refusal(node: Connection, problem: ApiProblem) -> CommandError:
    at = f"{problem.field}: " if problem.field else ""
    named = f"{problem.rule} " if problem.rule else ""
    message = f"{node.url} refuses: {named}{at}{problem.detail}"
    details = [f"{name}: {value}" for name, value in problem.values.items()]
    if problem.rule:
        details.insert(0, f"rule: {problem.title}")
    if problem.source:
        details.append(f"source: {problem.source}")
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return CommandError(ExitCode.LOCAL, message, (*details, "give --token-file or --data"))
    later = problem.status >= 500 or problem.status == HTTPStatus.TOO_MANY_REQUESTS
    return CommandError(ExitCode.NO_NODE if later else ExitCode.REFUSED, message, tuple(details))


def url_in(directory: DataDirectory) -> str:
    """Where the node of a data directory on this machine serves its API."""
    try:
        host, port = split_address(read_settings(directory).api_listen)
    except SettingsError as error:
        raise local(str(error)) from error
    host = _ANY_ADDRESS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def checked_url(option: str, url: str) -> str:
    """The URL, if it is one of a node. option: where it was given."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or not url.isascii() or not url.isprintable():
        raise usage(f"{option}: {url!r} is not a URL such as http://127.0.0.1:8443")
    return url
