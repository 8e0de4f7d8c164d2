"""Codelists: one CSV each in resources/codelists/, both languages, codes that are retired but never deleted.

What an office says of a list (models/code_entry.py) lies over the shipped one: `overlay` takes it in, for the whole
program, while a workspace is open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from app.i18n import language
from app.paths import resource, table


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a codelist."""

    code: str
    label_id: str
    label_en: str
    note: str = ""
    retired: bool = False
    is_own: bool = False  # the office's: not shipped at all

    @property
    def label(self) -> str:
        """The label in the language of the running code."""
        return self.label_en if language() == "en" else self.label_id


@dataclass(frozen=True, slots=True)
class Codelist:
    """A named list of codes in the order of its file."""

    name: str
    codes: tuple[Code, ...]

    def choices(self) -> tuple[Code, ...]:
        """The values a form offers: all that are not retired."""
        return tuple(code for code in self.codes if not code.retired)

    def __contains__(self, code: object) -> bool:
        return code in _by_code(self.name)


Said = tuple[str, str, str, str, bool]  # list, code, Indonesian, English, whether it is retired
_overlay: Mapping[str, tuple[Said, ...]] = {}


def overlay(said: Iterable[Said]) -> None:
    """What the office of the open workspace says of its lists; () when none is open. The later word of a code counts.

    An entry over a list or with a code that nobody could have entered here is left aside.
    """
    global _overlay
    found: dict[str, tuple[Said, ...]] = {}
    for one in said:
        found[one[0]] = (*found.get(one[0], ()), one)
    _overlay = found
    codelist.cache_clear()
    _by_code.cache_clear()


@lru_cache
def codelist(name: str) -> Codelist:
    """The codelist of this name with what the office says of it. KeyError if there is none."""
    codes = {code.code: code for code in shipped(name).codes}
    for _list, code, label_id, label_en, retired in _overlay.get(name, ()):
        known = codes.get(code) or Code(code, "", "", is_own=True)
        codes[code] = replace(
            known, label_id=label_id or known.label_id, label_en=label_en or known.label_en, retired=retired
        )
    return Codelist(name, tuple(codes.values()))


@lru_cache
def shipped(name: str) -> Codelist:
    """The codelist as it is shipped. KeyError if there is none."""
    if not resource("codelists", f"{name}.csv").is_file():
        raise KeyError(f"no codelist {name!r}")
    return Codelist(name, tuple(_code(row) for row in table("codelists", f"{name}.csv")))


def _code(row: dict[str, str]) -> Code:
    """One line; `retired` holds the day since which a value is not offered any more."""
    return Code(row["code"], row["label_id"], row["label_en"], row.get("note_en", ""), bool(row.get("retired")))


@lru_cache
def _by_code(name: str) -> dict[str, Code]:
    return {code.code: code for code in codelist(name).codes}


def label(name: str | None, code: str | None) -> str:
    """The label of a code in the running language; an unknown code is shown as it is, never hidden."""
    if not code:
        return ""
    known = _by_code(name).get(code) if name else None
    return known.label if known else code
