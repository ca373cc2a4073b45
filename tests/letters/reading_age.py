"""Reading age of English text by the Flesch-Kincaid grade: the grade and five years.

Kincaid, Fishburne, Rogers and Chissom, Research Branch Report 8-75 (1975): 0.39 words a sentence + 11.8 syllables a
word - 15.59. Syllables are counted by groups of vowels, which is within a few hundredths of a dictionary over a letter.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"\S+@\S+|[A-Za-z]+(?:[’'-][A-Za-z]+)*|£?\d[\d.,:]*%?")
_SENTENCE = re.compile(r"(?<=[.!?])[\s”’)]+(?=\S)|\n+")
_GROUP = re.compile(r"[aeiouy]+")


def reading_age(text: str) -> float:
    """Return the age at which a text can be read. A line ends a sentence too."""
    sentences = [words for part in _SENTENCE.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return round(grade + 5, 1)


def syllables(word: str) -> int:
    """Return the syllables of a word. A number and an address count as one: they are seen, not spelt."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    if "@" in word or not word[0].isalpha():
        return 1
    number = len(_GROUP.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and number > 1
    silent = silent or (word.endswith("ed") and not word.endswith(("ted", "ded")) and number > 1)
    return max(number - silent, 1)
