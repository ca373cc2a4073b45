"""Folders that are one school's alone: no two schools of a configuration may meet in one, nor a school in the state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from connector.adapters import adapter_kinds
from connector.adapters.base import OwnFolder
from connector.config.file import Config
from connector.config.school import SchoolConfig
from connector.errors import Finding

_Identity = tuple[object, ...]


def own_folders(school: SchoolConfig) -> list[OwnFolder]:
    """Return the folders that a school's settings name for its letters, documents and registers."""
    kind = adapter_kinds().get(school.mis.adapter)
    folders = (
        list(kind.folders(school.mis.settings)) if kind and kind.folders and school.mis.is_checked else []
    )
    if school.supply.folder:
        folders.append(OwnFolder("supply.folder", school.supply.folder))
    if school.run.digest:
        folders.append(OwnFolder("run.digest", school.run.digest))
    if school.run.records_folder:
        # not marked as the school's: answers go next to what the office wrote, and a drive that is away stops no run
        folders.append(OwnFolder("run.records_folder", school.run.records_folder, written=False))
    return folders


def folder_findings(config: Config) -> Iterator[Finding]:
    """Yield folders that two schools name, or that lie one in another; and those that meet the state folder."""
    named = [(index, folder) for index, school in enumerate(config.schools) for folder in own_folders(school)]
    for index, folder in named:
        how = _how_they_meet(folder.path, config.service.state)
        if how and (folder.written or how == _SAME):
            yield Finding(
                _where(config, index, folder),
                f"{how} the folder of the state, service.state",
                "name another folder: nobody but the service may open the state",
            )
    for (one, first), (other, second) in combinations(named, 2):
        if config.schools[one].id == config.schools[other].id:
            continue  # one school, or a fault of its own
        how = _how_they_meet(second.path, first.path)
        if not how or not (first.written or second.written or how == _SAME):
            continue
        yield Finding(
            _where(config, other, second),
            f"{how} school[{one}].{first.key}: two schools never share a folder",
            "give each school a folder of its own",
        )


_SAME = "is the same folder as"


def _where(config: Config, index: int, folder: OwnFolder) -> str:
    return f"{config.path}: school[{index}].{folder.key}"


def _how_they_meet(path: Path, other: Path) -> str:
    """Return in words how one folder lies to another; empty when they have nothing to do with each other."""
    ways, others = _way(path), _way(other)
    if ways[0] == others[0]:
        return _SAME
    if others[0] in ways:
        return "lies inside"
    return "holds" if ways[0] in others else ""


def _way(path: Path) -> list[_Identity]:
    """Return what a folder is, then what each folder is that it lies in, whatever way its path is spelled.

    A folder that is there is known by its place on the disk, one that is not yet by the nearest that is, and its
    name in it.
    """
    path = Path(os.path.realpath(path))
    found: list[_Identity] = []
    nearest: _Identity = ()
    for folder in reversed((path, *path.parents)):
        try:
            state = folder.stat()
        except OSError:
            state = None
        if state is not None and state.st_ino:  # some drives number no folder
            nearest = (state.st_dev, state.st_ino)
        else:
            nearest = (*nearest, os.path.normcase(folder.name or folder.anchor))
        found.append(nearest)
    return found[::-1]
