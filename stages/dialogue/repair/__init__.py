"""The rules that repair a dialogue, and the ledger of what they changed."""
