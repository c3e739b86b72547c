-- The tables of summaries and ratings in Amazon Redshift. Run once; README.md says how.
-- Column names are the names of the JSON lines that OmniCQM stores, so that COPY ... FORMAT JSON 'auto' finds them.
-- VARCHAR counts bytes in Redshift: four for each character that the product allows.

CREATE TABLE IF NOT EXISTS omni_summaries (
    request_id          VARCHAR(30)    NOT NULL,  -- one row for each answer that was given
    unique_process_id   VARCHAR(800)   NOT NULL,
    contact_id          VARCHAR(800)   NOT NULL,
    initial_contact_id  VARCHAR(800),             -- of the first contact, in a transfer
    account_number      VARCHAR(1280)  NOT NULL,
    customer_id         VARCHAR(30),
    client              VARCHAR(100)   NOT NULL,  -- the system that asked
    ivr_intent          VARCHAR(800),
    channel_filter      SUPER,
    max_history_days    INTEGER        NOT NULL,
    max_interactions    INTEGER        NOT NULL,
    summary             VARCHAR(65535),
    date_from           DATE           NOT NULL,
    date_to             DATE           NOT NULL,
    interactions_count  INTEGER        NOT NULL,
    channel_path        VARCHAR(8000)  NOT NULL,  -- the channels of the interactions in order: email > chat > voice
    interactions        SUPER,                    -- empty where source_id names the answer that holds them
    query               SUPER,                    -- what found them
    checks              SUPER,                    -- what the summary was held against
    source_id           VARCHAR(30),              -- the answer whose summary was told again
    cache               VARCHAR(10)    NOT NULL,  -- none, prompt or result
    model_used          VARCHAR(480)   NOT NULL,
    provider            VARCHAR(160),
    prompt_version      VARCHAR(320)   NOT NULL,
    fell_back           BOOLEAN        NOT NULL,  -- another model than the first of the route answered
    latency_ms          INTEGER        NOT NULL,
    model_ms            INTEGER        NOT NULL,
    input_tokens        INTEGER        NOT NULL,
    output_tokens       INTEGER        NOT NULL,
    cache_read_tokens   INTEGER        NOT NULL,
    cache_write_tokens  INTEGER        NOT NULL,
    cost_usd            DECIMAL(14, 8) NOT NULL,
    generated_at        TIMESTAMPTZ    NOT NULL,  -- when the summary was made
    answered_at         TIMESTAMPTZ    NOT NULL,  -- when this request was answered
    PRIMARY KEY (request_id)
)
DISTKEY (request_id)
SORTKEY (answered_at);

CREATE TABLE IF NOT EXISTS omni_ratings (
    rating_id           VARCHAR(30)    NOT NULL,  -- one row for each time somebody rated; who rates again makes another
    target              VARCHAR(10)    NOT NULL,  -- insight or reply
    request_id          VARCHAR(30)    NOT NULL,  -- of the insight, or of the query that was replied to
    unique_process_id   VARCHAR(800),
    contact_id          VARCHAR(800),
    account_number      VARCHAR(1280),
    feedback            VARCHAR(12)    NOT NULL,  -- helpful or not_helpful
    reason              VARCHAR(800),
    comment             VARCHAR(16000),
    rater               VARCHAR(110)   NOT NULL,
    rated_at            TIMESTAMPTZ    NOT NULL,
    PRIMARY KEY (rating_id)
)
DISTKEY (request_id)
SORTKEY (rated_at);
