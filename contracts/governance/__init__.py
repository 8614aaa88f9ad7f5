"""Governance: what members decide together, by proposals and votes.

One vote a member, cast by its registrar; the member that proposes votes for. A proposal passes when
more than two thirds of the members entitled to vote say yes, the same majority that finalises a
block, so that those who decide are enough to go on. A suspended member has no vote, nor has a
member in its own suspension. Invariants: no member votes twice; a proposal takes effect once.

Only state changes here. What a node does with them it reads from these objects:

- `charter/union`: members, the suspended among them, and the number of the epoch. When a block
  changes `epoch`, the epoch before ends a few blocks later (consensus.events.Executed); the
  committee of the new one is the members without the suspended, with the keys of the latest
  `epoch-document/<epoch>` (of the genesis, if there is none).
- `contract-set/union`: the contract set in force and the one that follows at a height; see
  `ContractSet.at`. An empty digest stands for the set of the genesis. A node without the code of
  the next set stops before that height.
- `equivocation/<member>/<epoch>/<view>`: two signed votes by which a member contradicted itself in
  consensus, as another reported them. Contracts do not check signatures: like an alarm it is a
  claim, which anyone can check (`ledger-node evidence`), and grounds for a proposal to suspend.
"""
