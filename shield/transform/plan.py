"""Decisions become edits. Everything is stated on the original; ``edits.rebuild`` closes the layers again.

Decisions come inner before outer (``policy.spans``). What was edited inside a field is what a ``generalize`` of the
whole field makes coarser. Whatever cannot be exchanged or made coarser is stripped, never passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from shield.address import show_address
from shield.context import Context
from shield.edits import Edits, rebuild, splice
from shield.errors import ShieldError, TwinError, Unwritable
from shield.finding import Addition, Book, Decision, Finding, Issued
from shield.opened import Opened
from shield.person import Fact, Person
from shield.transform import pseudonym
from shield.transform.exchange import Splice, exchanged, run_around
from shield.transform.generalize import generalized
from shield.transform.partition import marked, unmarked
from shield.tree import SEALED, Node
from shield.vocabulary import PERSONA_CATEGORIES


class Change(NamedTuple):
    """What was done to one field, for people and the ledger.

    Attributes:
        did: ``edited``, ``removed`` or ``added``.
        rule: id of the rule that did it, or the name of the share table's cell.
        where: file and line of that rule or cell.
    """

    at: str
    did: str
    rule: str | None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, and what the caller has to store first.

    Attributes:
        needs: scopes whose persona has to be made; if there are any, nothing else is stated.
    """

    edits: Edits = field(default_factory=Edits)
    issued: tuple[Issued, ...] = ()
    needs: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


def plan(
    decisions: Iterable[Decision],
    additions: Iterable[Addition],
    *,
    person: Person,
    context: Context,
    book: Book,
    opened: Opened,
) -> Plan:
    """Turn decisions into edits of *opened*.

    Raises:
        TwinError: a pseudonym is needed and the twin is locked.
        Unwritable: a fact stands where nothing can be cut out.
    """
    work = _Work(person, context, book)
    for decision in decisions:
        work.do(decision)
    if work.needs:
        return Plan(needs=tuple(work.needs))
    work.settle()
    for addition in additions:
        work.add(addition, opened)
    return Plan(work.edits, tuple(work.issued), (), tuple(work.changes))


