"""Who looks at a page before it is finished: the local judge, and OpenAI's."""
