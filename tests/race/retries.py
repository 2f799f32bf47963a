"""Count the retries of `orders.transactions` in the processes of a crowd, by reason."""

from collections import Counter

_counted = Counter[str]()


def start_counting() -> None:
    """Wrap `transactions.is_conflict`, which every retry calls, with a counter; its result is unchanged."""
    from orders import transactions

    judge = transactions.is_conflict

    def judge_and_count(error: Exception) -> bool:
        is_conflict = judge(error)
        if is_conflict:
            _counted[" ".join([type(error).__name__, *map(str, error.args[:1])])] += 1
        return is_conflict

    transactions.is_conflict = judge_and_count


def take() -> Counter[str]:
    """Return the counts since the last call, by reason such as "OperationalError 1213" or "Conflict"."""
    counts = _counted.copy()
    _counted.clear()
    return counts
