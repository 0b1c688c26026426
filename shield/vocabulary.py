"""The closed word lists, and which action fits which category.

The words of the rule files are the words of the code, the ledger and the screens (design, section 1).
"""

from __future__ import annotations

from typing import Final

PURPOSES: Final = (
    "functionality", "login", "checkout", "delivery", "security", "search",
    "personalization", "analytics", "advertising", "telemetry",
)  # fmt: skip
TRACKING_PURPOSES: Final = frozenset({"analytics", "advertising", "telemetry"})
PARTIES: Final = ("first", "third", "unknown")
SITES: Final = ("same", "cross", "none")
DIRECTIONS: Final = ("request", "response")
SCOPES: Final = ("service", "site", "group")
WHOSE: Final = ("me", "persona", "unknown")
TYPES: Final = (
    "document", "frame", "script", "style", "image", "font", "media", "xhr", "beacon",
    "websocket", "eventsource", "manifest", "worker", "object", "report", "other",
)  # fmt: skip
PLACES: Final = (
    "path", "query", "header", "cookie", "form", "json", "multipart", "protobuf", "grpc", "xml", "text", "event",
    "frame", "link",
)  # fmt: skip

CATEGORIES: Final = (
    "name", "username", "email", "phone", "postal_address", "geo", "date_of_birth", "gender", "card",
    "government_id", "health", "account_id", "device_id", "ad_id", "cookie_id", "click_id", "session_id",
    "credential", "ip", "user_agent", "client_hints", "screen", "language", "timezone", "referrer",
    "page_url", "page_title", "search_query", "purchase", "contacts", "message_text", "unknown", "unreadable",
)  # fmt: skip
FACT_CATEGORIES: Final = (
    "name", "username", "email", "phone", "postal_address", "date_of_birth", "gender", "card",
    "government_id", "health", "account_id", "device_id", "ad_id", "geo",
)  # fmt: skip

ACTIONS: Final = (
    "allow", "ask", "block", "generalize", "pseudonymize", "strip", "unwrap", "add", "partition",
)  # fmt: skip

# Between equals the more protective wins; the first is the strongest (design, section 4).
PROTECTIVE_ORDER: Final = ("block", "ask", "strip", "pseudonymize", "generalize", "allow")

LAYERS: Final = ("lifted", "guard", "person", "shipped", "list", "share", "default")

PARTITION_MARK: Final = "~shield"
"""Ends the name of a cookie that was partitioned: a token character (RFC 6265), so prefixes keep their meaning."""

# What the client makes and what has room for another value: a pseudonym fits.
PSEUDONYMIZABLE: Final = frozenset({
    "name", "username", "email", "phone", "postal_address", "date_of_birth", "gender",
    "device_id", "ad_id", "cookie_id", "click_id", "session_id", "unknown",
})  # fmt: skip

# Facts that a persona has a value for; everything else of PSEUDONYMIZABLE is an identifier.
PERSONA_CATEGORIES: Final = frozenset({
    "name", "username", "email", "phone", "postal_address", "date_of_birth", "gender",
})  # fmt: skip

# Never exchanged for an invented value at these purposes: a parcel, an age check or a sign-in depends on it.
NEEDED_TRUE: Final = frozenset({"postal_address", "phone", "date_of_birth"})
NEEDED_TRUE_PURPOSES: Final = frozenset({"delivery", "checkout", "login"})

GENERALIZATIONS: Final[dict[str, tuple[str, ...]]] = {
    "referrer": ("origin", "path"),
    "page_url": ("origin", "path"),
    "geo": ("decimals", "region", "country"),
    "postal_address": ("region", "country"),
    "date_of_birth": ("year", "decade"),
    "user_agent": ("family",),
    "client_hints": ("family",),
    "language": ("first-tag",),
}
"""Which ``to:`` fits which category; ``="constant"`` fits every category that may be generalized."""

DEFAULT_GENERALIZATION: Final[dict[str, str]] = {
    "referrer": "origin",
    "page_url": "origin",
    "geo": "1 decimals",
    "postal_address": "region",
    "date_of_birth": "year",
    "user_agent": "family",
    "client_hints": "family",
    "language": "first-tag",
}
"""What a cell of the share table that says just ``generalize`` means. Rules state ``to:`` themselves."""

UNCHANGEABLE: Final = frozenset({"credential"})
"""Nothing but allow, strip, ask and block: an edited value would be worse than none."""


def fits(action: str, category: str) -> bool:
    """Whether *action* may be stated for *category*; any other pair is an error when rules are loaded."""
    if action == "pseudonymize":
        return category in PSEUDONYMIZABLE
    if action == "generalize":
        return category not in UNCHANGEABLE | {"card", "government_id", "unreadable", "account_id"}
    return action in ACTIONS


def more_protective(one: str, other: str) -> str:
    """Return the stronger of two actions of PROTECTIVE_ORDER."""
    return min(one, other, key=PROTECTIVE_ORDER.index)


# W3C Data Privacy Vocabulary 2.0, extensions PD and DPV: for reports only.
DPV_CATEGORY: Final[dict[str, str]] = {
    "name": "pd:Name", "username": "pd:Username", "email": "pd:EmailAddress", "phone": "pd:TelephoneNumber",
    "postal_address": "pd:PhysicalAddress", "geo": "pd:Location", "date_of_birth": "pd:BirthDate",
    "gender": "pd:Gender", "card": "pd:PaymentCard", "government_id": "pd:OfficialID", "health": "pd:Health",
    "account_id": "pd:AccountIdentifier", "device_id": "pd:DeviceBased", "ad_id": "pd:UID",
    "cookie_id": "pd:UID", "click_id": "pd:UID", "session_id": "pd:UID", "credential": "pd:Password",
    "ip": "pd:IPAddress", "user_agent": "pd:BrowserFingerprint", "client_hints": "pd:BrowserFingerprint",
    "screen": "pd:DeviceBased", "language": "pd:Language", "timezone": "pd:Location",
    "referrer": "pd:BrowsingReferral", "page_url": "pd:BrowsingBehavior", "page_title": "pd:BrowsingBehavior",
    "search_query": "pd:Interest", "purchase": "pd:Purchase", "contacts": "pd:SocialNetwork",
    "message_text": "pd:Communication", "unknown": "dpv:PersonalData", "unreadable": "dpv:Data",
}  # fmt: skip
DPV_PURPOSE: Final[dict[str, str]] = {
    "functionality": "dpv:ServiceProvision", "login": "dpv:IdentityAuthentication",
    "checkout": "dpv:PaymentManagement", "delivery": "dpv:DeliveryOfGoods",
    "security": "dpv:EnforceSecurity", "search": "dpv:SearchFunctionalities",
    "personalization": "dpv:Personalisation", "analytics": "dpv:ServiceUsageAnalytics",
    "advertising": "dpv:Advertising", "telemetry": "dpv:TechnicalServiceProvision",
}  # fmt: skip
