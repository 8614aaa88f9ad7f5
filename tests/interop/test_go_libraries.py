"""What the ledger makes, judged by the Go libraries of its formats: good accepted, bad refused."""

from ledger_node.log.merkle import consistency_path, tree_root
from tests.interop import Judge
from tests.interop.cases import Case, b64, checkpoint_case, encodings, state_case, state_proofs
from tests.ledger_node.log.sample_union import SampleLog, sign
from tests.ledger_node.log.test_fork import fork

SIZES = (1, 2, 3, 4, 7, 8, 9, 31, 33, 255, 256, 257)


def flipped(text: str, at: int) -> str:
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
    cases = [good | {"note": flipped(good["note"], at)} for at in range(120)]
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
            good | {"path": [*path[:at], flipped(path[at], 5), *path[at + 1 :]]}
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
    changed = [each | {"older": flipped(each["older"], 7)} for each in cases]
    changed += [each | {"root": flipped(each["root"], 7)} for each in cases]
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
        cases.append(good | {"root": flipped(good["root"], 3)})
        cases.append(good | {"key": b64(b"seal/other")})
        if proof.value is None:
            cases.append(good | {"value": b64(b"there")})
            neighbour = next(n for n in (proof.state.left, proof.state.right) if n is not None)  # type: ignore[union-attr] # a proof of absence
            cases.append(good | {"key": b64(neighbour.key)})
        else:
            cases.append(good | {"value": b64(b"other")})
            cases.append(good | {"value": None})
    assert refused(go.answers(cases))
