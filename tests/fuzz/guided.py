"""One target under atheris, in a process that atheris ends: `python -m tests.fuzz` starts it.

    python -m tests.fuzz.guided TARGET SECONDS DIRECTORY

The product's packages are instrumented as they are imported. Inputs that reach something new go to
the directory.
"""

import sys
from pathlib import Path

import atheris

from tests.fuzz.mutations import mutate

with atheris.instrument_imports(include=["consensus", "contracts", "ledger_node"]):
    from tests.fuzz.runs import report, start
    from tests.fuzz.targets import ALL

_OURS = 3
"""Of so many mutations one is atheris's own."""


def main() -> None:
    """The command."""
    name, seconds, directory = sys.argv[1:]
    target = ALL[name]
    for index, data in enumerate(start(target)):
        (Path(directory) / f"start-{index}").write_bytes(data)

    def one(data: bytes) -> None:
        try:
            target.run(data)
        except Exception as error:  # any exception is what is looked for
            report(target, data, error)
            raise

    def mutated(data: bytes, max_size: int, seed: int) -> bytes:
        if seed % _OURS:
            return mutate(data, seed, max_size)
        return bytes(atheris.Mutate(data, max_size))

    arguments = [sys.argv[0], directory, f"-max_total_time={seconds}", "-timeout=20"]
    arguments += [f"-max_len={target.longest}", "-rss_limit_mb=2048", "-print_final_stats=1"]
    arguments.append(f"-artifact_prefix={directory}/")
    atheris.Setup(arguments, one, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
