"""Every command of docs/operators/backup.md, run as it stands there; and backups that are bad."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.conftest import PASSPHRASE
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.terminal import Terminal
from tests.ledger_node.cli.test_quickstart import BLOCK, Reader

PAGE = Path(__file__).parents[3] / "docs" / "operators" / "backup.md"


@pytest.fixture(scope="module")
def home(founding: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The quickstart's directory, with some records on the ledger of am-node, which is stopped."""
    place = tmp_path_factory.mktemp("backup")
    shutil.copytree(founding, place, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv(ENVIRONMENT, PASSPHRASE)
        given = ("--data", "am-node", "--member", "AM", "--genesis", "genesis.json")
        where = ("--keys", "AM-keys", "--api", free_address(), "--peer", "127.0.0.1:0")
        ceremony.command("init", *given, *where)
        made = ("--purpose", "participant", "--owner", "AM-ONE", "--out", "one.key")
        ceremony.command("keys", "new", *made)
        yield place


def test_the_commands_of_the_page_take_a_ledger_to_another_machine(home: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text())
    backup, rest, check, restore, journal = (b for background, b in blocks if not background)
    (run,) = (block for background, block in blocks if background)
    assert run.strip() == "ledger-node run --data am-restored"
    reader = Reader(home)
    with NodeProcess(home / "am-node"):
        reader.types(
            "key=$(ledger-node keys show --public one.key)\n"
            'echo "{\\"kind\\": \\"registry.register\\", \\"id\\": \\"AM-ONE\\", \\"member\\": '
            '\\"AM\\", \\"name\\": \\"One\\", \\"roles\\": [\\"declarant\\"], \\"functions\\": [], '
            '\\"keys\\": [\\"$key\\"]}" > register.json\n'
            "ledger-node submit register.json --key AM-keys/registrar.key --data am-node"
        )
        printed = reader.types(backup) + reader.types(rest)
        status = json.loads(reader.types("ledger-node status --json --data am-node"))
    assert "the whole ledger" in printed
    assert (home / "ledger.backup").stat().st_mode & 0o077 == 0
    found = reader.types(check)
    assert "ledger.backup: verified" in found
    assert status["state_root"] in found
    printed = reader.types(restore)
    assert "ledger.backup: restored" in printed
    assert "journal.wal is missing" in printed
    with pytest.raises(AssertionError, match="what this node has voted is not known"):
        NodeProcess(home / "am-restored").__enter__()
    reader.types(journal)
    with NodeProcess(home / "am-restored"):
        shown = reader.types("ledger-node show participant/AM-ONE --history --data am-restored")
        assert "registry.register" in shown
        again = json.loads(reader.types("ledger-node status --json --data am-restored"))
    assert again["state_root"] == status["state_root"]
    assert again["missing"] is None


def test_a_key_that_never_voted_begins_a_journal(terminal: Terminal, home: Path) -> None:
    Path("node").mkdir()
    shutil.copy(home / "genesis.json", "node/genesis.json")
    Path("node/journal.wal").write_text("what another key voted")
    given = ("restore", "--data", "node", "--new-consensus-key", home / "ledger.backup")
    assert "exists" in terminal.fails(4, *given)
    assert not Path("node/ledger").exists()
    Path("node/journal.wal").unlink()
    assert "missing" not in terminal.run(*given).out
    assert Path("node/journal.wal").stat().st_size > 0


def flipped(at: float) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        place = int(len(data) * at)
        return data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]

    return flip


@pytest.mark.parametrize(
    "damage",
    [
        *[flipped(at) for at in (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.99)],
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda _: b"ctlbkp1\n\xff\xff\xff\xff",
        lambda data: data[:8] + data[8:][::-1],
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_nothing(
    terminal: Terminal, home: Path, damage: Callable[[bytes], bytes]
) -> None:
    Path("bad.backup").write_bytes(damage((home / "ledger.backup").read_bytes()))
    Path("node").mkdir()
    shutil.copy(home / "genesis.json", "node/genesis.json")
    terminal.fails(1, "restore", "--data", "node", "bad.backup")
    assert [path.name for path in Path("node").iterdir()] == ["genesis.json"]


def test_what_cannot_be_restored_is_said_so(terminal: Terminal, home: Path) -> None:
    good = home / "ledger.backup"
    assert "holds a ledger already" in terminal.fails(
        4, "restore", "--data", home / "am-node", good
    )
    Path("node").mkdir()
    assert "genesis.json: No such file" in terminal.fails(4, "restore", "--data", "node", good)
    shutil.copy(home / "genesis.json", "node/genesis.json")
    assert "nowhere" in terminal.fails(2, "restore", "--data", "node", "nowhere")
    ceremony.found("BY")
    Path("other").mkdir()
    shutil.copy("genesis.json", "other/genesis.json")
    assert "another union" in terminal.fails(1, "restore", "--data", "other", good)


def test_what_cannot_be_backed_up_is_said_so(terminal: Terminal) -> None:
    Path("there").write_text("")
    nobody = f"http://{free_address()}"
    assert "exists" in terminal.fails(4, "backup", "--node", nobody, "--out", "there")
    terminal.fails(3, "backup", "--node", nobody, "--out", "new.backup")
    assert not list(Path().glob("*new.backup*"))
