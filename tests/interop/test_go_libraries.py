"""What the ledger makes, judged by the Go libraries of its formats: good accepted, bad refused."""

import asyncio
from pathlib import Path

import pytest

from ledger_node.audit.mirror import mirror
from ledger_node.audit.tile_directory import TileDirectory
from ledger_node.log.merkle import consistency_path, tree_root
from tests.interop import Judge
from tests.interop.cases import Case, b64, checkpoint_case, encodings, state_case, state_proofs
from tests.ledger_node.audit.proof_files import FILES, flipped
from tests.ledger_node.audit.published_logs import memory_log
from tests.ledger_node.log.sample_union import MEMBERS, SampleLog, policy, sign
from tests.ledger_node.log.test_fork import fork

SIZES = (1, 2, 3, 4, 7, 8, 9, 31, 33, 255, 256, 257)


def spelt_wrong(text: str, at: int) -> str:
    """The same base64 with one letter of it another."""
    other = "A" if text[at] != "A" else "B"
    return text[:at] + other + text[at + 1 :]


def inclusion_case(log: SampleLog, index: int) -> Case:
    return {
        "kind": "inclusion",
        "index": index,
        "size": log.size,
        "entry": b64(log.entry(index)),
        "path": [b64(each) for each in log.path(index)],
        "root": b64(log.checkpoint().root),
    }


def consistency_case(log: SampleLog, old: int) -> Case:
    hashes = log.hashes()
    return {
        "kind": "consistency",
        "old": old,
        "size": log.size,
        "path": [b64(each) for each in consistency_path(old, log.size, hashes)],
        "older": b64(tree_root(old, hashes)),
        "root": b64(tree_root(log.size, hashes)),
    }


def refused(answers: list[str]) -> bool:
    return all(answers)


def accepted(answers: list[str]) -> bool:
    return not any(answers)


def test_checkpoints_with_their_cosignatures_are_accepted(go: Judge) -> None:
    cases = [checkpoint_case(sign(SampleLog(size).checkpoint()), quorum=5) for size in SIZES]
    cases.append(checkpoint_case(sign(SampleLog(3).checkpoint(), "KG", ("RU", "AM")), "KG", 2))
    assert accepted(go.answers(cases))


def test_changed_checkpoints_are_refused(go: Judge) -> None:
    good = checkpoint_case(sign(SampleLog(9).checkpoint()))
    cases = [good | {"note": spelt_wrong(good["note"], at)} for at in range(120)]
    cases.append(checkpoint_case(sign(SampleLog(9).checkpoint(), "BY")))
    cases.append(checkpoint_case(sign(SampleLog(9).checkpoint(), witnesses=("AM", "BY"))))
    assert refused(go.answers(cases))


