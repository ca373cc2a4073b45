"""Events and their life: which event is which, what became of each, what people decide, how it all stands."""
