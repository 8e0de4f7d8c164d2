"""Codelists: one CSV each in resources/codelists/, both languages, codes that are retired but never deleted."""

import csv
from dataclasses import dataclass
from functools import lru_cache

from app.i18n import language
from app.paths import resource


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a codelist."""

    code: str
    label_id: str
    label_en: str
    note: str = ""
    retired: bool = False

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


@lru_cache
def codelist(name: str) -> Codelist:
    """The codelist of this name. KeyError if there is none."""
    path = resource("codelists", f"{name}.csv")
    if not path.is_file():
        raise KeyError(f"no codelist {name!r}")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return Codelist(name, tuple(_code(row) for row in rows))


def _code(row: dict[str, str]) -> Code:
    return Code(row["code"], row["label_id"], row["label_en"], row.get("note_en", ""), row.get("retired", "") == "1")


@lru_cache
def _by_code(name: str) -> dict[str, Code]:
    return {code.code: code for code in codelist(name).codes}


def label(name: str | None, code: str | None) -> str:
    """The label of a code in the running language; an unknown code is shown as it is, never hidden."""
    if not code:
        return ""
    known = _by_code(name).get(code) if name else None
    return known.label if known else code
