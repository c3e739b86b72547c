"""How many words of what was said were heard wrong; used by the benchmark too."""

WRITTEN = {"four seven one one nine two": "471192"}


def words_of(text: str) -> list[str]:
    for spoken, written in WRITTEN.items():
        text = text.replace(spoken, written)
    return ["mister" if word == "mr" else word for word in text.lower().split()]


def distance(said: list[str], heard: list[str]) -> int:
    """The fewest words to change, add or leave out."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        above, row = row, [number]
        for at, other in enumerate(heard, 1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (word != other)))
    return row[-1]
