"""The bill of materials: whole, at the versions that run, and in the form that other people's tools read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from scripts import sbom


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As `make sbom` writes it."""
    out = tmp_path_factory.mktemp("bill") / "sbom.cdx.json"
    assert sbom.main([str(out)]) == 0
    made: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return made


def test_it_names_what_is_compiled_inside_at_the_version_that_runs(bill: dict[str, Any]) -> None:
    parts = {part["name"]: part for part in bill["components"]}
    assert parts["SQLite"]["version"] == dbapi2.sqlite_version
    for name in (
        "SQLCipher",
        "OpenSSL (of SQLCipher)",
        "OpenSSL",
        "Qt",
        "PostgreSQL",
        "libpq",
        "HarfBuzz",
        "Zstandard",
    ):
        assert re.match(r"\d+\.\d+", parts[name]["version"]), name
    edges = {edge["ref"]: edge.get("dependsOn", []) for edge in bill["dependencies"]}
    assert "sqlcipher3#SQLCipher" in edges[parts["sqlcipher3"]["bom-ref"]]
    assert parts["sqlcipher3"]["bom-ref"] in edges["naungan"]


def test_it_holds_what_runs_as_locked_and_nothing_of_the_workshop(bill: dict[str, Any], root: Path) -> None:
    parts = {part["name"]: part for part in bill["components"] if "purl" in part}
    lock = (root / "requirements.lock").read_text()
    assert {"sqlcipher3", "cryptography", "pyrage", "psycopg-binary", "starlette", "pikepdf", "keyring"} <= parts.keys()
    assert not {"pytest", "ruff", "mypy", "hypothesis", "openpyxl", "pyinstaller", "argon2-cffi"} & parts.keys()
    for name, part in parts.items():
        assert f"{name}=={part['version']}" in lock
        assert part["hashes"], name
        assert all(entry["content"] in lock for entry in part["hashes"])
    silent = {name for name, part in parts.items() if not part.get("licenses")}
    assert silent <= {"tzdata", "pywin32-ctypes", "colorama"}, "only what another system needs tells no licence here"


def test_it_follows_its_schema_and_a_broken_one_does_not(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert sbom.fault_of(json.dumps(bill)) == ""
    [first, *others] = bill["components"]
    for broken in (
        {**bill, "components": [{**first, "type": "thing"}, *others]},
        {**bill, "components": [{**first, "added": "x"}, *others]},
        {**bill, "components": [first, first]},
        {**bill, "serialNumber": "1"},
        {key: value for key, value in bill.items() if key != "specVersion"},
    ):
        assert sbom.fault_of(json.dumps(broken)) != ""
