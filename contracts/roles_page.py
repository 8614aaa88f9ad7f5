"""The page of roles: who may do what, from the tables of acts. A part of the generated documents.

By role first, as people ask; then by record kind, as the rulebook does.
"""

from collections.abc import Iterator

from contracts.catalogue import SUBJECTS, Subject
from contracts.registry.competence import Competence
from contracts.registry.objects import OfficeFunction, Role

_ROLES = {
    Role.REGISTRAR: "customs headquarters of a member; keeps its register, votes for it",
    Role.OFFICE: "customs office, with at least one function",
    Role.GUARANTOR: "bank, insurer or association that answers for debts",
    Role.DECLARANT: "lodges declarations, holds the transit procedure",
    Role.CARRIER: "moves the goods",
    Role.SEAL_OPERATOR: "operator of navigation seals",
    Role.AUDITOR: "reads, proves, reports",
    Role.OBSERVER: "reads",
    Role.ECOMMERCE_OPERATOR: "declares parcels in bulk",
    Role.COMMISSION: "keeps the union's reference data; seated by a vote of the members",
}

COMPETENCE_HEADING = "| record | roles | and is | after its member left |"


def render_roles() -> str:
    """The whole page, in Markdown."""
    lines = [
        "# Roles",
        "",
        "Generated from `contracts/` by `python -m contracts.rulebook`; do not edit.",
        "",
        "A participant holds roles; an office has functions. A record by someone whose roles and "
        "functions do not allow it is refused under RE-004. What else the author must be stands in "
        "the last column and is checked by the rules of the [rulebook](rulebook.md). A suspended "
        "participant does nothing (RE-002). Once a member has left the union, its participants "
        "finish what is open and begin nothing new (RE-021).",
        "",
        "| role | who it is |",
        "|---|---|",
        *(f"| `{role}` | {_ROLES[role]} |" for role in Role),
    ]
    for role in Role:
        lines += _role(role)
    lines += ["", "## Every record kind", "", COMPETENCE_HEADING, "|---|---|---|---|"]
    for subject in SUBJECTS:
        lines += competence_rows(subject)
    return "\n".join(lines) + "\n"


def competence_rows(subject: Subject) -> Iterator[str]:
    """The rows of a subject: record, roles that may make it, what else the author must be, and
    whether its member may have left."""
    for act in subject.acts:
        roles = ", ".join(dict.fromkeys(competence.shown() for competence in act.by))
        after = "yes" if act.winds_up else "no"
        yield f"| `{act.record.kind()}` | {roles} | {act.standing} | {after} |"


def _role(role: Role) -> Iterator[str]:
    yield from ("", f"## {role.value}", "")
    yield from _rows(Competence(role))
    if role is Role.OFFICE:
        for function in OfficeFunction:
            yield from ("", f"### office of {function.value}, besides", "")
            yield from _rows(Competence(role, function))


def _rows(competence: Competence) -> Iterator[str]:
    """What exactly this competence may do, beyond what the others of its role may."""
    rows = tuple(
        f"| `{act.record.kind()}` | {act.standing} |"
        for subject in SUBJECTS
        for act in subject.acts
        if competence in act.by
    )
    if not rows:
        yield "Makes no records."
        return
    yield from ("| record | and is |", "|---|---|", *rows)
