"""Validators of CometBFT on loopback with its kvstore application, set up for throughput.

The nearest equal: Byzantine-fault tolerant, 4 validators (one may be faulty, as of our five). Its
kvstore application keeps a map in memory, in the node's own process: it checks no signature, no
right and no rule, so the figures are ordering and storage alone. With our contracts as the
application (benchmarks/abci) it has the same duties as our nodes. Blocks follow each other without
a pause, gossip is not slowed down, transactions are not indexed: all faster than as delivered.
"""

import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.systems import processes
from benchmarks.systems.processes import Usage
from benchmarks.systems.waiting import until
from ledger_node.demo.founding import HOST
from ledger_node.demo.ports import HeldPorts

VALIDATORS: Final = 4
SOURCE: Final = Path(__file__).parents[1] / "peers" / "cometbft"
INSTALL: Final = "`make bench-peers`, which builds it with Go"

FASTER: Final = (
    ("", "log_level", '"error"'),
    ("", "proxy_app", '"kvstore"'),
    ("p2p", "flush_throttle_timeout", '"10ms"'),
    ("p2p", "send_rate", "512000000"),
    ("p2p", "recv_rate", "512000000"),
    ("p2p", "pex", "false"),
    ("p2p", "addr_book_strict", "false"),
    ("mempool", "size", "50000"),
    ("mempool", "recheck", "false"),
    ("mempool", "cache_size", "100000"),
    ("consensus", "timeout_commit", '"0s"'),
    ("consensus", "create_empty_blocks", "false"),
    ("consensus", "peer_gossip_sleep_duration", '"10ms"'),
    ("tx_index", "indexer", '"null"'),
)
"""Section, name, value in config.toml."""


def build(directory: Path) -> Path:
    """The node program in `directory`; Go fetches what it needs. Raises CalledProcessError."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory.resolve() / "cometbft"
    subprocess.run(
        ["go", "build", "-o", str(program), "github.com/cometbft/cometbft/cmd/cometbft"],
        cwd=SOURCE,
        check=True,
    )
    return program


def version(program: Path) -> str:
    """What it calls itself."""
    return _said(program, "version")


class CometNetwork:
    """Running within `with`."""

    def __init__(self, program: Path, root: Path, ledgers: Sequence[Path] = ()) -> None:
        """ledgers: data directories of a founded union, one a validator, for our contracts as the
        application; kvstore without."""
        self._program = program
        self._root = root
        self._held = HeldPorts(HOST, 3 * VALIDATORS)
        self._ledgers = tuple(ledgers)
        self._rpc = self._held.ports[:VALIDATORS]
        self._p2p = self._held.ports[VALIDATORS : 2 * VALIDATORS]
        self._abci = self._held.ports[2 * VALIDATORS :]
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def endpoints(self) -> list[str]:
        """Of all validators."""
        return [f"{HOST}:{port}" for port in self._rpc]

    def usage(self) -> Usage:
        """Of all validators."""
        return processes.usage([each.pid for each in self._running], self._p2p)

    def __enter__(self) -> Self:
        self._root.mkdir(parents=True)
        where = f"--o={self._root}"
        _said(
            self._program,
            "testnet",
            f"--v={VALIDATORS}",
            where,
            "--populate-persistent-peers=false",
        )
        homes = [self._root / f"node{n}" for n in range(VALIDATORS)]
        names = [_said(self._program, "show-node-id", f"--home={home}") for home in homes]
        addresses = [f"{n}@{HOST}:{port}" for n, port in zip(names, self._p2p, strict=True)]
        for data, port in zip(self._ledgers, self._abci, strict=False):
            self._running.append(_application(data, port))
        for number, home in enumerate(homes):
            others = ",".join(a for n, a in enumerate(addresses) if n != number)
            self._configure(home / "config" / "config.toml", number, others)
            with (home / "log").open("wb") as log:
                command = [str(self._program), "start", f"--home={home}"]
                self._running.append(subprocess.Popen(command, stdout=log, stderr=log))
        for endpoint in self.endpoints:
            until(partial(_connected, endpoint), f"CometBFT at {endpoint} is not connected")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        processes.kill(self._running)
        self._held.let_go()
        shutil.rmtree(self._root, ignore_errors=True)

    def _configure(self, path: Path, number: int, others: str) -> None:
        text = path.read_text()
        own = [
            ("rpc", "laddr", f'"tcp://{HOST}:{self._rpc[number]}"'),
            ("p2p", "laddr", f'"tcp://{HOST}:{self._p2p[number]}"'),
            ("p2p", "persistent_peers", f'"{others}"'),
        ]
        if self._ledgers:
            own.append(("", "proxy_app", f'"tcp://{HOST}:{self._abci[number]}"'))
        for section, name, value in (*FASTER, *own):
            text = _with_setting(text, section, name, value)
        path.write_text(text)


def _application(data: Path, port: int) -> subprocess.Popen[bytes]:
    words = ["-m", "benchmarks.abci.application", "--data", str(data), "--listen", str(port)]
    with (data / "application.log").open("wb") as log:
        started = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=log)
    assert started.stdout is not None, "it was asked for"
    if not started.stdout.readline().startswith(b"ready"):
        raise RuntimeError((data / "application.log").read_text(errors="replace")[-2000:])
    return started


def _with_setting(text: str, section: str, name: str, value: str) -> str:
    """The TOML text with one value replaced. A name that is not there is a mistake of ours."""
    lead = rf"(^\[{section}\]$.*?)" if section else "()"
    pattern = rf"{lead}^{name} = [^\n]*$"
    changed, found = re.subn(
        pattern, rf"\g<1>{name} = {value}", text, count=1, flags=re.MULTILINE | re.DOTALL
    )
    assert found, f"config.toml has {section}.{name}"
    return changed


def _said(program: Path, *words: str) -> str:
    ran = subprocess.run([str(program), *words], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def _connected(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{endpoint}/net_info", timeout=5) as answer:
            return f'"n_peers":"{VALIDATORS - 1}"'.encode() in answer.read().replace(b" ", b"")
    except OSError:
        return False
