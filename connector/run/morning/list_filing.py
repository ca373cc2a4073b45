"""Where a morning's list goes, and how it is filed once: on the school in the MIS, or in the folder of the digest.

A list is remembered before the first of its files is written. One of which nobody saw the end (a crash, a lost answer) is
looked for by its key in the next run of the day: what is there counts as filed, what is not there is new again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connector.adapters.base import DocumentToWrite
from connector.adapters.whole_files import put_file
from connector.errors import AdapterError, ConfigError, DataError, Finding, RetryableError
from connector.ledger.keys import ending_in_key
from connector.run.request import RunRequest
from connector.store import Store
from rules.files.held import what_to_do, why

TRIES = 3


@dataclass(frozen=True, slots=True)
class ListFile:
    """One file of a list."""

    key: str
    title: str
    file_name: str
    content: bytes


def place_of(request: RunRequest) -> Path | None:
    """Return the folder for lists; None: on the school in the MIS. Raise ConfigError where there is neither."""
    folder = request.options.config.run.digest
    if request.adapter.capabilities.school_documents:
        return None
    if folder is None:
        raise ConfigError(
            "the list of calls has nowhere to go: this MIS takes no document on the school",
            fix="name a folder with run.digest, or with supply.folder, in the school's table",
        )
    return folder


def is_taken(folder: Path | None, name: str) -> bool:
    """Return whether a folder has a file of that name already: a state that was restored does not know its list.

    Staff may have written into it, so it is left alone. The MIS knows a list by its key, whatever its name.
    """
    return folder is not None and (folder / name).exists()


def settle_begun(store: Store, request: RunRequest, folder: Path | None) -> None:
    """Find out what became of lists of the day whose filing was cut off.

    One that is there whole is filed. Where only a part of it is, its lines come again in the next list.
    """
    mornings, day = store.mornings, request.as_of
    for begun in mornings.begun(day):
        there = [_is_there(request, folder, key, name) for key, name in begun.files]
        with store.transaction():
            if any(there):
                mornings.put_filed(day, begun.number, whole=all(there))
            else:
                mornings.forget(day, begun.number)


def _is_there(request: RunRequest, folder: Path | None, key: str, name: str) -> bool:
    if folder is not None:
        return (folder / name).is_file()
    digest = request.options.config.run.digest  # where a table goes that the MIS does not take
    return bool(request.adapter.find_documents(None, key)) or bool(digest and (digest / name).is_file())


def file_list(request: RunRequest, folder: Path | None, files: Sequence[ListFile]) -> list[str]:
    """File the files of one list, each once; return warnings.

    The first file is the list itself. Raise AdapterError when it is not taken, DataError for a folder that cannot be
    written. What goes with it is put into the folder of the digest where the MIS does not take it, and is else left
    out with a warning: the list holds all that it says.
    """
    first, *others = files
    _file(request, folder, first)
    warnings: list[str] = []
    for file in others:
        try:
            _file(request, folder, file)
        except (AdapterError, DataError) as error:
            warnings += _elsewhere(request, folder, file, error)
    return warnings


def _file(request: RunRequest, folder: Path | None, file: ListFile) -> None:
    if folder is None:
        _file_on_school(request, file)
    else:
        _put_in_folder(folder, file)


def _elsewhere(
    request: RunRequest, folder: Path | None, file: ListFile, error: AdapterError | DataError
) -> list[str]:
    digest = request.options.config.run.digest
    if folder is None and digest is not None:
        try:
            _put_in_folder(digest, file)
        except DataError as second:
            error = second
        else:
            return [f"{file.file_name} is in the folder of run.digest: the MIS did not take it"]
    return [f"{file.file_name} was not filed: {error}"]


def _file_on_school(request: RunRequest, file: ListFile) -> None:
    retrying = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=1, max=10),
        retry=retry_if_exception_type(RetryableError),
        sleep=request.wait,
        reraise=True,
    )
    retrying(_write_once, request, file)


def _write_once(request: RunRequest, file: ListFile) -> None:
    """Look, write where nothing is there, read back."""
    adapter = request.adapter
    request.give_way()
    if not adapter.find_documents(None, file.key):
        adapter.write_document(
            DocumentToWrite(
                pupil_id=None,
                upn="",
                key=file.key,
                file_name=file.file_name,
                summary=ending_in_key(file.title, file.key),
                content=file.content,
                date=request.as_of,
            )
        )
    in_mis = adapter.find_documents(None, file.key)
    if not any(adapter.read_document(one.reference) == file.content for one in in_mis):
        raise RetryableError(
            f"the list of calls {file.key} does not read back as it was written",
            fix="look at it in the MIS, and run `attendance-connector run --morning` again",
        )


def _put_in_folder(folder: Path, file: ListFile) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        put_file(folder / file.file_name, file.content)
    except OSError as error:
        fix = what_to_do(error, "check the folder of run.digest, its drive and its permissions")
        raise DataError([Finding(file.file_name, f"could not be filed: {why(error)}", fix)]) from error
