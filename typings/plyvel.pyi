"""Types of the part of plyvel (and its fork plyvel-next) that the ledger uses."""

from collections.abc import Iterator
from types import TracebackType

class Error(Exception): ...
class IOError(Error): ...
class CorruptionError(Error): ...

class WriteBatch:
    def put(self, key: bytes, value: bytes) -> None: ...
    def delete(self, key: bytes) -> None: ...
    def write(self) -> None: ...
    def clear(self) -> None: ...
    def __enter__(self) -> WriteBatch: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None: ...

class Snapshot:
    def get(self, key: bytes, default: bytes | None = ...) -> bytes | None: ...
    def iterator(
        self,
        *,
        start: bytes | None = ...,
        stop: bytes | None = ...,
        prefix: bytes | None = ...,
        reverse: bool = ...,
        include_stop: bool = ...,
        include_key: bool = ...,
        include_value: bool = ...,
    ) -> Iterator[tuple[bytes, bytes]]: ...
    def close(self) -> None: ...

class DB:
    closed: bool
    def __init__(
        self,
        name: str,
        *,
        create_if_missing: bool = ...,
        error_if_exists: bool = ...,
        paranoid_checks: bool | None = ...,
        write_buffer_size: int | None = ...,
        max_open_files: int | None = ...,
        lru_cache_size: int | None = ...,
        block_size: int | None = ...,
        bloom_filter_bits: int = ...,
        compression: str | None = ...,
    ) -> None: ...
    def get(self, key: bytes, default: bytes | None = ...) -> bytes | None: ...
    def put(self, key: bytes, value: bytes, *, sync: bool = ...) -> None: ...
    def delete(self, key: bytes, *, sync: bool = ...) -> None: ...
    def write_batch(self, *, transaction: bool = ..., sync: bool = ...) -> WriteBatch: ...
    def iterator(
        self,
        *,
        start: bytes | None = ...,
        stop: bytes | None = ...,
        prefix: bytes | None = ...,
        reverse: bool = ...,
        include_stop: bool = ...,
        include_key: bool = ...,
        include_value: bool = ...,
    ) -> Iterator[tuple[bytes, bytes]]: ...
    def snapshot(self) -> Snapshot: ...
    def close(self) -> None: ...
