"""The simulator can fail: take any one safety rule out of the core and some early seed shows it.

Each mutation removes one rule and leaves the rest, with the core's own assertion about it where
there is one. The run may use 2,000 seeds; each is in fact caught within a few dozen, and the
figures stand in docs/consensus/assurance.md.
"""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from consensus import authentication
from consensus.authentication import Authenticated, Claim
from consensus.block import Block, Member, View
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Broadcast, JournalRecord, Persist, Validated
from consensus.listening import Listener
from consensus.messages import (
    Certificate,
    Finalize,
    MessageRefused,
    Notarization,
    Notarize,
    Nullify,
    Proposal,
    Vote,
    nullify_bytes,
    signed_bytes,
)
from consensus.quorum import quorum
from consensus.rules import Rules
from consensus.state import MemberState
from tests.simulation.runner import Campaign, first_failure

SEEDS = range(2000)


def caught(capsys: pytest.CaptureFixture[str]) -> str:
    """What the first failing seed says."""
    failure = first_failure(Campaign((4,)), SEEDS)
    assert failure is not None, "the simulator does not see that a rule is gone"
    with capsys.disabled():
        print(f"\n  seed {failure.seed}: {failure.what[:90]}", end="")
    return failure.what


def remember_unguarded(self: MemberState, vote: Vote) -> None:
    """`_remember_own` without its assertions."""
    current = self._round(View(vote.view))
    match vote:
        case Notarize():
            current.sent_notarize = vote
        case Nullify():
            current.sent_nullify = vote
        case Finalize():
            current.sent_finalize = vote
    current.hear(vote)


def test_two_notarizes_in_a_view(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hear_proposal = Listener._hear_proposal

    def fickle(self: Listener, now: int, sender: Member, proposal: Proposal) -> None:
        current = self._round(View(proposal.block.header.view))
        if current.proposal not in (None, proposal) and not current.validating:
            current.proposal = current.judged = current.sent_notarize = None
        hear_proposal(self, now, sender, proposal)

    monkeypatch.setattr(Listener, "_hear_proposal", fickle)
    monkeypatch.setattr(MemberState, "_remember_own", remember_unguarded)
    assert "votes twice" in caught(capsys)


def test_finalize_after_nullify(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
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
    monkeypatch.setattr(MemberState, "_remember_own", remember_unguarded)
    assert "nullifies and finalizes" in caught(capsys)


def test_nullify_after_finalize(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who gives up a view gives up the open ones before it too, whatever it said there.

    Two things keep the core from that: it gives up its own view only, and `_nullify` looks.
    """
    give_up = Rules._give_up

    def sweeping(self: Rules, now: int) -> bool:
        if not give_up(self, now):
            return False
        assert self.me is not None
        for current in self._open_rounds():
            if current.view < self.view and current.sent_nullify is None:
                epoch, view = self.committee.epoch, current.view
                signature = self._sign(nullify_bytes(self.committee.union, epoch, view))
                self._cast(Nullify(epoch, view, self.me, signature))
        return True

    monkeypatch.setattr(Rules, "_give_up", sweeping)
    monkeypatch.setattr(MemberState, "_remember_own", remember_unguarded)
    assert "nullifies and finalizes" in caught(capsys)


def test_a_vote_sent_before_it_is_persisted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hasty(self: MemberState, vote: Vote) -> None:
        self._effects.append(Broadcast(vote))
        self._remember_own(vote)
        self._effects.append(Persist(vote))

    monkeypatch.setattr(MemberState, "_cast", hasty)
    assert "before it is durable" in caught(capsys)


def test_a_restart_that_forgets_its_votes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recover = Simplex.recover

    def forgetful(self: Simplex, records: Iterable[JournalRecord]) -> None:
        recover(self, [r for r in records if not isinstance(r, Notarize | Nullify | Finalize)])

    monkeypatch.setattr(Simplex, "recover", forgetful)
    assert "Violation" in caught(capsys)


def test_a_parent_that_nobody_notarized(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fits = Rules._fits

    def trusting(self: Rules, now: int, block: Block) -> bool | None:
        """As if the parent had the certificate that it lacks."""
        header = block.header
        parent = self._round(View(header.parent_view))
        kept = parent.notarization
        parent.notarization = Notarization(header.epoch, header.parent_view, 0, header.parent, ())
        fit = fits(self, now, block)
        parent.notarization = kept
        return fit

    monkeypatch.setattr(Rules, "_fits", trusting)
    assert caught(capsys)


def test_a_gap_that_nobody_checks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unchecked(_self: Rules, _now: int, _block: Block) -> bool:
        return True

    monkeypatch.setattr(Rules, "_gap_is_nullified", unchecked)
    assert caught(capsys)


def test_a_quorum_that_is_one_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Committee, "quorum", property(lambda self: quorum(len(self)) - 1))
    assert "Violation" in caught(capsys)


def test_votes_of_another_epoch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check_position = authentication._check_position

    class AnyEpoch:
        """A committee that calls every epoch its own."""

        def __init__(self, epoch: int) -> None:
            self.epoch = epoch

    def unchecked(message: Vote | Certificate, committee: Committee) -> None:
        check_position(message, AnyEpoch(message.epoch))  # type: ignore[arg-type]  # its epoch is all that is read

    monkeypatch.setattr(authentication, "_check_position", unchecked)
    monkeypatch.setattr("tests.simulation.member.message_epoch", lambda message: None)
    assert "Violation" in caught(capsys)


def test_a_certificate_that_nobody_verifies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate_claims = authentication._certificate_claims

    def unverified(certificate: Certificate, committee: Committee) -> tuple[()]:
        certificate_claims(certificate, committee)
        return ()

    monkeypatch.setattr(authentication, "_certificate_claims", unverified)
    assert "bad signature" in caught(capsys)


def test_a_signer_that_counts_as_often_as_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def counted(certificate: Certificate, committee: Committee) -> tuple[Claim, ...]:
        authentication._check_position(certificate, committee)
        if len(certificate.signatures) < committee.quorum:
            raise MessageRefused("fewer signatures than a quorum")
        statement = signed_bytes(committee.union, certificate)
        return tuple(Claim(Member(m), statement, s) for m, s in certificate.signatures)

    monkeypatch.setattr(authentication, "_certificate_claims", counted)
    assert "without a quorum" in caught(capsys)


def test_a_block_that_was_found_invalid(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = Listener._judge

    def blind(self: Listener, event: Validated) -> None:
        judge(self, replace(event, ok=True))

    monkeypatch.setattr(Listener, "_judge", blind)
    assert caught(capsys)


def test_a_block_beyond_the_epochs_last_that_orders_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Rules, "_is_beyond", lambda self, parent: False)
    assert caught(capsys)


def test_a_message_that_nobody_checks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "tests.simulation.signing.authenticate", lambda m, sender, c, v: Authenticated(sender, m)
    )
    assert caught(capsys)
