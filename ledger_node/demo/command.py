"""The command: runs the story from an empty directory to verified proofs, and cleans up.

    python -m ledger_node.demo [--dir DIR] [--keep] | --stop

Exit codes: 0 done; 1 something was not as it must be, said in one line; 130 interrupted.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from contracts import record_to_json
from contracts.registry.objects import Role
from ledger_node.client import ClientError
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.demo import cast, refusals
from ledger_node.demo.cast import Player
from ledger_node.demo.founding import HOST, MEMBERS, Ceremony
from ledger_node.demo.nodes import NodeFailed, end_left_behind
from ledger_node.demo.place import PlaceTaken, alone_in, clear
from ledger_node.demo.ports import HeldPorts
from ledger_node.demo.proofs import prove
from ledger_node.demo.report import Report
from ledger_node.demo.stage import Stage, shown
from ledger_node.demo.story import Story, Unexpected
from ledger_node.demo.union import Union
from ledger_node.genesis.ceremony import VerifiedGenesis

CASUALTY = "AM"
"""The member whose node is killed. Its neighbours' business must not notice."""
CATCH_UP_S = 60.0
ATTEMPTS = 100


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m ledger_node.demo", description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path("var/demo"), help="where it all lives")
    parser.add_argument("--keep", action="store_true", help="leave the union running")
    parser.add_argument("--stop", action="store_true", help="stop a union that was kept")
    arguments = parser.parse_args()
    root = arguments.dir.resolve()
    if arguments.stop:
        ended = end_left_behind(root)
        print("stopped: " + " ".join(ended) if ended else "no node of this demonstration runs")
        return 0
    stage = Stage()
    try:
        with alone_in(root):
            asyncio.run(_demonstrate(root, arguments.keep, stage))
    except (Unexpected, NodeFailed, PlaceTaken, ClientError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("interrupted; all nodes are stopped", file=sys.stderr)
        return 130
    return 0


async def _demonstrate(root: Path, keep: bool, stage: Stage) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    stage.title(
        "Customs Trust Ledger",
        "five member states, one transit movement, and proofs that need no one's word",
    )
    ended = end_left_behind(root)
    if ended:
        stage.say(f"an earlier demonstration still ran ({' '.join(ended)}); it is stopped now")
    clear(root)
    ceremony = Ceremony.begin(root)
    async with AsyncExitStack() as stack:
        held = stack.enter_context(HeldPorts(HOST, 2 * len(MEMBERS)))
        founding = await _found(ceremony, held.ports, stage)
        union = Union(founding.union, ceremony.households, cast.assemble())
        await stack.enter_async_context(union)
        done = False
        try:
            grn = await _tell(union, root, stage)
            done = True
        finally:
            if not (keep and done):
                for node in union.nodes.values():
                    await node.stop()
        if keep:
            _invite(union, grn, root, stage)


async def _found(ceremony: Ceremony, ports: Sequence[int], stage: Stage) -> VerifiedGenesis:
    """The ceremony. ports: two a member, for API and peers."""
    stage.chapter("Founding the union")
    for member, api, peer in zip(MEMBERS, ports[::2], ports[1::2], strict=True):
        with stage.act(member, "makes its keys and signs its member card"):
            await asyncio.to_thread(ceremony.make_member, member, api, peer)
    with stage.act(MEMBERS[0], "drafts the genesis from the five cards"):
        ceremony.draft()
    for member in MEMBERS:
        with stage.act(member, "compares it with its card and signs with its authority key"):
            ceremony.sign(member)
    with stage.act("everyone", "verifies all signatures and keeps the document") as act:
        founding = ceremony.conclude()
        act.note = f"union {founding.union.hex()[:16]}…"
    return founding


async def _tell(union: Union, root: Path, stage: Stage) -> str:
    """The whole story. Returns the GRN of its guarantee."""
    story = Story(union, stage)
    with stage.act("five nodes", "start, each a process with its own keys and disk"):
        await asyncio.gather(*(node.start() for node in union.nodes.values()))
    stage.chapter("Who takes part")
    await story.register_everyone()
    stage.chapter("A guarantee for the whole union")
    await story.guarantee()
    stage.chapter("A declaration, and the goods depart")
    await story.declare()
    await story.depart()
    stage.chapter("What the ledger refuses")
    await refusals.second_release(story, union, stage)
    await refusals.wrong_office(story, union, stage)
    await refusals.tampered(story, union, stage)
    stage.chapter(f"On the road, while {CASUALTY}'s node dies")
    with stage.act(CASUALTY, "node is killed: SIGKILL, no warning"):
        await union.nodes[CASUALTY].kill()
    await story.cross()
    await story.false_alarm()
    await _resurrect(union, stage)
    stage.chapter("Arrival and discharge")
    await story.arrive()
    await story.discharge()
    stage.chapter("Proof")
    log_size, log_root, state_root = await _agreement(union, stage)
    verified = await prove(union, root, stage)
    report = Report(MEMBERS, union.ledgered, verified, log_size, log_root, state_root)
    report.write(root / "report.json")
    stage.chapter("Summary")
    stage.table(report.table())
    stage.say(f"report: {shown(root / 'report.json')} · {stage.elapsed_s:.1f} s in all")
    return story.grn


async def _resurrect(union: Union, stage: Stage) -> None:
    with stage.act(CASUALTY, "node starts again, from its own disk") as act:
        await union.nodes[CASUALTY].start()
        last = await union.client(CASUALTY).wait_final(union.last, CATCH_UP_S)
        act.note = f"caught up to height {last.height}"
    await _agreement(union, stage)


async def _agreement(union: Union, stage: Stage) -> tuple[int, str, str]:
    """All five at one log and one state, or Unexpected."""
    with stage.act("five nodes", "compare log and state") as act:
        for member in union.households:
            await union.client(member).wait_final(union.last, CATCH_UP_S)
        by_height: dict[int, set[tuple[int, str, str]]] = {}
        # A heartbeat may fall between two answers; then the nodes are asked again.
        for _ in range(ATTEMPTS):
            by_height.clear()
            for member in union.households:
                s = await union.client(member).status()
                by_height.setdefault(s.height, set()).add((s.log_size, s.log_root, s.state_root))
            if len(by_height) == 1:
                break
        if [len(roots) for roots in by_height.values()] != [1]:
            raise Unexpected(f"nodes differ: {by_height}")
        ((log_size, log_root, state_root),) = by_height.popitem()[1]
        act.note = f"{log_size} entries, log {log_root[:12]}…, state {state_root[:12]}… on all"
    return log_size, log_root, state_root


def _invite(union: Union, grn: str, root: Path, stage: Stage) -> None:
    """Leave the nodes, and say how to look around and how to stop them."""
    stage.chapter("The union is left running")
    here = Path(shown(root))
    newcomer = Player(
        "KG-NEWCOMER", "KG", "Newcomer Freight", (Role.DECLARANT,), (), SoftwareSigner.generate()
    )
    record = json.dumps(record_to_json(newcomer.registration()), indent=2)
    (root / "newcomer.json").write_text(record + "\n")
    example = next(k for k in union.ledgered.kept if k.name == "movement-released")
    program, kg = _program(), here / "KG"
    for what, line in (
        ("how a node is doing", f"{program} status --data {kg}/node"),
        (
            "a guarantee and all that touched it",
            f"{program} show guarantee/{grn} --history --data {kg}/node",
        ),
        (
            "register someone, as Kyrgyzstan's registrar",
            f"{program} submit {here}/newcomer.json --key {kg}/offline/registrar.key"
            f" --passphrase-file {kg}/passphrase --data {kg}/node",
        ),
        (
            "take the proof of the release away",
            f"{program} proof {example.log_index} --out {here}/release.tlog-proof --data {kg}/node",
        ),
        (
            "verify it, without any node",
            f"{program} verify --policy {here}/union.policy {here}/release.tlog-proof",
        ),
        ("stop the union", "make demo-stop"),
    ):
        stage.say(what)
        stage.command(line)


def _program() -> str:
    """How to call ledger-node from here."""
    return shown(Path(sys.executable).with_name("ledger-node"))
