"""Certificates of security: given in Belarus, for goods that Russia releases."""

from typing import Any

import pytest
from msgspec.structs import replace

from contracts import Record
from contracts.guarantee import records as g
from contracts.guarantee.objects import CertificateKind
from contracts.references import make_mrn
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    RELEASE,
    UNDERTAKING,
    USE,
    SampleUnion,
)

CASES = Refusals()


def released_in_russia(union: SampleUnion, amount: int = 400_00, lrn: str = LRN) -> t.Release:
    """A movement of the Belarusian guarantee, ready to be released by the Russian office."""
    mrn = make_mrn(2026, "RU", lrn[-4:])
    content = replace(
        CONTENT,
        office_of_departure="RU/DEP",
        transit_offices=("KZ/TRN",),
        guarantees=(replace(USE, amount=amount),),
    )
    union.do("TRADER", t.Lodge(lrn, AdditionalType.STANDARD, content))
    union.do(
        "RU/DEP",
        t.Register("TRADER", lrn, mrn, None),
        t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, ""),
    )
    return replace(RELEASE, mrn=mrn, deadline_ms=union.now + 10 * DAY)


def certificate(**changes: Any) -> g.IssueCertificate:
    issued = g.IssueCertificate(GRN, "RU", CertificateKind.GENERAL, 500_00, UNDERTAKING.valid_to_ms)
    return replace(issued, **changes)


@CASES.of("GU-033")
def released_elsewhere_without_certificate(union: SampleUnion) -> tuple[str, Record]:
    return "RU/DEP", released_in_russia(union.guaranteed())


@CASES.of("GU-033")
def released_elsewhere_after_withdrawal(union: SampleUnion) -> tuple[str, Record]:
    stages.certified(union).do("BY/GUA", g.WithdrawCertificate(GRN, "RU", "Misused."))
    return "RU/DEP", released_in_russia(union)


@CASES.of("GU-033")
def released_elsewhere_when_the_certificate_is_over(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BY/GUA", certificate(valid_to_ms=union.now + DAY))
    release = released_in_russia(union)
    union.now += DAY
    return "RU/DEP", release


@CASES.of("GU-034")
def more_than_is_certified(union: SampleUnion) -> tuple[str, Record]:
    return "RU/DEP", released_in_russia(stages.certified(union), amount=500_01)


@CASES.of("GU-034")
def the_second_beyond_the_certificate(union: SampleUnion) -> tuple[str, Record]:
    stages.certified(union)
    union.do("RU/DEP", released_in_russia(union, 300_00))
    return "RU/DEP", released_in_russia(union, 200_01, "LRN0002")


@CASES.of("GU-035")
def a_single_certificate_again(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BY/GUA", certificate(certificate_kind=CertificateKind.SINGLE))
    union.do("RU/DEP", released_in_russia(union, 100))
    return "RU/DEP", released_in_russia(union, 100, "LRN0002")


@CASES.of("GU-036")
def a_certificate_for_more_than_is_covered(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BY/GUA", certificate(amount=1_000_01)


@CASES.of("GU-036")
def a_certificate_that_outlives_the_guarantee(union: SampleUnion) -> tuple[str, Record]:
    longer = certificate(valid_to_ms=UNDERTAKING.valid_to_ms + 1)
    return union.guaranteed() and "BY/GUA", longer


@CASES.of("GU-036")
def a_certificate_that_is_over(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BY/GUA", certificate(valid_to_ms=union.now)


@CASES.of("GU-036")
def a_certificate_outside_the_territory(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed(territory=("BY", "KZ")) and "BY/GUA", certificate()


@CASES.of("GU-036")
def a_certificate_for_home(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BY/GUA", certificate(member="BY")


@CASES.of("GU-037")
def a_certificate_replaced_while_in_use(union: SampleUnion) -> tuple[str, Record]:
    stages.certified(union)
    union.do("RU/DEP", released_in_russia(union))
    return "BY/GUA", certificate(amount=1)


@CASES.of("GU-038")
def withdrawing_nothing(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BY/GUA", g.WithdrawCertificate(GRN, "RU", "None.")


@CASES.of("GU-038")
def withdrawing_twice(union: SampleUnion) -> tuple[str, Record]:
    record = g.WithdrawCertificate(GRN, "RU", "Misused.")
    stages.certified(union).do("BY/GUA", record)
    return "BY/GUA", record


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_certified_reservation_is_freed_on_the_certificate_too() -> None:
    union = stages.certified(SampleUnion())
    release = released_in_russia(union)
    union.do("RU/DEP", release)
    held = union.show(f"certificate/{GRN}/RU")
    assert (held.reserved, held.uses) == (400_00, 1)
    union.do("BY/GUA", g.WithdrawCertificate(GRN, "RU", "Misused."))
    union.do("RU/DEP", t.Invalidate(release.mrn, "Seized.", goods_present=True))
    assert union.show(f"certificate/{GRN}/RU").reserved == 0
    union.do("BY/GUA", certificate(amount=1_000_00))
    assert not union.show(f"certificate/{GRN}/RU").withdrawn
