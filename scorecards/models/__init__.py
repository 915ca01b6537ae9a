"""Questionnaires, assessments, and what follows from them."""

from scorecards.models.assessment import Answer, AnswerChange, Assessment, AssessmentScore, OfAssessment, open_to
from scorecards.models.program import PerformanceReview, TierAppeal, TierEvaluation, TierOverride
from scorecards.models.questionnaire import PublishedVersionIsFixed, Questionnaire, QuestionnaireVersion
from scorecards.models.standing import Goal, PeerStanding

__all__ = [
    "Answer",
    "AnswerChange",
    "Assessment",
    "AssessmentScore",
    "Goal",
    "OfAssessment",
    "PeerStanding",
    "PerformanceReview",
    "PublishedVersionIsFixed",
    "Questionnaire",
    "QuestionnaireVersion",
    "TierAppeal",
    "TierEvaluation",
    "TierOverride",
    "open_to",
]
