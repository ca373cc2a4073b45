"""Lists in pages come to an end, or to an error: a MIS whose pages go round in a circle must not hold the service for ever."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from connector.errors import RetryableError

MOST_PAGES = 50_000
"""Pages of one list; ten years of marks of a large school are a few thousand."""
MOST_WITHOUT_NEWS = 10
"""So many pages in a row may bring no row that was not there before."""


class PageLimits:
    """Watches one reading of one list. Make a new one for each reading."""

    def __init__(self, mis: str, path: str) -> None:
        """``path`` names the list in errors: its address, of which only the path is shown."""
        self._what = f"{mis}: /{urlsplit(path).path.lstrip('/')}"
        self._pages = 0
        self._without_news = 0
        self._ids: set[str] = set()
        self._links: set[str] = set()

    def take(self, ids: Iterable[str], link: str = "") -> None:
        """Note a page's rows and its link to the next page. Raise RetryableError when the list does not end.

        That is so where a link was followed before, where pages bring nothing new, and for more than MOST_PAGES.
        """
        before = len(self._ids)
        self._ids.update(ids)
        self._without_news = 0 if len(self._ids) > before else self._without_news + 1
        self._pages += 1
        if link and link in self._links:
            raise self._error("a page links to one that was read before")
        if self._without_news > MOST_WITHOUT_NEWS:
            raise self._error(f"{self._without_news} pages in a row brought nothing new")
        if self._pages > MOST_PAGES:
            raise self._error(f"there are more than {MOST_PAGES} pages")
        self._links.add(link)

    def _error(self, why: str) -> RetryableError:
        return RetryableError(
            f"{self._what} does not come to an end: {why}",
            fix="the next run reads it again; if this persists, report it to the MIS's support",
        )
