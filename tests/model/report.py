"""What a search found, in words: invariants, and a shortest run to each kind of trouble."""

from collections.abc import Iterator

from tests.model.ballots import NULLIFY
from tests.model.explorer import Exploration, Explorer, Run
from tests.model.invariants import Invariant
from tests.model.rules import Act, Model, Rule

DROPPED = {
    Rule.NOTARIZE_ONCE: "rule 3: members notarize any number of blocks in a view",
    Rule.PARENT: "rule 3: members notarize blocks whose parent is not notarized",
    Rule.GAP: "rule 3: members notarize blocks that skip views nobody nullified",
    Rule.FINALIZE_NOTARIZED: "rule 4: members finalize blocks that are not notarized",
    Rule.GIVE_UP: "rule 5: no timer ever fires",
    Rule.NULLIFY_AFTER_FINALIZE: "rule 8: members nullify views in which they sent finalize",
    Rule.FINALIZE_AFTER_NULLIFY: "rule 8: members finalize in views that they nullified",
    Rule.WRITE_AHEAD: "rule 8: votes are sent before they are in the log, and members crash",
    Rule.QUORUM: "rules 4, 6, 7: the quorum is one too small",
    Rule.EPOCH: "rules 4, 6, 7: votes of the epoch before are counted",
    Rule.VERIFY: "rules 4, 6, 7: certificates are believed unchecked",
}


def heading(model: Model) -> str:
    """What was explored."""
    rules = "every rule kept" if model.dropped is None else f"MUTATED, {DROPPED[model.dropped]}"
    crashes = "crashes" if model.crashes else "no crashes"
    return (
        f"{model.members} members, {model.byzantine} Byzantine, quorum {model.quorum}, "
        f"views 1 to {model.views}, {crashes}; {rules}"
    )


def findings(explorer: Explorer, found: Exploration) -> Iterator[str]:
    """A line for each invariant, then the run that matters most."""
    for invariant in Invariant:
        run = found.broken.get(invariant)
        verdict = "holds" if found.complete else "not broken before the search ended"
        if run is not None:
            verdict = f"BROKEN after {_steps(run)}"
        yield f"  {invariant.value}: {verdict}"
    worst = worst_broken(found)
    if worst is not None:
        yield f'A shortest run that breaks "{worst.value}", {_steps(found.broken[worst])}:'
        yield from narrate(explorer, found.broken[worst])


def worst_broken(found: Exploration) -> Invariant | None:
    """Agreement if that is broken, otherwise the first that is."""
    if Invariant.AGREEMENT in found.broken:
        return Invariant.AGREEMENT
    return next((invariant for invariant in Invariant if invariant in found.broken), None)


def _steps(run: Run) -> str:
    return f"{len(run.moves)} step{'' if len(run.moves) == 1 else 's'}"


def narrate(explorer: Explorer, run: Run) -> Iterator[str]:
    """The steps of a run, then the certificates that exist at its end."""
    model = explorer.model
    for number, (view, member, step) in enumerate(run.moves, 1):
        vote = model.alphabets[view].describe(step.vote) if step.vote else ""
        yield f"  {number:2}. member {member} {step.act.value.format(vote=vote, view=view)}"
        if step.act in (Act.CRASH_UNSENT, Act.FORGET):
            yield f"      member {member} restarts"
    if not run.moves:
        yield "      it is broken from the start"
    if model.dropped is Rule.VERIFY:
        yield "      → every certificate there could be, forged by whoever lies"
        return
    for view, certified in enumerate(explorer.certificates(run.end)):
        yield from _certificates(model, run, view, certified)


def _certificates(model: Model, run: Run, view: int, certified: int) -> Iterator[str]:
    alphabet, part = model.alphabets[view], run.end[view]
    if isinstance(part, int):
        return
    certificates = [
        (alphabet.notarize(block), f"notarization of {model.tree.name(block)}")
        for block in alphabet.notarized(certified)
    ]
    if certified & NULLIFY:
        certificates.append((NULLIFY, f"nullification of view {view}"))
    for block in alphabet.finalized(certified):
        certificates.append((alphabet.finalize(block), f"FINALIZATION of {model.tree.name(block)}"))
    for vote, what in certificates:
        signers = [str(member) for member, (_, said) in enumerate(part) if said & vote]
        if model.byzantine:
            signers.append("whoever lies")
        if vote == NULLIFY and model.dropped is Rule.EPOCH:
            signers.append("everyone in the epoch before")
        yield f"      → {what}, signed by {', '.join(signers)}"
