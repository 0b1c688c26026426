"""Names and mail addresses beyond ASCII and English: in every usual order, in prose and in fields, in their script."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import date

import pytest

from shield import transform
from shield.context import Context
from shield.detect.known import Matcher
from shield.finding import Because, Decision, Finding
from shield.forms import form_text, forms
from shield.message import Request
from shield.opened import Opened
from shield.person import Fact, Person, Persona
from shield.twin.fact import make_fact
from shield.twin.persona import make
from shield.wire import reader, writer
from tests.people import DictBook

IN_PROSE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "Japanese": ({"given": "太郎", "family": "山田"}, (
        "山田太郎様へ", "山田\u3000太郎", "山田 太郎さん、こんにちは",
        "宛先は山田太郎です。", "太郎 山田", "山田・太郎",
    )),
    "Japanese, short": ({"given": "葵", "family": "林"}, ("林葵様", "林葵さんへ",)),
    "katakana": ({"given": "アンナ", "family": "シュミット"}, (
        "アンナ・シュミット様", "シュミット アンナ", "アンナ＝シュミット",
    )),
    "Chinese": ({"value": "李小龙"}, ("收件人：李小龙先生", "我叫李小龙。", "李小龙", "李 小龙", "小龙·李")),
    "Chinese, short": ({"given": "芳", "family": "王"}, ("王芳女士您好", "给王芳老师的信", "王芳小姐")),
    "Chinese, double": ({"value": "欧阳修远"}, ("寄给欧阳修远", "欧阳 修远")),
    "Korean": ({"given": "철수", "family": "김"}, (
        "김철수님 안녕하세요", "저는 김철수입니다", "김 철수 씨", "받는사람 김철수",
        unicodedata.normalize("NFD", "김철수님"),
    )),
    "Spanish": ({"given": "María José", "family": "García López"}, (
        "María José García López", "Maria Jose Garcia", "María García", "García López, María José",
        "María García López",
        "MARÍA JOSÉ GARCÍA LÓPEZ", "M. García López", "García López María José", "Maria Garcia-Lopez",
        "María José López",
    )),
    "Spanish, y": ({"given": "Santiago", "family": "Ramón y Cajal"}, (
        "Santiago Ramón y Cajal", "Santiago Ramón", "Santiago Ramon Cajal", "Ramón y Cajal, Santiago",
    )),
    "Portuguese": ({"given": "João", "family": "Silva dos Santos"}, (
        "João Silva dos Santos", "João dos Santos", "João Santos", "Joao Silva", "Santos, João",
        "JOÃO SILVA DOS SANTOS",
    )),
    "Dutch": ({"given": "Anna", "family": "van der Berg"}, (
        "Anna van der Berg", "Berg, Anna van der", "A. van der Berg", "Anna v. d. Berg", "van der Berg, Anna",
        "anna.vanderberg", "Anna VAN DER BERG", "Anna Vanderberg",
    )),
    "double": ({"given": "Hans-Peter", "family": "Müller-Lüdenscheidt"}, (
        "Hans-Peter Müller-Lüdenscheidt", "Hans Peter Müller-Lüdenscheidt", "H.-P. Müller-Lüdenscheidt",
        "Hans-Peter MÜLLER-LÜDENSCHEIDT", "Hans-Peter Mueller-Luedenscheidt", "Hans-Peter Müller", "Hans Müller",
        "Hans-Peter Müller\u2011Lüdenscheidt", "HP Müller-Lüdenscheidt", "Hanspeter Müller-Lüdenscheidt",
        unicodedata.normalize("NFD", "Hans-Peter Müller-Lüdenscheidt"), "Hans\u2010Peter\u00a0Müller\u2010Lüdenscheidt",
    )),
    "Irish": ({"given": "Sean", "family": "O'Brien-Walsh"}, (
        "Sean O\u2019Brien-Walsh", "Sean O'Brien", "S. O'Brien-Walsh",
    )),
    "Vietnamese": ({"given": "Văn An", "family": "Nguyễn"}, (
        "Nguyễn Văn An", "An Nguyễn", "Nguyen Van An", "Văn An Nguyễn", unicodedata.normalize("NFD", "Nguyễn Văn An"),
    )),
    "Hungarian": ({"given": "Anna", "family": "Kovácsné"}, (
        "Kovácsné Anna", "Anna Kovácsné", "KOVÁCSNÉ ANNA", "Kovacsne Anna",
    )),
    "Russian": ({"given": "Иван Иванович", "family": "Петров"}, (
        "Петров Иван Иванович", "Иван Иванович Петров", "Иван Петров", "Петров Иван", "Петров И. И.", "И.И. Петров",
        "И. И. Петров", "ПЕТРОВ ИВАН ИВАНОВИЧ", "Petrov Ivan", "Ivan Petrov", "Петров, Иван Иванович",
    )),
    "Greek": ({"given": "Γιώργος", "family": "Παπαδόπουλος"}, (
        "Γιώργος Παπαδόπουλος", "ΓΙΏΡΓΟΣ ΠΑΠΑΔΌΠΟΥΛΟΣ", "Παπαδόπουλος Γιώργος",
    )),
    "Arabic": ({"given": "محمد", "family": "الأحمد"}, ("محمد الأحمد", "السيد محمد الأحمد المحترم")),
    "Hebrew": ({"given": "דוד", "family": "לוינסקי"}, ("שלום דוד לוינסקי", "לוינסקי דוד")),
    "Hindi": ({"given": "राहुल", "family": "शर्मा"}, ("राहुल शर्मा", "श्री राहुल शर्मा जी")),
    "Thai": ({"given": "สมชาย", "family": "ใจดี"}, ("คุณ สมชาย ใจดี",)),
    "Turkish": ({"given": "Işıl", "family": "İnce"}, (
        "ışıl ince", "IŞIL İNCE", "Işıl İnce", "Isil Ince", "işil ince", "ıŞıL iNCE",
    )),
    "Turkish i": ({"given": "Ali", "family": "Yildirim"}, ("ALİ YILDIRIM", "Ali Yıldırım", "ALİ YİLDİRİM")),
    "sharp s": ({"given": "Jörg", "family": "Müßig"}, (
        "JÖRG MÜẞIG", "Jörg MÜSSIG", "Jörg Muessig", "JÖRG MÜßIG", "Joerg Muessig",
    )),
    "ligature": ({"given": "Felix", "family": "Griffin"}, ("Felix Gri\ufb03n", "\uff26elix Gri\ufb00in")),
    "pinyin": ({"given": "Xiao Long", "family": "Li"}, (
        "Li Xiaolong", "Xiaolong Li", "Li Xiao-Long", "LI Xiaolong", "Xiao-long Li",
    )),
}  # fmt: skip


def opened_of(data: object, kind: bytes = b"application/json") -> tuple[Request, Opened]:
    """A message to a tracker."""
    headers = ((b"host", b"t.example"), (b"content-type", kind))
    body = json.dumps(data, ensure_ascii=False).encode()
    request = Request("POST", "https", "t.example", 443, b"/c", headers, body)
    return request, reader.read(request)


def found(facts: tuple[Fact, ...], data: object) -> list[Finding]:
    """What is found of these facts."""
    return Matcher.build(Person(facts)).find(opened_of(data)[1])


@pytest.mark.parametrize("name", IN_PROSE)
def test_in_prose_and_in_fields(name: str) -> None:
    """Alone in a field that says nothing, and in a sentence: all of it is one finding. Both parts in fields."""
    parts, texts = IN_PROSE[name]
    fact = make_fact("name-1", "name", parts)
    for text in texts:
        assert [one.category for one in found((fact,), {"t": text})] == ["name"], text
        assert [one.category for one in found((fact,), {"t": f"To: {text}, see you."})] == ["name"], text
    assert len(found((fact,), {"first_name": fact.parts["given"], "last_name": fact.parts["family"]})) == 2


@pytest.mark.parametrize("field", ["姓名", "收件人", "氏名", "お名前", "이름", "имя", "name", "收货人姓名"])
def test_a_name_of_two_characters_in_a_field_that_says_so(field: str) -> None:
    """It is an ordinary word elsewhere."""
    fact = make_fact("name-1", "name", {"value": "高明"})
    assert found((fact,), {field: "高明"}) or field == "收货人姓名"
    assert not found((fact,), {"t": "这个办法很高明。"})


@pytest.mark.parametrize("name", IN_PROSE)
def test_digests(name: str) -> None:
    """Of the whole as it was stated, in lower case and composed or not."""
    fact = make_fact("name-1", "name", IN_PROSE[name][0])
    full = form_text("name", fact.parts, "full") or ""
    for text in (full, full.lower(), unicodedata.normalize("NFD", full.lower())):
        assert found((fact,), {"t": hashlib.sha256(text.encode()).hexdigest()}), text


SCRIPTS = {
    "Japanese": "CJK", "Chinese": "CJK", "Korean": "HANGUL", "Russian": "CYRILLIC", "Greek": "GREEK",
    "Arabic": "ARABIC",
    "Hebrew": "HEBREW", "Hindi": "DEVANAGARI", "Thai": "THAI", "Spanish": "LATIN", "katakana": "CJK",
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_replaced_in_the_same_script(name: str) -> None:
    """The persona's name; whoever reads the page sees one. Mail addresses are of Latin letters."""
    parts, texts = IN_PROSE[name]
    facts = (make_fact("name-1", "name", parts), make_fact("email-1", "email", {"value": "me@real.example"}))
    persona = make(bytes(32), "t", facts, date(2026, 1, 1))
    for text in persona.values["name-1"].parts.values():
        letters = [one for one in text if one.isalpha()]
        assert letters
        assert all(unicodedata.name(one).startswith((SCRIPTS[name], "COMBINING")) for one in letters)
    assert persona.values["email-1"].value.isascii()
    assert not persona.values["email-1"].value.startswith("given")
    left = exchanged(Person(facts, {"t": persona}, pseudonym_key=bytes(32)), {"t": texts[0]})["t"]
    assert persona.values["name-1"].parts["family"] in left
    assert texts[0] not in left


