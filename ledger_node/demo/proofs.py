"""Proof files for the records of the story, checked by a process that knows no node.

`ledger-node verify` gets the policy and the files, nothing else. A copy with one bit flipped must
fail, or the check would be worth nothing.
"""

import asyncio
import sys
from pathlib import Path

from ledger_node.demo.stage import Stage, shown
from ledger_node.demo.story import Unexpected
from ledger_node.demo.union import Union


async def collect_proofs(union: Union, directory: Path) -> list[Path]:
    """One proof a kept record, from the node of another member each, in the order of the story."""
    members = sorted(union.households)
    paths = []
    for turn, kept in enumerate(union.ledgered.kept):
        proof = await union.client(members[turn % len(members)]).proof(kept.log_index)
        path = directory / f"{kept.name}.tlog-proof"
        path.write_bytes(proof)
        paths.append(path)
    return paths


async def verify_offline(policy: Path, paths: list[Path]) -> tuple[int, str]:
    """Exit code and output of `ledger-node verify` in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ledger_node.cli.main",
        "verify",
        "--policy",
        str(policy),
        *map(str, paths),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


def _reason(output: str) -> str:
    """What the verifier says of one refused file, on one line, without the count at its end."""
    lines = output.strip().splitlines()[:-1]
    return "; ".join(" ".join(line.split()) for line in lines if line.strip())


async def prove(union: Union, root: Path, stage: Stage) -> int:
    """Write, verify, and show that a flipped bit is found. Returns how many were verified."""
    policy = root / "union.policy"
    with stage.act("everyone", "asks for proofs, each from another member's node") as act:
        (root / "proofs").mkdir()
        paths = await collect_proofs(union, root / "proofs")
        act.note = f"{len(paths)} files in {shown(root / 'proofs')}"
    with stage.act("a stranger", "verifies them: policy and files, no node, no network") as act:
        code, output = await verify_offline(policy, paths)
        if code != 0:
            raise Unexpected(f"proofs were refused:\n{output}")
        act.note = output.strip().splitlines()[-1]
    flipped = root / "flipped.tlog-proof"
    data = bytearray(paths[0].read_bytes())
    data[len(data) // 3] ^= 1
    flipped.write_bytes(data)
    code, output = await verify_offline(policy, [flipped])
    if code != 1:
        raise Unexpected(f"a proof with a flipped bit was not refused (exit {code}):\n{output}")
    stage.refused("a forger", "flips one bit of a proof", "not proven", _reason(output))
    return len(paths)
