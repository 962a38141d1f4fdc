"""Know the news and the roadmap: fetch, parse, tag, group, archive. Knows nothing of channels."""
