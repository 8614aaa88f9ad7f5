"""A cluster of etcd on loopback, as Debian packages it, with the settings that suit writes.

What etcd promises is less: a majority has the value on disk, members are believed, writers are
not asked who they are. That makes it the ceiling here, not an equal.
"""

import json
import re
import shutil
import subprocess
import urllib.request
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.systems import processes
from benchmarks.systems.processes import Usage
from benchmarks.systems.waiting import until
from ledger_node.demo.founding import HOST
from ledger_node.demo.ports import HeldPorts

MEMBERS: Final = 5
INSTALL: Final = "`make bench-peers` (Debian, Ubuntu), or put `etcd` on the PATH"


def program(binaries: Path) -> str | None:
    """The etcd on the PATH, or in `binaries`."""
    return shutil.which("etcd") or shutil.which("etcd", path=str(binaries.resolve()))


def version(etcd: str) -> str:
    """What it calls itself."""
    said = subprocess.run([etcd, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"etcd Version: (\S+)", said)
    return found[1] if found else said.strip()


class EtcdCluster:
    """Running within `with`."""

    def __init__(self, etcd: str, root: Path) -> None:
        self._etcd = etcd
        self._root = root
        self._held = HeldPorts(HOST, 2 * MEMBERS)
        self._clients = self._held.ports[:MEMBERS]
        self._peers = self._held.ports[MEMBERS:]
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def endpoints(self) -> list[str]:
        """Of all members."""
        return [f"{HOST}:{port}" for port in self._clients]

    def leader(self) -> list[str]:
        """The endpoint of the leader alone: a put sent elsewhere takes one hop more."""
        for endpoint in self.endpoints:
            status = _status(endpoint)
            if status["leader"] == status["header"]["member_id"]:
                return [endpoint]
        return self.endpoints

    def usage(self) -> Usage:
        """Of all members."""
        return processes.usage([each.pid for each in self._running], self._peers)

    def __enter__(self) -> Self:
        urls = [f"http://{HOST}:{port}" for port in self._peers]
        cluster = ",".join(f"m{n}={url}" for n, url in enumerate(urls))
        for number, peer_url in enumerate(urls):
            client_url = f"http://{HOST}:{self._clients[number]}"
            self._running.append(self._spawn(number, client_url, peer_url, cluster))
        for endpoint in self.endpoints:
            until(partial(_has_leader, endpoint), f"etcd at {endpoint} has no leader")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        processes.kill(self._running)  # its data is not wanted any more, and leaving takes it long
        self._held.let_go()
        shutil.rmtree(self._root, ignore_errors=True)

    def _spawn(
        self, number: int, client_url: str, peer_url: str, cluster: str
    ) -> subprocess.Popen[bytes]:
        home = self._root / f"m{number}"
        home.mkdir(parents=True)
        options = {
            "name": f"m{number}",
            "data-dir": str(home / "data"),
            "listen-client-urls": client_url,
            "advertise-client-urls": client_url,
            "listen-peer-urls": peer_url,
            "initial-advertise-peer-urls": peer_url,
            "initial-cluster": cluster,
            "initial-cluster-state": "new",
            "quota-backend-bytes": str(8 * 1024**3),
            "logger": "zap",
            "log-level": "error",
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        with (home / "log").open("wb") as log:
            return subprocess.Popen([self._etcd, *words], stdout=log, stderr=log)


def _status(endpoint: str) -> dict[str, Any]:
    request = urllib.request.Request(f"http://{endpoint}/v3/maintenance/status", b"{}")
    with urllib.request.urlopen(request, timeout=5) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


def _has_leader(endpoint: str) -> bool:
    try:
        return bool(_status(endpoint).get("leader"))
    except OSError:
        return False
