"""Know the news and the roadmap: fetch, parse, tag, group and archive. Knows nothing of channels."""
