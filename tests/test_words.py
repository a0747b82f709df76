"""The glossary speaks both languages and never guesses."""

import pytest

from planner import words
from planner.errors import ConfigError


def test_a_term_is_said_in_both_languages() -> None:
    assert words.say("phase.sale", "zh") != words.say("phase.sale", "en")


def test_a_missing_term_is_an_error_that_says_what_to_add() -> None:
    with pytest.raises(ConfigError, match=r"lacks the term 'no\.such\.term'; add a row"):
        words.say("no.such.term", "en")


def test_a_missing_fact_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigError, match="needs the fact"):
        words.say("explore.sentence", "en", target=1.0)
