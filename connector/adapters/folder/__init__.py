"""The folder adapter: a register folder as the source, a folder per pupil for notes and letters."""

from __future__ import annotations

import os
from collections.abc import Mapping

from connector.adapters.base import AdapterKind, OwnFolder
from connector.adapters.folder.adapter import CAPABILITIES, FolderAdapter
from connector.adapters.folder.settings import FolderSettings
from connector.http import HttpConfig


def _open(settings: FolderSettings, secrets: Mapping[str, str], http: HttpConfig) -> FolderAdapter:  # noqa: ARG001
    return FolderAdapter(settings)


def _folders(settings: FolderSettings) -> tuple[OwnFolder, ...]:
    return (
        OwnFolder("mis.register_folder", settings.register_folder, written=False),
        OwnFolder("mis.letters_folder", settings.letters_folder),
    )


KIND = AdapterKind(
    name="folder",
    title="Register folder (CSV files or SIMS reports)",
    settings=FolderSettings,
    secrets=(),
    capabilities=CAPABILITIES,
    open=_open,
    place=lambda settings: os.path.normcase(settings.register_folder.resolve()),
    folders=_folders,
)
