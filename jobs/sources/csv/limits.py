"""What a file of users may be. Beyond these it is refused: no export is near them, and a worker must not be."""

# Characters of one record, over all of its lines. A cell of Excel has at most 32,767, and Python's own reader stops at
# cells of 131,072; the longest rows that exports are known to have (members of a group, say) are some 20,000.
RECORD_LIMIT = 500_000
# Get-Mailbox without a selection writes some 300 columns, Outlook's contacts have 92.
COLUMN_LIMIT = 2_000
# Exchange keeps at most 300 addresses for a mailbox, Google 30.
ADDRESS_LIMIT = 500
# How many records are looked at to tell what the columns are, and how much text to tell the separator.
SAMPLE_ROWS = 200
SAMPLE_CHARACTERS = 65_536
NAME_LIMIT = 200
WHAT_LIMIT = 400
# Rows between two reports of progress.
STEP = 1_000
# How much is kept to be shown: rows, columns, values of a column, characters of a value, addresses of a row.
SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_SAMPLES, SHOWN_VALUE, SHOWN_ADDRESSES = 20, 300, 3, 120, 20

# A workbook is a zip file of XML: a few kilobytes can unpack to gigabytes. 100,000 users with six columns are 30 MB of
# XML with 600,000 texts.
WORKBOOK_PARTS = 2_000
UNPACKED_LIMIT = 300_000_000
SHARED_TEXTS = 2_000_000
SHARED_CHARACTERS = 50_000_000
CELL_LIMIT = 10_000_000