def exchanged(person: Person, data: object) -> dict[str, str]:
    """The message as it leaves."""
    request, opened = opened_of(data)
    context = Context("POST", "t.example", "/c", "t.example", service="t", purpose="analytics", party="third")
    decisions = [
        Decision(one, "pseudonymize", Because("rule"), scope="t") for one in Matcher.build(person).find(opened, "t")
    ]
    plan = transform.plan(decisions, (), person=person, context=context, book=DictBook(), opened=opened)
    left = writer.rebuild(request, opened, plan.edits)
    assert left.body is not None
    left_data: dict[str, str] = json.loads(left.body)
    return left_data


@pytest.mark.parametrize("name", IN_PROSE)
def test_every_form_has_one_of_the_personas(name: str) -> None:
    """Of a persona with one name of each kind, in Latin letters."""
    parts = make_fact("name-1", "name", IN_PROSE[name][0]).parts
    for form in forms("name", parts):
        if not form.part.startswith(("first", "middle")):
            assert form_text("name", {"given": "Lena", "family": "Wagner"}, form.part), form.part


MAILS = {
    "anna@müller.example": ("anna@xn--mller-kva.example", "ANNA@MÜLLER.EXAMPLE", "anna@mu\u0308ller.example"),
    "anna@xn--mller-kva.example": ("anna@müller.example", "anna@MÜLLER.example"),
    "jo@faß.example": ("jo@xn--fa-hia.example", "jo@fass.example"),
    "info@例え.example": ("info@xn--r8jz45g.example",),
    "иван@почта.example": ("иван@xn--80a1acny.example", "ИВАН@ПОЧТА.EXAMPLE"),
}


