"""What holds in every state of the union, whatever was done to reach it."""

from typing import Any

from contracts.guarantee.objects import Certificate, Guarantee, Reservation
from contracts.references.mrn import mrn_country
from contracts.registry.seals import SealState
from contracts.seals.objects import MonitoringState
from contracts.transit.objects import COVERED, ClaimState, Movement
from tests.contracts.sample_union import SampleUnion

_SETTLED = (ClaimState.PAID, ClaimState.LIFTED)


def objects(union: SampleUnion, *prefixes: str) -> dict[str, Any]:
    """The objects of some kinds, by key."""
    begins = tuple(f"{prefix}/" for prefix in prefixes)
    return {key: union.show(key) for key in union.state if key.startswith(begins)}


def assert_accounts_agree(union: SampleUnion) -> None:
    """0 ≤ Σ reserved ≤ covered on every guarantee and certificate; every reservation belongs to
    exactly one open movement; nothing is released without its cover."""
    shown = objects(union, "reservation", "movement", "guarantee", "claim", "certificate")
    movements = [each for each in shown.values() if isinstance(each, Movement)]
    held = {key: each for key, each in shown.items() if isinstance(each, Reservation)}
    owed = {
        f"reservation/{use.grn}/{movement.mrn}"
        for movement in movements
        if movement.state in COVERED
        for use in movement.content.guarantees
        if not _settled(shown.get(f"claim/{use.grn}/{movement.mrn}"))
    }
    assert set(held) == owed
    for movement in movements:
        covered = len(movement.content.guarantees) > 0 or movement.content.exemption is not None
        assert covered or movement.state not in COVERED
    for each in shown.values():
        if isinstance(each, Guarantee):
            _assert_account(each, shown)
        elif isinstance(each, Certificate):
            _assert_certificate(each, held)


def _settled(claim: Any) -> bool:
    return claim is not None and claim.state in _SETTLED


def _assert_account(guarantee: Guarantee, shown: dict[str, Any]) -> None:
    amounts = [
        each.amount
        for each in shown.values()
        if isinstance(each, Reservation) and each.grn == guarantee.grn
    ]
    assert guarantee.reserved == sum(amounts)
    assert guarantee.open == len(amounts)
    assert 0 <= guarantee.reserved <= guarantee.covered
    assert guarantee.paid >= 0
    defaulted = [
        key
        for key, each in shown.items()
        if key.startswith(f"claim/{guarantee.grn}/") and each.state is ClaimState.DEFAULTED
    ]
    assert guarantee.defaults == len(defaulted)


def _assert_certificate(certificate: Certificate, held: dict[str, Reservation]) -> None:
    under = [
        each.amount
        for each in held.values()
        if each.certified
        and each.grn == certificate.grn
        and mrn_country(each.mrn) == certificate.member
    ]
    assert certificate.reserved == sum(under) <= certificate.amount


def assert_seals_agree(union: SampleUnion) -> None:
    """No seal on two transports, no transport under two operators or none while it is monitored,
    and the seal lists of movements agree with the register."""
    seals = {key.removeprefix("seal/"): each for key, each in objects(union, "seal").items()}
    carried: dict[str, list[str]] = {seal: [] for seal in seals}
    listed: dict[str, list[str]] = {}
    for transport in objects(union, "transport").values():
        for seal in transport.seals:
            carried[seal].append(transport.id)
            listed.setdefault(transport.mrn, []).append(seal)
        assert "seal_operator" in union.show(f"participant/{transport.operator}").roles
        assert bool(transport.seals) == (transport.state is not MonitoringState.ENDED)
        assert (transport.offered_to is not None) == (transport.state is MonitoringState.OFFERED)
    for name, seal in seals.items():
        assert len(carried[name]) <= 1
        assert carried[name] == ([] if seal.transport is None else [seal.transport])
        assert (seal.state is SealState.ACTIVE) == (seal.transport is not None)
    for movement in objects(union, "movement").values():
        attached = sorted(listed.get(movement.mrn, ()))
        assert sorted(movement.navigation_seals) == attached
        assert sorted(set(movement.seals) & set(seals)) == attached
