"""Mutation of the rulebook: would the tests notice if a rule were dropped or weakened?

A mutant is the contracts with one thing changed for the worse: a condition left out, a bound moved
by one, an office that may do what another should, a record that fits any state. Mutants are planted
in a fork of a process that has collected the tests once, so that trying one costs milliseconds, and
judged by the tests of tests/contracts that exercise what was changed, refusals of its rule first.

`conditions` finds what refuses in the code, `tables` in lifecycles, competences, forms and limits;
`judging` runs the tests; `survivors` says why those that survive do no harm. `make mutants` or
`python -m tests.mutation --help`; figures in docs/rulebook-assurance.md.
"""
