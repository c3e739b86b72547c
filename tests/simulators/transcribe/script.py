"""What is "heard": words with their confidence, in the shapes of both services."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """`words` are (text, confidence); a text of ``,.?!`` is a mark without confidence."""

    words: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, text: str, confidence: float = 0.99, **doubtful: float) -> "Said":
        """``Said.of("what does it cost", cost=0.3)``."""
        return cls(tuple((word, doubtful.get(word, confidence)) for word in text.split()))

    @property
    def text(self) -> str:
        return "".join(text if text in ",.?!" else f" {text}" for text, _ in self.words).strip()

    def result(self, number: int, *, until: int | None = None, partial: bool = False) -> dict[str, Any]:
        """A result of a stream, of the first `until` words."""
        said = Said(self.words[:until])
        items = [said._live_item(at) for at in range(len(said.words))]
        return {
            "ResultId": f"result-{number}",
            "StartTime": 0.0,
            "EndTime": float(len(items)),
            "IsPartial": partial,
            "Alternatives": [{"Transcript": said.text, "Items": items}],
        }

    def file(self, job: str) -> dict[str, Any]:
        """What a job writes; its numbers are texts."""
        return {
            "jobName": job,
            "accountId": "123456789012",
            "status": "COMPLETED",
            "results": {
                "transcripts": [{"transcript": self.text}],
                "items": [self._batch_item(at) for at in range(len(self.words))],
            },
        }

    def _live_item(self, at: int) -> dict[str, Any]:
        text, confidence = self.words[at]
        item = {"Content": text, "StartTime": float(at), "EndTime": at + 0.8}
        if text in ",.?!":
            return {**item, "Type": "punctuation", "Confidence": 0.0}
        return {**item, "Type": "pronunciation", "Confidence": confidence, "VocabularyFilterMatch": False}

    def _batch_item(self, at: int) -> dict[str, Any]:
        text, confidence = self.words[at]
        if text in ",.?!":
            return {"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": text}]}
        times = {"start_time": f"{at}.0", "end_time": f"{at}.8"}
        return {"type": "pronunciation", "alternatives": [{"confidence": str(confidence), "content": text}], **times}
