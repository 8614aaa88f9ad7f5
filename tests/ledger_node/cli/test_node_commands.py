"""Commands against a node that runs: a process of its own, in a union of one member."""

import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.conftest import PASSPHRASE
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.terminal import Terminal

MESSAGES = Path(__file__).parents[2] / "samples" / "ncts" / "messages"
MRN = "25GB000246TK0E6WJ1"
PARTICIPANTS = {
    "AM000001": (["office"], ["departure"]),
    "AM000002": (["office"], ["transit"]),
    "AM000003": (["office"], ["destination"]),
    "AM-TRADER": (["declarant", "carrier"], []),
}
TRANSLATION = {
    "offices": {
        "departure": {"GB000246": "AM000001"},
        "transit": {"XI000142": "AM000002"},
        "destination": {"XI000142": "AM000003"},
    },
    "participants": {"GB953574106000": "AM-TRADER"},
    "guarantees": {"23GB0000010000058": "20GB0000010000GX1"},
}


@pytest.fixture(scope="module")
def home(founding: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a node runs (in `node`), its participants registered under one key (trader.key)."""
    place = tmp_path_factory.mktemp("home")
    shutil.copytree(founding, place, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv(ENVIRONMENT, PASSPHRASE)
        made = ("--purpose", "participant", "--owner", "AM-TRADER", "--out", "trader.key")
        ceremony.command("keys", "new", *made)
        ceremony.command("genesis", "policy", "genesis.json", "--out", "union.policy")
        given = ("--data", "node", "--member", "AM", "--genesis", "genesis.json")
        where = ("--keys", "AM-keys", "--api", free_address(), "--peer", "127.0.0.1:0")
        ceremony.command("init", *given, *where)
        Path("translation.json").write_text(json.dumps(TRANSLATION))
        Path("register.json").write_text(json.dumps(registrations(public_key("trader.key"))))
        with NodeProcess(place / "node") as node:
            registrar = ("--key", "AM-keys/registrar.key", "--data", "node")
            ceremony.command("submit", "register.json", *registrar)
            yield place
            assert node.stop() == 0


def public_key(name: str) -> str:
    key: str = json.loads(Path(name).read_text())["public"]
    return key


def registrations(key: str) -> list[dict[str, object]]:
    return [
        {
            "kind": "registry.register",
            "id": name,
            "member": "AM",
            "name": name,
            "roles": roles,
            "functions": functions,
            "keys": [key],
        }
        for name, (roles, functions) in PARTICIPANTS.items()
    ]


@pytest.fixture
def at_home(terminal: Terminal, home: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in `home`, which tests share: they add files of their own only."""
    monkeypatch.chdir(home)
    return terminal


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_status_tells_people_and_programs(at_home: Terminal) -> None:
    told = at_home.run("status", "--data", "node")
    assert told.code == 0
    assert told.out.startswith("AM's node of Trial union: ready")
    report = json.loads(at_home.run("status", "--json", "--data", "node").out)
    assert (report["member"], report["ready"], report["quorum"]) == ("AM", True, 1)


def test_the_node_may_be_named_by_url_and_token_or_by_the_environment(
    at_home: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = map(json.loads, Path("node.log").read_text().splitlines())
    url = next(line["api"] for line in lines if line["event"] == "serving")
    assert at_home.run("status", "--node", url, "--token-file", "node/api-token").code == 0
    monkeypatch.setenv("LEDGER_NODE_URL", url)
    monkeypatch.setenv("LEDGER_NODE_TOKEN_FILE", "node/api-token")
    assert at_home.run("status").code == 0


def test_a_batch_is_judged_record_by_record(at_home: Terminal, tmp_path: Path) -> None:
    batch = write(tmp_path / "batch.json", registrations(public_key("trader.key"))[:2])
    answer = at_home.run("submit", batch, "--key", "AM-keys/registrar.key", "--data", "node")
    assert answer.code == 1
    assert answer.out.count("REFUSED under RE-006") == 2
    assert "source: " in answer.out
    assert "participant: AM000001" in answer.out


def test_a_record_from_standard_input_is_judged(
    at_home: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = write(tmp_path / "r.json", {"kind": "transit.discharge", "mrn": MRN})
    with record.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        given = ("--key", "trader.key", "--author", "AM000001", "--data", "node", "--json")
        answer = at_home.run("submit", "-", *given)
    assert answer.code == 1
    view = json.loads(answer.out)
    assert (view["stage"], view["records"][0]["outcome"]) == ("final", "rejected")


def test_a_submission_can_be_left_to_itself(at_home: Terminal, tmp_path: Path) -> None:
    record = write(tmp_path / "r.json", {"kind": "transit.discharge", "mrn": MRN})
    given = ("--key", "trader.key", "--author", "AM000001", "--data", "node")
    answer = at_home.run("submit", record, *given, "--no-wait")
    assert answer.out.startswith("submission ")


def test_an_author_whose_key_is_not_registered_is_refused_at_the_door(
    at_home: Terminal, tmp_path: Path
) -> None:
    record = write(tmp_path / "r.json", {"kind": "transit.discharge", "mrn": MRN})
    given = ("--key", "trader.key", "--author", "AM", "--data", "node")
    error = at_home.fails(1, "submit", record, *given)
    assert "rule: " in error


def test_nothing_is_signed_for_another_union(at_home: Terminal, tmp_path: Path) -> None:
    record = write(tmp_path / "r.json", {"kind": "transit.discharge", "mrn": MRN})
    given = ("--key", "trader.key", "--data", "node", "--union", "00" * 32)
    assert "nothing was signed" in at_home.fails(1, "submit", record, *given)


def test_a_key_that_signs_no_records_is_refused(at_home: Terminal, tmp_path: Path) -> None:
    record = write(tmp_path / "r.json", {"kind": "transit.discharge", "mrn": MRN})
    given = ("--key", "AM-keys/log.key", "--data", "node")
    assert "a log key signs no records" in at_home.fails(2, "submit", record, *given)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "0 records"),
        (b"7", "a record is an object"),
        (b'{"kind": "no.such"}', "no record kind"),
        (b'{"kind": "transit.discharge"}', "$.mrn: the field is missing"),
        (b'{"kind": "transit.discharge", "mrn": "1"}', "REC-010"),
        (b'{"kind": "transit.discharge", "mrn": "1", "mrn": "2"}', "'mrn' is given twice"),
        (json.dumps([{"kind": "x"}] * 257).encode(), "257 records"),
        (b" " * (8 * 1024 * 1024 + 1), "more than 8388608 bytes"),
    ],
)
def test_a_file_that_holds_no_records_is_refused_with_field_and_reason(
    terminal: Terminal, tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    given = ("--key", "x", "--node", "http://127.0.0.1:9")
    assert reason in terminal.fails(2, "submit", "bad.json", *given)


def test_a_declaration_is_imported_lodged_shown_and_proven(
    at_home: Terminal, tmp_path: Path
) -> None:
    message = MESSAGES / "DNGB1-cc015c.xml"
    given = ("--translation", "translation.json", "--key", "trader.key", "--data", "node")
    answer = at_home.run("import", message, *given)
    assert answer.code == 0, answer
    assert "transit.lodge: accepted" in answer.out
    assert "translated: office of departure GB000246 → AM000001" in answer.out
    assert all(len(line) <= 80 or " " not in line.strip() for line in answer.out.splitlines())
    assert any(Path("node/payloads").rglob("*")), "particulars are kept at the node"
    shown = at_home.run("show", "declaration/", "--data", "node").out.split()
    assert len(shown) == 1
    told = at_home.run("show", shown[0], "--history", "--data", "node")
    assert "transit.lodge" in told.out
    assert "content.office_of_departure" in told.out
    name = next(line for line in answer.out.splitlines() if line.startswith("submission "))
    submission = name.split()[1]
    for entry, out in ((f"{submission}:0", "lodge"), (submission, "author")):
        fetched = at_home.run("proof", entry, "--out", tmp_path / out, "--data", "node")
        assert fetched.code == 0, fetched
    proofs = (tmp_path / "lodge", tmp_path / "author")
    verified = at_home.run("verify", "--policy", "union.policy", *proofs)
    assert verified.code == 0
    assert "signed by   AM-TRADER" in verified.out
    again = at_home.run("import", message, *given)
    assert again.code == 1
    assert "REFUSED under" in again.out


def test_a_dry_run_asks_for_neither_key_nor_node(terminal: Terminal) -> None:
    answer = terminal.run("import", MESSAGES / "DNGB1-cc015c.xml", "--dry-run")
    assert answer.code == 0
    assert "read and valid" in answer.out
    assert "accessCode: read past" in answer.out


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        ((MESSAGES / "PSGB2-cc170c.xml", "--dry-run"), 1, "CC170C/TransitOperation/LRN"),
        ((MESSAGES / "DNGB1-cc015c.xml",), 2, "--key"),
        (("missing.xml", "--dry-run"), 2, "missing.xml"),
        (("bad.xml", "--dry-run"), 1, "bad.xml"),
        (("from-customs.xml", "--key", "x"), 1, "CC928C is valid, but makes no record"),
        (
            (MESSAGES / "DNGB1-cc015c.xml", "--dry-run", "--translation", "bad.xml"),
            2,
            "--translation bad.xml",
        ),
    ],
)
def test_a_message_that_cannot_be_lodged_is_refused_with_the_reason(
    terminal: Terminal, arguments: tuple[str | Path, ...], code: int, reason: str
) -> None:
    Path("bad.xml").write_bytes(b"<a><b>\xff")
    Path("from-customs.xml").write_text(ACKNOWLEDGEMENT)
    assert reason in terminal.fails(code, "import", *arguments)


