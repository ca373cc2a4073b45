"""What Arbor does not show this application: found out before anything is read, and then left out of every question.

Arbor grants each type and each property on its own. What a pull cannot do without stops it; the rest is a fact that
nobody knows (asked.py says which is which).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.adapters.arbor.rows import Path, Row, Source, Tree, Want, type_of
from connector.adapters.arbor.wire import ASK, HiddenError, no_access
from connector.adapters.facts_not_given import findings_of_facts
from connector.adapters.field_names import Field
from connector.errors import Finding

BELIEVED = 3
"""So many times something must be missing before it counts as hidden, where the first rows had it or lacked its owner."""
_FLAT = ("Student", "Guardian")
"""Types on which GraphQL shows the properties of their person."""


@dataclass(frozen=True)
class Hidden:
    """What is not shown, by type."""

    paths: dict[str, set[Path]] = field(default_factory=dict)
    """Type -> the fields to leave out; the empty path is the type itself."""
    facts: dict[str, str] = field(default_factory=dict)
    """Fact that nobody knows -> what would tell it, as Arbor calls it."""
    required: dict[str, None] = field(default_factory=dict)
    """What a pull cannot do without, as Arbor calls it."""
    _suspected: Counter[tuple[str, Path]] = field(default_factory=Counter)
    """How often something optional was not there that had not been found hidden."""

    def add(self, want: Want, path: Path, name: str) -> None:
        """Note that ``name``, which is this path of the want, is not shown."""
        place, facts = _left_out(want, path)
        if not facts:
            self.required.setdefault(name)
        self.paths.setdefault(want.type, set()).add(place)
        for fact in facts:
            self.facts.setdefault(fact, name)

    def learn(self, wants: Sequence[Want], names: Collection[str]) -> bool:
        """Note that an answer to these wants hid these names; False where a pull cannot do without one of them.

        A related object that the first rows did not have may be hidden in later ones. What is missing once or twice
        counts as a mishap.
        """
        places = [
            (want, path, name)
            for want in wants
            if (less := self.less(want)) is not None
            for path, name in _places(less, names)
        ]
        if not places or not all(_left_out(want, path)[1] for want, path, _ in places):
            return False
        for want, path, name in places:
            self._suspected[want.type, path] += 1
            if self._suspected[want.type, path] >= BELIEVED:
                self.add(want, path, name)
        return True

    def has(self, type_name: str) -> bool:
        """Return whether the type itself is left out."""
        return () in self.paths.get(type_name, ())

    def less(self, want: Want) -> Want | None:
        """Return the want without what is not shown; None where its type is not."""
        return None if self.has(want.type) else want.without(self.paths.get(want.type, ()))

    def stop(self) -> None:
        """Raise FatalError naming everything that a pull cannot do without."""
        if self.required:
            raise no_access(*self.required)

    def text(self) -> list[str]:
        """Return all of it as texts, to see in the next pull whether it has changed."""
        return sorted(".".join((name, *path)) for name, paths in self.paths.items() for path in paths)

    def findings(self) -> list[Finding]:
        """Return an error for each thing that a pull cannot do without, and a warning for each fact nobody knows."""
        stops = [
            Finding(f"Arbor: reading {name}", f"this application is not shown {name}", ASK)
            for name in self.required
        ]
        unknown = [
            (name, Field(fact, (), "optional", why=f"this application is not shown {name}"))
            for fact, name in self.facts.items()
        ]
        return stops + [_completed(finding) for finding in findings_of_facts("Arbor", unknown)]


FOLLOWS: Mapping[str, str] = {
    "year_group": "rules, exclusions and lists by year group have no pupils",
    "registration_group": "lists and class rules have no groups",
    "priority": "letters and lists of calls have no order of contacts",
    "relationship": "lists do not say who a contact is to the pupil",
    "title": "letters greet without a title",
    "preferred_name": "documents use legal names",
    "gender": "documents have no gender",
    "ethnicity": "groups of statistics by ethnicity are empty",
    "first_language": "groups of statistics by language are empty",
    "email": "no document has an e-mail address",
    "admission_number": "documents and folders have no admission numbers",
    "country": "addresses have no country",
    "contact_details_shared": "with unshared_is_refuge no address is kept secret for that reason",
    "urn": "documents have no URN of Arbor's",
    "phase": "the school's phase is taken from the configuration alone",
    "holiday_names": "holidays have no names",
    "other_closed_days": "a day that is closed and in no holiday counts as a school day",
    "code_counts": "what Arbor counts a code as is not compared with the code set",
    "code_meanings": "messages name codes without Arbor's words for them",
    "pupil_records": "no record is read from notes, and those that were read before stay as they are",
    "recorded_at": "the time of a mark is not known",
}
"""What follows for facts that only Arbor's list names; for the others see facts_not_given.py."""


