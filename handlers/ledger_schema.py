"""The ledger's tables, as an append-only list of migrations."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

ledger_migrations = Migrations("ledger")

_TABLES = (
    """
    CREATE TABLE channels (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        workspace TEXT NOT NULL,
        channel TEXT NOT NULL,
        name TEXT NOT NULL,
        language TEXT NOT NULL,
        timezone TEXT NOT NULL,
        quiet INTEGER NOT NULL DEFAULT 0,        -- silent where a summary would be empty
        posts TEXT NOT NULL DEFAULT 'story',     -- in a forum: a post a story, or one a day
        state TEXT NOT NULL DEFAULT 'active',    -- active, paused, closed
        paused_why TEXT NOT NULL DEFAULT '',
        paused_at INTEGER,
        hold_until INTEGER NOT NULL DEFAULT 0,   -- the platform asked to wait so long
        greeted INTEGER NOT NULL DEFAULT 0,
        daily_at TEXT NOT NULL DEFAULT '',       -- HH:MM in `timezone`; '' for off
        daily_days TEXT NOT NULL DEFAULT 'everyday',
        daily_due INTEGER,                       -- when the next summary is written
        summary_from INTEGER NOT NULL,           -- where its window begins
        created_at INTEGER NOT NULL,
        UNIQUE (platform, workspace, channel)
    )
    """,
    "CREATE INDEX channels_due ON channels (daily_due) WHERE daily_due IS NOT NULL",
    """
    CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channels (id),
        topic TEXT NOT NULL,                     -- a pillar, an initiative's number, or all
        mode TEXT NOT NULL,                      -- instant, daily, both
        scope TEXT NOT NULL,                     -- hk, all
        sources TEXT NOT NULL,                   -- official, press, any
        with_words TEXT NOT NULL,
        without_words TEXT NOT NULL,
        mention TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (channel, topic)
    )
    """,
    "CREATE INDEX subscriptions_topic ON subscriptions (topic)",
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,                  -- the order of sending within a channel
        key TEXT NOT NULL UNIQUE,                -- names it to the platform, for ever
        channel INTEGER NOT NULL REFERENCES channels (id),
        kind TEXT NOT NULL,                      -- story, list, summary, notice
        payload TEXT NOT NULL,                   -- JSON: what the kind needs to be drawn
        state TEXT NOT NULL DEFAULT 'queued',    -- queued, sending, unknown, sent, failed, dropped
        plain INTEGER NOT NULL DEFAULT 0,        -- 1: the second try, text and link only
        attempts INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL,
        lease_until INTEGER,
        lease_by TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',        -- the platform's id of what was sent
        error TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        sent_at INTEGER,
        wanted INTEGER NOT NULL DEFAULT 0,       -- how often what it shows has changed,
        shown INTEGER NOT NULL DEFAULT 0,        -- and up to which change it was shown
        card_hash TEXT NOT NULL DEFAULT ''
    )
    """,
    (
        "CREATE INDEX deliveries_open ON deliveries (channel, id)"
        " WHERE state IN ('queued', 'sending', 'unknown')"
    ),
    "CREATE INDEX deliveries_due ON deliveries (due, id) WHERE state IN ('queued', 'unknown')",
    "CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'sending'",
    "CREATE INDEX deliveries_edits ON deliveries (due) WHERE state = 'sent' AND wanted > shown",
    "CREATE INDEX deliveries_recent ON deliveries (channel, created_at)",
    """
    CREATE TABLE owed (                          -- which delivery carries a story to a channel
        channel INTEGER NOT NULL REFERENCES channels (id),
        story INTEGER NOT NULL,
        delivery INTEGER NOT NULL REFERENCES deliveries (id),
        PRIMARY KEY (channel, story)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX owed_story ON owed (story)",
    "CREATE INDEX owed_delivery ON owed (delivery)",
    "CREATE TABLE cursors (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        channel INTEGER,
        person TEXT NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL
    )
    """,
    "CREATE TABLE events (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE installations (                 -- a workspace's grant to the bot; secret
        platform TEXT NOT NULL,
        workspace TEXT NOT NULL,
        data TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (platform, workspace)
    ) WITHOUT ROWID
    """,
)


@ledger_migrations()
def create_ledger(db: Database) -> None:
    for statement in _TABLES:
        db.conn.execute(statement)
