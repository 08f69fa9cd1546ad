"""The demo's page: pure functions from what models wrote to the HTML that shows it."""
