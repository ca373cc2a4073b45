"""A PDF next to each letter of a run, where letters go into a folder.

A PDF is a copy for those who print or send: the Word document stays what the key names, in the outbox and in the MIS, so
nothing of this can hold a letter or write one twice. For the same reason no PDF goes into a MIS: a second file under the
key of a letter could be taken for the letter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import structlog

from connector.adapters.whole_files import put_file
from connector.config.own_folders import own_folders
from connector.config.school import SchoolConfig
from connector.documents.libreoffice import find_office, pdfs_of
from connector.errors import TO_DO, ConnectorError
from connector.store import Store
from connector.store.meta import keep_value, read_value
from connector.store.outbox import Item
from letters.words.english import count
from rules.files.held import why

log = structlog.get_logger(__name__)
_LEFT = "pdf_left"
"""Numbers of documents whose PDF could not be made, for the next run, in the order in which it tries."""
_THROUGH = "pdf_through"
"""The last run whose letters were all looked at: what a run filed that was cut off comes after it."""
_FILED = "folder:"
"""How the reference of a document begins that is in the folder although the MIS is none."""


def letters_folder(config: SchoolConfig) -> Path | None:
    """Return the folder into which letters on pupils go; None where they go into the MIS."""
    keys = ("supply.folder", "mis.letters_folder")
    return next((folder.path for folder in own_folders(config) if folder.key in keys), None)


def copy_as_pdf(store: Store, config: SchoolConfig, run_id: int, *, later: bool = False) -> list[str]:
    """Make the PDFs that a run's letters lack, and those that an earlier run could not make; return what went wrong.

    An earlier run is also one that was cut off after its letters were filed. A PDF that is there already is left alone. ``later``: a stop was asked for, so the next run makes them.
    """
    root = letters_folder(config)
    through = read_value(store.connection, _THROUGH)
    if root is None or not config.letters.pdf:
        if through is not None:  # what is filed until the school wants PDFs again has none
            with store.transaction() as connection:
                keep_value(connection, _THROUGH, None)
        return []
    seen = run_id - 1 if through is None else min(int(through), run_id - 1)
    numbers = json.loads(read_value(store.connection, _LEFT) or "[]")
    left = {int(number): place for place, number in enumerate(numbers)}
    wanted = [
        item
        for item in store.outbox.verified_documents()
        if item.id in left or (item.verified_in is not None and seen < item.verified_in <= run_id)
    ]
    wanted.sort(key=lambda item: left.get(item.id, -1))
    places = {item.id: _place(root, item) for item in wanted}
    items = [item for item in wanted if _lacks_pdf(places[item.id])]
    problem, failed = ("", items) if later or not items else _make(store, items, places)
    # LibreOffice may stop at the first one that fails: the next run begins with the others
    again = [item.id for item in (*failed[1:], *failed[:1])]
    with store.transaction() as connection:
        keep_value(connection, _LEFT, json.dumps(again) if again else None)
        keep_value(connection, _THROUGH, str(run_id))
    return [problem] if problem else []


def _make(store: Store, items: Sequence[Item], places: dict[int, Path]) -> tuple[str, list[Item]]:
    """Make and put in place the PDFs of these documents; return what went wrong, and of which they are missing."""
    office = find_office()
    if office is None:
        return (
            f"no PDF was made: LibreOffice is not on this server\n{TO_DO}install it, or set pdf = false under [school.letters]",
            list(items),
        )
    try:
        made = pdfs_of([office], [store.outbox.content(item) for item in items])
    except (ConnectorError, OSError) as error:
        reason = str(error) if isinstance(error, ConnectorError) else why(error)
        log.warning("no PDF was made", documents=len(items), reason=reason)
        return f"{count(len(items), 'letter')} without a PDF, until the next run: {reason}", list(items)
    failed, reason = [], "LibreOffice could not convert it"
    for item, content in zip(items, made, strict=True):
        try:
            if content is None:
                failed.append(item)
            else:
                put_file(places[item.id].with_suffix(".pdf"), content)
        except OSError as error:
            failed.append(item)
            reason = why(error)
    if not failed:
        return "", []
    keys = ", ".join(item.key for item in failed)
    return f"{count(len(failed), 'letter')} without a PDF, until the next run ({keys}): {reason}", failed


def _place(root: Path, item: Item) -> Path:
    return root / item.reference.removeprefix(_FILED)


def _lacks_pdf(place: Path) -> bool:
    """Return whether a Word document is there and its PDF is not."""
    return place.suffix.casefold() == ".docx" and place.is_file() and not place.with_suffix(".pdf").exists()
