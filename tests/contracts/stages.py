"""Stages of movements that do not go as planned, each beginning where the one before ends."""

from msgspec.structs import replace

from contracts.guarantee import records as g
from contracts.guarantee.objects import CertificateKind
from contracts.references import make_grn
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    RELEASE,
    UNDERTAKING,
    SampleUnion,
)


def grn(number: int) -> str:
    """One of many GRNs."""
    return make_grn(2026, "BY", str(1000 + number))


ENQUIRY_OPENS = RELEASE.deadline_ms + 7 * DAY
DEBT = e.NotifyDebt(MRN, None, 500_00, "EUR", (e.ClaimOnGuarantee(GRN, 300_00),))


def new(union: SampleUnion) -> SampleUnion:
    return union


def undertaken(union: SampleUnion) -> SampleUnion:
    union.do("BANK", UNDERTAKING)
    return union


def suspended(union: SampleUnion) -> SampleUnion:
    union.guaranteed().do("BY/GUA", g.SuspendGuarantee(GRN, "Under review."))
    return union


def certified(union: SampleUnion) -> SampleUnion:
    """A general certificate of security for half of the guarantee, for releases in Russia."""
    certificate = g.IssueCertificate(
        GRN, "RU", CertificateKind.GENERAL, 500_00, UNDERTAKING.valid_to_ms
    )
    union.guaranteed().do("BY/GUA", certificate)
    return union


def pre_lodged(union: SampleUnion) -> SampleUnion:
    union.guaranteed().do("TRADER", t.Lodge(LRN, AdditionalType.PRE_LODGED, CONTENT))
    return union


def invalidation_asked(union: SampleUnion) -> SampleUnion:
    union.registered().do("TRADER", t.RequestInvalidation(MRN, "Sold."))
    return union


def not_bound(union: SampleUnion) -> SampleUnion:
    """Released, the route left to the carrier."""
    union.control_decided().do("BY/DEP", replace(RELEASE, binding_route=False))
    return union


def disputed(union: SampleUnion) -> SampleUnion:
    """At destination, with discrepancies."""
    found = (t.Discrepancy("GrossMass", "900 kg"),)
    union.unloading().do("KZ/DST", t.RecordUnloading(MRN, False, True, found))
    return union


def irregular(union: SampleUnion) -> SampleUnion:
    """The discrepancies were confirmed."""
    record = t.ResolveDiscrepancies(MRN, t.Finding.CONFIRMED, "100 kg are missing.")
    disputed(union).do("KZ/DST", record)
    return union


def missing(union: SampleUnion) -> SampleUnion:
    """Under enquiry: the goods did not arrive."""
    union.en_route().wait_until(ENQUIRY_OPENS)
    return union


def in_recovery(union: SampleUnion) -> SampleUnion:
    """Nobody knows where the goods are."""
    missing(union).wait_until(ENQUIRY_OPENS + 41 * DAY)
    union.do("BY/DEP", e.StartRecovery(MRN, "No trace."))
    return union


def indebted(union: SampleUnion) -> SampleUnion:
    """A debt of 500.00 is notified, of which 300.00 is claimed on the guarantee."""
    in_recovery(union).do("BY/DEP", DEBT)
    return union


def contested(union: SampleUnion) -> SampleUnion:
    indebted(union).do("BANK", e.ContestClaim(MRN, GRN, "Delivered."))
    return union


def paid_out(union: SampleUnion) -> SampleUnion:
    """The guarantor paid its claim."""
    indebted(union).do("BY/DEP", e.RecordPayment(MRN, GRN, 300_00))
    return union
