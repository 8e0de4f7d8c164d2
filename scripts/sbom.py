"""`make sbom`: what the program is made of, as CycloneDX 1.6 in build/sbom.cdx.json (or where the argument says).

Packages: what pyproject.toml needs to run, the centre included, at the version and with the hashes of
requirements.lock. Parts that come compiled inside them are asked for their version while they run. The bill is held
against its schema, strictly, before anything is written.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from itertools import product
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.native import NATIVE

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "sbom.cdx.json"
SCHEMA = SchemaVersion.V1_6
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\]+))?")
_SYSTEMS = tuple(product(("linux", "win32", "darwin"), ("3.11.0", "3.12.0", "3.13.0")))
_TOLD_ELSEWHERE = {"sqlcipher3": "Zlib"}  # its metadata has no word for the text it carries
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass
class Pin:
    """One package of the lock."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Write the bill; 1 and a word about it when the schema does not allow it."""
    out = Path(arguments[0]) if arguments else OUT
    bill = bill_of(ROOT)
    written = make_outputter(bill, OutputFormat.JSON, SCHEMA).output_as_string(indent=1)
    if wrong := fault_of(written):
        print(f"the bill of materials does not follow its schema: {wrong}", file=sys.stderr)
        return 1
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(written, encoding="utf-8")
    print(f"{out}: {len(bill.components)} parts")
    return 0


def fault_of(written: str) -> str:
    """What the schema says against these bytes, in one line; '' if nothing."""
    wrong = JsonStrictValidator(SCHEMA).validate_str(written)
    return "" if wrong is None else str(wrong).splitlines()[0]


def bill_of(root: Path) -> Bom:
    """The whole bill: the program, its packages and what is compiled inside them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = locked((root / "requirements.lock").read_text(encoding="utf-8"))
    wanted = [*project["dependencies"], *project["optional-dependencies"]["central"]]
    program = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION, bom_ref="naungan",
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )  # fmt: skip
    bill = Bom()
    bill.metadata.component = program
    parts = {pin.name: component_of(pin) for pin in runtime(wanted, pins)}
    inside = [(parts[carrier], part) for carrier, part in natives(parts)]
    bill.components.update([*parts.values(), *(part for _carrier, part in inside)])
    bill.register_dependency(program, parts.values())
    for carrier, part in inside:
        bill.register_dependency(carrier, [part])
    return bill


def locked(text: str) -> dict[str, Pin]:
    """The packages of a lock file, by name."""
    pins: dict[str, Pin] = {}
    for line in text.splitlines():
        if begins := _PIN.match(line):
            last = Pin(canonicalize_name(begins[1]), begins[2])
            if _is_for_us(begins[3] or ""):
                pins[last.name] = last
        if found := _HASH.search(line):
            last.hashes.append(found[1])
    return pins


def _is_for_us(marker: str) -> bool:
    """Whether one of our systems would install it: the lock also knows systems that the program does not run on."""
    if not marker.strip():
        return True
    asked = Marker(marker.strip())
    return any(asked.evaluate({"sys_platform": system, "python_full_version": python}) for system, python in _SYSTEMS)


def runtime(wanted: Iterable[str], pins: dict[str, Pin]) -> list[Pin]:
    """What these requirements need in the end, on any system: the lock says what a system may ask for."""
    found: dict[str, Pin] = {}
    waiting = [Requirement(text) for text in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or name not in pins:
            continue
        found[name] = pins[name]
        waiting += needed_by(name, extras=requirement.extras)
    return sorted(found.values(), key=lambda pin: pin.name)


def needed_by(name: str, *, extras: set[str]) -> Iterator[Requirement]:
    """The requirements of an installed package; what only another system needs is not installed here, and has none."""
    try:
        declared = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for requirement in map(Requirement, declared):
        marker = str(requirement.marker or "")
        asked = "extra" not in marker or any(
            requirement.marker is not None and requirement.marker.evaluate({"extra": extra}) for extra in extras
        )
        if asked:
            yield requirement


def component_of(pin: Pin) -> Component:
    """A package as a part."""
    url = PackageURL("pypi", None, pin.name, pin.version)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=value) for value in sorted(pin.hashes)]
    return Component(
        name=pin.name, version=pin.version, type=ComponentType.LIBRARY, purl=url, bom_ref=str(url), hashes=hashes,
        licenses=list(licences_of(pin.name)),
    )  # fmt: skip


def licences_of(name: str) -> Iterator[License]:
    """What the package itself says its licence is: an expression, a word, a classifier, or the head of its text."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return
    words = _TOLD_ELSEWHERE.get(name) or _said(told, "License-Expression") or _said(told, "License")
    if not words:
        kinds = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License")]
        words = ", ".join(kinds) or _head_of_licence(name)
    if words:
        yield LicenseFactory().make_from_string(words)


def _said(told: metadata.PackageMetadata, name: str) -> str:
    return str(told[name]).split("\n")[0].split(" (")[0] if name in told else ""


def _head_of_licence(name: str) -> str:
    for file in metadata.files(name) or []:
        if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            lines = [line.strip() for line in file.read_text().splitlines() if line.strip()]
            return lines[0][:80] if lines else ""
    return ""


def natives(parts: dict[str, Component]) -> Iterator[tuple[str, Component]]:
    """(the package that carries it, the part) for what is compiled inside the packages."""
    for native in NATIVE:
        if native.carrier in parts:
            version = native.version()
            yield native.carrier, Component(
                name=native.name, version=version, type=ComponentType.LIBRARY,
                bom_ref=f"{native.carrier}#{native.name}", description=f"compiled inside {native.carrier}",
                licenses=[LicenseFactory().make_from_string(native.licence)],
            )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
