"""Authority to act: checked for every record, before the rules of its subject."""

from contracts.kernel.outcome import Context
from contracts.kernel.record import Record
from contracts.kernel.rule import require, violation
from contracts.kernel.state import Ledger
from contracts.registry import rules
from contracts.registry.competence import Act, Case, held_by
from contracts.registry.membership import in_union
from contracts.registry.objects import PARTICIPANT, Participant, Standing


def open_author(author_id: str, signer: bytes, ledger: Ledger) -> Participant:
    """The registered, active participant for whom this key speaks, or a refusal."""
    author = ledger.find(PARTICIPANT, author_id)
    if author is None:
        raise violation(rules.AUTHOR_REGISTERED, author=author_id)
    require(author.standing is Standing.ACTIVE, rules.AUTHOR_ACTIVE, author=author.id)
    require(signer in author.keys, rules.KEY_IN_FORCE, author=author.id, key=signer)
    return author


def open_case(act: Act[Record], context: Context, ledger: Ledger) -> Case:
    """The case of an author who may make this kind of record, or a refusal."""
    author = open_author(context.author, context.signer, ledger)
    if not held_by(author, act.by):
        raise violation(
            rules.COMPETENT,
            author=author.id,
            roles=author.roles,
            functions=author.functions,
            record=act.record.kind(),
            competent=tuple(competence.shown() for competence in act.by),
        )
    if not (act.winds_up or in_union(author.member, ledger)):
        raise violation(
            rules.OF_A_MEMBER,
            author=author.id,
            member=author.member,
            record=act.record.kind(),
        )
    return Case(ledger, context, author)
