"""Who founded a union, with which keys, and the policy that follows from them.

The genesis is believed for the signatures of all founders' authority keys. One thing is left out,
here and in later rosters: whether a member's TLS certificate is sound, which takes an X.509
library; members look at it before they sign. Source: docs/formats.md, "Genesis".
"""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, TypeAlias

from ctl_verify import keys
from ctl_verify.canonical import Value, decode, encode, tagged_digest
from ctl_verify.note import LOG, WITNESS, Key, base64
from ctl_verify.policy import Group, Policy
from ctl_verify.refusal import Malformed, Refused

MAX_GENESIS: Final = 4 * 1024 * 1024

GENESIS: Final = "the genesis is sound and every founder's authority key signed it"

_CARD: Final = (
    ("format", int), ("member", str), ("authority", bytes), ("registrar", bytes),
    ("consensus", bytes), ("cosigner", bytes), ("log", bytes), ("tls_certificate", bytes),
    ("peer_host", str), ("peer_port", int), ("api_url", str),
)  # fmt: skip
_PARAMETERS: Final = (
    ("delta_ms", 10, 60_000),
    ("heartbeat_ms", 100, 3_600_000),
    ("max_block_submissions", 1, 10_000),
    ("max_block_bytes", 1 << 20, 64 << 20),
    ("max_clock_skew_ms", 100, 600_000),
    ("max_unexecuted_blocks", 1, 64),
)
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*"
_ORIGIN: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9._~-]+)*"

Json: TypeAlias = Any
"""What a JSON document holds; every use of it looks at the type."""


@dataclass(frozen=True)
class Card:
    """A member's card: keys with their suite, in the order of `encoded`'s fields."""

    member: str
    authority: bytes
    registrar: bytes
    consensus: bytes
    cosigner: bytes
    log: bytes
    address: tuple[str, int]
    encoded: bytes

    @property
    def keys(self) -> tuple[bytes, ...]:
        """All of them but that of TLS."""
        return self.authority, self.registrar, self.consensus, self.cosigner, self.log


