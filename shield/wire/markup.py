"""HTML as a tokenizer sees it (WHATWG HTML, section 13.2.5): start tags, text of elements that hold no markup.

Every byte string has one reading here, and it is the browser's, so that nothing hides: a ``>`` in a quoted value ends
no tag, a quote counts only behind an equals sign, ``<`` before anything but a letter is text, comments end at ``-->``
and at ``--!>``, script ends at ``</script`` unless a comment in it holds ``<script``. No tree is built: an element in
foreign content (SVG, MathML) is read as in HTML, and ``noscript`` as markup, for the reader may be without scripts.

Everything is matched possessively: each byte is looked at a fixed number of times.
"""

from __future__ import annotations

import re
from typing import Final

_WS: Final = rb"[\t\n\f\r ]"
_BETWEEN: Final = rb"[\t\n\f\r /]*+"
_NAME: Final = rb"(?:=[^\t\n\f\r />=]*+|[^\t\n\f\r />=]++)"
_VALUE: Final = rb"""(?:"[^"]*+"|'[^']*+'|[^\t\n\f\r >"'][^\t\n\f\r >]*+)"""
_ASSIGNED: Final = rb"(?:" + _WS + rb"*+=" + _WS + rb"*+(?:" + _VALUE + rb"|(?=>))|(?!" + _WS + rb"*+=))"
"""A quote that is never closed makes the whole tag no match: the tokenizer would read on to the end of the page."""
_ATTRIBUTES: Final = rb"(?:" + _BETWEEN + _NAME + _ASSIGNED + rb")*+"
_TAG_NAME: Final = rb"[A-Za-z][^\t\n\f\r />]*+"

RAW_TEXT: Final = frozenset({b"style", b"xmp", b"iframe", b"noembed", b"noframes", b"textarea", b"title", b"plaintext"})
"""Elements whose text holds no tags but their own end (section 13.2.6.4); script has rules of its own."""
TELLING: Final = (
    rb"href|ping|action|formaction|src|srcset|srcdoc|imagesrcset|data|poster|cite|background|longdesc|manifest"
    rb"|attributionsrc|xlink:href"
)
"""Attributes that hold addresses (or, srcdoc, a page)."""
DATA: Final = rb"data-[^\t\n\f\r />=]*+" + _WS + rb"*+=" + _WS + rb"*+[\"']?" + _WS + rb"*+(?:(?i:https?:)?/[/u]|[{\[])"
"""Attributes of scripts that hold an address or JSON."""

ATTRIBUTE: Final = re.compile(
    _BETWEEN + rb"(" + _NAME + rb")"
    + rb"(?:" + _WS + rb"*+=" + _WS + rb"*+(?:(" + _VALUE + rb")|(?=>|\Z))|(?!" + _WS + rb"*+=))"
)  # fmt: skip
"""One attribute with what stands before it: name, value with its quotes."""
TAG: Final = re.compile(rb"<(" + _TAG_NAME + rb")(" + _ATTRIBUTES + rb")[\t\n\f\r /]*+>")
"""A complete start tag: name, attributes."""
REST_OF_TAG: Final = re.compile(rb"(" + _ATTRIBUTES + rb")[\t\n\f\r /]*+>")
CUT_TAG: Final = re.compile(
    rb"(?:<(" + _TAG_NAME + rb"))?+(" + _ATTRIBUTES + rb")" + _BETWEEN
    + rb"(?:" + _NAME + rb"(?:" + _WS + rb"*+=" + _WS + rb"*+)?+([\"'])?+)?+"
)  # fmt: skip
"""The beginning of a tag up to a value that does not end, and its quote."""
PLAIN: Final = re.compile(
    rb"(?:[^<]++|<(?![A-Za-z/!?]|\Z)"
    + rb"|<(?!(?i:script|input|meta|base|" + b"|".join(sorted(RAW_TEXT)) + rb"))/?" + _TAG_NAME
    + rb"(?:" + _BETWEEN + rb"(?!(?i:" + TELLING + rb")[\t\n\f\r =/>]|(?i:" + DATA + rb"))"
    + _NAME + _ASSIGNED + rb")*+[\t\n\f\r /]*+>)*+"
)  # fmt: skip
"""Text, end tags, and start tags in which nothing tells anything."""
COMMENT: Final = re.compile(rb"<!--(?:-?>)?+")
COMMENT_END: Final = re.compile(rb"--!?>")
_SCRIPT_EVENT: Final = re.compile(rb"<!--(?:-?>)?+|-->|<(/?)(?i:script)(?=[\t\n\f\r />])")


def end_of_text(element: bytes) -> re.Pattern[bytes]:
    """Finds the end tag of an element without markup; a plaintext element has none."""
    return _ENDS[element]


_ENDS: Final = {
    name: re.compile(rb"(?!)" if name == b"plaintext" else rb"</(?i:" + name + rb")(?=[\t\n\f\r />])")
    for name in RAW_TEXT
}


class ScriptEnd:
    """Looks for the end of a script, in pieces (sections 13.2.5.15 to 13.2.5.31).

    Attributes:
        at: offset up to which the text was looked at.
    """

    __slots__ = ("_depth", "at")

    def __init__(self, at: int) -> None:
        self.at = at
        self._depth = 0  # 1: in a comment, 2: in a script element in a comment

    def find(self, data: bytes, is_last: bool) -> int | None:
        """Where the end tag begins."""
        for event in _SCRIPT_EVENT.finditer(data, self.at):
            if event.end() == len(data) and not is_last:  # "<!--" that may be "<!-->"
                break
            self.at = event.end()
            found = event[0]
            if found.startswith(b"<!--"):
                self._depth = 0 if found.endswith(b">") else max(self._depth, 1)
            elif found == b"-->":
                self._depth = 0
            elif event[1]:
                if self._depth < 2:
                    return event.start()
                self._depth = 1
            elif self._depth == 1:
                self._depth = 2
        self.at = max(self.at, len(data) - _LONGEST_EVENT)
        return None


_LONGEST_EVENT: Final = len(b"</script")
