"""`make bench-peers`: puts etcd and CometBFT where `make bench` finds them, or says what is amiss.

    python -m benchmarks.peers [--out DIR]

etcd comes from the distribution: the one on the PATH, or the package etcd-server unpacked into
DIR/bin without installing it, so that no service starts. CometBFT is built by Go from the module
that benchmarks/peers/cometbft/go.mod names. Exit code 1 if one of them cannot be had.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.systems import cometbft, etcd, generator


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--out", type=Path, default=Path("var/bench"))
    binaries: Path = parser.parse_args().out / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    have = [_etcd(binaries), _cometbft(binaries)]
    return 0 if all(have) else 1


def _etcd(binaries: Path) -> bool:
    found = etcd.program(binaries) or _unpacked(binaries)
    if found is None:
        print(f"etcd: ABSENT. {etcd.INSTALL}")
        return False
    print(f"etcd {etcd.version(found)}: {found}")
    return True


def _unpacked(binaries: Path) -> str | None:
    """The distribution's package without its service. None where there are no Debian packages."""
    if not all(shutil.which(program) for program in ("apt-get", "dpkg-deb")):
        return None
    with TemporaryDirectory() as directory:
        got = subprocess.run(["apt-get", "download", "etcd-server"], cwd=directory)
        packages = list(Path(directory).glob("etcd-server_*.deb"))
        if got.returncode or not packages:
            return None
        subprocess.run(["dpkg-deb", "--extract", str(packages[0]), directory], check=True)
        shutil.copy2(Path(directory) / "usr" / "bin" / "etcd", binaries)
    return etcd.program(binaries)


def _cometbft(binaries: Path) -> bool:
    if not generator.has_go():
        print(f"CometBFT: ABSENT. {cometbft.INSTALL}")
        return False
    try:
        program = cometbft.build(binaries)
    except subprocess.CalledProcessError as error:
        print(f"CometBFT: ABSENT. It could not be built: {error}")
        return False
    print(f"CometBFT {cometbft.version(program)}: {program}")
    return True


if __name__ == "__main__":
    sys.exit(main())
