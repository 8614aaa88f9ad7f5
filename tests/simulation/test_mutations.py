"""The simulator can fail: take one rule out of the core and some early seed shows it."""

from collections.abc import Iterable

import pytest

from consensus.block import Block
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Broadcast, JournalRecord, Persist
from consensus.messages import Finalize, Notarize, Nullify, Vote
from consensus.quorum import quorum
from consensus.rules import Rules
from consensus.state import MemberState
from tests.simulation.faults import KINDS
from tests.simulation.runner import Tally, run_seeds

SEEDS = range(60)


def caught() -> str:
    """What the first failing seed says."""
    failure = next(run_seeds(SEEDS, (4,), KINDS, Tally()), None)
    assert failure is not None, "the simulator does not see that a rule is gone"
    return failure.what


def test_a_quorum_that_is_one_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Committee, "quorum", property(lambda self: quorum(len(self)) - 1))
    assert "Violation" in caught()


def test_a_restart_that_forgets_its_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    recover = Simplex.recover

    def forgetful(self: Simplex, records: Iterable[JournalRecord]) -> None:
        recover(self, [r for r in records if not isinstance(r, Notarize | Nullify | Finalize)])

    monkeypatch.setattr(Simplex, "recover", forgetful)
    assert "Violation" in caught()


def test_a_vote_sent_before_it_is_persisted(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(self: MemberState, vote: Vote) -> None:
        self._effects.append(Broadcast(vote))
        self._remember_own(vote)
        self._effects.append(Persist(vote))

    monkeypatch.setattr(MemberState, "_cast", hasty)
    assert "before it is durable" in caught()


def test_finalize_after_nullify(monkeypatch: pytest.MonkeyPatch) -> None:
    vote_finalize = Rules._vote_finalize

    def careless(self: Rules, now: int) -> bool:
        nullified = {view: current.sent_nullify for view, current in self.rounds.items()}
        for current in self.rounds.values():
            current.sent_nullify = None
        voted = vote_finalize(self, now)
        for view, vote in nullified.items():
            self.rounds[view].sent_nullify = vote
        return voted

    monkeypatch.setattr(Rules, "_vote_finalize", careless)
    assert "nullifies and finalizes" in caught()


def test_a_gap_that_nobody_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    def unchecked(_self: Rules, _now: int, _block: Block) -> bool:
        return True

    monkeypatch.setattr(Rules, "_gap_is_nullified", unchecked)
    assert caught()
