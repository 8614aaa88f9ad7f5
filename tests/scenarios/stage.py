"""Where a play is performed: real cores, and a wire and a clock that the script moves by hand.

A command is a line: a verb and words. Members are M0, M1, …; view v is led by M(v mod n). A block
is called b3 after its view, and b3' if it is the second one of that view; its result is called
result(b3). Messages stay on the wire until they are delivered or dropped; bodies of submissions
pass at once, unless cut.

    members N                            begin, with a genesis Δ of 50 ms
    watch M0 M2 | watch all | watch      whose lines are shown; nobody's
    submit M1 NAME [quietly] [ends]      a client gives M1 a submission; `quietly`: M1 tells nobody;
                                         `ends`: it decides that the epoch ends
    deliver [KIND] [from M] [to M]       what is on the wire now; without words, until it is empty
    drop [KIND] [from M] [to M]          lose it
    tick MS                              let time pass, timers firing as it does
    partition M0 M1 | M2 M3, heal        links; healing tells both ends
    crash M1 [after N effects], restart M1
    mute M1                              from now on it says nothing but lies
    lie M1 to M2 M3: STATEMENT           see `statements`
    show                                 where everyone is
"""

import itertools
from collections.abc import Callable
from random import Random

from consensus.block import block_id
from consensus.committee import Committee
from consensus.messages import Message
from tests.scenarios.naming import Naming
from tests.scenarios.statements import statement
from tests.scenarios.wire import HandMovedWire
from tests.simulation.faults import Plan
from tests.simulation.ledger import Toy
from tests.simulation.member import SimulatedMember
from tests.simulation.network import Conditions, Network
from tests.simulation.simulation import Simulation
from tests.simulation.twins import scheduled

ENDS = b"-"
"""The last byte of a submission that ends the epoch: see simulation.ledger.ToyLedger."""


class _Union(Simulation):
    """A simulation in which nothing happens by itself."""

    def __init__(self, members: int) -> None:
        ledger = Toy(epochs_end=True)
        super().__init__(members, Plan(), Random(0), ledger, strict=False, trace=True)

    def committees(self, members: int) -> Callable[[int], Committee]:
        """See Simulation: seats are taken in order, so that M(v mod n) leads view v."""
        return scheduled(super().committees(members))

    def network_of(self, conditions: Conditions) -> Network:
        """See Simulation."""
        self.wire = HandMovedWire(self.schedule, self.random, conditions, self._deliver)
        return self.wire


class Stage:
    """`do` performs one command and returns the lines that it brings about."""

    def __init__(self) -> None:
        self._union: _Union | None = None
        self._naming = Naming()
        self._watched: set[str] | None = None
        self._verbs: dict[str, Callable[[list[str]], None]] = {
            "members": self._members,
            "watch": self._watch,
            "submit": self._submit,
            "deliver": self._deliver,
            "drop": self._drop,
            "tick": self._tick,
            "partition": self._partition,
            "heal": self._heal,
            "crash": self._crash,
            "restart": self._restart,
            "mute": self._mute,
            "lie": self._lie,
            "show": self._show,
        }

    @property
    def union(self) -> _Union:
        """The cast."""
        assert self._union is not None, "a play begins with `members`"
        return self._union

    def do(self, command: str) -> list[str]:
        """Raises KeyError for an unknown verb."""
        verb, *words = command.split()
        self._verbs[verb](words)
        union = self.union
        self._settle()
        lines, union.trace.lines = union.trace.lines, []
        self._naming.learn(union.members)
        return [self._naming.renamed(line) for line in lines if self._is_shown(line)]

    def _settle(self) -> None:
        """What takes no time happens now."""
        self.union.run_until(self.union.schedule.now)

    def _is_shown(self, line: str) -> bool:
        who = line.split()[2]
        return self._watched is None or who in self._watched or who == "world"

    def _member(self, word: str) -> SimulatedMember:
        return self.union.members[int(word.removeprefix("M"))]

    # ------------------------------------------------------------ commands

    def _members(self, words: list[str]) -> None:
        self._union = _Union(int(words[0]))
        for member in self._union.members:
            member.start()

    def _watch(self, words: list[str]) -> None:
        self._watched = None if words == ["all"] else set(words)

    def _submit(self, words: list[str]) -> None:
        body = words[1].encode().ljust(32, ENDS if "ends" in words else b".")
        member = self._member(words[0])
        if "quietly" in words:
            member.work.arrived((body,))
        else:
            member.submit(body)

    def _deliver(self, words: list[str]) -> None:
        if words:
            self._arrive(words)
            return
        while self._arrive(words):
            self._settle()

    def _arrive(self, words: list[str]) -> bool:
        return self.union.wire.deliver(*_selection(words))

    def _drop(self, words: list[str]) -> None:
        self.union.wire.drop(*_selection(words))

    def _tick(self, words: list[str]) -> None:
        union = self.union
        end = union.schedule.now + int(words[0])
        union.run_until(end)
        union.schedule.now = end

    def _partition(self, words: list[str]) -> None:
        islands = [
            [int(w.removeprefix("M")) for w in i.split()] for i in " ".join(words).split("|")
        ]
        self.union.network.partition(islands)

    def _heal(self, _words: list[str]) -> None:
        self.union.network.heal()
        for member in self.union.members:
            self._connect(member)

    def _connect(self, member: SimulatedMember) -> None:
        for other in self.union.members:
            if other is not member and other.running and member.running:
                member.link_up(other.index)

    def _crash(self, words: list[str]) -> None:
        member = self._member(words[0])
        if "after" in words:
            member.crash_in = int(words[2])
        else:
            member.crash()

    def _restart(self, words: list[str]) -> None:
        self._member(words[0]).start()

    def _mute(self, words: list[str]) -> None:
        member = self._member(words[0])
        member.correct = False
        self.union.invariants.correct.discard(member.index)
        self.union.wire.muted.add(member.address)

    def _lie(self, words: list[str]) -> None:
        at = next(i for i, word in enumerate(words) if word.endswith(":"))
        liar = self._member(words[0])
        self._naming.learn(self.union.members)
        message: Message = statement(liar, words[at + 1 :], self._naming)
        self.union.trace.note(liar.index, f"   lies to {' '.join(words[2 : at + 1])[:-1]}")
        for word in words[2 : at + 1]:
            self.union.wire.put(liar, self._member(word.removesuffix(":")), message)

    def _show(self, _words: list[str]) -> None:
        for member in self.union.members:
            core = member.core
            head = core.chain.head
            state = "" if member.running else ", down"
            state += ", HALTED" if core.halted else ""
            name = block_id(member.disk.final[-1][0].header).hex()[:6]
            self.union.trace.note(
                member.index, f"view {core.view}, height {head.height} ({name}){state}"
            )


def _selection(words: list[str]) -> tuple[str | None, int | None, int | None]:
    """Kind, sender and receiver that a `deliver` or `drop` names."""
    kind = words[0] if words and words[0] not in ("from", "to") else None
    ends: dict[str, int] = {}
    for preposition, member in itertools.pairwise(words):
        if preposition in ("from", "to"):
            ends[preposition] = int(member.removeprefix("M"))
    return kind, ends.get("from"), ends.get("to")
