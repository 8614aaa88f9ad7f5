"""What happened, as lines that a person reads: time, who, what. Off unless a seed is replayed."""

from collections.abc import Callable

from consensus.block import Block, Member, View, block_id
from consensus.core import Simplex
from consensus.events import (
    Accuse,
    Append,
    Behind,
    Broadcast,
    Build,
    Built,
    Commit,
    Dissent,
    Effect,
    EpochEnded,
    Execute,
    Executed,
    Forked,
    Halt,
    Input,
    LinkUp,
    Persist,
    Received,
    Send,
    ServeRun,
    Tick,
    Validate,
    Validated,
    WakeAt,
    Work,
)
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    Finalization,
    Finalize,
    Message,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
)


class Trace:
    """Collects lines if `on`. `clock` gives virtual time in ms."""

    def __init__(self, clock: Callable[[], int], *, on: bool) -> None:
        self.lines: list[str] = []
        self._clock = clock
        self.on = on
        self._reasons: dict[Member, str] = {}

    def note(self, member: Member | None, text: str) -> None:
        """Something happened to a member, or to the world."""
        if self.on:
            who = "world" if member is None else f"M{member}"
            self.lines.append(f"{self._clock():>7} ms  {who:<5}  {text}")

    def fed(self, member: Member, event: Input) -> None:
        """A member's core is given an input."""
        if self.on:
            self.note(member, f"<- {_input(event)}")

    def did(self, member: Member, effect: Effect) -> None:
        """A member performs an effect."""
        if self.on and not isinstance(effect, WakeAt):
            self.note(member, f"   {_effect(effect)}")

    def explain(self, member: Member, core: Simplex) -> None:
        """Say why the member does not vote, when that changes."""
        if self.on:
            reason = why_no_vote(core)
            if reason != self._reasons.get(member, ""):
                self._reasons[member] = reason
                if reason:
                    self.note(member, f"   ({reason})")


def why_no_vote(core: Simplex) -> str:
    """What keeps a member from voting for the proposal of its view; empty if nothing does."""
    current = core.rounds.get(core.view)
    if current is None or current.proposal is None or current.sent_notarize is not None:
        return ""
    if current.judged is False:
        return "no vote: the proposal is invalid"
    if current.validating:
        return "no vote yet: bodies are missing or being checked"
    header = current.proposal.block.header
    head = core.chain.head
    certified = None
    parent = core.rounds.get(View(header.parent_view))
    if parent is not None:
        certified = parent.certified_block()
    if header.parent_view > head.view and certified is None:
        return f"no vote yet: no certificate for the parent's view {header.parent_view}"
    for view in range(header.parent_view + 1, header.view):
        between = core.rounds.get(View(view))
        if between is None or between.nullification is None:
            return f"no vote yet: view {view} between parent and block is not known to be nullified"
    return "no vote yet: ancestors are missing or not executed"


def _short(name: bytes) -> str:
    return name.hex()[:6]


def _block(block: Block) -> str:
    header = block.header
    return (
        f"block {_short(block_id(header))} (height {header.height}, view {header.view}, "
        f"on view {header.parent_view}, {len(block.payload)} submissions)"
    )


def describe(message: Message) -> str:
    """A message in one line."""
    match message:
        case Notarize():
            return f"notarize(view {message.view}, {_short(message.block)}) by M{message.member}"
        case Nullify():
            return f"nullify(view {message.view}) by M{message.member}"
        case Finalize():
            return (
                f"finalize(view {message.view}, {_short(message.block)}, "
                f"outcome {_short(message.outcome)}) by M{message.member}"
            )
        case Notarization():
            return f"NOTARIZATION(view {message.view}, {_short(message.block)})"
        case Nullification():
            return f"NULLIFICATION(view {message.view})"
        case Finalization():
            return f"FINALIZATION(view {message.view}, {_short(message.block)})"
        case Proposal():
            return f"proposal of {_block(message.block)}"
        case Fetch():
            blocks = [_short(i) for i in message.blocks]
            return f"fetch(after {message.after_height}, blocks {blocks}, views {message.views})"
        case BlockReply():
            return f"reply with {_block(message.block)}"
        case FinalisedRun():
            heights = [block.header.height for block in message.blocks]
            return f"run of final blocks {heights[0]} to {heights[-1]}"


def _input(event: Input) -> str:
    match event:
        case Received():
            return f"from M{event.message.sender}: {describe(event.message.message)}"
        case Tick():
            return "tick"
        case Work():
            return f"work pending: {event.pending}"
        case Behind():
            return f"M{event.member} speaks of a later epoch"
        case LinkUp():
            return f"link to M{event.member} is up"
        case Built():
            return f"built for view {event.view} with {len(event.payload)} submissions"
        case Validated():
            return f"{_short(event.block)} is {'valid' if event.ok else 'INVALID: ' + event.reason}"
        case Executed():
            return f"{_short(event.block)} executed, outcome {_short(event.outcome)}"


def _effect(effect: Effect) -> str:
    match effect:
        case Append():
            record = effect.record
            return f"log {_block(record) if isinstance(record, Block) else describe(record)}"
        case Persist():
            return f"persist {describe(effect.record)}"
        case Broadcast():
            return f"to all: {describe(effect.message)}"
        case Send():
            return f"to M{effect.to}: {describe(effect.message)}"
        case WakeAt():
            return f"wake at {effect.now}"
        case Build():
            return f"build for view {effect.view} on {_short(effect.parent)}"
        case Validate():
            return f"validate {_block(effect.block)}"
        case Execute():
            return f"execute {_block(effect.block)}"
        case Commit():
            return f"COMMIT up to {_block(effect.blocks[-1])}"
        case EpochEnded():
            return f"the epoch ends with {_block(effect.last)}"
        case ServeRun():
            return f"serve M{effect.to} what is final above {effect.after_height}"
        case Accuse():
            return f"accuse M{effect.evidence.member}"
        case Dissent():
            return f"M{effect.vote.member} signed another outcome of {_short(effect.vote.block)}"
        case Halt():
            return f"HALT at {_block(effect.block)}"
        case Forked():
            ours = "none at hand" if effect.ours is None else describe(effect.ours)
            return f"HALT for a fork: ours {ours}, theirs {describe(effect.theirs)}"