@dataclass(frozen=True)
class Roster:
    """Who forms the union in an epoch. voting: codes; parameters: as in the genesis."""

    epoch: int
    from_height: int
    voting: tuple[str, ...]
    parameters: tuple[int, ...]
    cards: tuple[Card, ...]

    @property
    def committee(self) -> tuple[Card, ...]:
        """The cards of those who vote, in the order that numbers them in certificates."""
        return tuple(card for card in self.cards if card.member in self.voting)

    @property
    def quorum(self) -> int:
        """Votes that make a certificate, cosignatures that make a policy."""
        members = len(self.committee)
        return (members + (members - 1) // 3) // 2 + 1


@dataclass(frozen=True)
class Union:
    """A union as founded. id: the digest of its genesis document."""

    id: bytes
    name: str
    origin: str
    founding: Roster

    def policy(self, roster: Roster) -> Policy:
        """The trust policy of an epoch."""
        policy = Policy(quorum="union")
        for card in roster.cards:
            policy.logs.append(_key(self.origin, LOG, card.log))
        for card in roster.committee:
            name = f"{self.origin}/{card.member}"
            policy.witnesses[card.member] = _key(name, WITNESS, card.cosigner)
        policy.groups.append(Group("union", roster.quorum, tuple(policy.witnesses)))
        return policy


def read_genesis(data: bytes) -> Union:
    """The union that a signed genesis file founds. Raises Refused."""
    try:
        if len(data) > MAX_GENESIS:
            raise Malformed(f"{len(data)} bytes are more than a genesis has")
        signed = json.loads(data.decode(), object_pairs_hook=_object)
        return _founded(signed)
    except Malformed as error:
        raise Refused(GENESIS, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Refused(GENESIS, f"it is no JSON: {error}") from error


# ---------------------------------------------------------------- the genesis


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(dict(pairs)) != len(pairs):
        raise Malformed("a name is given twice")
    return dict(pairs)


def _founded(signed: Json) -> Union:
    genesis, signatures = _fields(signed, "genesis", "signatures")
    document = encode(_plain_document(genesis))
    union = read_document(document)
    _check_founders(union, signatures)
    return union


def read_document(document: bytes) -> Union:
    """The union that a founding document describes; its signatures are not looked at.

    Raises Malformed.
    """
    match decode(document):
        case [1, str(name), str(origin), int(), list(parameters), bytes(contracts), list(members)]:
            numbers = [each for each in parameters if isinstance(each, int)]
            cards = [read_card(card) for card in members]
        case _:
            raise Malformed("the founding document has other fields")
    if not re.fullmatch(_ORIGIN, origin) or len(contracts) != 32 or not 1 <= len(cards) <= 100:
        raise Malformed("origin, contract set or number of members is not what it must be")
    if len(numbers) != len(parameters):
        raise Malformed("a parameter is no number")
    check_parameters(numbers)
    for card in cards:
        check_card(card)
    check_cards(cards)
    codes = tuple(card.member for card in cards)
    founding = Roster(1, 0, codes, tuple(numbers), tuple(cards))
    return Union(tagged_digest("genesis", document), name, origin, founding)


def _plain_document(genesis: Json) -> list[Value]:
    """The document's array, of its fields by name."""
    form, name, origin, created, parameters, contracts, members = _fields(
        genesis, "format", "name", "origin", "created_ms", "parameters", "contract_set", "members"
    )
    if not isinstance(members, list):
        raise Malformed("members are no list")
    numbers = [_of(int, each) for each in _fields(parameters, *(p[0] for p in _PARAMETERS))]
    return [
        _of(int, form),
        _of(str, name),
        _of(str, origin),
        _of(int, created),
        numbers,
        _bytes(contracts),
        [_plain_card(card) for card in members],
    ]


def _check_founders(union: Union, signatures: Json) -> None:
    message, cards = b"ctl/genesis-signature/v1\0" + union.id, union.founding.cards
    if not isinstance(signatures, list):
        raise Malformed("signatures are no list")
    found: dict[str, bytes] = {}
    for each in signatures:
        member, signature = _fields(each, "member", "signature")
        if not isinstance(member, str) or member in found:
            raise Malformed("a member signs twice")
        found[member] = _bytes(signature)
    if set(found) != {card.member for card in cards}:
        raise Malformed("those who signed are not the members")
    for card in cards:
        if not keys.verify(card.authority, message, found[card.member]):
            raise Malformed(f"the signature of {card.member} does not hold")


def _plain_card(card: Json) -> list[Value]:
    values = _fields(card, *(name for name, _ in _CARD))
    return [
        _bytes(value) if kind is bytes else _of(kind, value)
        for value, (_, kind) in zip(values, _CARD, strict=True)
    ]


def _fields(value: Json, *names: str) -> list[Json]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise Malformed(f"it has not exactly the fields {', '.join(names)}")
    return [value[name] for name in names]


def _of(kind: type, value: Json) -> Json:
    if type(value) is not kind:
        raise Malformed(f"{value!r:.40} is not of the type it must have")
    return value


def _bytes(value: Json) -> bytes:
    if isinstance(value, str) and re.fullmatch("(?:[0-9a-f]{2})*", value):
        return bytes.fromhex(value)
    raise Malformed("bytes are not in lower-case hex")


# ---------------------------------------------------------------- cards and parameters


def read_card(value: Value) -> Card:
    """A card in its array form; its keys are not looked at. Raises Malformed."""
    match value:
        case [
            1,
            str(member),
            bytes(authority),
            bytes(registrar),
            bytes(consensus),
            bytes(cosigner),
            bytes(log),
            bytes(),
            str(host),
            int(port),
            str(url),
        ]:
            _check_place(member, host, port, url)
            return Card(
                member,
                authority,
                registrar,
                consensus,
                cosigner,
                log,
                (host.lower(), port),
                encode(value),
            )
        case _:
            raise Malformed("a card has other fields")


def _check_place(member: str, host: str, port: int, url: str) -> None:
    fits = re.fullmatch("[A-Z]{2}", member) and len(host) <= 253 and re.fullmatch(_HOST, host)
    if not fits or not 1 <= port <= 65535:
        raise Malformed(f"the code, host or port of card {member!r:.8} is not what it must be")
    if url and (len(url) > 256 or not re.fullmatch(r"https?://[!-~]+", url)):
        raise Malformed(f"the URL of card {member} is not what it must be")


def check_card(card: Card) -> None:
    """Keys well formed and of one purpose each. Raises Malformed."""
    if len(set(card.keys)) != len(card.keys):
        raise Malformed(f"a key of card {card.member} has two purposes")
    for public in card.keys:
        only = keys.ED25519 if public in (card.cosigner, card.log) else None
        if not keys.is_key(public, only):
            raise Malformed(f"a key of card {card.member} is not well formed")


def check_cards(cards: list[Card]) -> None:
    """Sorted by code, and no key or address serves twice."""
    if any(one.member >= other.member for one, other in pairwise(cards)):
        raise Malformed("cards are not sorted by code, each once")
    every = [public for card in cards for public in card.keys]
    if len(set(every)) != len(every) or len({card.address for card in cards}) != len(cards):
        raise Malformed("a key or an address serves twice")


def check_parameters(numbers: list[int]) -> None:
    """Each within its range. Raises Malformed."""
    if len(numbers) != len(_PARAMETERS):
        raise Malformed("there is another number of parameters")
    for number, (name, low, high) in zip(numbers, _PARAMETERS, strict=True):
        if not low <= number <= high:
            raise Malformed(f"{name} is {number}, not {low} to {high}")


def _key(name: str, kind: int, public: bytes) -> Key:
    material = bytes([kind]) + public[1:]
    key_id = sha256(f"{name}\n".encode() + material).digest()[:4]
    return Key(name, key_id, kind, public[1:], f"{name}+{key_id.hex()}+{base64(material)}")
