"""The twin: facts, personas and keys in one sealed file, and the journal of issued pseudonyms."""
