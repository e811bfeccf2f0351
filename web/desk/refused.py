"""What the desk says when it does not do what was asked."""


class CommandError(Exception):
    """Raised for what the person who asked can mend; the message is a full sentence."""
