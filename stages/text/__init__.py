"""Dialogues: the record, the files they come in, and the rules that repair them."""
