"""Contract sets in a bundle: executed only where the union voted for them, and only if allowed."""

import io
from collections.abc import Mapping

import pytest

from contracts.registry.objects import Role
from ledger_node.audit.bundle import carried
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.form import Frame, FrameKind
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import (
    Blocks,
    Concerning,
    Everything,
    Period,
    Selection,
)
from ledger_node.audit.bundle.verify import VerifiedBundle, verify_bundle
from ledger_node.contract_sets.loading import load_contract_set
from ledger_node.contract_sets.shelf import ContractSets, PackedSet
from ledger_node.ledger.contract_set import (
    contract_set_bytes,
    contract_set_digest,
    installed_sources,
)
from ledger_node.ledger.contracts_in_force import ContractsInForce
from ledger_node.ledger.execution import ContractSet, ContractSetMissing
from tests.ledger_node.audit.bundle.audited_union import registration
from tests.ledger_node.audit.bundle.frames import flip, join, positions, split, with_payload
from tests.ledger_node.audit.bundle.governed_union import GovernedUnion, governed
from tests.union.changed_rules import changed_rules

UNION = governed()
NEW = changed_rules()
KNOWN = {UNION.genesis.contract_set: installed_sources(), NEW.digest: NEW.sources}


def carrying(
    union: GovernedUnion = UNION,
    known: Mapping[bytes, Mapping[str, bytes]] = KNOWN,
    selection: Selection = Everything(),  # noqa: B008 - immutable
) -> bytes:
    source = union.source()
    source.known_sets = dict(known)
    out = io.BytesIO()
    export_bundle(source, selection, out)
    return out.getvalue()


ALL = carrying()
LATE = Period(UNION.blocks[5].tip.header.time_ms, UNION.blocks[6].tip.header.time_ms + 1)


def verified(
    bundle: bytes, union: GovernedUnion = UNION, *, use_carried: bool = True
) -> VerifiedBundle:
    """By an auditor who has nothing but this program."""
    file = io.BytesIO(bundle)
    return verify_bundle(file, union.founding, ContractSets(), use_carried=use_carried)


def refusal(
    bundle: bytes, union: GovernedUnion = UNION, *, use_carried: bool = True
) -> BundleRefused:
    with pytest.raises(BundleRefused) as refused:
        verified(bundle, union, use_carried=use_carried)
    return refused.value


class UpgradedAuditor:
    """Whose program comes with none of the sets that judged this log."""

    def get(self, digest: bytes, from_height: int) -> ContractSet:
        """See ContractShelf."""
        raise ContractSetMissing(digest, from_height)

    def verified(self, bundle: bytes) -> VerifiedBundle:
        return verify_bundle(io.BytesIO(bundle), UNION.founding, self)

    def refusal(self, bundle: bytes) -> BundleRefused:
        with pytest.raises(BundleRefused) as refused:
            self.verified(bundle)
        return refused.value


@pytest.fixture
def upgraded() -> UpgradedAuditor:
    return UpgradedAuditor()


def test_a_bundle_brings_the_rules_that_this_program_does_not_have() -> None:
    found = verified(ALL)
    assert found.executed
    assert [(judge.digest, judge.carried) for judge in found.judges] == [
        (UNION.genesis.contract_set, False),
        (NEW.digest, True),
    ]
    assert len(positions(ALL, FrameKind.CONTRACTS)) == 2


def test_an_auditor_may_refuse_to_execute_what_a_bundle_brings() -> None:
    error = refusal(ALL, use_carried=False)
    assert error.step is Step.CONTRACTS
    assert "carried sets are not to be executed" in error.found


def test_what_cannot_be_executed_carries_nothing() -> None:
    for selection in (Blocks(5, 6), Concerning("participant", "UZ/ONE")):
        assert not positions(carrying(selection=selection), FrameKind.CONTRACTS)


