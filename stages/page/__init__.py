"""The report as one HTML page: pure functions from what the stages wrote to the page's text."""
