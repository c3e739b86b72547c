"""The story that ``manage.py demo`` tells, played on the running system through its doors for outsiders."""

from omnicqm.demo.story.errors import StoryError
from omnicqm.demo.story.telling import story_tell

__all__ = ["StoryError", "story_tell"]
