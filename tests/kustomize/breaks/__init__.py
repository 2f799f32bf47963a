"""Deliberate breaks of the manifests: plausible mistakes, each with the fact that must fail; a module per subject."""

from tests.kustomize.breaks import (
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
    sizes,
    stores,
    under_load,
)
from tests.kustomize.breaks.table import Breaks

_SUBJECTS = (
    names,
    configuration,
    flows,
    ingress,
    programs,
    stores,
    scale,
    resources,
    sizes,
    releases,
    backup,
    pod_security,
    under_load,
)
BREAKS: Breaks = {fact: breaks for subject in _SUBJECTS for fact, breaks in subject.BREAKS.items()}
