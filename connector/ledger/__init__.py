"""Events and their life: which event is which, what became of each, and what people decide."""
