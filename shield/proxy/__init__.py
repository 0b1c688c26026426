"""The only door to mitmproxy."""
