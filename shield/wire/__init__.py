"""Notations: bytes to fields and back, byte for byte. Knows no person and no rule.

``reader`` opens a message into trees, ``writer`` writes it back with edits; one module per notation between.
Reading never raises: what cannot be read is a leaf with ``unreadable`` set, whose bytes are still there to
be searched. Writing raises ``Unwritable`` rather than send something that nobody asked for.
"""
