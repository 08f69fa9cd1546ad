"""The format of dialogues, what people hand in, and the rules that repair it."""
