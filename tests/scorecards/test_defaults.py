"""The questionnaires a new vendor starts with."""

from pathlib import Path

import pytest

from scorecards.definition import Kind, Questionnaire, QuestionType, applicable_keys
from scorecards.questionnaire_files import read, write_xlsx, write_yaml

STAGES = ["recruit", "onboard", "activate", "accelerate", "mature", "lapsed"]
SELLING = ["reseller", "msp", "integrator", "isv", "distributor"]
TYPES = [*SELLING, "referral", "agency"]
FOLDER = Path(__file__).parents[2] / "scorecards" / "defaults"
TOPICS = {
    "Fit with brand strategy": [
        "Philosophy",
        "Verticals",
        "Openness",
        "Commitment",
        "Record with complementary brands",
    ],
    "End-customer business profile": [
        "Vertical expertise",
        "Functional expertise",
        "Product portfolio",
        "Services portfolio",
        "Key accounts",
    ],
    "Capabilities": ["Pre-sales", "Technical sales", "Deployment", "Support", "Renewals"],
    "Activation": ["Commitment to plan", "Investment", "Co-sell", "Deal registration", "Deal progression"],
}


def default(name: str) -> Questionnaire:
    return read((FOLDER / f"{name}.yaml").read_bytes(), life_stages=STAGES, partner_types=TYPES)


@pytest.fixture(scope="module")
def capability() -> Questionnaire:
    return default("capability")


@pytest.mark.parametrize("name", ["capability", "recruit", "satisfaction", "program", "cam"])
def test_default_is_valid_and_goes_out_as_it_came_in(name: str) -> None:
    questionnaire = default(name)
    assert questionnaire.kind == Kind(name)
    assert write_yaml(questionnaire) == (FOLDER / f"{name}.yaml").read_text()
    assert read(write_xlsx(questionnaire)) == questionnaire


@pytest.mark.parametrize("name", ["capability", "recruit", "satisfaction", "program", "cam"])
def test_each_question_has_five_described_levels_and_says_what_to_do(name: str) -> None:
    for question in default(name).questions():
        if question.type is QuestionType.TEXT:
            continue
        assert [option.score for option in question.options] == [0, 25, 50, 75, 100], question.key
        assert all(option.description for option in question.options), question.key
        assert question.help, question.key
        assert question.best_practice, question.key
        assert question.action, question.key


def test_no_question_is_asked_in_the_words_of_another(capability: Questionnaire) -> None:
    questions = list(capability.questions())
    for texts in (
        [question.text for question in questions],
        [question.action for question in questions],
        [question.best_practice for question in questions],
    ):
        assert len(set(texts)) == len(texts) >= 40


def test_capability_has_the_agreed_categories_and_topics(capability: Questionnaire) -> None:
    assert {category.name: [topic.name for topic in category.topics] for category in capability.categories} == TOPICS
    for category in capability.categories:
        for topic in category.topics:
            assert len(topic.questions) >= 2, topic.key
            assert 60 <= (topic.target or 0) <= 90, topic.key


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("partner_type", TYPES)
def test_a_call_asks_fifteen_to_twenty_five_questions(capability: Questionnaire, stage: str, partner_type: str) -> None:
    keys = applicable_keys(capability, stage, partner_type)
    assert 15 <= len(keys) <= 25
    asked = {
        topic.key
        for category in capability.categories
        for topic in category.topics
        if any(question.key in keys for question in topic.questions)
    }
    every = {topic.key for category in capability.categories for topic in category.topics}
    # Who passes on business has no portfolio of ours, no delivery and no contracts; a distributor doesn't deploy.
    missing = {
        "distributor": {"deployment"},
        "agency": {"product-portfolio", "technical-sales", "deployment", "support", "renewals"},
        "referral": {
            "product-portfolio",
            "services-portfolio",
            "technical-sales",
            "deployment",
            "support",
            "renewals",
        },
    }
    assert every - asked == missing.get(partner_type, set())


def test_every_question_is_asked_of_somebody(capability: Questionnaire) -> None:
    asked = set().union(*(applicable_keys(capability, stage, kind) for stage in STAGES for kind in TYPES))
    assert asked == {question.key for question in capability.questions()}


def test_recruit_is_for_the_vendor_only_and_short() -> None:
    questionnaire = default("recruit")
    assert 10 <= len(list(questionnaire.questions())) <= 15
    assert not list(questionnaire.questions(internal=False))


def test_satisfaction_is_short_and_asked_of_everybody() -> None:
    questions = list(default("satisfaction").questions())
    assert 8 <= len(questions) <= 10
    assert not any(question.life_stages or question.partner_types for question in questions)
