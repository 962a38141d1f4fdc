"""The archive's tables, as an append-only list of migrations."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

archive_migrations = Migrations("archive")

_FEEDS = """
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    owner TEXT NOT NULL,              -- the workspace that added it; '' for config.toml
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    timezone TEXT NOT NULL,
    hong_kong INTEGER NOT NULL,
    interval_s INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    enrich TEXT NOT NULL,
    added_by TEXT NOT NULL DEFAULT '',
    added_at INTEGER NOT NULL,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    body_hash TEXT NOT NULL DEFAULT '',
    chunks BLOB NOT NULL DEFAULT x'', -- hashes of the entries seen last, after their length
    baseline_at INTEGER,              -- when its first poll was stored
    newest INTEGER,                   -- the latest date among its items
    next_poll INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    last_try INTEGER,
    last_good INTEGER,
    last_new INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    fault TEXT NOT NULL DEFAULT '',
    fault_detail TEXT NOT NULL DEFAULT '',
    noticed INTEGER NOT NULL DEFAULT 0, -- 1 while those who depend on it know that it fails
    noticed_at INTEGER NOT NULL DEFAULT 0,
    moved_to TEXT NOT NULL DEFAULT '', -- where it is asked after so many equal redirects
    moved_times INTEGER NOT NULL DEFAULT 0,
    guids_shared INTEGER NOT NULL DEFAULT 0, -- once seen to repeat its guids
    links_shared INTEGER NOT NULL DEFAULT 0,
    window_items INTEGER NOT NULL DEFAULT 0,
    window_new INTEGER NOT NULL DEFAULT 0,
    turnover_s INTEGER,               -- how long its window lasts, as measured
    overrun_at INTEGER,               -- when its window was last found wholly new
    gap_s INTEGER,                    -- its longest silence lately
    ttl_s INTEGER NOT NULL DEFAULT 0, -- how long it says that it stays as it is
    UNIQUE (url, owner)
)
"""

_ARTICLES = """
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,           -- the order of storing: the log
    sort_key INTEGER NOT NULL UNIQUE, -- the order of showing: date, then id
    feed INTEGER REFERENCES feeds (id),
    owner TEXT NOT NULL,
    canonical TEXT NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    summary TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    published INTEGER NOT NULL,
    date_only INTEGER NOT NULL,
    timezone TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    arrived INTEGER NOT NULL,         -- when it was news: first_seen, or its date if never alerted
    virtual_asset INTEGER NOT NULL,
    hong_kong INTEGER NOT NULL,
    tags TEXT NOT NULL,               -- JSON: pillars, initiatives, evidence
    tagger TEXT NOT NULL,             -- the version of the lexicon that gave them
    story INTEGER NOT NULL,
    alert INTEGER NOT NULL,           -- 1 if channels may be owed it
    seeded INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    corrected_by TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL
)
"""

_OTHERS = (
    "CREATE INDEX feeds_troubled ON feeds (id) WHERE failures > 0 OR noticed = 1 OR fault = 'gone'",
    "CREATE INDEX articles_canonical ON articles (canonical) WHERE canonical <> ''",
    "CREATE INDEX articles_reference ON articles (reference) WHERE reference <> ''",
    "CREATE INDEX articles_story ON articles (story)",
    "CREATE INDEX articles_arrived ON articles (arrived) WHERE virtual_asset = 1 AND seeded = 0",
    "CREATE INDEX articles_seeded ON articles (id) WHERE seeded = 1",
    "CREATE INDEX articles_owned ON articles (id) WHERE owner <> ''",
    """
    CREATE TABLE sightings (          -- an item of a feed, and the article that it is
        feed INTEGER NOT NULL REFERENCES feeds (id),
        key TEXT NOT NULL,
        article INTEGER NOT NULL REFERENCES articles (id),
        first_seen INTEGER NOT NULL,
        PRIMARY KEY (feed, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX sightings_article ON sightings (article)",
    """
    CREATE TABLE topics (             -- which articles are about a topic, newest last
        topic TEXT NOT NULL,
        sort_key INTEGER NOT NULL,
        hong_kong INTEGER NOT NULL,
        article INTEGER NOT NULL REFERENCES articles (id),
        PRIMARY KEY (topic, sort_key)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE corrections (        -- what people said is right; the last one holds
        id INTEGER PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES articles (id),
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        person TEXT NOT NULL,
        at INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE changes (            -- what happened to stored articles: the second log
        id INTEGER PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES articles (id),
        story INTEGER NOT NULL,
        what TEXT NOT NULL,           -- revised, retagged, joined, withdrawn, restored
        at INTEGER NOT NULL
    )
    """,
    # Only the index is kept: what was indexed is made anew from the article's own words.
    "CREATE VIRTUAL TABLE search USING fts5(words, chars, content='', tokenize='porter unicode61')",
)


@archive_migrations()
def create_archive(db: Database) -> None:
    for statement in (_FEEDS, _ARTICLES, *_OTHERS):
        db.conn.execute(statement)


_RETRACTIONS = (
    # `withdrawn` is the source's word; this is a person's, which a person can take back.
    "ALTER TABLE articles ADD COLUMN retracted_by TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE retractions (        -- who withdrew what or took that back, and when
        id INTEGER PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES articles (id),
        undone INTEGER NOT NULL,      -- 1: it stands again
        person TEXT NOT NULL,
        at INTEGER NOT NULL
    )
    """,
)


@archive_migrations()
def keep_retractions(db: Database) -> None:
    for statement in _RETRACTIONS:
        db.conn.execute(statement)