class _Work:
    """One message being planned."""

    __slots__ = ("_book", "_context", "_person", "_spans", "changes", "edits", "issued", "needs")

    def __init__(self, person: Person, context: Context, book: Book) -> None:
        self._person = person
        self._context = context
        self._book = book
        self._spans: dict[Node, list[Splice]] = {}
        self.edits = Edits()
        self.issued: dict[Issued, None] = {}
        self.needs: dict[str, None] = {}
        self.changes: dict[Change, None] = {}

    def do(self, decision: Decision) -> None:
        """Carry out one decision. What a signature holds together goes as a whole: nobody here has the key."""
        sealed = _seal_around(decision.finding.node) if decision.action != "allow" else None
        if sealed is not None:
            self._remove(sealed, decision)
            return
        match decision.action:
            case "allow":
                return
            case "strip":
                self._strip(decision)
            case "partition":
                self._partition(decision)
            case "generalize":
                self._generalize(decision)
            case "pseudonymize":
                self._pseudonymize(decision)
            case action:
                raise ShieldError(f"'{action}' at {decision.finding.at} is no edit", "report this")

    def settle(self) -> None:
        """Put the spans of each field together; what goes as a whole needs none."""
        for node, spans in self._spans.items():
            self.edits.content[node] = splice(node.content, _united(spans))

    def add(self, addition: Addition, opened: Opened) -> None:
        """A constant, unless the address is there already."""
        address = addition.address.literal
        if address is None:
            raise Unwritable(f"'{addition.address.text}' is no single place to add to", "name the place without '*'")
        if any(node not in self.edits.removed for node in opened.at(address)):
            return
        self.edits.created.append((address, addition.value.encode()))
        self.changes[Change(show_address(address), "added", addition.because.rule, addition.because.where)] = None

    # --- strip ---------------------------------------------------------------------------------------

    def _strip(self, decision: Decision) -> None:
        finding = decision.finding
        if finding.in_name:
            for node in _carriers(finding):
                self._remove(node, decision)
        elif finding.is_whole:
            self._remove(finding.node, decision)
        else:
            start, end = run_around(finding)
            self._put(finding.node, Splice(start, end, b""), decision)

    def _remove(self, node: Node, decision: Decision) -> None:
        self.edits.removed.add(node)
        self._spans.pop(node, None)
        self.edits.content.pop(node, None)
        self._note(decision, "removed")

    # --- partition -----------------------------------------------------------------------------------

    def _partition(self, decision: Decision) -> None:
        """Mark a cookie that is set; on the way out take the mark off, and drop what never got one."""
        node = decision.finding.node
        worded = (marked if self._context.direction == "response" else unmarked)(node)
        if worded is None:
            self._remove(node, decision)
        else:
            self.edits.reworded[node] = worded
            self._note(decision, "edited")

    # --- generalize ----------------------------------------------------------------------------------

    def _generalize(self, decision: Decision) -> None:
        finding = decision.finding
        if finding.in_name or finding.node in self.edits.removed:
            self._strip(decision)
            return
        content = self._current(finding.node) if finding.is_whole else finding.node.content[finding.start : finding.end]
        coarse = generalized(finding, content, decision.to or "", self._person)
        if coarse is None:
            self._strip(decision)
        elif finding.is_whole:
            self._replace(finding.node, coarse, decision)
        else:
            self._put(finding.node, Splice(finding.start, finding.end, coarse), decision)

    def _current(self, node: Node) -> bytes:
        """The content of a node with what was edited in it so far."""
        inner = Edits()
        for at in node.walk():
            if at in self._spans:
                inner.content[at] = splice(at.content, _united(self._spans[at]))
            elif at in self.edits.content:
                inner.content[at] = self.edits.content[at]
            elif at in self.edits.removed:
                inner.removed.add(at)
        return rebuild(node, inner) if inner else node.content

    def _replace(self, node: Node, content: bytes, decision: Decision) -> None:
        """New content for a node as a whole; what was edited inside is in it already."""
        if content == node.content and node not in self._spans and not node.children:
            return
        self._spans.pop(node, None)
        self.edits.content[node] = content
        self._note(decision, "edited")

    # --- pseudonymize --------------------------------------------------------------------------------

    def _pseudonymize(self, decision: Decision) -> None:
        finding = decision.finding
        if self._person.locked:
            message = f"{finding.category} at {finding.at} not pseudonymized: the twin is locked"
            raise TwinError(message, "start shield in a terminal, or set SHIELD_PASSPHRASE_FILE")
        if finding.in_name:
            self._strip(decision)
        elif finding.likeness is None:
            self._exchange_identifier(decision)
        elif finding.category in PERSONA_CATEGORIES:
            self._exchange_fact(decision)
        else:
            self._exchange_known_identifier(decision)

    def _exchange_fact(self, decision: Decision) -> None:
        finding = decision.finding
        scope = decision.scope or self._context.persona_scope
        persona = self._person.persona(scope)
        value = persona.values.get(finding.likeness.fact_id) if persona and finding.likeness else None
        if value is not None:
            self._put_or_strip(exchanged(finding, value, self._person, self._context.company), decision)
        elif "|" in scope:  # derived, and there is nobody: the site is unknown
            self._strip(decision)
        else:
            self.needs[scope] = None

    def _exchange_known_identifier(self, decision: Decision) -> None:
        """A device's or account's number that the person stated, in whatever disguise it travels."""
        likeness = decision.finding.likeness
        fact = self._person.fact(likeness.fact_id) if likeness else None
        text = fact.value if fact else None
        given = self._given(text.encode(), decision) if text else None
        if fact is None or given is None:
            self._strip(decision)
            return
        made = Fact(fact.id, fact.category, {"value": given.value.decode()})
        spliced = exchanged(decision.finding, made, self._person)
        self._put_or_strip(spliced, decision)
        if spliced is not None and given.issued is not None:
            self._issue(given.issued)
            written = pseudonym.digest_of(self._person.pseudonym_key, spliced.new)
            self._issue(Issued(written, given.issued.scope, given.issued.epoch, given.issued.root))

    def _exchange_identifier(self, decision: Decision) -> None:
        """A value that nobody knows, at a place that a rule names or that a shape gave away."""
        finding = decision.finding
        node = _only_leaf(finding.node) if finding.is_whole else finding.node
        if node is None:
            self._strip(decision)
            return
        content = node.content if finding.is_whole else node.content[finding.start : finding.end]
        if not content:
            return
        given = self._given(content, decision)
        if given is None:
            self._strip(decision)
        elif finding.is_whole:
            self._replace(node, given.value, decision)
        else:
            self._put(node, Splice(finding.start, finding.end, given.value), decision)
        if given is not None and given.issued is not None:
            self._issue(given.issued)

    def _given(self, value: bytes, decision: Decision) -> pseudonym.Given | None:
        scope = pseudonym.Scope.of(decision.scope or self._context.persona_scope, self._person.epochs)
        return pseudonym.give(self._person.pseudonym_key, self._book, scope, value)

    def _issue(self, issued: Issued) -> None:
        self.issued[issued] = None

    # --- shared --------------------------------------------------------------------------------------

    def _put_or_strip(self, spliced: Splice | None, decision: Decision) -> None:
        if spliced is None:
            self._strip(decision)
        else:
            self._put(decision.finding.node, spliced, decision)

    def _put(self, node: Node, new: Splice, decision: Decision) -> None:
        if node.content[new.start : new.end] != new.new:
            self._spans.setdefault(node, []).append(new)
            self._note(decision, "edited")

    def _note(self, decision: Decision, did: str) -> None:
        because = decision.because
        self.changes[Change(decision.finding.at, did, because.rule or because.layer, because.where)] = None


def _united(spans: list[Splice]) -> list[tuple[int, int, bytes]]:
    """The spans of one field in order; those that overlap go together, for no value fits both."""
    out: list[tuple[int, int, bytes]] = []
    for new in sorted(set(spans)):
        if out and new.start < out[-1][1]:
            start, end, _ = out.pop()
            out.append((start, max(end, new.end), b""))
        else:
            out.append((new.start, new.end, new.new))
    return out


def _carriers(finding: Finding) -> tuple[Node, ...]:
    """The nodes that go when a name goes: those whose items the span touches, else the node itself.

    Raises:
        Unwritable: the span lies between the items of a root.
    """
    carriers = finding.carriers
    root = carriers[0]
    if root is finding.node and root.parent is None and not root.address.startswith("header:"):
        raise Unwritable(f"{finding.category} at {finding.at} stands outside of every field", "block the request")
    return carriers


def _seal_around(node: Node) -> Node | None:
    """The outermost signed value that *node* lies in."""
    found: Node | None = None
    above = node.parent
    while above is not None:
        if above.notation is SEALED:
            found = above
        above = above.parent
    return found


def _only_leaf(node: Node) -> Node | None:
    """The leaf that a node with nothing but layers around it holds; None where it holds several."""
    while node.children:
        if len(node.children) != 1 or (node.children[0].start, node.children[0].end) != (0, len(node.content)):
            return None
        node = node.children[0]
    return node
