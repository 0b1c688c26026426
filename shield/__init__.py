"""Shield: a local proxy between a person and the companies that collect what people do."""

__version__ = "0.1.0"
