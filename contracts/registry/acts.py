"""Who may do what in the registry."""

from contracts.registry.competence import ANYONE, REGISTRAR, Act, Acts
from contracts.registry.keys import add_key, revoke_key, rotate_key
from contracts.registry.participants import amend, register, reinstate, suspend
from contracts.registry.records import (
    AddKey,
    AmendParticipant,
    RegisterParticipant,
    ReinstateParticipant,
    RevokeKey,
    RotateKey,
    SuspendParticipant,
)

ACTS: Acts = (
    Act(RegisterParticipant, register, (REGISTRAR,), "the registrar of the member"),
    Act(SuspendParticipant, suspend, (REGISTRAR,), "the registrar of the participant's member"),
    Act(ReinstateParticipant, reinstate, (REGISTRAR,), "the registrar of the participant's member"),
    Act(AddKey, add_key, ANYONE, "the participant itself, or the registrar of its member"),
    Act(
        RevokeKey,
        revoke_key,
        ANYONE,
        "the participant itself, or the registrar of its member",
        winds_up=True,
    ),
    Act(
        RotateKey,
        rotate_key,
        ANYONE,
        "the participant itself, or the registrar of its member",
        winds_up=True,
    ),
    Act(AmendParticipant, amend, (REGISTRAR,), "the registrar of the participant's member"),
)
