"""Fuzzing of every decoder that faces the network or the disk.

    targets      what is fuzzed: a function of bytes each, with its typed refusals and its seeds
    mutations    changes of bytes that know msgpack, JSON and lines, so that they get past the door
    corpus/      minimised inputs a target, each of which reaches something no other does
    __main__     coverage-guided, with atheris: `python -m tests.fuzz TARGET --seconds N`

The rule for every target: any input gives a value or one of its refusals, never another exception,
and neither memory nor time beyond what its length explains. `test_fuzz.py` holds every target to
it, on the corpus and on mutations of it.
"""
