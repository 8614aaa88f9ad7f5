"""Rotation of participants' keys."""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.registry import rules
from contracts.registry.competence import Case
from contracts.registry.objects import PARTICIPANT, Participant, Role
from contracts.registry.records import AddKey, RevokeKey, RotateKey

MAX_KEYS = 16


def add_key(record: AddKey, case: Case) -> None:
    participant = _owner_of_keys(record.id, case)
    _require_new(record.key, participant)
    require(len(participant.keys) < MAX_KEYS, rules.KEY_LIMIT, keys=len(participant.keys))
    case.ledger.put(PARTICIPANT, replace(participant, keys=(*participant.keys, record.key)))


def revoke_key(record: RevokeKey, case: Case) -> None:
    participant = _owner_of_keys(record.id, case)
    _require_held(record.key, participant)
    require(len(participant.keys) > 1, rules.LAST_KEY, participant=participant.id)
    remaining = tuple(key for key in participant.keys if key != record.key)
    case.ledger.put(PARTICIPANT, replace(participant, keys=remaining))


def rotate_key(record: RotateKey, case: Case) -> None:
    participant = _owner_of_keys(record.id, case)
    _require_held(record.old_key, participant)
    _require_new(record.new_key, participant)
    keys = tuple(record.new_key if key == record.old_key else key for key in participant.keys)
    case.ledger.put(PARTICIPANT, replace(participant, keys=keys))


def _require_new(key: bytes, participant: Participant) -> None:
    require(key not in participant.keys, rules.KEY_NEW, participant=participant.id, key=key)


def _require_held(key: bytes, participant: Participant) -> None:
    require(key in participant.keys, rules.KEY_HELD, participant=participant.id, key=key)


def _owner_of_keys(reference: str, case: Case) -> Participant:
    """The participant, if the author is itself or the registrar of its member."""
    participant = case.ledger.demand(PARTICIPANT, reference, rules.PARTICIPANT_KNOWN)
    author = case.author
    require(
        author.id == participant.id
        or (Role.REGISTRAR in author.roles and author.member == participant.member),
        rules.OWN_KEYS,
        author=author.id,
        participant=participant.id,
    )
    return participant
