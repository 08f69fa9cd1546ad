"""A search whose trainings take no time: the worker and the owner of it, copied into a clone."""
