"""Roles and what each allows. Which partners a user sees is another matter: partners.visibility."""

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Permission(StrEnum):
    # vendor side
    SEE_PARTNERS = "see_partners"
    EDIT_PARTNERS = "edit_partners"
    ASSIGN_PARTNERS = "assign_partners"
    SEE_WORK = "see_work"  # actions, touches, history and internal notes
    IMPORT_DATA = "import_data"
    SEE_SCORECARDS = "see_scorecards"
    RUN_SCORECARDS = "run_scorecards"
    EDIT_QUESTIONNAIRES = "edit_questionnaires"
    SEE_SATISFACTION = "see_satisfaction"  # what each partner says of the vendor and its CAM
    RUN_PROGRAM = "run_program"  # score the vendor's own channel
    REVIEW_CAMS = "review_cams"  # score the CAMs as their manager
    SCORE_OURSELVES = "score_ourselves"  # what the vendor's side scores of itself: the program, a CAM's skills
    SEE_PERFORMANCE = "see_performance"  # results, targets and what is computed from them
    REVIEW_PERFORMANCE = "review_performance"  # go through the performance scorecard with the partner
    EDIT_SALES_DATA = "edit_sales_data"  # results, targets, figures, certifications, by hand
    SEE_DEALS = "see_deals"
    EDIT_DEALS = "edit_deals"
    EDIT_PROGRAM = "edit_program"  # the rules of the tiers
    OVERRIDE_TIERS = "override_tiers"
    DECIDE_APPEALS = "decide_appeals"
    SEE_PLANS = "see_plans"  # business plans, also those that aren't shared yet
    SEE_SHARED_PLANS = "see_shared_plans"  # those in force that were shared with a distributor
    EDIT_PLANS = "edit_plans"  # build a business plan with the partner, sign it for the vendor
    EDIT_BENCHMARKS = "edit_benchmarks"  # what new plans start from
    SEE_LEADS = "see_leads"
    EDIT_LEADS = "edit_leads"  # bring leads in, give them out by hand, work on those the vendor keeps
    EDIT_LEAD_RULES = "edit_lead_rules"  # how leads are given out
    SEE_ACCOUNT_PLANS = "see_account_plans"  # as far as the partner shares them
    EDIT_ACCOUNT_PLANS = "edit_account_plans"  # targets, with the partner
    SEE_REGISTRATIONS = "see_registrations"
    REGISTER_FOR_PARTNERS = "register_for_partners"  # a registration in a partner's name
    DECIDE_REGISTRATIONS = "decide_registrations"
    SEE_MARKETING = "see_marketing"  # marketing plans and what came of them
    EDIT_MARKETING = "edit_marketing"  # build a marketing plan with the partner, close its activities
    VERIFY_MARKETING = "verify_marketing"  # say that the results and costs of a closed activity are right
    EDIT_MARKETING_RULES = "edit_marketing_rules"  # tactics, template plays, the program worksheet
    SEE_MDF = "see_mdf"  # funds, requests and claims
    EDIT_FUNDS = "edit_funds"  # budgets, allocations, transfers, accruals, payments
    DECIDE_MDF = "decide_mdf"  # decide a step of a request or a claim; which step is another matter: mdf.steps
    SEE_QBR = "see_qbr"  # drafts of QBRs, their versions and what was agreed
    EDIT_QBR = "edit_qbr"  # edit, build, hold and share a QBR
    EDIT_QBR_TEMPLATE = "edit_qbr_template"  # what decks look like, and their usual slides
    SEE_ROLLUPS = "see_rollups"
    MANAGE_USERS = "manage_users"
    EDIT_SETTINGS = "edit_settings"
    SEE_AUDIT = "see_audit"
    # partner side
    PORTAL = "portal"
    ANSWER_SCORECARDS = "answer_scorecards"
    PLAN_BUSINESS = "plan_business"  # work on the shared business plan and the objectives, sign for the partner
    SELL = "sell"  # register deals, take leads, plan accounts
    MARKET = "market"  # build marketing plans, request and claim funds
    MANAGE_TEAM = "manage_team"


class Role(StrEnum):
    ADMIN = "admin"
    OPERATIONS = "operations"
    CHIEF = "chief"
    CAM = "cam"
    MARKETING = "marketing"
    DISTRIBUTOR = "distributor"
    PARTNER_EXECUTIVE = "partner_executive"
    PARTNER_MARKETER = "partner_marketer"
    PARTNER_SELLER = "partner_seller"
    PARTNER_CHAMPION = "partner_champion"

    @property
    def label(self) -> "_StrPromise":
        return LABELS[self]

    @property
    def is_partner_side(self) -> bool:
        return self in PARTNER_ROLES

    @property
    def sees_all_partners(self) -> bool:
        return self in (Role.ADMIN, Role.OPERATIONS, Role.CHIEF, Role.MARKETING)


