"""The register: what it refuses, and that keys and standing take effect at once."""

import pytest

from contracts import Accepted, Record
from contracts.registry import records as reg
from contracts.registry.objects import OfficeFunction, Role, Standing
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import SampleUnion, key_of

CASES = Refusals()


def registration(
    name: str = "NEW",
    member: str = "BY",
    roles: tuple[Role, ...] = (Role.DECLARANT,),
    functions: tuple[OfficeFunction, ...] = (),
) -> reg.RegisterParticipant:
    return reg.RegisterParticipant(name, member, "New one", roles, functions, (key_of(name),))


@CASES.of("RE-001")
def unknown_author(union: SampleUnion) -> tuple[str, Record]:
    return "NOBODY", registration()


@CASES.of("RE-002")
def suspended_author(union: SampleUnion) -> tuple[str, Record]:
    union.do("BY", reg.SuspendParticipant("TRADER", "Debts."))
    return "TRADER", reg.AddKey("TRADER", key_of("new"))


@CASES.of("RE-003")
def revoked_key(union: SampleUnion) -> tuple[str, Record]:
    union.do("BY", reg.AddKey("TRADER", key_of("new")))
    union.do("BY", reg.RevokeKey("TRADER", key_of("TRADER"), "Lost."))
    return "TRADER", reg.AddKey("TRADER", key_of("third"))


@CASES.of("RE-004")
def a_trader_registers(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", registration()


@CASES.of("RE-005")
def another_members_participant(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(member="KZ")


@CASES.of("RE-006")
def an_id_already_used(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(name="TRADER")


@CASES.of("RE-007")
def a_second_registrar(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(roles=(Role.REGISTRAR,))


@CASES.of("RE-008")
def an_office_that_trades(union: SampleUnion) -> tuple[str, Record]:
    roles = (Role.OFFICE, Role.DECLARANT)
    return "BY", registration(roles=roles, functions=(OfficeFunction.TRANSIT,))


@CASES.of("RE-009")
def an_office_without_function(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(roles=(Role.OFFICE,))


@CASES.of("RE-009")
def a_trader_with_a_function(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(functions=(OfficeFunction.TRANSIT,))


@CASES.of("RE-010")
def suspending_nobody(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.SuspendParticipant("NOBODY", "Reason.")


@CASES.of("RE-011")
def suspending_a_registrar(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.SuspendParticipant("BY", "Reason.")


@CASES.of("RE-012")
def reinstating_the_active(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.ReinstateParticipant("TRADER", "Reason.")


@CASES.of("RE-013")
def adding_a_key_twice(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", reg.AddKey("TRADER", key_of("TRADER"))


@CASES.of("RE-014")
def revoking_a_foreign_key(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", reg.RevokeKey("TRADER", key_of("BANK"), "Lost.")


@CASES.of("RE-015")
def revoking_the_last_key(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", reg.RevokeKey("TRADER", key_of("TRADER"), "Lost.")


@CASES.of("RE-016")
def a_key_for_someone_else(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", reg.AddKey("TRADER", key_of("new"))


@CASES.of("RE-017")
def a_seventeenth_key(union: SampleUnion) -> tuple[str, Record]:
    for number in range(15):
        union.do("TRADER", reg.AddKey("TRADER", key_of(f"key{number}")))
    return "TRADER", reg.AddKey("TRADER", key_of("one too many"))


@CASES.of("RE-018")
def a_registrar_appoints_the_commission(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(roles=(Role.COMMISSION,))


@CASES.of("RE-019")
def a_trader_named_like_a_member(union: SampleUnion) -> tuple[str, Record]:
    return "BY", registration(name="UZ")


@CASES.of("RE-020")
def a_trader_made_an_office(union: SampleUnion) -> tuple[str, Record]:
    functions = (OfficeFunction.TRANSIT,)
    return "BY", reg.AmendParticipant("TRADER", "Trader", (Role.OFFICE,), functions, "Asked.")


@CASES.of("RE-007")
def a_registrar_made_a_trader(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.AmendParticipant("BY", "Belarus", (Role.DECLARANT,), (), "Asked.")


@CASES.of("RE-018")
def a_trader_made_the_commission(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.AmendParticipant("TRADER", "Trader", (Role.COMMISSION,), (), "Asked.")


@CASES.of("RE-005")
def a_registrar_amends_the_commission(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.AmendParticipant("COMMISSION", "C", (Role.DECLARANT,), (), "Asked.")


@CASES.of("RE-016")
def a_registrar_adds_a_key_to_the_commission(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.AddKey("COMMISSION", key_of("BY"))


@CASES.of("RE-013")
def rotating_to_a_key_in_force(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", reg.RotateKey("TRADER", key_of("TRADER"), key_of("TRADER"), "Yearly.")


@CASES.of("RE-014")
def rotating_a_foreign_key(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", reg.RotateKey("TRADER", key_of("BANK"), key_of("new"), "Yearly.")


@CASES.of("RE-010")
def a_key_for_nobody(union: SampleUnion) -> tuple[str, Record]:
    return "BY", reg.AddKey("NOBODY", key_of("new"))


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_suspended_participant_acts_again_once_reinstated() -> None:
    union = SampleUnion()
    union.do("BY", reg.SuspendParticipant("TRADER", "Debts."))
    assert union.show("participant/TRADER").standing is Standing.SUSPENDED
    union.do("BY", reg.ReinstateParticipant("TRADER", "Paid."))
    assert isinstance(union.apply("TRADER", reg.AddKey("TRADER", key_of("new"))), Accepted)


def test_a_new_key_signs_at_once() -> None:
    union = SampleUnion()
    union.do("TRADER", reg.AddKey("TRADER", key_of("new")))
    revocation = reg.RevokeKey("TRADER", key_of("TRADER"), "Replaced.")
    assert isinstance(union.apply("TRADER", revocation, signer=key_of("new")), Accepted)
    assert union.show("participant/TRADER").keys == (key_of("new"),)


def test_genesis_gives_each_member_its_registrar() -> None:
    union = SampleUnion()
    assert union.show("member/KZ").registrar == "KZ"
    assert union.show("participant/KZ").roles == (Role.REGISTRAR,)


def test_rotation_puts_one_key_in_the_place_of_another() -> None:
    union = SampleUnion()
    union.do("TRADER", reg.AddKey("TRADER", key_of("second")))
    union.do("TRADER", reg.RotateKey("TRADER", key_of("TRADER"), key_of("third"), "Yearly."))
    assert union.show("participant/TRADER").keys == (key_of("third"), key_of("second"))


def test_amended_roles_take_effect_at_once() -> None:
    union = SampleUnion()
    roles = (Role.DECLARANT, Role.CARRIER)
    union.do("BY", reg.AmendParticipant("TRADER", "Trader & Sons", roles, (), "Licensed."))
    trader = union.show("participant/TRADER")
    assert (trader.name, trader.roles) == ("Trader & Sons", (Role.CARRIER, Role.DECLARANT))
    assert trader.keys == (key_of("TRADER"),)


def test_two_characters_that_are_no_code_may_be_an_id() -> None:
    SampleUnion().do("BY", registration(name="X1"))
