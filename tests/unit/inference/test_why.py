"""Why a field is decided as it is: what each view contributes, and the sentences about each kind of decision."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from tests.support.deciding import LEXICON_IDS, a_version
from tests.support.tiny_ranker import arrays_of, settings_of

from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import KnownField, MlClassifyRequest
from fieldwise_common.wire_explain import ExplainedDecision, Why
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.explain import explain_decision
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers

