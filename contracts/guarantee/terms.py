"""What a guarantee may be used for, as its undertaking or grant says."""

from enum import StrEnum
from typing import Annotated

from contracts.kernel.form import code, listed
from contracts.kernel.record import Part
from contracts.references.fields import ParticipantId

HsCode = Annotated[
    str, code("HS code", r"[0-9]{4}(?:[0-9]{2})?", "HS heading (4 digits) or subheading (6)")
]


class GuaranteeKind(StrEnum):
    """Kinds of guarantee; in brackets the NCTS type (code list 251)."""

    GENERAL = "general"
    """For many operations (1)."""
    INDIVIDUAL = "individual"
    """For one operation, by a guarantor (2)."""
    MULTIPLE = "multiple"
    """Individual, with multiple usage (9)."""
    VOUCHER = "voucher"
    """For one operation, by voucher (4)."""
    DEPOSIT = "deposit"
    """Cash, or a pledge, deposited with customs (3)."""
    WAIVER = "waiver"
    """The holder is released from giving security, up to the reference amount (0)."""
    TIR = "tir"
    """A TIR carnet, covered by the guaranteeing association (B)."""


NCTS_TYPES = {
    GuaranteeKind.WAIVER: "0",
    GuaranteeKind.GENERAL: "1",
    GuaranteeKind.INDIVIDUAL: "2",
    GuaranteeKind.DEPOSIT: "3",
    GuaranteeKind.VOUCHER: "4",
    GuaranteeKind.MULTIPLE: "9",
    GuaranteeKind.TIR: "B",
}
"""The NCTS type of each kind. Types 5, 8, A, J and R are grounds on which none is required."""

GRANTED = (GuaranteeKind.DEPOSIT, GuaranteeKind.WAIVER)
"""Kinds without a guarantor: the office of guarantee holds the money, or waives it."""


class SecurityMethod(StrEnum):
    """How the debt is secured, in the terms of the EAEU Customs Code."""

    BANK_GUARANTEE = "bank_guarantee"
    SURETY = "surety"
    MONEY = "money"
    PLEDGE = "pledge"
    NONE = "none"


METHODS = {
    GuaranteeKind.DEPOSIT: (SecurityMethod.MONEY, SecurityMethod.PLEDGE),
    GuaranteeKind.WAIVER: (SecurityMethod.NONE,),
}
"""Methods by kind; every other kind is a bank guarantee or a surety."""
BY_GUARANTOR = (SecurityMethod.BANK_GUARANTEE, SecurityMethod.SURETY)


class Terms(Part, frozen=True):
    """The operations a guarantee is good for.

    offices: operations begin and end at one of them, if any are listed; commodities: goods are of
    one of them, if any are listed; sensitive_goods, suspended_goods: whether it covers goods with
    a higher risk of fraud, and goods under suspension of excise duty.
    """

    method: SecurityMethod
    offices: Annotated[tuple[ParticipantId, ...], listed("offices", 0, 32)]
    commodities: Annotated[tuple[HsCode, ...], listed("commodities", 0, 64)]
    sensitive_goods: bool
    suspended_goods: bool
