"""What can be proposed: one typed change a subject, kept in the proposal as it was proposed."""

from typing import Annotated

from contracts.kernel.form import Form, listed, number
from contracts.kernel.record import Part
from contracts.kernel.rules import BYTES
from contracts.references.fields import Digest, MemberCode, Name, ParticipantId
from contracts.registry.records import PublicKey

MAX_DOCUMENT = 32 * 1024

Height = Annotated[int, number("height", 1, 2**53 - 1)]
Document = Annotated[
    bytes,
    Form(
        "epoch document",
        f"1 to {MAX_DOCUMENT} bytes",
        BYTES,
        lambda value: 1 <= len(value) <= MAX_DOCUMENT,
        (("minLength", 2), ("maxLength", 2 * MAX_DOCUMENT)),
    ),
]


class ContractSetChange(Part, frozen=True, tag="contract-set"):
    """From a height on, records are judged by the contract set with this digest."""

    digest: Digest
    from_height: Height


class Seat(Part, frozen=True):
    """A member that joins, and the first key of its registrar."""

    code: MemberCode
    name: Name
    registrar_key: PublicKey


class EpochChange(Part, frozen=True, tag="epoch"):
    """A new epoch begins: members join or leave, keys and parameters as the document says."""

    joining: Annotated[tuple[Seat, ...], listed("joining members", 0, 16)]
    leaving: Annotated[tuple[MemberCode, ...], listed("leaving members", 0, 16)]
    document: Document


class SuspensionChange(Part, frozen=True, tag="suspension"):
    """A member loses its vote and its seat in the committee; its participants go on.

    evidence: SHA-256 of what shows that it broke the protocol.
    """

    member: MemberCode
    evidence: Digest


class ReinstatementChange(Part, frozen=True, tag="reinstatement"):
    """A suspended member gets vote and seat back."""

    member: MemberCode


class CommissionChange(Part, frozen=True, tag="commission"):
    """A participant is seated as the Commission, or gets these keys in place of its old ones."""

    id: ParticipantId
    name: Name
    keys: Annotated[tuple[PublicKey, ...], listed("keys", 1, 16)]


class DismissalChange(Part, frozen=True, tag="dismissal"):
    """The Commission's participant may act no more."""

    id: ParticipantId


Change = (
    ContractSetChange
    | EpochChange
    | SuspensionChange
    | ReinstatementChange
    | CommissionChange
    | DismissalChange
)
