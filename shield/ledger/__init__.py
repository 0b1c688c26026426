"""The ledger: what was sent, replaced or withheld, to whom, when, by which rule; never a value."""
