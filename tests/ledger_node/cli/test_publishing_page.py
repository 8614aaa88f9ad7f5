"""Every command of docs/operators/publishing.md, and its nginx configuration in a real nginx."""

import asyncio
import re
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ledger_node.audit.mirror import mirror
from ledger_node.audit.tile_directory import TileDirectory
from ledger_node.client import Retries
from ledger_node.client.published_log import HttpLog
from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.audit.published_logs import memory_log
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.conftest import PASSPHRASE
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.terminal import Terminal
from tests.ledger_node.cli.test_quickstart import BLOCK, Reader
from tests.ledger_node.log.sample_union import policy
from tests.patience import PATIENCE_S

PAGE = Path(__file__).parents[3] / "docs" / "operators" / "publishing.md"
NGINX_ABSENT = "nginx is not installed: the configuration on the page is NOT tried"


@pytest.fixture(scope="module")
def place(founding: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The quickstart's directory with am-node and union.policy, and the address of its API."""
    home, api = tmp_path_factory.mktemp("publishing"), free_address()
    shutil.copytree(founding, home, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv(ENVIRONMENT, PASSPHRASE)
        ceremony.command("genesis", "policy", "genesis.json", "--out", "union.policy")
        given = ("--data", "am-node", "--member", "AM", "--genesis", "genesis.json")
        where = ("--keys", "AM-keys", "--api", api, "--peer", "127.0.0.1:0")
        ceremony.command("init", *given, *where)
        yield home, api


def test_the_commands_of_the_page_publish_a_running_and_a_stopped_node(
    place: tuple[Path, str],
) -> None:
    home, api = place
    blocks = [b for _, b in BLOCK.findall(PAGE.read_text().replace("127.0.0.1:8443", api))]
    assert [len(block.splitlines()) for block in blocks] == [1, 1, 1]
    reader = Reader(home)
    with NodeProcess(home / "am-node") as node:
        printed = [reader.types(block) for block in blocks]
        assert node.stop() == 0
    # An idle union goes on by a block entry each heartbeat.
    first, second, third = (re.findall(r"([0-9]+)", line.partition(": ")[2]) for line in printed)
    assert first[0] == first[1] == "2"
    assert int(second[0]) == 2 + int(second[1])
    assert printed[1].endswith("removed 0 partial tiles and bundles\n")
    assert third[0] == third[1]
    reader.types(blocks[0])
    shutil.rmtree(home / "log")
    size = re.findall(r"([0-9]+)", reader.types(blocks[1]))[0]
    files = sorted(p.relative_to(home / "log") for p in (home / "log").rglob("*") if p.is_file())
    tiles = [f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"]
    assert list(map(str, files)) == ["checkpoint", *tiles]


def test_what_cannot_be_published_is_said_so(terminal: Terminal, tmp_path: Path) -> None:
    log = TileDirectory(tmp_path / "log")
    asyncio.run(mirror(memory_log(300, fork_at=299), log))
    nobody = f"http://{free_address()}"
    Path("file").write_text("")
    Path("union.policy").write_bytes(policy().format())
    terminal.fails(2, "export-tiles", "out")
    terminal.fails(2, "export-tiles", "out", "--node", "nonsense")
    terminal.fails(2, "export-tiles", "file", "--node", nobody)
    terminal.fails(3, "export-tiles", "out", "--node", nobody)
    terminal.fails(4, "export-tiles", "out", "--data", "nowhere")
    with web_server(tmp_path / "empty") as url:
        said = terminal.fails(3, "export-tiles", "out", "--node", url)
        assert "nothing is published there yet" in said
    with web_server(tmp_path / "log") as url:
        assert terminal.run("export-tiles", "out", "--node", url).code == 0
    other = TileDirectory(tmp_path / "other")
    asyncio.run(mirror(memory_log(300), other))
    with web_server(tmp_path / "other") as url:
        given = ("export-tiles", "out", "--node", url, "--policy", "union.policy")
        assert "another history" in terminal.fails(1, *given)
        Path("strict.policy").write_bytes(policy(5, ("AM", "BY", "KZ", "KG", "UZ")).format())
        assert "refused" in terminal.fails(1, *given[:-1], "strict.policy")


@contextmanager
def web_server(root: Path) -> Iterator[str]:
    """Python's own web server, on a directory."""
    root.mkdir(exist_ok=True)
    address = free_address()
    host, _, port = address.partition(":")
    command = ["python3", "-m", "http.server", port, "--bind", host, "--directory", str(root)]
    with served(command, f"http://{address}") as url:
        yield url


@contextmanager
def served(command: list[str], url: str) -> Iterator[str]:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    where = urlsplit(url)
    pause = threading.Event()
    try:
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex((where.hostname, where.port)) == 0:
                    break
            pause.wait(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def test_nginx_serves_a_log_that_others_mirror(tmp_path: Path) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        print(NGINX_ABSENT)
        pytest.skip(NGINX_ABSENT)
    log = TileDirectory(tmp_path / "log")
    source = memory_log(300)
    asyncio.run(mirror(source, log))
    tmp_path.chmod(0o755)
    address = free_address()
    (server,) = re.findall(r"^```nginx\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    server = server.replace("8080", address).replace("/srv/log", str(log.root))
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if Path("/").owner() == Path(tmp_path).owner() else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user}daemon off;\nmaster_process off;\npid {tmp_path}/pid;\n"
        f"error_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{server}}}\n"
    )
    with served([program, "-c", str(tmp_path / "nginx.conf")], f"http://{address}/") as url:

        async def copied() -> None:
            async with HttpLog(url, retries=Retries(0)) as remote:
                await mirror(remote, TileDirectory(tmp_path / "copy"), policy())

        asyncio.run(copied())
        tile = head(f"{url}tile/0/001.p/44")
        assert tile["Cache-Control"] == "public, max-age=31536000, immutable"
        assert tile["Content-Type"] == "application/octet-stream"
        checkpoint = head(f"{url}checkpoint")
        assert checkpoint["Cache-Control"] == "public, max-age=2"
        assert checkpoint["Content-Type"] == "text/plain; charset=utf-8"
        with pytest.raises(urllib.error.HTTPError) as absent:
            head(f"{url}tile/0/002.p/1")
        assert (absent.value.code, absent.value.headers["Cache-Control"]) == (404, None)
    assert (tmp_path / "copy" / "tile" / "0" / "000").read_bytes() == log.read("tile/0/000")


def head(url: str) -> Message:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        headers: Message = answer.headers
        return headers
