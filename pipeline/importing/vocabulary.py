"""What other programs call the columns of sales results, deals, targets and figures: the aliases of fields, the best first.

Labels and API names of Salesforce, HubSpot, Dynamics 365, AdventureWorks, and plain English.
"""

PARTNER = (
    "Partner", "Partner ID", "Partner Account", "Partner Account ID", "PartnerAccountId", "Partner Name", "Partner External ID", "Reseller", "Reseller Key",
    "Reseller Alternate Key", "Reseller ID", "Reseller Name", "Sold To", "Sold-to party", "Bill To", "Dealer", "Channel Partner", "Partner Domain",
)  # fmt: skip
LINE_ID = (
    "Line ID", "Line Item ID", "Line Number", "Line Item", "Line No", "Position", "Item Number", "Sales Order Line Number", "SalesOrderLineNumber",
    "Invoice Line", "OpportunityLineItemId", "lineitemnumber",
)  # fmt: skip
CURRENCY = (
    "Currency",
    "Currency Code",
    "CurrencyIsoCode",
    "Currency ISO Code",
    "transactioncurrencyid",
    "deal_currency_code",
    "Transaction Currency",
)
PRODUCT_LINE = (
    "Product Line", "Product Family", "Family", "Product Category", "Category", "Product", "Product Name", "Product Group", "Product ID", "productid",
    "hs_product_name", "Business Line", "English Product Category Name",
)  # fmt: skip
CUSTOMER = (
    "End Customer", "Customer", "Customer Name", "End User", "Ship To", "End Customer Name", "Ultimate Customer",
)  # fmt: skip
CUSTOMER_ID = (
    "End Customer ID",
    "Customer ID",
    "Customer Number",
    "Customer Key",
    "Customer No",
    "customerid",
    "End User ID",
)
KIND = (
    "Kind",
    "Sale Kind",
    "Revenue Type",
    "Type",
    "Order Type",
    "New or Renewal",
    "dealtype",
    "Deal Type",
    "Opportunity Type",
    "Business Kind",
)
SOURCE = ("Source System", "Data Source", "System")

RESULT: dict[str, tuple[str, ...]] = {
    "partner": (*PARTNER, "Account", "Account ID", "AccountId", "Account Name"),
    "on": (
        "Date", "Order Date", "Invoice Date", "Posting Date", "Booking Date", "Sale Date", "Sales Date", "Transaction Date", "Close Date", "CloseDate",
        "Document Date", "Full Date Alternate Key",
    ),
    "amount": (
        "Amount", "Sales Amount", "Net Amount", "Revenue", "Net Revenue", "Total", "Line Total", "Net Value", "Value", "Extended Amount", "Total Price",
        "TotalPrice", "extendedamount", "totalamount", "Sales", "Bookings",
    ),
    "currency": CURRENCY,
    "product_line": PRODUCT_LINE,
    "customer": CUSTOMER,
    "customer_id": CUSTOMER_ID,
    "kind": KIND,
    "distributor": ("Distributor", "Via Distributor", "Distributor ID", "Distributor Name", "Wholesaler", "Disti"),
    "source": SOURCE,
    "external_id": (
        "External ID", "Sales Order Number", "Order Number", "Order No", "Order ID", "OrderNumber", "Invoice Number", "Invoice No", "Invoice ID", "Transaction ID",
        "Document Number", "Document No", "ERP ID", "Record ID", "ordernumber", "invoicenumber", "Order", "Invoice", "ID", "Key",
    ),
    "line_id": (*LINE_ID, "Product Key"),
}  # fmt: skip

