"""Sizes of proof files and the time to verify one, with ten million log entries and objects.

Neither is built whole. The log is one entry and the way up from it, of random hashes, as long as
in a tree of this size. The state is a real tree of the objects whose paths begin with the same nine
bits, one part in 512 of ten million; the nine hashes above it are random. So every proof has the
depth and the form that it would have. State proofs are of the newest block, as nodes make them, in
logs of ten to eleven million entries. Cosignatures are by four of five members, and by twenty of
thirty.

Times are of the processor, not of the clock, the median of many runs. "Alone" is `ctl_verify`, in
plain Python. Run: python -m benchmarks.proofs
"""

import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any, Final

from ctl_verify.ed25519 import verify as plain_ed25519
from ctl_verify.examine import examine as examine_alone
from ctl_verify.policy import parse_policy
from ctl_verify.refusal import Refused
from ledger_node.audit.verify import NotProven, examine
from ledger_node.codec import Digest, encode
from ledger_node.ledger.code_text import code_count
from ledger_node.ledger.compact_proof import compact
from ledger_node.ledger.entries import BlockEntry, RecordEntry
from ledger_node.ledger.outcome import ACCEPTED
from ledger_node.ledger.state_proof import VerifiedStateProof, build_state_proof
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.merkle import leaf_hash, node_hash
from ledger_node.log.policy import Policy
from ledger_node.log.proof import VerifiedProof, build_proof
from ledger_node.log.verified import verify_checkpoint
from ledger_node.state import CommitmentProof, encode_compressed, encode_proof
from ledger_node.state.proof import ExistenceProof, InnerOp, NonExistenceProof
from tests.contracts.sample_union import GRN, MRN, SampleUnion
from tests.ledger_node.ledger.sample_state import SampleState
from tests.ledger_node.log.sample_union import MEMBERS, ORIGIN, policy, sign

ENTRIES: Final = 10_000_000
BITS: Final = 9
OBJECTS: Final = ENTRIES >> BITS
SAMPLES: Final = 300

MANY: Final = tuple(f"{one}{other}" for one in "ABCDEF" for other in "VWXYZ")
"""Codes of thirty members."""

RANDOM: Final = Random(7)


def hash_at_random() -> Digest:
    return Digest(RANDOM.randbytes(32))


def way(index: int, size: int, leaf: Digest) -> tuple[tuple[Digest, ...], Digest]:
    """An inclusion path of the length that the tree's size gives, and the root it leads to."""
    path: list[Digest] = []
    node, at, last = leaf, index, size - 1
    while last:
        if at & 1 or at < last:
            sibling = hash_at_random()
            path.append(sibling)
            node = node_hash(sibling, node) if at & 1 else node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return tuple(path), node


def proven(
    entry: bytes, index: int, size: int, rules: Policy, members: tuple[str, ...]
) -> VerifiedProof:
    path, root = way(index, size, leaf_hash(entry))
    signed = sign(Checkpoint(ORIGIN, size, root), members[0], members)
    return build_proof(entry, index, path, verify_checkpoint(signed, rules), rules)


# ---------------------------------------------------------------- the state


def keys(form: Callable[[int], str]) -> Iterator[str]:
    """Keys whose paths begin with nine zero bits."""
    for number in count():
        key = form(number)
        if int.from_bytes(sha256(key.encode()).digest()[:2]) >> (16 - BITS) == 0:
            yield key


def part_of_the_state() -> SampleState:
    found = keys(lambda number: f"seal/NS-{number:09}")
    return SampleState({next(found): RANDOM.randbytes(120) for _ in range(OBJECTS)})