ACKNOWLEDGEMENT = """\
<ncts:CC928C PhaseID="NCTS5.1" xmlns:ncts="http://ncts.dgtaxud.ec">
  <messageSender>NTA.GB</messageSender>
  <messageRecipient>trader</messageRecipient>
  <preparationDateAndTime>2025-11-03T10:15:00</preparationDateAndTime>
  <messageIdentification>M1</messageIdentification>
  <messageType>CC928C</messageType>
  <correlationIdentifier>M0</correlationIdentifier>
  <TransitOperation><LRN>L1</LRN></TransitOperation>
  <CustomsOfficeOfDeparture><referenceNumber>GB000246</referenceNumber></CustomsOfficeOfDeparture>
  <HolderOfTheTransitProcedure>
    <identificationNumber>GB953574106000</identificationNumber>
  </HolderOfTheTransitProcedure>
</ncts:CC928C>
"""


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("show", "movement"), 2, "KEY"),
        (("show", "movement/\x1b[2J"), 2, "KEY"),
        (("show", "movement/none"), 1, "no object movement/none"),
        (("show", "movement/"), 1, "no object's key starts with"),
        (("show", "participant/", "--history"), 2, "--history"),
        (("proof", "999999", "--out", "x"), 1, "no entry 999999"),
        (("proof", "-1", "--out", "x"), 2, "ENTRY"),
        (("proof", "zz", "--out", "x"), 2, "ENTRY"),
        (("proof", "0", "--out", "union.policy"), 2, "exists"),
        (("proof", "ab" * 32, "--out", "x"), 1, "neither final nor waiting"),
    ],
)
def test_what_is_not_there_or_not_asked_well_is_refused(
    at_home: Terminal, arguments: tuple[str, ...], code: int, reason: str
) -> None:
    assert reason in at_home.fails(code, *arguments, "--data", "node")
    assert not Path("x").exists()


