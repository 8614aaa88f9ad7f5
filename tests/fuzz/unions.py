"""What changes a union, and the proof of it: epoch documents, ends of epochs, histories of them,
evidence, packed contracts, certificates that are kept.

Signatures are taken for good: a member whose keys were stolen must not crash the others either.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from consensus.authentication import Claim
from consensus.committee import Committee
from consensus.messages import MessageRefused, Vote
from ctl_verify.epochs import read_history
from ctl_verify.refusal import Refused
from ctl_verify.union import read_genesis
from ledger_node.contract_sets.packing import PackedSetRefused, pack, unpack
from ledger_node.genesis import SignedGenesis, read_json, sign_card, verify
from ledger_node.genesis.lineage import StepRefused, follow_step
from ledger_node.genesis.policy_history import HistoryRefused, verify_history
from ledger_node.genesis.roster import Roster, draft_document, founding_roster, next_roster
from ledger_node.ledger.finality import CheckClaims, certified
from ledger_node.node.evidence import encoded, equivocation
from tests.consensus.builders import Sayings, submission
from tests.fuzz.target import Target
from tests.ledger_node.audit.bundle.audited_union import journey
from tests.ledger_node.audit.bundle.governed_union import governed
from tests.ledger_node.genesis.founders import founder, signed
from tests.simulation.signing import committee_of

_FOUR = ("AM", "BY", "KG", "KZ")
_EPOCHS = Path(__file__).parents[1] / "golden/epochs"
"""A union that replaced keys twice."""


@cache
def _roster() -> Roster:
    return founding_roster(signed(*_FOUR).genesis, 1)


@cache
def _sayings() -> Sayings:
    return Sayings(committee_of(4, 7))


def _epoch_document(data: bytes) -> None:
    """A document that was voted: members must agree whether it is followed, and not stumble."""
    next_roster(_roster(), 2, 100, _FOUR, _FOUR, data)


def _epoch_documents() -> Iterable[bytes]:
    cards = [sign_card(founder(code).card, founder(code).authority) for code in (*_FOUR, "RU")]
    yield draft_document(_roster(), cards)


def _epoch_end(data: bytes) -> None:
    """As a peer or a file shows it to whoever was not there."""

    def believe(_: Committee) -> CheckClaims:
        def check(_: Sequence[Claim]) -> bool:
            return True

        return check

    union = governed()
    follow_step(data, union.rosters[0], union.union, believe)


def _history(data: bytes) -> None:
    """By both verifiers alike."""
    genesis = (_EPOCHS / "genesis.json").read_bytes()
    try:
        read_history(data, read_genesis(genesis))
        accepted = True
    except Refused:
        accepted = False
    try:
        verify_history(data, verify(read_json(SignedGenesis, genesis)))
    except HistoryRefused:
        assert not accepted
        raise
    assert accepted


def _evidence(data: bytes) -> None:
    """The first byte is the length of the first vote."""
    length = data[0] if data else 0

    def believe(_: Vote) -> bool:
        return True

    equivocation(data[1 : 1 + length], data[1 + length :], _sayings().committee, believe)


def _proofs() -> Iterable[bytes]:
    s = _sayings()
    block = s.block(1, None, [submission(1)])
    first, second = encoded(s.notarize(1, block), s.notarize(1, s.block(1)))
    yield bytes([len(first)]) + first + second
    first, second = encoded(s.nullify(1, 1), s.finalize(1, block))
    yield bytes([len(first)]) + first + second


def _packed() -> Iterable[bytes]:
    yield pack({"__init__.py": b"", "seals/rules.py": b"ONE = 1\n"})


TARGETS = (
    Target("epoch-document", _epoch_document, (), _epoch_documents),
    Target("epoch-end", _epoch_end, (StepRefused,), lambda: governed().steps[:1], 16_384),
    Target(
        "policy-history",
        _history,
        (HistoryRefused,),
        lambda: [(_EPOCHS / "union.history").read_bytes()],
        65_536,
    ),
    Target("evidence", _evidence, (MessageRefused,), _proofs, 1024),
    Target("packed-contracts", unpack, (PackedSetRefused,), _packed),
    Target(
        "kept-certificate",
        certified,
        (MessageRefused,),
        lambda: [journey().finalization(3)],
    ),
)
