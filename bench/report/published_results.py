"""Results of other load reports on the same kind of shop, on unknown hardware: for orientation, not for a verdict."""

from dataclasses import dataclass

TITLE = "Reported elsewhere (hardware unknown)"


@dataclass(frozen=True)
class Reported:
    mean_ms: float
    p99_ms: float
    errors_percent: float
    throughput: float
    besides: str = ""


# Key: a word that occurs in the name of only one of our stages.
BY_WORD = {
    "one machine": Reported(582, 907, 0, 2897, "By Little's law taken at about 1,690 concurrent requests."),
    "apart": Reported(485, 795, 0, 3288, "By Little's law taken at about 1,595 concurrent requests."),
    "two": Reported(
        159, 1487, 0.02, 5625, "85.5 % of twice one. By Little's law taken at about 890 concurrent requests."
    ),
}
ELASTIC = f"{TITLE}: no figure given."


def reported(stage: str) -> Reported | None:
    return next((found for word, found in BY_WORD.items() if word in stage.lower()), None)
