"""The one-page performance scorecard: the same page for both sides, on screen, on paper, as a workbook and as a mail.

`page` says what stands on it, `table` the quarters, `points` what is worth talking about; `digest` is its short form, in mails and
in reviews; `sheets` the workbook. The figures themselves are in `scorecards.performance`.
"""
