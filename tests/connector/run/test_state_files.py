"""Which file of the state folder is a school's, also when its id was renamed: small files, and no run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import MisSchool, Page, PullRequest, SchoolPage
from connector.adapters.folder_marks import FolderMark
from connector.config import Config, load_config
from connector.errors import StoreError
from connector.run.lock import school_lock
from connector.run.states import (
    StateFile,
    adopt,
    asked_mis,
    folder_mark,
    renamed_state,
    renamed_words,
    settled,
    source_of,
    state_of,
    unused_states,
)
from connector.store import Store
from connector.store.facts.school_facts import Facts
from connector.store.meta import FOLDER_MARK, LABEL, MIS, keep_value, read_value
from tests.connector.memory_mis import PERIODS, MemoryMis

DAY = date(2025, 9, 12)
ARBOR = 'adapter = "arbor"\nurl = "https://hill.uk.arbor.sc"'
REGISTER = 'adapter = "folder"\nregister_folder = "register-{0}"\nletters_folder = "letters-{0}"'
HILL, DALE = MisSchool("1", "Hill", urn="105203"), MisSchool("2", "Dale", urn="105204")


def config(folder: Path, *schools: str, registers: bool = False) -> Config:
    """Return a configuration of schools on Arbor, or each on a register folder of its own."""
    tables = "".join(
        f"""
[[school]]
id = "{name}"
name = "{name}"
policy = "hcat"
[school.mis]
{(REGISTER if registers else ARBOR).format(name)}
[school.letters]
telephone = "01632 960000"
"""
        for name in schools
    )
    (folder / "config.toml").write_text(f'[service]\nstate = "state"\n{tables}')
    return load_config(folder / "config.toml")


def state(
    folder: Path,
    name: str,
    mis: str | None,
    *,
    label: str = "",
    read_at: str = "",
    school: MisSchool | None = None,
    mark: str = "",
) -> Path:
    """Write the file of a school as a run leaves it, labelled with the file's name where no label is given."""
    path = folder / "state" / f"{name}.db"
    with Store.open(path, label or name) as store, store.transaction():
        keep_value(store.connection, MIS, mis)
        keep_value(store.connection, "registers_read_at", read_at or None)
        keep_value(store.connection, FOLDER_MARK, mark or None)
        if school is not None:
            Facts(store.connection).put_school(school)
    return path


def label_of(path: Path) -> str | None:
    with Store.open(path, None) as store:
        return read_value(store.connection, LABEL)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "state").glob("*.db"))


@dataclass
class Asked(MemoryMis):
    """A MIS that keeps what it is asked, and may not say which school it is."""

    says: MisSchool | None = HILL
    wanted: list[PullRequest] = field(default_factory=list)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.wanted.append(request)
        for page in super().pull(request):
            if not isinstance(page, SchoolPage):
                yield page
            elif self.says is not None:
                yield replace(page, school=self.says)


# -- what a file says of itself


