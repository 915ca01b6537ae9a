"""What other programs call the columns of a company and of a person: the aliases of fields, the best first.

Labels and API names of Salesforce, HubSpot, Dynamics 365, AdventureWorks, and plain English. Spelling
(case, spaces, underscores, camelCase, a custom field's __c) doesn't matter: columns.py evens it out.
"""

COMPANY_NOUNS = (
    "account",
    "company",
    "partner",
    "reseller",
    "customer",
    "organization",
    "organisation",
    "dealer",
    "business",
)
PERSON_NOUNS = ("contact", "person", "lead")

COMPANY: dict[str, tuple[str, ...]] = {
    "external_id": (
        "External ID", "Reseller Alternate Key", "Account ID", "AccountId", "Account Number", "accountnumber",
        "Partner ID", "Company ID", "Record ID", "hs_object_id", "Reseller Key", "Reseller ID", "Partner Number",
        "Partner Code", "Partner Key", "Customer Number", "Customer ID", "Organization ID", "CRM ID", "ERP ID", "ID", "Key",
    ),
    "name": (
        "Account Name", "Account.Name", "Company name", "Partner Name", "Reseller Name", "Name", "Organization Name",
        "Customer Name", "Legal Name", "Account", "Company", "Partner", "Reseller", "Organization",
    ),
    "domain": (
        "Domain", "Web domain", "Company domain name", "hs_domain", "Website", "Website URL", "websiteurl", "Web site", "Web address",
        "URL", "Homepage", "Email domain",
    ),
    "partner_type": ("Partner Type", "Business Type", "Account Type", "Company Type", "customertypecode", "Type", "Reseller Type", "Channel Type"),
    "tier": ("Tier", "Partner Tier", "Program Level", "Partner Level", "Level", "Membership Level", "Partner Status Level", "Program Tier"),
    "stage": ("Life stage", "Lifecycle Stage", "lifecyclestage", "Partner Stage", "Life cycle stage", "Stage"),
    "region": ("Region", "Sales Region", "Sales Territory", "Territory", "territoryid", "Sales Territory Region", "Geo", "Area"),
    "cam": (
        "CAM", "CAM email", "Channel Account Manager", "Channel Manager", "Partner Manager", "Partner Account Manager", "PAM",
        "Owner email", "Account Owner Email", "Account Owner", "Company owner", "hubspot_owner_id", "Owner ID", "OwnerId", "ownerid",
        "Owner", "Owner Name", "Account Manager",
    ),
    "cover": ("Cover", "Cover email", "Backup CAM", "Secondary Owner", "Deputy"),
    "parent": (
        "Parent Partner", "Parent Account ID", "Parent ID", "ParentId", "Parent Account", "Parent Account Name", "Parent.Name", "Parent Company",
        "hs_parent_company_id", "parentaccountid", "Parent", "Headquarters", "Group",
    ),
    "distributor": ("Distributor", "Distributor ID", "Distributor Name", "Via Distributor", "Wholesaler"),
    "signed_on": ("Contract signed on", "Signed on", "Contract date", "Contract signed date", "Agreement date", "Partner since", "Start date", "Contract Start Date"),
    "country": (
        "Country", "Billing Country", "BillingCountryCode", "Billing Country (code)", "Country Region", "Country/Region", "Country Region Code",
        "English Country Region Name", "address1_country", "Address 1: Country/Region", "Address 1 Country", "Country Code", "hs_country_code",
        "Mailing Country", "Shipping Country", "Account Country", "Country Name",
    ),
    "city": ("City", "Billing City", "address1_city", "Address 1: City", "Town", "Mailing City", "Shipping City"),
    "address": (
        "Address", "Address Line 1", "Street Address", "Street", "Billing Street", "Billing Address Line 1", "Billing Address", "address1_line1",
        "Address 1: Street 1", "Address 1", "Mailing Street", "Shipping Street",
    ),
    "address2": ("Address Line 2", "Address 2", "Street Address 2", "Billing Address Line 2", "address1_line2", "Address 1: Street 2", "Street 2"),
    "phone": ("Phone", "Phone Number", "Main Phone", "Telephone", "telephone1", "Business Phone", "Tel"),
    "sales_reps": ("Sales Reps", "Number of Sales Reps", "Sales People", "Salespeople", "Sales Representatives", "Sales Staff"),
    "employees": (
        "Employees", "Number of Employees", "NumberOfEmployees", "Number Employees", "numberofemployees", "No. of Employees", "Employee Count",
        "Headcount", "Staff",
    ),
    "annual_revenue": ("Annual Revenue", "AnnualRevenue", "annualrevenue", "revenue", "Turnover", "Annual Sales", "Yearly Revenue"),
    "annual_revenue_currency": (
        "Annual Revenue Currency", "Annual Revenue (currency)", "Currency", "Account Currency", "CurrencyIsoCode", "Currency ISO Code", "transactioncurrencyid",
        "Revenue Currency", "Currency Code",
    ),
    "year_opened": ("Year Opened", "YearOpened", "Year Founded", "founded_year", "Year Started", "YearStarted", "Founded", "Established"),
    "internal_note": ("Internal note", "Description", "Account Description", "Notes", "Note", "Comments", "Remarks"),
}  # fmt: skip