def test_what_cannot_be_executed_needs_no_contracts(
    upgraded: UpgradedAuditor,
) -> None:
    """Years later, by a program with other rules: what is told does not rest on executing."""
    for selection in (Blocks(5, 6), Concerning("participant", "UZ/ONE"), LATE):
        found = upgraded.verified(UNION.bundle(selection))
        assert not found.executed
    for selection in (Everything(), Blocks(1, 6)):
        assert upgraded.refusal(UNION.bundle(selection)).step is Step.CONTRACTS


def test_a_range_with_the_state_before_it_needs_its_contracts(upgraded: UpgradedAuditor) -> None:
    out = io.BytesIO()
    export_bundle(UNION.source(), Blocks(5, 6), out, state_by=UNION.sets)
    assert upgraded.refusal(out.getvalue()).step is Step.CONTRACTS


def test_a_carried_set_is_checked_and_loaded_once_however_many_blocks_it_judged(
    upgraded: UpgradedAuditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []

    def counted(sources: Mapping[str, bytes]) -> ContractSet:
        loaded.append(len(sources))
        return load_contract_set(sources)

    monkeypatch.setattr(carried, "load_contract_set", counted)
    found = upgraded.verified(ALL)
    assert found.blocks > 2
    assert all(judge.carried for judge in found.judges)
    assert len(loaded) == len(found.judges) == 2


@pytest.mark.parametrize("number", [0, 1])
def test_a_carried_set_that_was_changed_is_another_set_that_judged_nothing(number: int) -> None:
    at = positions(ALL, FrameKind.CONTRACTS)[number]
    sources = dict(NEW.sources) | {"__init__.py": NEW.sources["__init__.py"] + b"# more\n"}
    error = refusal(with_payload(ALL, at, lambda _: contract_set_bytes(sources)))
    assert error.step is Step.CONTRACTS


def test_bytes_that_are_no_contract_set_are_refused() -> None:
    at = positions(ALL, FrameKind.CONTRACTS)[1]
    for change in (flip, lambda data: data[:-1], lambda data: data + b"\x00", lambda _: b"\x90"):
        assert refusal(with_payload(ALL, at, change)).step is Step.CONTRACTS


def test_code_that_nobody_voted_for_is_never_loaded() -> None:
    """It would raise as soon as it was imported; what is said is that it judged nothing."""
    hostile = {"__init__.py": b"raise SystemExit('executed')\n"}
    frames = split(ALL)
    at = positions(ALL, FrameKind.CONTRACTS)[0]
    frames.insert(at, Frame(FrameKind.CONTRACTS, contract_set_bytes(hostile), 0))
    error = refusal(join(frames))
    assert error.step is Step.CONTRACTS
    assert f"{contract_set_digest(hostile).hex()} is carried and judged no block" in error.found


def test_a_set_carried_twice_is_refused() -> None:
    frames = split(ALL)
    at = positions(ALL, FrameKind.CONTRACTS)[0]
    frames.insert(at, frames[at])
    assert "is carried twice" in refusal(join(frames)).found


def test_a_set_that_a_union_voted_for_must_keep_the_guards_rules_to_be_executed_from_a_bundle() -> (
    None
):
    sources = dict(NEW.sources) | {"idle.py": b"import os\n"}
    voted = PackedSet(contract_set_digest(sources), sources)
    union = GovernedUnion()
    union.in_force = ContractsInForce(ContractSets(given=[voted]), union.genesis.contract_set)
    union.change_rules(voted)
    union.accepted("KG", registration("KG/ONE", "KG", Role.OBSERVER))
    bundle = carrying(union, {voted.digest: voted.sources})
    error = refusal(bundle, union)
    assert error.step is Step.CONTRACTS
    assert "idle.py does what no contract may: imports os" in error.found
    own = verify_bundle(io.BytesIO(bundle), union.founding, ContractSets(given=[voted]))
    assert own.executed, "an auditor who has read it may give it himself"
