"""Why the story could not go on."""


class StoryError(Exception):
    """The message is one plain sentence, with what to do about it."""