PERSON: dict[str, tuple[str, ...]] = {
    "external_id": ("Contact ID", "ContactId", "External ID", "Record ID", "hs_object_id", "contactid", "Person ID", "ID", "Key"),
    "partner": (
        "Partner", "Account ID", "AccountId", "Account.Id", "Associated Company IDs", "Partner ID", "Company ID", "Reseller Alternate Key",
        "parentcustomerid", "Reseller Key", "Account Name", "Account.Name", "Partner Name", "Company Name", "Associated Company", "Company",
        "Account", "Reseller Name", "Organization",
    ),
    "name": ("Name", "Full Name", "fullname", "Contact Name", "Contact", "Person"),
    "first_name": ("First Name", "FirstName", "Given Name", "Forename"),
    "last_name": ("Last Name", "LastName", "Surname", "Family Name"),
    "email": ("Email", "E-mail", "Email Address", "emailaddress1", "Work Email", "Business Email", "Contact Email", "Mail"),
    "phone": ("Phone", "Phone Number", "Business Phone", "telephone1", "Work Phone", "Mobile Phone", "Mobile", "mobilephone", "Telephone", "Tel"),
    "title": ("Job Title", "Title", "jobtitle", "Position"),
    "function": ("Function", "Department", "Job Function", "Role", "hs_role", "Area"),
    "is_primary": ("Main contact", "Primary contact", "Is Primary", "IsPrimary", "Primary", "hs_is_primary"),
}  # fmt: skip

CERTIFICATION: dict[str, tuple[str, ...]] = {
    "partner": (*PERSON["partner"], "Reseller"),
    "contact": (
        "Person", "Name", "Full Name", "Contact Name", "Contact", "Learner", "Learner Name", "Employee", "Holder", "Candidate", "Student", "Attendee",
        "Participant", "Certified Person",
    ),
    "email": ("Email", "E-mail", "Email Address", "Learner Email", "Contact Email", "User Email", "Person Email", "emailaddress1"),
    "certificate": (
        "Certificate", "Certification", "Certification Name", "Certificate Name", "Exam", "Exam Name", "Course", "Course Name", "Badge", "Accreditation",
        "Credential",
    ),
    "level": ("Level", "Certification Level", "Grade"),
    "earned_on": (
        "Earned on", "Earned", "Issue Date", "Issued on", "Date Issued", "Certified on", "Certification Date", "Completion Date", "Completed on", "Date Earned",
        "Award Date", "Passed on", "Date",
    ),
    "expires_on": ("Expires on", "Expires", "Expiry", "Expiry Date", "Expiration Date", "Expiration", "Valid until", "Valid to", "Valid Through"),
    "external_id": ("External ID", "Certification ID", "Certificate ID", "Certificate Number", "Credential ID", "Record ID", "ID", "Key"),
    "source": ("Source System", "Data Source", "System"),
}  # fmt: skip

TASK_DONE: dict[str, tuple[str, ...]] = {
    "partner": (*PERSON["partner"], "Reseller"),
    "task": ("Task", "Task Name", "Requirement", "Required Task", "Item"),
    "on": ("Done on", "Completed on", "Completion Date", "Completed", "Date", "Done"),
    "who": ("Done by", "Completed by", "By", "Person", "Contact", "Name"),
    "note": ("Note", "Notes", "Comment", "Comments", "Remarks"),
}  # fmt: skip
