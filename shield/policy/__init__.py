"""Rules: loading them, and deciding with them."""