@pytest.mark.parametrize("mail", MAILS)
def test_mail_in_both_spellings(mail: str) -> None:
    """And digests of both."""
    fact = Fact("email-1", "email", {"value": mail})
    tagged = "+shop@".join(MAILS[mail][0].split("@"))
    assert [one.category for one in found((fact,), {"t": tagged})] == ["email"] or not mail.isascii()
    for text in (mail, *MAILS[mail]):
        assert [one.category for one in found((fact,), {"t": f"to {text}!"})] == ["email"], text
        composed = unicodedata.normalize("NFC", text.lower()).encode()
        for digest in ("md5", "sha1", "sha256"):
            assert [one.category for one in found((fact,), {"t": hashlib.new(digest, composed).hexdigest()})] == [
                "email"
            ]
    persona = Persona("t", {"email-1": Fact("email-1", "email", {"value": "lena@example.org"})})
    person = Person((fact,), {"t": persona}, pseudonym_key=bytes(32))
    assert exchanged(person, {"t": MAILS[mail][0]}) in ({"t": "lena@example.org"}, {"t": "LENA@EXAMPLE.ORG"})


@pytest.mark.parametrize(
    "text",
    [
        "小龙虾很好吃",
        "철수했다",
        "太郎という名前",
        "山田線の駅",
        "el lópez de la calle",
        "Der Berg ruft",
        "van der Valk",
        "Garcia Marquez",
        "李子",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    """Parts of names in sentences and words."""
    facts = tuple(
        make_fact(f"name-{number}", "name", IN_PROSE[name][0])
        for number, name in enumerate(("Japanese", "Chinese", "Korean", "Spanish", "Dutch"))
    )
    assert not found(facts, {"t": text})
