"""A network in words and signs: nodes and ties for the drawing, rows for the table, findings as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.i18n import _, format_number, ngettext
from app.models.codelist import label
from app.models.names import initials
from app.services.network import CASE, PERSON, Finding, Network, Node
from app.ui import presenting
from app.ui.form_tools import choices
from app.ui.theme import Tone
from app.ui.widgets.badges import Badge
from app.ui.widgets.graph import GraphNode, GraphTie

_SHAPES = {"VICTIM": "round", "SUSPECT": "diamond", "WITNESS": "square", "REPORTER": "hexagon", "GUARDIAN": "pentagon"}
_TONES = {"VICTIM": Tone.INFO, "SUSPECT": Tone.DANGER}
_ORDER = ("SUSPECT", "VICTIM")
_MOST_BADGES = 3


@dataclass(frozen=True, slots=True)
class TieRow:
    """One line of the table: who, what connects, with whom or what. `opens`: (screen, id) behind it."""

    id: str
    who: str
    what: str
    other: str
    ends: tuple[str, str]
    opens: tuple[str, str]


def badges() -> dict[str, Badge]:
    """The sign of every role: a shape, and as few letters of its name as tell it from the others before it."""
    found: dict[str, Badge] = {}
    used: set[str] = set()
    for code, words in choices("party_role"):
        letter = next((words[:n] for n in (1, 2, 3) if words[:n].casefold() not in used), words[:3])
        used.add(letter.casefold())
        found[code] = Badge(_SHAPES.get(code, "triangle"), letter, words, _TONES.get(code, Tone.NEUTRAL))
    return found


def title_of(node: Node, *, names: bool) -> str:
    """A name or its initials; a case's number."""
    if node.kind == CASE:
        return node.name
    return (node.name if names else initials(node.name)) or presenting.NOTHING


def drawn(
    network: Network, at: Mapping[str, tuple[float, float]], *, names: bool
) -> tuple[list[GraphNode], list[GraphTie]]:
    """What the drawing shows: each pair of nodes once, whatever connects them."""
    signs = badges()
    nodes = [_node(node, network, signs, at=at[node.id], names=names) for node in network.nodes]
    shared: dict[tuple[str, str], list[str]] = {}
    for tie in network.ties:
        labels = shared.setdefault((tie.first, tie.second), [])
        if tie.label and _(tie.label) not in labels:
            labels.append(_(tie.label))
    return nodes, [GraphTie(*ends, label=", ".join(labels)) for ends, labels in shared.items()]


def _node(
    node: Node, network: Network, signs: Mapping[str, Badge], *, at: tuple[float, float], names: bool
) -> GraphNode:
    centre = node.id == network.centre
    if node.kind == CASE:
        status = presenting.status(node.detail)
        spoken = " \u00b7 ".join((_("Case"), node.name, status.words))
        return GraphNode(node.id, False, "", node.name, spoken, at, status.tone, (), centre, "cases")
    roles = sorted(node.roles, key=lambda code: (_ORDER.index(code) if code in _ORDER else 9, code))
    tone = next((_TONES[code] for code in roles if code in _TONES), Tone.NEUTRAL)
    spoken = " \u00b7 ".join(
        part for part in (title_of(node, names=names), roles_words(roles), cases_words(node.cases)) if part
    )
    held = [signs[code] for code in roles if code in signs][:_MOST_BADGES]
    below = node.name if names else cases_words(node.cases) if node.cases > 1 else ""
    return GraphNode(node.id, True, initials(node.name) or "?", below, spoken, at, tone, held, centre)


def rows_of(network: Network, *, names: bool) -> list[TieRow]:
    """Every tie; those of suspects and what is shared first."""
    nodes = {node.id: node for node in network.nodes}
    found = []
    for n, tie in enumerate(network.ties):
        first, second = nodes[tie.first], nodes[tie.second]
        what = label("party_role", tie.role)
        if tie.label:
            what = f"{_(tie.label)}: {tie.value}" if names else _("Same: {what}").format(what=_(tie.label))
        opens = ("case", second.id) if second.kind == CASE else ("person", second.id)
        row = TieRow(str(n), title_of(first, names=names), what, title_of(second, names=names), (tie.first, tie.second),
                     opens)  # fmt: skip
        found.append(((not tie.label, tie.role != "SUSPECT", first.steps, row.other), row))
    return [row for _key, row in sorted(found, key=lambda pair: pair[0])]


def sentences(network: Network, found: Sequence[Finding], *, names: bool) -> list[tuple[str, str, str]]:
    """(id of the person it is about, a sentence, more about it) for what stands out."""
    nodes = {node.id: node for node in network.nodes if node.kind == PERSON}

    def called(person: str) -> str:
        return title_of(nodes[person], names=names)

    said = []
    for one in found:
        who = called(one.person_id)
        if one.kind == "SUSPECT_AGAIN":
            words = ngettext("{who}: suspect in {n} case", "{who}: suspect in {n} cases", one.count)
        elif one.kind == "CO_VICTIMS":
            words = ngettext("{n} victim of one suspect: {who}", "{n} victims of one suspect: {who}", one.count)
        else:
            words = _("{who} and {others} have something in common")
        others = ", ".join(called(other) for other in one.others)
        more = _("Same: {what}").format(what=_(one.label)) if one.label else ", ".join(one.cases)
        said.append((one.person_id, words.format(who=who, n=format_number(one.count), others=others), more))
    return said


def roles_words(codes: Sequence[str]) -> str:
    """'Korban, Saksi'."""
    return ", ".join(label("party_role", code) for code in codes)


def cases_words(count: int) -> str:
    """'3 berkas'."""
    return ngettext("{n} case", "{n} cases", count).format(n=format_number(count))