def test_state_proofs_are_written_and_say_what_they_prove(
    at_home: Terminal, tmp_path: Path
) -> None:
    present, absent = tmp_path / "trader.state-proof", tmp_path / "none.state-proof"
    for key, out in (("participant/AM-TRADER", present), ("guarantee/NONE", absent)):
        made = at_home.run("state-proof", key, "--out", out, "--data", "node")
        assert (made.code, out.exists()) == (0, True)
        assert "exists" in at_home.fails(2, "state-proof", key, "--out", out, "--data", "node")
    told = at_home.run("verify", "--policy", "union.policy", present, absent)
    assert told.code == 0
    assert "PROVEN: the state of participant/AM-TRADER" in told.out
    said = " ".join(told.out.split())
    assert "participant AM-TRADER of AM was active, as carrier, declarant" in said
    assert "guarantee NONE did not exist" in told.out


def test_a_certificate_is_made_of_what_the_node_proves(at_home: Terminal, tmp_path: Path) -> None:
    page, proof = tmp_path / "trader.html", tmp_path / "trader.ctlproof"
    asked = ("certificate", "participant/AM-TRADER", "--policy", "union.policy", "--data", "node")
    assert at_home.run(*asked, "--out", page).code == 0
    assert "participant AM-TRADER of AM was active" in page.read_text()
    assert "exists" in at_home.fails(2, *asked, "--out", page)
    told = at_home.run("verify", "--policy", "union.policy", proof)
    assert (told.code, told.out.splitlines()[-1]) == (0, "1 of 1 proven")


def test_a_record_beyond_a_submission_has_no_proof(at_home: Terminal, tmp_path: Path) -> None:
    record = write(tmp_path / "r.json", {"kind": "transit.discharge", "mrn": MRN})
    given = ("--key", "trader.key", "--author", "AM000001", "--data", "node", "--json")
    name = json.loads(at_home.run("submit", record, *given).out)["id"]
    asked = ("proof", f"{name}:1", "--out", tmp_path / "p", "--data", "node")
    assert "has 1 records" in at_home.fails(1, *asked)


def test_a_wrong_token_is_a_matter_of_this_machine(at_home: Terminal, tmp_path: Path) -> None:
    other = tmp_path / "token"
    other.touch(mode=0o600)
    other.write_text("A" * 43)
    assert "--token-file" in at_home.fails(4, "status", "--data", "node", "--token-file", other)
    other.chmod(0o644)
    assert "chmod 600" in at_home.fails(4, "status", "--data", "node", "--token-file", other)


def test_without_a_node_the_exit_code_says_so(terminal: Terminal) -> None:
    nobody = f"http://{free_address()}"
    told = terminal.fails(3, "status", "--node", nobody)
    assert told == f"error: {nobody} cannot be reached: Connection refused\n"


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@contextmanager
def web_server() -> Iterator[str]:
    """Something that speaks HTTP and is no node."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_server_that_is_no_node_is_said_so(terminal: Terminal) -> None:
    with web_server() as url:
        assert "not a node's" in terminal.fails(3, "status", "--node", url)


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8443", "http://", "http://[::1", "http://é"])
def test_what_is_no_url_is_a_usage_error(terminal: Terminal, url: str) -> None:
    assert "--node" in terminal.fails(2, "status", "--node", url)


def test_no_node_named_is_a_usage_error(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEDGER_NODE_URL", raising=False)
    assert "which node?" in terminal.fails(2, "status")


def test_a_directory_that_is_none_of_a_node_is_named(terminal: Terminal) -> None:
    assert "ledger-node init" in terminal.fails(4, "status", "--data", ".")
