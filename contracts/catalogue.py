"""The contract set: every subject's acts, objects, rules and lifecycles, in one place.

A new subject is added here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.compliance import acts as compliance_acts
from contracts.compliance import life as compliance_life
from contracts.compliance import rules as compliance_rules
from contracts.compliance.objects import OFFENCE, OFFENCE_KIND
from contracts.conduct import acts as conduct_acts
from contracts.conduct import rules as conduct_rules
from contracts.conduct.objects import AUTHORISATION, CONDUCT
from contracts.control import acts as control_acts
from contracts.control import life as control_life
from contracts.control import rules as control_rules
from contracts.control.objects import CONTROL, CONTROLS_OF_KIND
from contracts.ecommerce import acts as ecommerce_acts
from contracts.ecommerce import life as ecommerce_life
from contracts.ecommerce import rules as ecommerce_rules
from contracts.ecommerce.objects import BULK_DECLARATION, CONSIGNMENT, PARCEL
from contracts.governance import acts as governance_acts
from contracts.governance import life as governance_life
from contracts.governance import rules as governance_rules
from contracts.governance.objects import (
    CHARTER,
    CONTRACT_SET,
    EPOCH_DOCUMENT,
    EQUIVOCATION,
    PROPOSAL,
)
from contracts.guarantee import acts as guarantee_acts
from contracts.guarantee import life as guarantee_life
from contracts.guarantee import rules as guarantee_rules
from contracts.guarantee.objects import CERTIFICATE, GUARANTEE, RESERVATION
from contracts.kernel import rules as record_rules
from contracts.kernel.deadline import DeadlineAct, DeadlineActs
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.record import Record
from contracts.kernel.rule import Rule, rulebook, rules_of
from contracts.kernel.state import ObjectType
from contracts.kernel.timers import TIMER_BUCKET, TIMER_NODE, TIMER_PAGE
from contracts.reference import acts as reference_acts
from contracts.reference import rules as reference_rules
from contracts.reference.objects import CODE, CODE_LIST, RATE, THRESHOLD
from contracts.registry import acts as registry_acts
from contracts.registry import rules as registry_rules
from contracts.registry.competence import Act, Acts
from contracts.registry.objects import MEMBER, PARTICIPANT
from contracts.registry.seals import SEAL
from contracts.seals import acts as seal_acts
from contracts.seals import life as seal_life
from contracts.seals import rules as seal_rules
from contracts.seals.objects import ALARM, POSITIONS, TRANSPORT
from contracts.transit import acts as transit_acts
from contracts.transit import due, recovery_rules
from contracts.transit import life as transit_life
from contracts.transit import rules as transit_rules
from contracts.transit.objects import CLAIM, DECLARATION, DECLARATION_NUMBER, MOVEMENT


@dataclass(frozen=True, slots=True)
class Subject:
    """One chapter of the rulebook."""

    title: str
    acts: Acts
    objects: tuple[ObjectType[Any], ...]
    rules: tuple[Rule, ...]
    lifecycles: tuple[Lifecycle[Any], ...]
    deadlines: DeadlineActs = ()


SUBJECTS = (
    Subject("Records", (), (), rules_of(record_rules), ()),
    Subject("Deadlines", (), (TIMER_BUCKET, TIMER_PAGE, TIMER_NODE), (), ()),
    Subject("Registry", registry_acts.ACTS, (MEMBER, PARTICIPANT), rules_of(registry_rules), ()),
    Subject(
        "Guarantee",
        guarantee_acts.ACTS,
        (GUARANTEE, RESERVATION, CERTIFICATE),
        rules_of(guarantee_rules),
        (guarantee_life.LIFE,),
        guarantee_acts.DEADLINES,
    ),
    Subject(
        "Transit",
        transit_acts.ACTS,
        (DECLARATION, MOVEMENT, DECLARATION_NUMBER, CLAIM),
        (*rules_of(transit_rules), *rules_of(recovery_rules)),
        (transit_life.DECLARATION_LIFE, transit_life.MOVEMENT_LIFE, transit_life.CLAIM_LIFE),
        due.DEADLINES,
    ),
    Subject(
        "Seals",
        seal_acts.ACTS,
        (SEAL, TRANSPORT, ALARM, POSITIONS),
        rules_of(seal_rules),
        (seal_life.SEAL_LIFE, seal_life.MONITORING_LIFE, seal_life.ALARM_LIFE),
    ),
    Subject(
        "Reference data",
        reference_acts.ACTS,
        (RATE, CODE_LIST, CODE, THRESHOLD),
        rules_of(reference_rules),
        (),
    ),
    Subject(
        "Governance",
        governance_acts.ACTS,
        (CHARTER, CONTRACT_SET, EPOCH_DOCUMENT, PROPOSAL, EQUIVOCATION),
        rules_of(governance_rules),
        (governance_life.PROPOSAL_LIFE,),
        governance_acts.DEADLINES,
    ),
    Subject(
        "Control",
        control_acts.ACTS,
        (CONTROL, CONTROLS_OF_KIND),
        rules_of(control_rules),
        (control_life.CONTROL_LIFE,),
    ),
    Subject(
        "Conduct",
        conduct_acts.ACTS,
        (CONDUCT, AUTHORISATION),
        rules_of(conduct_rules),
        (),
    ),
    Subject(
        "Compliance",
        compliance_acts.ACTS,
        (OFFENCE_KIND, OFFENCE),
        rules_of(compliance_rules),
        (compliance_life.OFFENCE_LIFE,),
        compliance_acts.DEADLINES,
    ),
    Subject(
        "E-commerce",
        ecommerce_acts.ACTS,
        (BULK_DECLARATION, CONSIGNMENT, PARCEL),
        rules_of(ecommerce_rules),
        (ecommerce_life.BULK_LIFE,),
    ),
)

RULES: Mapping[str, Rule] = rulebook(subject.rules for subject in SUBJECTS)
"""Every rule by id."""

ACTS: Mapping[type[Record], Act[Any]] = {
    act.record: act for subject in SUBJECTS for act in subject.acts
}
"""Who may make which record, and what executes it."""

RECORD_KINDS: Mapping[str, type[Record]] = {record.kind(): record for record in ACTS}
"""Every record type by kind."""

DEADLINES: Mapping[str, DeadlineAct] = {
    act.deadline.kind: act for subject in SUBJECTS for act in subject.deadlines
}
"""What acts by itself, by kind. A kind that was ever armed stays, or its timers have no act."""

OBJECT_TYPES: Mapping[str, ObjectType[Any]] = {
    kind.prefix: kind for subject in SUBJECTS for kind in subject.objects
}
"""Every object type by key prefix."""
