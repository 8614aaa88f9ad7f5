"""Proof files judged in JavaScript: by Node's own crypto, and by the npm package of ICS-23."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ledger_node.log.policy import Policy
from ledger_node.state import decode_proof, encode_compressed
from ledger_node.state.proof import NonExistenceProof
from tests.interop import Judge
from tests.interop.cases import b64, many_keys, state_case, state_proofs
from tests.ledger_node.ledger.sample_state import GUARANTEE_KEY, SampleState
from tests.ledger_node.log.sample_union import SampleLog, policy
from tests.patience import PATIENCE_S

Node = Callable[[str], tuple[str, ...]]

FILE = SampleLog(300).proof(77).format()


@pytest.fixture
def judge(node: Node, tmp_path: Path) -> Callable[..., list[str]]:
    command = node("tlog_proof.mjs")

    def judged(proofs: Sequence[bytes], rules: Policy | None = None) -> list[str]:
        policy_file = tmp_path / "union.policy"
        policy_file.write_bytes((rules or policy()).format())
        files = []
        for number, proof in enumerate(proofs):
            files.append(tmp_path / str(number))
            files[-1].write_bytes(proof)
        done = subprocess.run(
            [*command, policy_file, *files],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        lines = done.stdout.splitlines()
        assert len(lines) == len(proofs), done
        assert done.returncode == any(line.startswith("FAIL ") for line in lines)
        return lines

    return judged


def test_proofs_of_trees_of_every_shape_are_accepted(judge: Callable[..., list[str]]) -> None:
    proofs = [
        SampleLog(size).proof(index).format()
        for size in (1, 2, 3, 4, 7, 8, 9, 31, 33, 255, 256, 257)
        for index in sorted({0, size // 2, size - 1})
    ]
    assert all(line.startswith("ok ") for line in judge(proofs))


def test_it_reports_what_was_proven(judge: Callable[..., list[str]]) -> None:
    (line,) = judge([FILE])
    expected = "entry 77 of 300 in ledger.example/union, 8 bytes, 4 cosignatures"
    assert line.endswith(expected)


def test_the_second_half_of_a_state_proof_is_a_proof_it_accepts(
    judge: Callable[..., list[str]],
) -> None:
    state = SampleState().proof(GUARANTEE_KEY).format()
    assert judge([state.partition(b"\n\n")[2]])[0].startswith("ok ")


def test_a_flip_of_any_byte_is_refused(judge: Callable[..., list[str]]) -> None:
    flipped = [
        FILE[:at] + bytes([FILE[at] ^ (1 << at % 7)]) + FILE[at + 1 :] for at in range(len(FILE))
    ]
    assert all(line.startswith("FAIL ") for line in judge(flipped))


def test_a_file_without_any_one_of_its_lines_is_refused(judge: Callable[..., list[str]]) -> None:
    lines = FILE.splitlines(keepends=True)
    cut = [b"".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
    assert all(line.startswith("FAIL ") for line in judge(cut))


@pytest.mark.parametrize("rules", [policy(5), policy(3, ("BY", "KZ", "KG"))])
def test_under_another_policy_the_same_file_is_refused(
    judge: Callable[..., list[str]], rules: Policy
) -> None:
    assert judge([FILE], rules)[0].startswith("FAIL ")


def test_the_npm_package_accepts_state_proofs(npm: Judge) -> None:
    cases = [state_case(proof) for proof in state_proofs()]
    assert not any(npm.answers(cases))


def test_the_npm_package_refuses_changed_state_proofs(npm: Judge) -> None:
    state = many_keys()
    present, absent = state.proof("seal/NS-007"), state.proof("seal/none")
    good, gap = state_case(present), state_case(absent)
    assert isinstance(absent.state, NonExistenceProof)
    assert absent.state.left is not None
    swapped = NonExistenceProof(absent.state.key, absent.state.right, absent.state.left)
    other_root = b64(bytes(32))
    cases = [
        good | {"root": other_root},
        good | {"key": b64(b"seal/NS-008")},
        good | {"value": b64(b"other")},
        gap | {"root": other_root},
        gap | {"key": b64(b"seal/NS-008")},
        gap | {"state": b64(encode_compressed(swapped))},
    ]
    assert decode_proof(encode_compressed(swapped)) == swapped
    assert all(npm.answers(cases))