DEAL: dict[str, tuple[str, ...]] = {
    "partner": (*PARTNER, "partner_id", "Primary Partner", "Account.PartnerAccount", "hs_partner"),
    "name": ("Name", "Deal Name", "dealname", "Opportunity Name", "Opportunity", "Deal", "Topic", "Title", "Opportunity.Name"),
    "customer": (*CUSTOMER, "Account Name", "Account.Name", "Account", "Associated Company", "Company", "Potential Customer", "Company Name"),
    "customer_id": (*CUSTOMER_ID, "Account ID", "AccountId", "Associated Company IDs", "parentaccountid", "Company ID"),
    "stage": (
        "Stage", "Stage Name", "StageName", "dealstage", "Deal Stage", "Sales Stage", "stepname", "Pipeline Phase", "Sales Stage ID", "salesstage", "Status",
        "statecode", "statuscode",
    ),
    "amount": (
        "Amount", "Deal Amount", "Deal Value", "Est. Revenue", "Est. Value", "Estimated Revenue", "Estimated Value", "estimatedvalue", "Product Revenue",
        "Revenue", "Value", "Opportunity Amount", "totalamount", "Total Price", "amount_in_home_currency",
    ),
    "probability": ("Probability", "Probability (%)", "closeprobability", "hs_deal_stage_probability", "Deal probability", "Win Probability", "Close Probability"),
    "currency": (*CURRENCY, "Opportunity Currency", "Amount Currency"),
    "expected_close": (
        "Expected Close", "Close Date", "CloseDate", "closedate", "Expected Close Date", "Est. Close Date", "Estimated Close Date", "estimatedclosedate",
        "EstimatedCloseDate", "Forecast Date",
    ),
    "created_on": ("Created on", "Created Date", "CreatedDate", "Create Date", "createdate", "createdon", "Date Created", "Opened on"),
    "registered_on": ("Registered on", "Registration Date", "Deal Registration Date", "Registered"),
    "closed_on": ("Closed on", "Actual Close Date", "actualclosedate", "Closed Date", "Won Date", "hs_closed_won_date"),
    "stage_since": ("In this stage since", "Last Stage Change Date", "LastStageChangeDate", "Stage Changed", "hs_v2_date_entered_current_stage"),
    "led_by": ("Led by", "Lead", "Partner Led", "Partner Driven", "Sourced by", "Deal Origin", "Channel"),
    "kind": KIND,
    "product_line": PRODUCT_LINE,
    "lost_reason": ("Why lost", "Lost Reason", "Loss Reason", "Closed Lost Reason", "closed_lost_reason", "Reason Lost"),
    "source": SOURCE,
    "external_id": (
        "External ID", "Opportunity ID", "OpportunityId", "Deal ID", "hs_object_id", "Record ID", "opportunityid", "Opportunity Number", "Opportunity.Id", "ID", "Key",
    ),
    "line_id": LINE_ID,
    "partner2": ("Second partner", "Second Partner ID", "Co-sell Partner", "Influencing Partner", "Partner 2"),
    "partner2_percent": ("Second partner's share", "Second Partner Share", "Split", "Split %", "Partner 2 Share", "Influence %"),
}  # fmt: skip

MONTHS = (
    ("January", "Jan"), ("February", "Feb"), ("March", "Mar"), ("April", "Apr"), ("May",), ("June", "Jun"), ("July", "Jul"), ("August", "Aug"),
    ("September", "Sep", "Sept"), ("October", "Oct"), ("November", "Nov"), ("December", "Dec"),
)  # fmt: skip

TARGET: dict[str, tuple[str, ...]] = {
    "partner": (*PARTNER, "Account", "Account ID", "AccountId", "Account Name"),
    "metric": ("Metric", "Figure", "Measure", "KPI", "Target Type", "Quota Type"),
    "period": ("Period", "Month", "Quarter", "Date", "Target Month", "Target Period", "Period Start", "StartDate", "Start Date"),
    "year": ("Year", "Calendar Year"),
    "value": ("Target", "Value", "Quota", "Target Value", "QuotaAmount", "Quota Amount", "Sales Amount Quota", "Goal", "Amount", "Plan", "Budget"),
    "currency": CURRENCY,
}  # fmt: skip

METRIC_VALUE: dict[str, tuple[str, ...]] = {
    "partner": (*PARTNER, "Account", "Account ID", "AccountId", "Account Name"),
    "metric": ("Metric", "Figure", "Measure", "KPI", "Code", "Metric Code", "Metric Key"),
    "on": ("Date", "Day", "As of", "Measured on", "Snapshot Date", "Month", "Period"),
    "value": ("Value", "Amount", "Number", "Count", "Result", "Actual"),
    "currency": CURRENCY,
    "source": SOURCE,
}
