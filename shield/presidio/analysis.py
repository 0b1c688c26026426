"""What presidio is asked, and what of its answers counts. Imported in the process of ``child`` only.

Presidio knows more numbers than ``detect.shapes`` and reads prose. It also takes a time for a phone number and any ten
digits for a health number, so it is asked only for what the field's name or the words of the text call for, and only
answers whose check digits hold (score 1.0), or that words support, count.

It is built by hand: no configuration of others, no engine that would fetch a model. Names of people need a spaCy model
that the person installs; it is loaded from where it lies, never downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata, util
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from shield.detect import checkdigits
from shield.detect.hints import CARD, IP, NATIONAL, PHONE, SKIP, SSN, hint_in, hint_of
from shield.errors import InputError
from shield.message import Frame
from shield.opened import Opened
from shield.presidio.message import from_items
from shield.tree import TOKEN, Node
from shield.wire import reader

TEXT_CHARACTERS: Final = 5_000
"""One text; what is longer is looked at in pieces, and of a message no more than so many:"""
MESSAGE_CHARACTERS: Final = 10_000
PHONE_REGIONS: Final = ("US", "GB", "DE", "FR", "ES", "IT")
"""Whose numbers are known without a plus; each region is one more pass over the text."""
_EVERYWHERE: Final = {
    "EMAIL_ADDRESS": "email", "IBAN_CODE": "card", "CREDIT_CARD": "card", "IT_FISCAL_CODE": "government_id",
    "MAC_ADDRESS": "device_id",
}  # fmt: skip
_NATIONAL: Final = {
    "UsSsnRecognizer": "US_SSN", "UsItinRecognizer": "US_ITIN", "NhsRecognizer": "UK_NHS", "EsNifRecognizer": "ES_NIF",
    "EsNieRecognizer": "ES_NIE", "PlPeselRecognizer": "PL_PESEL", "InAadhaarRecognizer": "IN_AADHAAR",
    "FiPersonalIdentityCodeRecognizer": "FI_PERSONAL_IDENTITY_CODE", "SePersonnummerRecognizer": "SE_PERSONNUMMER",
    "AuTfnRecognizer": "AU_TFN", "AuMedicareRecognizer": "AU_MEDICARE", "SgFinRecognizer": "SG_NRIC_FIN",
    "KrRrnRecognizer": "KR_RRN", "ThTninRecognizer": "TH_TNIN", "ZaIdNumberRecognizer": "ZA_ID_NUMBER",
    "TrNationalIdRecognizer": "TR_NATIONAL_ID", "CaSinRecognizer": "CA_SIN", "DeTaxIdRecognizer": "DE_TAX_ID",
    "DeSocialSecurityRecognizer": "DE_SOCIAL_SECURITY", "NgNinRecognizer": "NG_NIN",
}  # fmt: skip
_GENERAL: Final = (
    "EmailRecognizer", "CreditCardRecognizer", "IbanRecognizer", "IpRecognizer", "MacAddressRecognizer",
    "ItFiscalCodeRecognizer",
)  # fmt: skip
_CATEGORY: Final = {
    **_EVERYWHERE, "IP_ADDRESS": "ip", "PHONE_NUMBER": "phone", **dict.fromkeys(_NATIONAL.values(), "government_id"),
}  # fmt: skip
_CHANCE: Final = re.compile(r"@|\d(?:[ ./:\-]?[0-9A-Fa-f]){5}")
_PROSE: Final = re.compile(r"[^\W\d_]{2,}\W+[^\W\d_]{2,}\W+[^\W\d_]{2,}")
_PERSONS: Final = frozenset({"PERSON", "PER"})


class Analysis:
    """Presidio, built; one message at a time.

    Attributes:
        about: what runs, for people.
    """

    def __init__(self, model: str = "") -> None:
        """Import and build; takes one to some seconds.

        Raises:
            InputError: the model is not there.
        """
        self._names = _load_model(model) if model else None
        self._engine = _build()
        with_model = f", names by {Path(model).name}" if model else ""
        self.about = f"presidio {metadata.version('presidio-analyzer')}{with_model}"

    def places(self, items: list[bytes]) -> list[bytes]:
        """Address and category of everything found in a message, in turn."""
        message = from_items(items)
        opened = reader.read_frame(message) if isinstance(message, Frame) else reader.read(message)
        found: dict[tuple[str, str], None] = {}
        left = MESSAGE_CHARACTERS
        for node, text, hint in _texts(opened):
            if left <= 0:
                break
            left -= len(text)
            for category in self.categories(text, hint):
                found[node.address, category] = None
        return [part.encode("utf-8", "surrogatepass") for one in found for part in one]

    def categories(self, text: str, hint: int) -> set[str]:
        """What stands in one text. *hint*: what the name of its field says (``detect.hints``)."""
        is_prose = _PROSE.search(text) is not None
        if is_prose:
            hint |= hint_in(text)
        found: set[str] = set()
        if _CHANCE.search(text):
            answers = self._engine.analyze(
                text, language="en", entities=_asked(hint, is_prose), context=_context(hint), score_threshold=0.4
            )
            found = {_CATEGORY[one.entity_type] for one in answers if _counts(one, text[one.start : one.end], hint)}
        if self._names is not None and is_prose:
            found |= {"name" for one in self._names(text).ents if one.label_ in _PERSONS}
        return found


def _texts(opened: Opened) -> Iterator[tuple[Node, str, int]]:
    """The fields that are worth a look, in pieces of bounded length."""
    for node in (node for root in opened.roots() for node in root.walk()):
        hint = hint_of(node.address)
        if hint & SKIP or node.unreadable is not None or len(node.content) < 6:
            continue
        if node.children and node.notation is not TOKEN:
            continue
        try:
            text = node.content[: 4 * MESSAGE_CHARACTERS].decode()
        except UnicodeDecodeError:
            continue
        for start in range(0, min(len(text), MESSAGE_CHARACTERS), TEXT_CHARACTERS):
            yield node, text[start : start + TEXT_CHARACTERS], hint


def _asked(hint: int, is_prose: bool) -> list[str]:
    """The entities to look for."""
    asked = list(_EVERYWHERE)
    if not (is_prose or hint & CARD):
        asked.remove("CREDIT_CARD")
    if hint & PHONE:
        asked.append("PHONE_NUMBER")
    if hint & (NATIONAL | SSN):
        asked += _NATIONAL.values()
    if hint & IP:
        asked.append("IP_ADDRESS")
    return asked


def _context(hint: int) -> list[str]:
    """Words that lift the score of what they support, as if they stood beside it."""
    words = {PHONE: "phone", CARD: "card", IP: "ip", SSN: "ssn"}
    return [word for bit, word in words.items() if hint & bit]


def _counts(answer: Any, value: str, hint: int) -> bool:
    """Whether an answer is sure enough to be told."""
    kind = answer.entity_type
    if kind == "CREDIT_CARD":
        return checkdigits.card(re.sub(r"\D", "", value))
    if kind == "IP_ADDRESS":
        return _is_public(value)
    if kind == "US_SSN":
        return bool(hint & SSN) and checkdigits.us_ssn(re.sub(r"\D", "", value))
    if kind in ("PHONE_NUMBER", "MAC_ADDRESS"):
        return True  # asked for where a word calls for it; nothing else is written like a MAC
    return bool(answer.score >= 1.0)


def _is_public(value: str) -> bool:
    try:
        return ip_address(value).is_global
    except ValueError:
        return False


def _build() -> Any:
    """The analyzer with the recognizers that are wanted, and nothing that would look something up."""
    import tldextract

    inside = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    tldextract.tldextract.TLD_EXTRACTOR = inside  # what presidio asks; it would fetch the list of suffixes
    import presidio_analyzer.predefined_recognizers as known
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    words = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}])
    words.load()
    recognizers = [getattr(known, name)(supported_language="en") for name in (*_GENERAL, *_NATIONAL)]
    recognizers.append(known.PhoneRecognizer(supported_regions=PHONE_REGIONS))
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=words, supported_languages=["en"])


def _load_model(model: str) -> Any:
    """A spaCy model that is installed or lies in a folder.

    Raises:
        InputError: it is not there, or no model.
    """
    if not (Path(model).is_dir() or util.find_spec(model) is not None):
        raise InputError(f"the model '{model}' is not installed", "install it, or name the folder it lies in")
    import spacy

    try:
        return spacy.load(model, exclude=["parser", "lemmatizer", "attribute_ruler"])
    except (OSError, ValueError, ImportError):
        raise InputError(f"'{model}' is no model that spaCy can load", "install it again") from None
