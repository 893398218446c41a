"""Who plans and answers in words, and the HTTP that all providers are asked by."""