def _completed(finding: Finding) -> Finding:
    """Return a warning with the permission that would give the fact, and with what follows where it does not say so."""
    asked = f"ask Arbor for the permission to read {finding.where.removeprefix('Arbor: ')}"
    follows = f": {FOLLOWS[finding.fact]}" if finding.fact in FOLLOWS else ""
    fix = f"{asked}, or {finding.fix}" if finding.fix else asked
    return replace(finding, message=f"{finding.message}{follows}", fix=fix)


class Shown:
    """A source that is not asked for what is hidden, and gives no rows of a hidden type."""

    def __init__(self, source: Source, hidden: Hidden) -> None:
        self._source = source
        self._hidden = hidden

    def fetch(self, wants: Sequence[Want]) -> list[list[Row]]:
        """Return all rows of each want, in the order of the wants. Raise HiddenError for what is required."""
        while True:
            try:
                return self._in_place(wants, self._source.fetch)
            except HiddenError as error:
                if not self._hidden.learn(wants, error.names):
                    raise
                self._source.forget()

    def first_rows(self, wants: Sequence[Want], count: int) -> list[list[Row]]:
        """Return the first rows of each want, up to so many."""
        return self._in_place(wants, lambda less: self._source.first_rows(less, count))

    def _in_place(
        self, wants: Sequence[Want], read: Callable[[Sequence[Want]], list[list[Row]]]
    ) -> list[list[Row]]:
        shown = [self._hidden.less(want) for want in wants]
        rows = iter(read([want for want in shown if want is not None]))
        return [[] if want is None else next(rows) for want in shown]


def look(source: Source, wants: Sequence[Want]) -> Hidden:
    """Ask for a first row of everything, and return what of it is hidden. Raise as ``Source.first_rows`` does.

    Only what two readings do not show counts: a property can be missing from one answer by mishap.
    """
    first = _hidden_in(source, wants)
    hidden = Hidden()
    doubtful = [n for n, paths in enumerate(first) if paths]
    if doubtful:
        source.forget()
        for n, again in zip(doubtful, _hidden_in(source, [wants[n] for n in doubtful]), strict=True):
            for path in first[n].keys() & again.keys():
                hidden.add(wants[n], path, first[n][path])
    source.forget()
    return hidden


def _hidden_in(source: Source, wants: Sequence[Want]) -> list[dict[Path, str]]:
    """Return for each want the paths that one reading does not show, with what Arbor calls them."""
    hidden: list[dict[Path, str]] = [{} for _ in wants]
    groups = [list(range(len(wants)))] if source.together else [[n] for n in range(len(wants))]
    for group in groups:
        while asked := [n for n in group if () not in hidden[n]]:
            try:
                source.first_rows([wants[n].without(hidden[n]) for n in asked], 1)
                break
            except HiddenError as error:
                placed = False
                for n in asked:
                    for path, name in _places(wants[n].without(hidden[n]), error.names):
                        hidden[n][path] = name
                        placed = True
                if not placed:
                    raise
    return hidden


def _places(want: Want, names: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield where a want asks for something of these names, with the name."""
    if want.type in names:
        yield (), want.type
    else:
        yield from _within(want.tree, want.type, "", (), names)


def _within(
    tree: Tree, owner: str, above: str, at: Path, names: Collection[str]
) -> Iterator[tuple[Path, str]]:
    for name, below in tree.items():
        spellings = [f"{owner}.{name}"]
        if owner == "Person" and above in _FLAT:
            spellings.append(f"{above}.{name}")
        if below is not None:
            spellings.append(type_of(name))
        called = next((spelling for spelling in spellings if spelling in names), None)
        if called:
            yield (*at, name), called
        elif below is not None:
            yield from _within(below, type_of(name), owner, (*at, name), names)


def _left_out(want: Want, path: Path) -> tuple[Path, tuple[str, ...]]:
    """Return what to leave out where a path is hidden, and the facts that are then unknown; none: it is required."""
    for length in range(len(path), 0, -1):
        fact = want.optional.get(path[:length])
        if fact:
            return path[:length], (fact,)
    return ((), want.gives) if want.gives else (path, ())
