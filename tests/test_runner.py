"""`manage.py test` translates Django's arguments to pytest's and passes pytest's own arguments on unchanged."""

import pytest

from tests.runner import pytest_arguments


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ([], []),
        (["tests/test_runner.py", "-k", "words"], ["tests/test_runner.py", "-k", "words"]),
        (["tests.test_runner"], ["tests/test_runner.py"]),
        (["--failfast", "--keepdb", "--noinput"], ["--exitfirst", "--reuse-db"]),
        (["-v", "2", "--verbosity=3", "--parallel", "4", "--parallel=2"], ["-n", "4", "-n", "2"]),
        (["--parallel"], ["-n", "auto"]),
        (["--full", "-x", "--lf"], ["--full", "-x", "--lf"]),
    ],
)
def test_words_of_django_are_translated(given: list[str], understood: list[str]) -> None:
    assert pytest_arguments(given) == understood
