"""Records of goods that did not arrive: enquiry, recovery, claims.

In brackets: the NCTS message for the same act.
"""

from enum import StrEnum
from typing import Annotated

from contracts.kernel.form import listed
from contracts.kernel.record import Part, Record
from contracts.references.fields import Currency, Grn, MemberCode, Money, Mrn, Note, Reason


class ReplyCode(StrEnum):
    """What someone who is asked knows of the goods."""

    DELIVERED = "delivered"
    """They were delivered; proof follows."""
    DIVERTED = "diverted"
    """They went to another office."""
    NOT_RECEIVED = "not_received"
    UNKNOWN = "unknown"


class ReplyToEnquiry(Record, frozen=True, tag="transit.reply-to-enquiry"):
    """The holder (141) or the office of destination (143) answers the enquiry."""

    mrn: Mrn
    reply: ReplyCode
    text: Note


class ProofKind(StrEnum):
    """Documents that prove the end of the procedure in place of the arrival."""

    CERTIFIED_COPY = "certified_copy"
    """A copy of the declaration, certified by customs at destination."""
    OTHER_PROCEDURE = "other_procedure"
    """A declaration for another procedure in a third country or a member."""
    DESTRUCTION = "destruction"
    """Customs established that the goods were destroyed or irretrievably lost."""


class AcceptProof(Record, frozen=True, tag="transit.accept-proof"):
    """The office of departure accepts alternative proof: discharge; what was reserved is freed."""

    mrn: Mrn
    proof: ProofKind
    reason: Reason


class StartRecovery(Record, frozen=True, tag="transit.start-recovery"):
    """The office of departure begins to recover the debt, before time does so by itself (150)."""

    mrn: Mrn
    reason: Reason


class ClaimOnGuarantee(Part, frozen=True):
    """What is claimed on a guarantee of the movement, in minor units of its currency."""

    grn: Grn
    amount: Money


class NotifyDebt(Record, frozen=True, tag="transit.notify-debt"):
    """The office of departure notifies the debt to debtor and guarantors (035).

    breach_in: the member where the breach happened, whose debt it then is; None if unknown, and
    the debt is the releasing member's.
    """

    mrn: Mrn
    breach_in: MemberCode | None
    amount: Money
    currency: Currency
    claims: Annotated[tuple[ClaimOnGuarantee, ...], listed("claims", 0, 9)]


class ContestClaim(Record, frozen=True, tag="transit.contest-claim"):
    """The guarantor contests a claim."""

    mrn: Mrn
    grn: Grn
    reason: Reason


class Ruling(StrEnum):
    """Whether a contested claim stands."""

    UPHELD = "upheld"
    LIFTED = "lifted"


class DecideContest(Record, frozen=True, tag="transit.decide-contest"):
    """The member to which the debt is owed decides: the claim is upheld, or lifted."""

    mrn: Mrn
    grn: Grn
    ruling: Ruling
    reason: Reason


class RecordPayment(Record, frozen=True, tag="transit.record-payment"):
    """The member to which the debt is owed received money (035, 152).

    grn: the guarantee whose guarantor paid the claim on it, which settles the claim; None if the
    debtor paid. amount: by how much it lowers the debt, in the debt's currency.
    """

    mrn: Mrn
    grn: Grn | None
    amount: Money


class WriteOff(Record, frozen=True, tag="transit.write-off"):
    """The member to which the debt is owed gives it up; what was reserved is freed."""

    mrn: Mrn
    reason: Reason
