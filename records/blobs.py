"""Blobs: bytes kept once under the name of their SHA-256, on a local folder or any fsspec file system.

A blob is written to a temporary name, synced, and renamed: a name that exists is complete.
"""

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.failpoint import hit


class BlobMissingError(LookupError):
    """Raised when no blob has the name asked for, or its bytes are not what its name says."""


@dataclass(frozen=True)
class Blobs:
    """A store at ``root``: a folder's path or an fsspec URL (``s3://bucket/prefix``)."""

    root: str

    def put(self, data: bytes) -> str:
        """Keep ``data`` durably and return its name (SHA-256, 64 hex digits); twice is once."""
        name = hashlib.sha256(data).hexdigest()
        if "://" in self.root:
            self._put_remote(name, data)
        else:
            self._put_local(name, data)
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of ``name``; raises BlobMissingError where they are absent or damaged."""
        if len(name) != 64 or not all(c in "0123456789abcdef" for c in name):
            raise BlobMissingError(f"not the name of a blob: {name!r}")
        try:
            data = self._get_remote(name) if "://" in self.root else self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissingError(f"blob {name} is missing") from error
        if hashlib.sha256(data).hexdigest() != name:
            raise BlobMissingError(f"blob {name} is damaged")
        return data

    def _path(self, name: str) -> Path:
        return Path(self.root) / name[:2] / name

    def _put_local(self, name: str, data: bytes) -> None:
        path = self._path(name)
        if path.exists() and path.read_bytes() == data:
            _sync_folder(path.parent)  # whoever wrote it may not have come to this yet
            _sync_folder(path.parent.parent)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{name}.{uuid.uuid4().hex}")
        hit("blob:write")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        hit("blob:rename")
        temporary.replace(path)
        _sync_folder(path.parent)
        _sync_folder(path.parent.parent)
        hit("blob:kept")

    def _remote(self, name: str) -> tuple[Any, str]:
        import fsspec

        system, root = fsspec.core.url_to_fs(self.root)
        return system, f"{root.rstrip('/')}/{name[:2]}/{name}"

    def _put_remote(self, name: str, data: bytes) -> None:
        system, path = self._remote(name)
        if system.exists(path) and system.cat_file(path) == data:
            return
        system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        hit("blob:write")
        system.pipe_file(path, data)
        hit("blob:kept")

    def _get_remote(self, name: str) -> bytes:
        system, path = self._remote(name)
        return bytes(system.cat_file(path))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
