"""A person's words are words: no markup, no link, no file, no broken page, whatever they look like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from app.i18n import _, speaking
from app.models.field import Kind
from app.reports.api import Rendered, case_summary_document, case_summary_pdf
from app.reports.case_input import CaseInput
from app.reports.case_summary import Occasion
from app.reports.document import texts
from app.reports.markup import lacks_glyphs, line, markup, plain
from app.reports.redaction import Profile, Release
from tests.attacks import Survived, Tries
from tests.reports.needles import NOT_PRINTED, fill_words, needles, plant
from tests.reports.pdf_reading import read
from tests.reports.sample import NAMES, case_input, occasion

PAYLOADS = {
    "bold": "<b>tebal</b>",
    "unclosed": "<b><i><para>",
    "closing": "</para></font></b>",
    "entities": "a & b &amp; &#x41; &nbsp; &lt;c&gt;",
    "quotes": "\"dua\" 'satu' `tiga`",
    "local image": '<img src="file:///etc/passwd" width="10" height="10"/>',
    "remote image": '<img src="http://127.0.0.1:9/x.png"/>',
    "script link": '<a href="javascript:app.alert(1)">klik</a>',
    "web link": '<link href="https://example.org">x</link> https://example.org',
    "anchor": '<a name="x"/><onDraw name="y" label="z"/>',
    "sequence": '<seq id="a"/><seqreset/><index item="x"/>',
    "font": '<font name="Courier" size="99" color="red">besar</font>',
    "right to left": "abc \u202edcba\u202c \u200f \u2067x\u2069",
    "arabic": "\u0645\u062d\u0645\u062f \u0628\u0646",
    "nul": "a\x00b\x01c\x1b[31m\x7f",
    "half pair": "a\ud800b\udfff",
    "format": "%s {0} {name} %(x)s $1 {}",
    "emoji": "\U0001f600\U0001f469\u200d\U0001f467 \u2764\ufe0f",
    "cjk": "\u4e2d\u6587\u540d\u5b57",
    "accents": "e\u0301" + "a" + "\u0302" * 500 + "\u1ebf",
    "line flood": "a\n" * 5 + "\n" * 3000 + "b\r\n\r\nc\u2028d\x85e",
    "spaces": "a" + " " * 3000 + "\u00a0" * 300 + "b\t\tc",
    "long word": "W" * 10_000,
    "long text": "kata panjang " * 800,
    "template": "{% x %} ${y} #{z} <!-- c --> <![CDATA[d]]> <?php e ?>",
    "sql": "'; DROP TABLE case_file; --",
    "path": "../../etc/passwd\\..\\x",
    "bullet": "<bullet>&bull;</bullet><super>x</super><sub>y</sub><u>z</u><strike>w</strike>",
    "bar code": '<barCode code="QR" value="https://example.org"/><graphicsDrawing/>',
    "deep": "<b>" * 80 + "dalam" + "</b>" * 80,
    "page operators": ") Tj ET Q /URI (javascript:1) /OpenAction << /S /JavaScript >> BT (",
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]> &b; &#0; &#xD800; &#99999999;',
    "style": "<style>@import url(file:///etc/passwd)</style><svg onload=alert(1)>",
    "formula": '=HYPERLINK("file:///etc/passwd";"klik") +1 -1 @x |cmd',
    "escapes": "\\x41 \\u0041 \\n \\( \\) \\101 %41 \\newpage",
}
WORDS = re.compile(r"\s+|\u00ad|-")


def squeezed(text: str) -> str:
    """Without what a line break adds or takes."""
    return WORDS.sub("", text)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_words_stay_words_in_every_printed_field(payload: str, language: str) -> None:
    there = occasion(recipient=payload, purpose=payload, worker=payload, supervisor=payload, place=payload)
    internal = Release(profile=Profile.INTERNAL)
    case = fill_words(payload, everywhere=len(payload) < 1_000)
    shown, fields = case_summary_document(case, release=internal, occasion=there, language=language)
    made = case_summary_pdf(case, release=internal, occasion=there, language=language, password=None)
    assert len(fields) > 60
    assert "\n".join(texts(shown)).count(payload) > 25, "the document holds the words as they are"
    file = read(made.pdf)
    assert file.active == (), "no link, image, script or form"
    assert file.attachments == ()
    assert payload not in file.metadata
    assert len(file.pages) == made.pages
    whole = squeezed("".join(file.pages))
    assert squeezed(plain(payload))[:60] in whole
    assert set(file.fonts.values()) == {True}
    with speaking(language):
        for n, page in enumerate(file.pages, start=1):
            assert squeezed(_("Page {page}").format(page=n) + _("of {pages}").format(pages=made.pages)) in squeezed(
                page
            )


def _places() -> list[tuple[str, Callable[[str], tuple[CaseInput, Occasion]]]]:
    """Every place on the paper where somebody's words may stand: (its name, the case and the occasion with them)."""
    fields = [n for n in needles() if n.field.kind in (Kind.TEXT, Kind.LONG) and n.name not in NOT_PRINTED]
    told = ("recipient", "purpose", "worker", "supervisor", "place")
    found: list[tuple[str, Callable[[str], tuple[CaseInput, Occasion]]]] = [
        (needle.name, lambda words, n=needle: (plant(replace(n, value=words)), occasion())) for needle in fields
    ]
    found += [(name, lambda words, n=name: (case_input(), occasion(**{n: words}))) for name in told]
    named = lambda words: (replace(case_input(), names=dict.fromkeys(NAMES, words)), occasion())  # noqa: E731
    return [*found, ("names", named)]