class Deep:
    """The state of ten million objects, as far as one part of it goes."""

    def __init__(self, part: SampleState) -> None:
        self._part = part
        self._above = [hash_at_random() for _ in range(BITS)]
        node = self._subtree(part)
        for sibling in self._above:
            node = sha256(b"\1" + node + sibling).digest()
        self.root = Digest(node)

    def _subtree(self, part: SampleState) -> bytes:
        """The hash of the part, below nine nodes that have nothing on their right."""
        key = next(iter(part.entries))
        proof = part.commitment(key)
        assert isinstance(proof, ExistenceProof)
        path, value = sha256(key.encode()).digest(), sha256(part.entries[key]).digest()
        node = sha256(b"\0" + path + value).digest()
        for op in proof.path[:-BITS]:
            node = sha256(op.prefix + node + op.suffix).digest()
        return node

    def _deeper(self, proof: ExistenceProof) -> ExistenceProof:
        above = [
            replace(op, suffix=bytes(sibling))
            for op, sibling in zip(proof.path[-BITS:], self._above, strict=True)
        ]
        path: tuple[InnerOp, ...] = (*proof.path[:-BITS], *above)
        return replace(proof, path=path)

    def commitment(self, key: str) -> CommitmentProof:
        proof = self._part.commitment(key)
        if isinstance(proof, ExistenceProof):
            return self._deeper(proof)
        sides = [None if side is None else self._deeper(side) for side in (proof.left, proof.right)]
        return NonExistenceProof(proof.key, *sides)

    def block(self) -> bytes:
        zero, big = hash_at_random(), 1_790_000_000_000
        return encode(BlockEntry(3, 987_654, 1_234_567, zero, zero, big, 3, zero, self.root))

    def proof(
        self, key: str, value: bytes | None, rules: Policy, members: tuple[str, ...]
    ) -> VerifiedStateProof:
        size = ENTRIES + RANDOM.randrange(ENTRIES // 10)
        block = proven(self.block(), size - 1, size, rules, members)
        return build_state_proof(key, value, self.commitment(key), block)


# ---------------------------------------------------------------- what is measured


def spread(sizes: list[int]) -> dict[str, int]:
    ordered = sorted(sizes)
    return {
        "mean": round(statistics.mean(ordered)),
        "p99": ordered[len(ordered) * 99 // 100],
        "max": ordered[-1],
    }


def cpu_ms(work: Callable[[], object], runs: int = 60) -> float:
    times = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return round(statistics.median(times) * 1000, 2)


def verified_ms(data: bytes, rules: Policy) -> dict[str, float]:
    """By the command's code, and by the verifier that stands alone, its memory of signatures
    emptied before each run."""
    alone = parse_policy(rules.format())

    def by_itself() -> None:
        plain_ed25519.cache_clear()
        assert not isinstance(examine_alone(data, alone), Refused)

    assert not isinstance(examine(data, rules), NotProven)
    return {
        "ledger-node": cpu_ms(lambda: examine(data, rules)),
        "alone": cpu_ms(by_itself, runs=20),
    }


def of_union(deep: Deep, part: SampleState, members: tuple[str, ...], asked: int) -> dict[str, Any]:
    rules = policy(asked, members)
    union = SampleUnion().completed()
    record = RecordEntry(
        hash_at_random(),
        3,
        RANDOM.randbytes(220),
        ACCEPTED,
        (f"movement/{MRN}", f"guarantee/{GRN}"),
    )
    entries = [
        proven(encode(record), RANDOM.randrange(ENTRIES), ENTRIES, rules, members).format()
        for _ in range(SAMPLES)
    ]
    there = RANDOM.sample(sorted(part.entries), SAMPLES)
    absent_keys = keys(lambda number: f"offence/{number}")
    present = [deep.proof(key, part.entries[key], rules, members) for key in there]
    absent = [deep.proof(next(absent_keys), None, rules, members) for _ in range(SAMPLES)]
    short = [compact(each) for each in present]
    objects = {key: len(union.state[key]) for key in (f"guarantee/{GRN}", f"movement/{MRN}")}
    others = [len(each) - 120 for each in short]
    return {
        "cosignatures": f"{asked} of {len(members)}",
        "entry proof, bytes": spread([len(each) for each in entries]),
        "state proof file, bytes": spread([len(each.format()) for each in present]),
        "state proof file of an absence, bytes": spread([len(each.format()) for each in absent]),
        "its ICS-23 part, bytes": spread([len(encode_proof(each.state)) for each in present]),
        "its ICS-23 part of an absence, bytes": spread([_absent_size(each) for each in absent]),
        "compact, bytes": spread([len(each) for each in short]),
        "compact of an absence, bytes": spread([len(compact(each)) for each in absent]),
        "objects, bytes": objects,
        "QR codes of a guarantee": _codes(others, objects[f"guarantee/{GRN}"]),
        "QR codes of a movement": _codes(others, objects[f"movement/{MRN}"]),
        "verify an entry proof, ms": verified_ms(entries[0], rules),
        "verify a state proof, ms": verified_ms(present[0].format(), rules),
        "verify an absence, ms": verified_ms(absent[0].format(), rules),
        "verify a compact one, ms": verified_ms(short[0], rules),
    }


def _absent_size(proof: VerifiedStateProof) -> int:
    assert isinstance(proof.state, NonExistenceProof)
    return len(encode_compressed(proof.state))


def _codes(others: list[int], value: int) -> dict[str, int]:
    """How many certificates take how many codes. others: bytes of a proof beside its object."""
    numbers = [code_count(each + value) for each in others]
    return {str(number): numbers.count(number) for number in sorted(set(numbers))}


def main() -> None:
    part = part_of_the_state()
    deep = Deep(part)
    report = {
        "machine": f"{platform.machine()}, CPython {platform.python_version()}",
        "entries": ENTRIES,
        "objects": OBJECTS << BITS,
        "unions": [of_union(deep, part, MEMBERS, 4), of_union(deep, part, MANY, 20)],
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
