"""The errors that reach a user as a sentence."""


class UserError(Exception):
    """A mistake that its maker can mend.

    The message says what was expected, what was got, where (file, row, column or key) and which
    command mends it. `stages.command.entry.run` prints it without a traceback and exits with 1.
    """


class BatchTooLargeError(UserError):
    """The memory does not suffice for a batch; for a part of it, it may."""


class NoScoreError(UserError):
    """A training that comes to nothing with these params, on whichever machine."""