def _is_words(payload: str, made: Rendered) -> bool:
    file = read(made.pdf)
    whole = squeezed("".join(file.pages))
    # word by word: a page may end between two, and a mark on every page is cut to its line
    shown = all(squeezed(word)[:20] in whole for word in plain(payload).split()[:5])
    return shown and not file.active and not file.attachments and all(file.fonts.values())


def _goes_wrong_as_markup(payload: str) -> bool:
    try:
        drawn = Paragraph(payload, ParagraphStyle("x"))
        drawn.wrap(400, 800)
        return str(drawn.getPlainText()) != payload
    except Exception:
        return True


def test_each_payload_in_each_printed_field_is_words(tries: Tries, survived: Survived) -> None:
    pairs = [(payload, place) for payload in PAYLOADS.values() for place in _places()]
    assert len(PAYLOADS) >= 33 and len(pairs) > 900
    chosen = pairs[:: tries(ci=53, full=1)]
    held = 0
    for payload, (_name, dressed) in chosen:
        case, there = dressed(payload)
        internal = Release(profile=Profile.INTERNAL)
        held += _is_words(payload, case_summary_pdf(
            case, release=internal, occasion=there, language="id", password=None
        ))  # fmt: skip
    wrong = sum(map(_goes_wrong_as_markup, PAYLOADS.values()))
    assert wrong >= 15
    survived(held, of=len(chosen), control=f"drawn as they are, {wrong} of {len(PAYLOADS)} fail or become other words")


def test_nothing_of_a_long_word_is_lost() -> None:
    case = fill_words("x")
    records = {**case.records, "note": tuple((r, {**c, "text": "W" * 10_000}) for r, c in case.of("note")[:1])}
    made = case_summary_pdf(
        type(case)(case.case_id, records, case.today, case.names), release=Release(profile=Profile.INTERNAL),
        occasion=occasion(), language="id", password=None,
    )  # fmt: skip
    assert "".join(read(made.pdf).pages).count("W") >= 10_000


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Siti Aminah", "Siti Aminah"),
        ("Nguy\u1ec5n Th\u1ecb", "Nguy\u1ec5n Th\u1ecb"),
        ("e\u0301", "\u00e9"),
        ("a\u202eb", "a[U+202E]b"),
        ("\u0645\u0645\u0645", "[U+0645 \u00d7 3]"),
        ("a\x00b", "a[U+0000]b"),
        ("ko\u00adrban", "ko[U+00AD]rban"),
        ("\ud800", "[U+D800]"),
        ("\u2192 \u2713", "[U+2192] [U+2713]"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\u2028b\x85c\rd\r\ne", "a\nb\nc\nd\ne"),
        ("a" + "\u0301" * 6, "\u00e1" + "\u0301" * 3 + "[U+0301 \u00d7 2]"),
        ("a" + "\u0302" * 5, "\u00e2[U+0302 \u00d7 4]"),
    ],
)
def test_what_is_printed_of_a_text(text: str, printed: str) -> None:
    assert plain(text) == printed


def test_a_long_run_of_foreign_letters_is_counted() -> None:
    shown = plain("".join(chr(0x4E00 + n) for n in range(30)))
    assert shown.startswith("[U+4E00][U+4E01]")
    assert shown.endswith("[\u2026 + 18]")


@pytest.mark.parametrize("text", ["\u202e", "\u0645", "\U0001f600", "\x00", "\u200d", "a" + "\u0301" * 9])
def test_missing_letters_are_noticed(text: str) -> None:
    assert lacks_glyphs(text)


@pytest.mark.parametrize(
    "text", ["", "Siti", "Nguy\u1ec5n", "a\u00a0b", "a\tb\nc\u2028d", "\u2013 \u2026 \u201cx\u201d"]
)
def test_ordinary_letters_are_not(text: str) -> None:
    assert not lacks_glyphs(text)


def test_markup_escapes_and_breaks_lines() -> None:
    assert markup("<b> & \n\"'") == "&lt;b&gt; &amp; <br/>\"'"


def test_one_line_is_one_line() -> None:
    assert line(" a \n\n b\tc ") == "a b c"


@pytest.mark.parametrize(("name", "noticed"), [("Siti", False), ("\u0645", True)])
def test_a_notice_explains_the_spelled_out_letters(name: str, noticed: bool) -> None:
    made = case_summary_pdf(
        fill_words(name), release=Release(profile=Profile.INTERNAL), occasion=occasion(), language="en", password=None
    )
    assert ("printed font lacks" in " ".join(read(made.pdf).pages[-1].split())) is noticed
