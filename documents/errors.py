"""What can go wrong with documents.

DocumentError
    TemplateFault
"""


class DocumentError(Exception):
    """A document cannot be made; the message says why in words for the person who asked."""


class TemplateFault(DocumentError):
    """A template cannot be filled: it is not what it claims, or asks for a field that does not exist."""
