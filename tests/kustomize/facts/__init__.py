"""Facts that hold for a rendered cluster: a module for each subject; each fact is a function of assertions."""

from tests.kustomize.facts import (  # noqa: F401 - each adds its own to the table
    backup,
    configuration,
    flows,
    ingress,
    names,
    pod_security,
    programs,
    releases,
    resources,
    scale,
    stores,
    under_load,
)
from tests.kustomize.facts.table import FACTS, fact

__all__ = ["FACTS", "fact"]
