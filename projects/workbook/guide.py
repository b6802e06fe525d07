"""The words of the template's guide."""

PARAGRAPHS = (
    "1. Fill in the cells with a border on the sheets Inputs and Capex. Those with a star are needed; they are yellow while they are empty.",
    "2. Percentages are typed as percentages: 5% or 5 in a cell that shows percent. Amounts are in the project's currency, capex lines in the capex currency, without signs or words.",
    "3. Dates are typed as dates, such as 2029-01-01. Choices come from the list in the cell.",
    "4. The sheet Derived works out everything that follows, by the portal's own formulas, as you type. Its cells and the totals of Capex are protected against slips, without a password.",
    "5. Rows may be moved and columns made wider. The hidden first column names each row for the portal: leave it as it is. Sheets that you add are not read.",
    "6. Save as an Excel workbook (.xlsx) and upload it in the portal. It answers with every cell that it could not take and keeps all others.",
)
FIELD_HEADS = ("Field", "Sheet", "Unit", "Allowed", "Needed", "Remarks")
