"""What the ledger does not allow, each with its rule or reason.

Two refusals are facts on the ledger, with proofs of their own: a release that the guarantee does
not cover, and one by an office that is not competent. The third never gets in: a submission that
was changed after it was signed.
"""

import secrets
import time

import msgspec

from contracts import Rule
from contracts.guarantee.rules import SUFFICIENT
from contracts.references.mrn import make_mrn
from contracts.transit.records import ControlDecision, RecordControl, Register
from contracts.transit.rules import OF_DEPARTURE
from ledger_node.client import ApiProblem, SubmissionView
from ledger_node.demo import cast
from ledger_node.demo.stage import Stage
from ledger_node.demo.story import PLAIN_SEAL, Story, Unexpected, expect_accepted, ledger_year
from ledger_node.demo.union import Union


async def second_release(story: Story, union: Union, stage: Stage) -> None:
    """A second movement on the same guarantee: what is free does not cover it."""
    with stage.act(cast.DECLARANT, "lodges a second movement, DNGB7-cc015c.xml") as act:
        lodging = story.import_declaration("DNGB7-cc015c.xml")
        expect_accepted(await union.act(cast.DECLARANT, lodging))
        act.note = lodging.lrn
    now = time.time_ns() // 1_000_000
    mrn = make_mrn(ledger_year(now), "KG", secrets.token_hex(6).upper())
    with stage.act(cast.DEPARTURE, f"registers it: MRN {mrn}"):
        expect_accepted(
            await union.act(
                cast.DEPARTURE,
                Register(cast.DECLARANT, lodging.lrn, mrn, None),
                RecordControl(mrn, ControlDecision.NOT_REQUIRED, ""),
            )
        )
    release = story.release(mrn, now, PLAIN_SEAL)
    view = await union.act(cast.DEPARTURE, release, keep="second-release-refused")
    _show(stage, cast.DEPARTURE, "releases it on the same guarantee", view, SUFFICIENT)


async def wrong_office(story: Story, union: Union, stage: Stage) -> None:
    """An office of another state takes a decision that is not its own."""
    view = await union.act(
        cast.DESTINATION,
        story.release(story.mrn, time.time_ns() // 1_000_000),
        keep="release-by-wrong-office-refused",
    )
    _show(stage, cast.DESTINATION, "releases a movement of Bishkek", view, OF_DEPARTURE)


async def tampered(story: Story, union: Union, stage: Stage) -> None:
    """One bit of a signed release is flipped on its way to the node."""
    release = story.release(story.mrn, time.time_ns() // 1_000_000)
    signed = union.speaker(cast.DEPARTURE).sign(release)
    record = bytearray(signed.records[0])
    record[len(record) // 2] ^= 1
    try:
        changed = msgspec.structs.replace(signed, records=(bytes(record),))
        await union.client("KG").submit(changed)
    except ApiProblem as problem:
        stage.refused(
            "someone", "changes one bit of a signed release", problem.rule or "", str(problem)
        )
    else:
        raise Unexpected("a tampered submission was taken")


def _show(stage: Stage, who: str, what: str, view: SubmissionView, rule: Rule) -> None:
    record = view.records[0]
    if record.rule != rule.id:
        raise Unexpected(f"{who} {what}: not refused by {rule.id} but {record.rule or 'accepted'}")
    values = ", ".join(f"{name} {value}" for name, value in record.values.items())
    stage.refused(who, what, record.rule or "", f"{record.text} ({values}) — {record.source}")