def test_inclusion_proofs_are_accepted(go: Judge) -> None:
    logs = [SampleLog(size) for size in SIZES]
    assert accepted(
        go.answers(
            [
                inclusion_case(log, index)
                for log in logs
                for index in sorted({0, log.size // 2, log.size - 1})
            ]
        )
    )


def test_changed_inclusion_proofs_are_refused(go: Judge) -> None:
    good = inclusion_case(SampleLog(33), 20)
    path = good["path"]
    cases = [
        good | {"index": 21},
        good | {"size": 32},
        good | {"entry": b64(b"other")},
        good | {"path": path[:-1]},
        good | {"path": [*path, path[0]]},
        good | {"path": path[::-1]},
        *(
            good | {"path": [*path[:at], spelt_wrong(path[at], 5), *path[at + 1 :]]}
            for at in range(len(path))
        ),
    ]
    assert refused(go.answers(cases))


def test_consistency_proofs_are_accepted_and_changed_ones_refused(go: Judge) -> None:
    cases = [
        consistency_case(SampleLog(size), old)
        for size in SIZES
        for old in sorted({1, size // 2 or 1, size - 1 or 1, size})
    ]
    assert accepted(go.answers(cases))
    changed = [each | {"older": spelt_wrong(each["older"], 7)} for each in cases]
    changed += [each | {"root": spelt_wrong(each["root"], 7)} for each in cases]
    assert refused(go.answers(changed))


def test_evidence_of_a_fork_is_two_checkpoints_and_a_consistency_proof(go: Judge) -> None:
    evidence = fork(5, 11)
    first, second = evidence.first, evidence.second
    conflict = {
        "kind": "consistency",
        "old": first.checkpoint.size,
        "size": second.checkpoint.size,
        "path": [b64(each) for each in evidence.path],
        "older": b64(evidence.root),
        "root": b64(second.checkpoint.root),
    }
    notes = [checkpoint_case(first.signed(), "AM", 3), checkpoint_case(second.signed(), "BY", 3)]
    assert accepted(go.answers([conflict, *notes]))
    assert refused(go.answers([conflict | {"older": b64(first.checkpoint.root)}]))


def test_state_proofs_in_every_encoding_are_accepted(go: Judge) -> None:
    cases = [
        state_case(proof, state) for proof in state_proofs() for state in encodings(proof.state)
    ]
    assert len(cases) > 130
    assert accepted(go.answers(cases))


def test_changed_state_proofs_are_refused(go: Judge) -> None:
    cases: list[Case] = []
    for proof in list(state_proofs())[:8]:
        good = state_case(proof)
        cases.append(good | {"root": spelt_wrong(good["root"], 3)})
        cases.append(good | {"key": b64(b"seal/other")})
        if proof.value is None:
            cases.append(good | {"value": b64(b"there")})
            neighbour = next(n for n in (proof.state.left, proof.state.right) if n is not None)  # type: ignore[union-attr] # a proof of absence
            cases.append(good | {"key": b64(neighbour.key)})
        else:
            cases.append(good | {"value": b64(b"other")})
            cases.append(good | {"value": None})
    assert refused(go.answers(cases))


# ------------------------------------------------------------ filippo.io/torchwood


def one_log_policy(log: str = "AM", quorum: int = 4) -> bytes:
    """The union's policy with one of its logs: of several torchwood wants every one to have
    signed, where c2sp.org/tlog-policy asks for any."""
    lines = policy(quorum).format().splitlines(keepends=True)
    at = MEMBERS.index(log)
    assert all(line.startswith(b"log ") for line in lines[: len(MEMBERS)])
    return b"".join([lines[at], *lines[len(MEMBERS) :]])


def proof_case(file: bytes, rules: bytes | None = None) -> Case:
    return {"kind": "proof", "proof": b64(file), "policy": b64(rules or one_log_policy())}


ENTRIES = [each for each in FILES if each.data.startswith(b"c2sp.org/tlog-proof@v1\n")]


def test_proof_files_and_policies_are_those_of_the_specifications(go: Judge) -> None:
    assert len(ENTRIES) == 8
    halves = [each.data.partition(b"\n\n")[2] for each in FILES if b"state-proof@v1" in each.data]
    cases = [proof_case(each.data) for each in ENTRIES] + [proof_case(half) for half in halves]
    assert accepted(go.answers(cases))


def test_changed_proof_files_are_refused(go: Judge) -> None:
    (file,) = (each.data for each in ENTRIES if each.kind == "refused record")
    changes = list(flipped(file))
    answers = go.answers([proof_case(each) for each in changes])
    # The library takes a last base64 digit for any that gives the same bytes: nothing else changed.
    same = [at for at, answer in enumerate(answers) if not answer]
    assert all(file[at + 1 : at + 2] == b"=" for at in same)
    assert len(same) < 8


def test_other_policies_refuse_the_same_file(go: Judge) -> None:
    file = ENTRIES[0].data
    assert accepted(go.answers([proof_case(file, one_log_policy(quorum=3))]))
    others = (one_log_policy(quorum=5), one_log_policy("BY"))
    assert refused(go.answers([proof_case(file, rules) for rules in others]))


@pytest.mark.parametrize("sizes", [(1,), (256,), (257,), (3, 300, 511, 700), (66_000,)])
def test_an_exported_log_is_read_whole(go: Judge, tmp_path: Path, sizes: tuple[int, ...]) -> None:
    """Tiles, entry bundles and checkpoint in a directory, as `export-tiles` leaves it."""
    log = memory_log(0, sizes[-1])
    for size in sizes:
        log.size = size
        asyncio.run(mirror(log, TileDirectory(tmp_path), policy()))
    good = {
        "kind": "tiles",
        "directory": str(tmp_path),
        "policy": b64(one_log_policy()),
        "size": sizes[-1],
        "index": sizes[-1] // 2,
    }
    assert accepted(go.answers([good]))
    spoilt = next(path for path in (tmp_path / "tile/entries").rglob("*") if path.is_file())
    spoilt.write_bytes(spoilt.read_bytes()[:-1] + b"?")
    assert refused(go.answers([good]))
