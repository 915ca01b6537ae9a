"""Which submitted assessments may still count in a roll-up of today or later: the vendor's side reads these alone.

Of a partner and questionnaire that is the newest one, and the newest agreed one: any other is older than one of equal or
better standing, so in every window that holds it, that one is there too. Those the vendor may not see yet don't contend.
"""

from django.db import connection

# The newest first; among equals the last one made, as everywhere.
MARK = """
    WITH placed AS (
        SELECT id, status,
            row_number() OVER (PARTITION BY partner_id, questionnaire_id ORDER BY finished_at DESC, id DESC) AS place,
            row_number() OVER (PARTITION BY partner_id, questionnaire_id, status ORDER BY finished_at DESC, id DESC) AS own_place
        FROM scorecards_assessment
        WHERE status IN ('submitted', 'agreed') AND (mode <> 'self' OR revealed) AND partner_id IS NOT NULL {which}),
    wanted AS (
        SELECT a.id, coalesce(p.place = 1 OR (p.status = 'agreed' AND p.own_place = 1), false) AS contends
        FROM scorecards_assessment a LEFT JOIN placed p ON p.id = a.id
        WHERE true {which}),
    changed AS (
        UPDATE scorecards_assessment a SET contends = wanted.contends
        FROM wanted WHERE wanted.id = a.id AND a.contends <> wanted.contends)
    UPDATE scorecards_assessmentscore s SET contends = wanted.contends
    FROM wanted WHERE wanted.id = s.assessment_id AND s.contends <> wanted.contends"""


def mark(partner_id: int, questionnaire_id: int) -> None:
    """Marks the contenders of one partner and questionnaire. Call after whatever changes status, finish or who may see one."""
    with connection.cursor() as cursor:
        cursor.execute(
            MARK.format(which="AND partner_id = %(partner)s AND questionnaire_id = %(questionnaire)s"),
            {"partner": partner_id, "questionnaire": questionnaire_id},
        )


def mark_all() -> None:
    """Marks those of all partners, after assessments were written in bulk."""
    with connection.cursor() as cursor:
        cursor.execute(MARK.format(which=""))
