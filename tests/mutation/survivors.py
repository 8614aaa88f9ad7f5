"""Mutants that no test notices, and why they do no harm.

By the beginning of the mutant's name. A mutant that is not here must be killed.
"""

SURVIVORS: dict[str, str] = {
    "governance/enactment.py require_possible: without len(committee) > 1": (
        "the last member with a vote has none on its own suspension: GV-003 refuses before"
    ),
    "governance/enactment.py require_possible: off by one at len(committee) > 1": (
        "the last member with a vote has none on its own suspension: GV-003 refuses before"
    ),
    "governance/objects.py ContractSet.pending: without self.next_digest is not None": (
        "only the set of the genesis has no next one, and its next height is 0"
    ),
    "guarantee/usability.py require_reduction_earned: off by one": (
        "coverage is 0, 30, 50 or 100 percent: one point less is none of them"
    ),
    "kernel/form.py _Plan.needed: without": "spares work; what is checked needlessly is in order",
    "registry/membership.py in_union: without found is not None": (
        "the member of a participant is on the ledger before it, and stays"
    ),
    "transit/recovery.py contest_claim: without MOVEMENT_LIFE.advance": (
        "a claim is open only while its movement is in recovery; the life of the claim refuses, "
        "under the same rule"
    ),
    "life of a movement: transit.contest-claim fits every state": (
        "a claim is open only while its movement is in recovery; the life of the claim refuses, "
        "under the same rule"
    ),
    "life of a monitoring of a transport: seals.deactivate": (
        "a seal is on a transport only while that is monitored or offered; the life of the seal "
        "refuses, under the same rule"
    ),
    "life of a monitoring of a transport: seals.set-aside": (
        "a seal is on a transport only while that is monitored or offered; the life of the seal "
        "refuses, under the same rule"
    ),
}


def reason_for(name: str) -> str | None:
    """Why a mutant may survive, None if it may not."""
    return next((why for start, why in SURVIVORS.items() if name.startswith(start)), None)
