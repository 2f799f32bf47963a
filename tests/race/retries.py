"""How often `orders.transactions` starts a use case again, counted in the processes of a crowd by the reason."""

from collections import Counter

_counted = Counter[str]()


def start_counting() -> None:
    """Listen to the judgement that every retry goes through, and leave it as it is."""
    from orders import transactions

    judge = transactions.is_conflict

    def judge_and_count(error: Exception) -> bool:
        is_conflict = judge(error)
        if is_conflict:
            _counted[" ".join([type(error).__name__, *map(str, error.args[:1])])] += 1
        return is_conflict

    transactions.is_conflict = judge_and_count


def take() -> Counter[str]:
    """Return the counts since the last time, as "OperationalError 1213" or "Conflict"."""
    counts = _counted.copy()
    _counted.clear()
    return counts