LABELS = {
    Role.ADMIN: _("Vendor admin"),
    Role.OPERATIONS: _("Channel operations"),
    Role.CHIEF: _("Channel chief"),
    Role.CAM: _("Channel account manager"),
    Role.MARKETING: _("Channel marketing manager"),
    Role.DISTRIBUTOR: _("Distributor"),
    Role.PARTNER_EXECUTIVE: _("Partner executive"),
    Role.PARTNER_MARKETER: _("Partner marketer"),
    Role.PARTNER_SELLER: _("Partner seller"),
    Role.PARTNER_CHAMPION: _("Partner champion"),
}

PARTNER_ROLES = frozenset(
    {
        Role.PARTNER_EXECUTIVE,
        Role.PARTNER_MARKETER,
        Role.PARTNER_SELLER,
        Role.PARTNER_CHAMPION,
    }
)

P = Permission
_VENDOR_ALL = frozenset(
    p for p in Permission if p not in (P.PORTAL, P.ANSWER_SCORECARDS, P.PLAN_BUSINESS, P.SELL, P.MARKET, P.MANAGE_TEAM)
)

ROLES: dict[Role, frozenset[Permission]] = {
    # Everything in the tenant.
    Role.ADMIN: _VENDOR_ALL,
    # Imports and syncs data, defines tiers, questionnaires, metrics and policies, and looks after users.
    Role.OPERATIONS: _VENDOR_ALL,
    # Reads everything, in the regions the chief is limited to; approves where a tool asks for it.
    # Hears what partners say of the vendor, scores its program, and the CAMs as their manager.
    Role.CHIEF: frozenset(
        {
            P.SEE_PARTNERS,
            P.SEE_WORK,
            P.SEE_SCORECARDS,
            P.SEE_PERFORMANCE,
            P.SEE_DEALS,
            P.DECIDE_APPEALS,
            P.SEE_PLANS,
            P.SEE_SHARED_PLANS,
            P.SEE_LEADS,
            P.SEE_ACCOUNT_PLANS,
            P.SEE_REGISTRATIONS,
            P.DECIDE_REGISTRATIONS,
            P.SEE_MARKETING,
            P.SEE_MDF,
            P.DECIDE_MDF,
            P.SEE_QBR,
            P.SEE_ROLLUPS,
            P.SEE_AUDIT,
            P.SEE_SATISFACTION,
            P.RUN_PROGRAM,
            P.REVIEW_CAMS,
            P.SCORE_OURSELVES,
        }
    ),
    # Works with the partners assigned as owner or cover, and nobody else's.
    Role.CAM: frozenset(
        {
            P.SEE_PARTNERS,
            P.EDIT_PARTNERS,
            P.SEE_WORK,
            P.SEE_SCORECARDS,
            P.RUN_SCORECARDS,
            P.SEE_PERFORMANCE,
            P.REVIEW_PERFORMANCE,
            P.SEE_DEALS,
            P.EDIT_DEALS,
            P.SEE_PLANS,
            P.SEE_SHARED_PLANS,
            P.EDIT_PLANS,
            P.SEE_LEADS,
            P.SEE_ACCOUNT_PLANS,
            P.EDIT_ACCOUNT_PLANS,
            P.SEE_REGISTRATIONS,
            P.REGISTER_FOR_PARTNERS,
            P.SEE_MARKETING,
            P.EDIT_MARKETING,
            P.VERIFY_MARKETING,
            P.SEE_MDF,
            P.DECIDE_MDF,
            P.SEE_QBR,
            P.EDIT_QBR,
            P.SEE_ROLLUPS,
            P.SCORE_OURSELVES,
        }
    ),
    # Sees the directory of all partners, their marketing plans and MDF, and what becomes of the leads that marketing brings.
    Role.MARKETING: frozenset(
        {
            P.SEE_PARTNERS,
            P.SEE_LEADS,
            P.EDIT_LEADS,
            P.SEE_MARKETING,
            P.EDIT_MARKETING,
            P.VERIFY_MARKETING,
            P.EDIT_MARKETING_RULES,
            P.SEE_MDF,
            P.EDIT_FUNDS,
            P.DECIDE_MDF,
        }
    ),
    # Sees the partners the distributor covers, their deals, registrations and leads.
    Role.DISTRIBUTOR: frozenset({P.SEE_PARTNERS, P.SEE_DEALS, P.SEE_SHARED_PLANS, P.SEE_LEADS, P.SEE_REGISTRATIONS}),
    # How do we stack up, what do we earn, what did we commit to.
    Role.PARTNER_EXECUTIVE: frozenset({P.PORTAL, P.ANSWER_SCORECARDS, P.PLAN_BUSINESS}),
    # Builds marketing plans, requests and claims funds; answers the scorecard when asked.
    Role.PARTNER_MARKETER: frozenset({P.PORTAL, P.ANSWER_SCORECARDS, P.MARKET}),
    # Accepts leads and registers deals; answers the scorecard when asked.
    Role.PARTNER_SELLER: frozenset({P.PORTAL, P.ANSWER_SCORECARDS, P.SELL}),
    # All of that, and looks after the partner's own users.
    Role.PARTNER_CHAMPION: frozenset({P.PORTAL, P.ANSWER_SCORECARDS, P.PLAN_BUSINESS, P.SELL, P.MARKET, P.MANAGE_TEAM}),
}
