"""The catalogue of texts: collected from app/, merged into the languages, compiled, and checked.

    python scripts/catalogue.py extract            app/ -> resources/locale/naungan.pot
    python scripts/catalogue.py update [--tsv F..] naungan.pot (+ new Indonesian) -> id and en
    python scripts/catalogue.py compile            .po -> .mo (what the program reads; never committed)
    python scripts/catalogue.py check              is every text there and translated? exit code 1 if not

A TSV line is `msgid<TAB>Indonesian`; a plural is `one|||many<TAB>Indonesian`; a sense is `context@@msgid<TAB>...`;
a line break inside a text is written \\n. English is the source language: its translation is the text itself.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "resources" / "locale"
TEMPLATE = LOCALE / "naungan.pot"
LANGUAGES = ("id", "en")
WRITTEN = {"_": 1, "N_": 1, "ngettext": 2, "pgettext": 2}  # how many of the arguments are texts
FIXED = datetime(2026, 1, 1, tzinfo=UTC)  # a date that changed at every run would make every diff noisy


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["extract", "update", "compile", "check"])
    parser.add_argument("--tsv", nargs="*", type=Path, default=[], help="files with new Indonesian texts")
    options = parser.parse_args(arguments)
    if options.command == "extract":
        write(extract(), TEMPLATE)
    elif options.command == "update":
        update(options.tsv)
    elif options.command == "compile":
        compile_all()
    else:
        problems = check()
        print(*problems, sep="\n") if problems else print("catalogue: every text is translated")
        return bool(problems)
    return 0


def extract() -> Catalog:
    """Every text that the program can show, from the calls in app/."""
    catalogue = new_catalogue()
    for path in sorted((ROOT / "app").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in WRITTEN:
                words = [item.value if isinstance(item, ast.Constant) else None for item in call.args]
                wanted = words[: WRITTEN[call.func.id]]
                if len(wanted) == WRITTEN[call.func.id] and all(isinstance(word, str) and word for word in wanted):
                    add(catalogue, call.func.id, words=[str(word) for word in wanted])
    return catalogue


def add(catalogue: Catalog, function: str, *, words: list[str]) -> None:
    """Enter one call: a plain text, a plural or a text in one of its senses."""
    if function == "ngettext":
        catalogue.add((words[0], words[1]))
    elif function == "pgettext":
        catalogue.add(words[1], context=words[0])
    else:
        catalogue.add(words[0])


def update(tables: Iterable[Path] = ()) -> None:
    """Bring both languages up to the template: known texts stay, new ones come from the tables, old ones go."""
    template = read(TEMPLATE)
    offered = dict(pair for table in tables for pair in read_table(table))
    for language in LANGUAGES:
        path = po(language)
        known = read(path, language) if path.exists() else new_catalogue(language)
        merged = new_catalogue(language)
        for message in texts(template):
            if language == "en":
                translation = english(message)
            else:
                translation = indonesian(message, known=known, offered=offered)
            merged.add(message.id, translation, context=message.context)
        write(merged, path)
    report_update(template, offered=offered)


def english(message: Message) -> str | tuple[str, ...]:
    """The text itself: the source language is English."""
    return tuple(message.id) if message.pluralizable else str(message.id)


def indonesian(message: Message, *, known: Catalog, offered: dict[str, str]) -> str | tuple[str, ...]:
    """The offered translation, else the one we had, else ''. Indonesian has one form for any number, kept twice."""
    old = known.get(message.id, message.context)
    text = offered.get(key(message)) or (forms(old)[0] if old else "")
    return (text, text) if message.pluralizable else text


def report_update(template: Catalog, *, offered: dict[str, str]) -> None:
    """Say which offered lines nobody asks for and which texts still wait."""
    wanted = {key(message) for message in texts(template)}
    for text in sorted(offered.keys() - wanted):
        print(f"update: no such text in app/: {text!r}")
    waiting = [key(message) for message in texts(read(po("id"), "id")) if not all(forms(message))]
    print(f"update: {len(wanted)} texts, {len(waiting)} without Indonesian", *map(repr, waiting), sep="\n  ")


def compile_all() -> None:
    """Write the .mo files beside the .po files, each at one stroke: a running program may be reading the old one."""
    for language in LANGUAGES:
        compiled = po(language).with_suffix(".mo")
        fresh = compiled.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, read(po(language), language))
        fresh.replace(compiled)


def check() -> list[str]:
    """What is wrong with the catalogues, one line each; empty when nothing is."""
    extracted, template = extract(), read(TEMPLATE)
    problems = [f"naungan.pot: {line}" for line in differences(extracted, template)]
    for language in LANGUAGES:
        catalogue = read(po(language), language)
        problems += [f"{language}: {line}" for line in differences(extracted, catalogue)]
        problems += [f"{language}: {line}" for message in texts(catalogue) for line in faults(message)]
    return problems


def differences(wanted: Catalog, found: Catalog) -> Iterator[str]:
    """Texts that one catalogue has and the other has not."""
    here, there = ({key(message) for message in texts(catalogue)} for catalogue in (wanted, found))
    yield from (f"missing, run `make catalogue`: {text!r}" for text in sorted(here - there))
    yield from (f"no longer in app/, run `make catalogue`: {text!r}" for text in sorted(there - here))


def faults(message: Message) -> Iterator[str]:
    """What keeps one translation from being shown: absent, uncertain, or with other {placeholders}."""
    text = key(message)
    if message.fuzzy:
        yield f"fuzzy, look at it and remove the mark: {text!r}"
    if not all(form.strip() for form in forms(message)):
        yield f"no translation: {text!r}"
        return
    wanted = placeholders(text.split("|||")[-1])
    for form in forms(message)[-1:]:
        if placeholders(form) != wanted:
            yield f"other placeholders than {sorted(wanted)}: {text!r} -> {form!r}"
        if form.endswith(("\n", " ")) != text.endswith(("\n", " ")):
            yield f"blank at the end on one side only: {text!r}"


def placeholders(text: str) -> list[str]:
    """The names in braces, sorted; ['(broken)'] when str.format would refuse the text."""
    try:
        return sorted(name for _before, name, _spec, _conversion in Formatter().parse(text) if name is not None)
    except ValueError:
        return ["(broken)"]


def key(message: Message) -> str:
    """How a table names a text: 'msgid', 'one|||many' or 'context@@msgid'."""
    text = "|||".join(message.id) if message.pluralizable else str(message.id)
    return f"{message.context}@@{text}" if message.context else text


def forms(message: Message) -> tuple[str, ...]:
    """The translations of a text, one per plural form; ('',) when there is none."""
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ()) or ("",)


def texts(catalogue: Catalog) -> list[Message]:
    """The messages without the header, in a stable order."""
    return sorted((message for message in catalogue if message.id), key=key)


def read_table(path: Path) -> Iterator[tuple[str, str]]:
    """The (text, Indonesian) pairs of one TSV file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        text, tab, translation = line.partition("\t")
        if not tab or not translation.strip():
            print(f"update: {path.name}:{number} has no translation: {line!r}")
            continue
        yield text.replace("\\n", "\n"), translation.replace("\\n", "\n")


def new_catalogue(language: str | None = None) -> Catalog:
    """An empty catalogue whose header never changes by itself."""
    return Catalog(
        locale=language, project="naungan", version="0", header_comment="# Naungan: texts for people.", fuzzy=False,
        creation_date=FIXED, revision_date=FIXED, language_team="naungan", last_translator="naungan",
        msgid_bugs_address="naungan",
    )  # fmt: skip


def read(path: Path, language: str | None = None) -> Catalog:
    """The catalogue in a .po or .pot file."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue sorted, without line numbers of the code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, no_location=True, sort_output=True)


def po(language: str) -> Path:
    """Where a language's texts are kept."""
    return LOCALE / language / "LC_MESSAGES" / "naungan.po"


if __name__ == "__main__":
    sys.exit(main())
