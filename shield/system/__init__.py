"""The operating system: what ``shield doctor`` looks at."""