def test_a_file_says_its_label_its_school_its_number_and_when_it_was_read(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    path = state(tmp_path, "old", "arbor:105203", label="hill", read_at="2025-09-12", school=HILL, mark="abc")
    assert unused_states(one) == [StateFile(path, "hill", "arbor:105203", "105203", "2025-09-12", "abc")]


def test_a_file_that_never_read_a_school_says_so_little(tmp_path: Path) -> None:
    path = state(tmp_path, "old", None)
    assert unused_states(config(tmp_path, "hill")) == [StateFile(path, "old", None, "", "", "")]


def test_without_a_dfe_number_the_school_is_known_by_the_miss_own(tmp_path: Path) -> None:
    state(tmp_path, "old", None, school=MisSchool("77", "Hill"))
    (found,) = unused_states(config(tmp_path, "hill"))
    assert found.own == "77"


@pytest.mark.parametrize("kind", ["text", "other database", "no label"])
def test_what_is_no_state_is_passed_over(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "state" / "a.db"
    path.parent.mkdir()
    if kind == "text":
        path.write_text("no database, but long enough to be taken for one\n" * 30)
    elif kind == "other database":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE marks (code TEXT)")
    else:
        path = state(tmp_path, "a", "arbor:105203")
        with sqlite3.connect(path) as other:
            other.execute("DELETE FROM meta WHERE name = ?", (LABEL,))
    kept = state(tmp_path, "b", "arbor:105203")
    assert [found.path for found in unused_states(config(tmp_path, "hill"))] == [kept]


def test_looking_at_a_file_changes_nothing_and_needs_no_lock(tmp_path: Path) -> None:
    path = state(tmp_path, "old", "arbor:105203")
    before = path.read_bytes()
    with school_lock(path, wait_seconds=0):
        assert renamed_state(config(tmp_path, "hill"), config(tmp_path, "hill").schools[0], "arbor:105203")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("mis", "own", "asked", "holds"),
    [
        ("arbor:105203", "", "arbor:105203", True),
        ("arbor:105203", "105203", "sims:105203", False),
        (None, "105203", "arbor:105203", True),
        (None, "105203", "arbor:9105203", False),
        (None, "", "arbor:", False),
    ],
)
def test_a_file_is_a_schools_by_its_mis_or_where_that_was_not_kept_by_its_number(
    mis: str | None, own: str, asked: str, holds: bool
) -> None:
    assert StateFile(Path("a.db"), "a", mis, own, "").holds(asked) is holds


# -- which file is whose


def test_a_school_with_a_state_of_its_own_name_has_not_been_renamed(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    state(tmp_path, "hill", "arbor:105203")
    state(tmp_path, "old", "arbor:105203")
    assert renamed_state(one, one.schools[0], "arbor:105203") is None


def test_a_file_of_the_schools_name_under_another_label_is_relabelled(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    path = state(tmp_path, "hill", "arbor:105203", label="old")
    found = renamed_state(one, one.schools[0], "arbor:105203")
    assert found is not None
    assert (found.path, found.label) == (path, "old")


def test_a_file_of_the_schools_name_that_does_not_say_whose_it_is_stays(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    state(tmp_path, "hill", None, label="other")
    state(tmp_path, "old", "arbor:105203")
    assert renamed_state(one, one.schools[0], "arbor:105203") is None


def test_of_two_files_of_the_school_the_one_read_last_is_used(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    state(tmp_path, "a", "arbor:105203", read_at="2025-09-12")
    state(tmp_path, "b", "arbor:105203", read_at="2025-09-13")
    state(tmp_path, "c", "arbor:105203", read_at="2025-09-11")
    state(tmp_path, "d", "arbor:105204", read_at="2025-09-14")
    found = renamed_state(one, one.schools[0], "arbor:105203")
    assert found is not None
    assert found.path.stem == "b"


def test_the_file_of_another_school_of_the_configuration_is_not_taken(tmp_path: Path) -> None:
    two = config(tmp_path, "hill", "dale")
    state(tmp_path, "dale", "arbor:105203")
    assert renamed_state(two, two.schools[0], "arbor:105203") is None


def test_a_file_of_another_schools_name_is_found_when_that_school_has_another_register(
    tmp_path: Path,
) -> None:
    both = config(tmp_path, "hill", "dale", registers=True)
    hill, dale = both.schools
    path = state(tmp_path, "dale", source_of(hill).mis(None))
    state(tmp_path, "hill", source_of(dale).mis(None))
    found = renamed_state(both, hill)
    assert found is not None
    assert found.path == path


def test_no_file_is_a_schools_whose_mis_is_not_known(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    state(tmp_path, "old", "arbor:105203")
    assert renamed_state(one, one.schools[0]) is None
    assert settled(one, one.schools[0]) is None
    assert names(tmp_path) == ["old.db"]


def test_the_source_of_a_register_folder_is_its_path_and_of_an_mis_its_name_alone(tmp_path: Path) -> None:
    (folder,) = config(tmp_path, "hill", registers=True).schools
    assert source_of(folder).mis(None) == f"folder:{(tmp_path / 'register-hill').resolve()}"
    (arbor,) = config(tmp_path, "hill").schools
    assert (source_of(arbor).adapter, source_of(arbor).place) == ("arbor", "")
    assert source_of(arbor).mis(None) is None
    assert source_of(arbor).mis(HILL) == "arbor:105203"


def test_what_comes_from_files_is_part_of_the_source(tmp_path: Path) -> None:
    (arbor,) = config(tmp_path, "hill").schools
    assert source_of(arbor).supplied == ()
    supplied = arbor.model_copy(
        update={"supply": arbor.supply.model_copy(update={"calendar": tmp_path / "calendar.csv"})}
    )
    assert source_of(supplied).supplied == ("calendar",)


def test_the_state_of_a_school_is_the_renamed_one_or_its_own(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    (hill,) = one.schools
    assert state_of(one, hill, "arbor:105203") is None
    old = state(tmp_path, "old", "arbor:105203")
    found = state_of(one, hill, "arbor:105203")
    assert found is not None
    assert found.path == old
    own = state(tmp_path, "hill", "arbor:105203")
    found = state_of(one, hill, "arbor:105203")
    assert found is not None
    assert found.path == own


def test_a_folder_is_marked_with_the_state_the_mis_and_the_present_id(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    (hill,) = one.schools
    assert folder_mark(one, hill, None) == FolderMark("", "", "hill")
    assert folder_mark(one, hill, "arbor:105203") == FolderMark("", "arbor:105203", "hill")
    state(tmp_path, "hill", "arbor:105203", mark="abc")
    assert folder_mark(one, hill, None) == FolderMark("abc", "arbor:105203", "hill")
    assert folder_mark(one, hill, "sims:105203") == FolderMark("abc", "sims:105203", "hill")
    renamed = config(tmp_path, "hill2")
    assert folder_mark(renamed, renamed.schools[0], "arbor:105203") == FolderMark(
        "abc", "arbor:105203", "hill2"
    )


# -- when the MIS is asked which school it is


def test_the_mis_is_asked_only_where_an_unused_file_may_be_the_schools(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    (hill,) = one.schools
    mis = Asked(PERIODS)
    assert asked_mis(one, hill, mis, DAY) is None
    assert mis.wanted == [], "there is no file at all"
    state(tmp_path, "old", "arbor:105203")
    assert asked_mis(one, hill, mis, DAY) == "arbor:105203"
    (request,) = mis.wanted
    assert (request.bookmark, request.recent_from, request.until, request.history_from) == (
        None,
        DAY,
        DAY,
        DAY,
    )
    state(tmp_path, "hill", "arbor:105204")
    assert asked_mis(one, hill, mis, DAY) is None
    assert len(mis.wanted) == 1, "the school has a state of its name"


def test_a_mis_that_does_not_say_which_school_it_is_leaves_the_question_open(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    state(tmp_path, "old", "arbor:105203")
    assert asked_mis(one, one.schools[0], Asked(PERIODS, says=None), DAY) is None


def test_the_path_of_a_register_folder_needs_no_question(tmp_path: Path) -> None:
    one = config(tmp_path, "hill", registers=True)
    state(tmp_path, "old", "folder:elsewhere")
    mis = Asked(PERIODS)
    assert asked_mis(one, one.schools[0], mis, DAY) == f"folder:{(tmp_path / 'register-hill').resolve()}"
    assert mis.wanted == []


def test_files_that_do_not_say_whose_they_are_stop_a_school_without_a_state(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    state(tmp_path, "a", None)
    state(tmp_path, "b", None)
    state(tmp_path, "c", None, school=DALE)
    mis = Asked(PERIODS)
    with pytest.raises(StoreError) as raised:
        asked_mis(one, one.schools[0], mis, DAY)
    said = str(raised.value)
    assert f"hill has no state, and a.db and b.db in {tmp_path / 'state'} may be of the same school." in said
    assert "give it its old id again (a, b) for one run" in said
    assert mis.wanted == []


# -- a state used on under the present id


def test_the_state_of_a_renamed_school_moves_with_a_sentence(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    (hill,) = one.schools
    state(tmp_path, "old", "arbor:105203")
    found = renamed_state(one, hill, "arbor:105203")
    assert found is not None
    assert renamed_words(hill, found) == (
        "hill is the school that had the id old: its state old.db becomes hill.db in the next run,"
        " so nothing is written twice"
    )
    assert adopt(one, hill, found) == (
        "hill is the school that had the id old: its state old.db is now hill.db, so nothing is written twice"
    )
    assert names(tmp_path) == ["hill.db"]
    assert label_of(tmp_path / "state" / "hill.db") == "hill"
    assert not list((tmp_path / "state").glob("*-wal"))


def test_a_foreign_file_of_the_present_name_is_set_aside_under_a_free_name(tmp_path: Path) -> None:
    three = config(tmp_path, "hill", "hill-set-aside-1")
    hill = three.schools[0]
    foreign = state(tmp_path, "hill", "arbor:105204", label="dale")
    old = state(tmp_path, "old", "arbor:105203")
    state(tmp_path, "hill-set-aside-2", "arbor:105205")
    found = renamed_state(three, hill, "arbor:105203")
    assert found is not None
    assert found.path == old
    adopt(three, hill, found)
    assert not old.exists()
    assert names(tmp_path) == ["hill-set-aside-2.db", "hill-set-aside-3.db", "hill.db"]
    assert label_of(foreign) == "hill"
    assert label_of(tmp_path / "state" / "hill-set-aside-3.db") == "dale", "its own school finds it there"
    assert label_of(tmp_path / "state" / "hill-set-aside-2.db") == "hill-set-aside-2"


def test_a_state_of_the_present_name_is_relabelled_where_it_is(tmp_path: Path) -> None:
    one = config(tmp_path, "hill", registers=True)
    (hill,) = one.schools
    path = state(tmp_path, "hill", source_of(hill).mis(None), label="old")
    said = settled(one, hill)
    assert said is not None
    assert said.startswith("hill is the school that had the id old")
    assert (names(tmp_path), label_of(path)) == (["hill.db"], "hill")
    assert settled(one, hill) is None


def test_a_state_that_cannot_be_moved_is_named_with_what_to_do(tmp_path: Path) -> None:
    one = config(tmp_path, "hill")
    (hill,) = one.schools
    path = state(tmp_path, "old", "arbor:105203")
    found = renamed_state(one, hill, "arbor:105203")
    assert found is not None
    path.write_text("overwritten meanwhile")
    with pytest.raises(StoreError) as raised:
        adopt(one, hill, found)
    assert str(raised.value).startswith("old.db cannot be renamed to hill.db: file is not a database.")
    assert raised.value.fix == "close the programs that have it open, then run again"


@pytest.mark.parametrize("held", ["old", "hill"])
def test_both_files_are_locked_while_a_state_moves(
    tmp_path: Path, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = config(tmp_path, "hill")
    (hill,) = one.schools
    state(tmp_path, "old", "arbor:105203")
    found = renamed_state(one, hill, "arbor:105203")
    assert found is not None
    monkeypatch.setattr("connector.run.states._LOCK_SECONDS", 0.0)
    with (
        school_lock(tmp_path / "state" / f"{held}.db", wait_seconds=0),
        pytest.raises(StoreError, match="another run of this school is under way"),
    ):
        adopt(one, hill, found)
    assert names(tmp_path) == ["old.db"]
