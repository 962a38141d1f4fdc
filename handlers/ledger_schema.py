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
        probe_at INTEGER NOT NULL DEFAULT 0,     -- a paused one is tried again then,
        probes INTEGER NOT NULL DEFAULT 0,       -- so often it was in vain,
        probed_at INTEGER,                       -- and last then
        sent INTEGER NOT NULL DEFAULT 0,         -- messages sent to it so far
        last_sent INTEGER,
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
        kind TEXT NOT NULL,                      -- story, list, summary, notice, paused
        payload TEXT NOT NULL,                   -- JSON: what the kind needs to be drawn
        state TEXT NOT NULL DEFAULT 'queued',    -- queued, sending, unknown, sent, failed, dropped
        plain INTEGER NOT NULL DEFAULT 0,        -- 1: the second try, text and link only
        attempts INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL DEFAULT 0,          -- not before then; 0 for at once
        lease_until INTEGER,                     -- `sending`: whose process is dead by then
        lease_by TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',        -- the platform's id of what was sent
        error TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        sent_at INTEGER,
        wanted INTEGER NOT NULL DEFAULT 0,       -- how often what it shows has changed,
        shown INTEGER NOT NULL DEFAULT 0,        -- and up to which change it was shown
        card_hash TEXT NOT NULL DEFAULT ''       -- of the card as it was last drawn for sending
    )
    """,
    (
        "CREATE INDEX deliveries_open ON deliveries (channel, id)"
        " WHERE state IN ('queued', 'sending', 'unknown')"
    ),
    "CREATE INDEX deliveries_failed ON deliveries (channel, id) WHERE state = 'failed'",
    "CREATE INDEX deliveries_recent ON deliveries (created_at, kind, channel)",
    """
    CREATE TABLE owed (                          -- which delivery carries a story to a channel
        story INTEGER NOT NULL,
        channel INTEGER NOT NULL REFERENCES channels (id),
        delivery INTEGER NOT NULL REFERENCES deliveries (id),
        PRIMARY KEY (story, channel)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX owed_delivery ON owed (delivery)",
    """
    CREATE TABLE lanes (                         -- one for each channel that is owed something
        channel INTEGER PRIMARY KEY REFERENCES channels (id),
        delivery INTEGER NOT NULL,               -- its oldest open delivery
        platform TEXT NOT NULL,
        workspace TEXT NOT NULL,
        ready INTEGER NOT NULL                   -- when that may be claimed: when it is due, when
    )                                            -- its lease runs out, or when to try a paused one
    """,
    "CREATE INDEX lanes_ready ON lanes (platform, ready)",
    "CREATE INDEX lanes_fair ON lanes (platform, workspace, ready, delivery)",
    """
    CREATE TABLE edits (                         -- sent messages that show what is true no more
        delivery INTEGER PRIMARY KEY REFERENCES deliveries (id),
        channel INTEGER NOT NULL,
        platform TEXT NOT NULL,
        workspace TEXT NOT NULL,
        ready INTEGER NOT NULL
    )
    """,
    "CREATE INDEX edits_ready ON edits (platform, ready)",
    "CREATE INDEX edits_fair ON edits (platform, workspace, ready, delivery)",
    """
    CREATE TABLE holds (                         -- what a platform asked not to do for a while
        platform TEXT NOT NULL,
        scope TEXT NOT NULL,                     -- platform, workspace
        workspace TEXT NOT NULL,                 -- '' for the whole platform
        verb TEXT NOT NULL,                      -- send, edit
        until INTEGER NOT NULL,
        strikes INTEGER NOT NULL,                -- how often in a row
        PRIMARY KEY (platform, scope, workspace, verb)
    ) WITHOUT ROWID
    """,
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


@ledger_migrations()
def keep_what_summaries_tell(db: Database) -> None:
    """So that those which tell a story can be edited when it is withdrawn."""
    db.conn.execute(
        """
        CREATE TABLE told (
            story INTEGER NOT NULL,
            delivery INTEGER NOT NULL REFERENCES deliveries (id),
            PRIMARY KEY (story, delivery)
        ) WITHOUT ROWID
        """
    )
