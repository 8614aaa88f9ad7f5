"""A member's disk, which can be filled and freed while its node runs.

Where this process may mount, the data directory is a small tmpfs and filling it leads to a true
ENOSPC. Elsewhere the node's file size limit is lowered from outside (prlimit), so that every write
fails with EFBIG: the same path through the node, though another errno.
"""

import os
import resource
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.chaos.member import MemberProcess

SMALL: Final = "192m"
_FILLER: Final = "filler"
_PIECE: Final = bytes(64 * 1024)


class Disk:
    """Of one member."""

    def __init__(self, process: MemberProcess) -> None:
        self._process = process
        self.mounted = False

    def mount_small(self) -> bool:
        """Move the data directory to a small file system of its own. False where not allowed."""
        data = self._process.data
        aside = data.with_name(f"{data.name}-aside")
        data.rename(aside)
        data.mkdir(mode=0o700)
        mounting = ["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=0700", "tmpfs", str(data)]
        try:
            subprocess.run(mounting, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            data.rmdir()
            aside.rename(data)
            return False
        shutil.copytree(aside, data, dirs_exist_ok=True)
        shutil.rmtree(aside)
        self.mounted = True
        return True

    def unmount(self) -> None:
        """Let go of the file system, keeping what is in it."""
        if self.mounted:
            data = self._process.data
            kept = data.with_name(f"{data.name}-kept")
            shutil.copytree(data, kept)
            subprocess.run(["umount", "-l", str(data)], check=False)
            data.rmdir()
            kept.rename(data)
            self.mounted = False

    def fill(self) -> None:
        """No byte more from now on."""
        if self.mounted:
            descriptor = os.open(
                self._process.data / _FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND
            )
            with suppress(OSError):
                for piece in (_PIECE, b"\0"):
                    with suppress(OSError):
                        while True:
                            os.write(descriptor, piece)
            os.close(descriptor)
        elif self._process.pid is not None:
            self._limit(1)

    def free(self) -> None:
        """There is room again."""
        if self.mounted:
            (self._process.data / _FILLER).unlink(missing_ok=True)
        elif self._process.alive:
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        pid = self._process.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                soft = hard if size == resource.RLIM_INFINITY else size
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def unmount_below(root: Path) -> None:
    """Let go of what an interrupted run left mounted."""
    for line in Path("/proc/mounts").read_text().splitlines():
        place = line.split()[1]
        if place.startswith(f"{root}/"):
            subprocess.run(["umount", "-l", place], check=False)
