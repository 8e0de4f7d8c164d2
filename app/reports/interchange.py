"""A reduced case as JSON for another program: codes instead of words, by an allow-list of fields.

A record's identity never leaves: records are numbered within the file, 'person-1'. Only fields that this version knows
and that the document of the same export holds are written: what a newer peer sent along in `extra` stays here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.models.all import KINDS
from app.models.field import Field, Kind, fields_of, from_ms
from app.reports.case_input import CASE_KINDS, CaseInput

FORMAT = 1
_KINDS = tuple(kind for kind in CASE_KINDS if kind != "conflict")  # its values have the tier of another field


def to_json(
    case: CaseInput, *, said: Collection[str], head: Mapping[str, str], left_out: Collection[str] = ()
) -> bytes:
    """The file. `said` lists the fields that may be in it ('person.name'); `head` is what it says about itself."""
    records = {kind: tuple(_of_kind(case, kind, left_out)) for kind in _KINDS}
    names = {rid: f"{kind}-{n}" for kind in _KINDS for n, (rid, _content) in enumerate(records[kind], start=1)}
    document: dict[str, Any] = {"naungan_export": FORMAT, "export": dict(head)}
    for kind in _KINDS:
        links = {field.key for field in fields_of(KINDS[kind]) if field.group == "link"}
        found = [(rid, dict(_record(kind, content, said=said, refs=names | dict(case.names))))
                 for rid, content in records[kind]]  # fmt: skip
        document[kind] = [{"ref": names[rid], **held} for rid, held in found if not held.keys() <= links]
    return json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False).encode("ascii")


def _of_kind(case: CaseInput, kind: str, left_out: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The records of a kind; whose section was not wanted, victims or others, is no part of them."""
    roles = {str(c.get("person_id")): c.get("role") for _rid, c in reversed(case.of("party"))}
    for record_id, content in case.of(kind):
        about = record_id if kind == "person" else str(content.get("person_id")) if kind == "party" else ""
        section = "" if not about else "victims" if roles.get(about) == "VICTIM" else "others"
        if section not in left_out:
            yield record_id, content


def _record(
    kind: str, content: Mapping[str, Any], *, said: Collection[str], refs: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """The fields of one record that may leave; a link only to what is in the file or has a name here."""
    for field in fields_of(KINDS[kind]):
        value = content.get(field.key)
        if value is None or field.key == "case_id":
            continue
        if field.kind is Kind.REF:
            if str(value) in refs and (field.group == "link" or f"{kind}.{field.key}" in said):
                yield field.key, refs[str(value)]
        elif f"{kind}.{field.key}" in said:
            yield field.key, _plain(field, value)


def _plain(field: Field, value: Any) -> Any:
    return from_ms(value).isoformat() if field.kind is Kind.DATETIME else value
