-- What analysts and dashboards read. Shares are from 0 to 1, and empty where nothing was rated; times in milliseconds.

-- What somebody said last of something.
CREATE OR REPLACE VIEW omni_ratings_current AS
SELECT rating_id, target, request_id, feedback, reason, comment, rater, rated_at
FROM (
    SELECT
        omni_ratings.*,
        ROW_NUMBER() OVER (PARTITION BY request_id, rater ORDER BY rated_at DESC, rating_id DESC) AS newness
    FROM omni_ratings
) AS numbered
WHERE newness = 1;

-- Answers with history, and how often each was found helpful or not.
CREATE OR REPLACE VIEW omni_summaries_rated AS
SELECT
    s.request_id, s.customer_id, s.contact_id, s.initial_contact_id, s.ivr_intent, s.client, s.channel_path,
    s.interactions_count, s.source_id, s.cache, s.model_used, s.provider, s.prompt_version, s.fell_back, s.latency_ms,
    s.model_ms, s.cost_usd, s.answered_at,
    COALESCE(r.helpful, 0) AS helpful,
    COALESCE(r.not_helpful, 0) AS not_helpful
FROM omni_summaries AS s
LEFT JOIN (
    SELECT
        request_id,
        SUM(CASE WHEN feedback = 'helpful' THEN 1 ELSE 0 END) AS helpful,
        SUM(CASE WHEN feedback = 'not_helpful' THEN 1 ELSE 0 END) AS not_helpful
    FROM omni_ratings_current
    GROUP BY request_id
) AS r ON r.request_id = s.request_id
WHERE s.interactions_count > 0;

CREATE OR REPLACE VIEW omni_effectiveness_by_model AS
SELECT
    model_used, provider,
    COUNT(*) AS summaries,
    SUM(CASE WHEN fell_back THEN 1 ELSE 0 END) AS fell_back,
    SUM(helpful) AS helpful,
    SUM(not_helpful) AS not_helpful,
    CAST(SUM(helpful) AS DECIMAL(18, 4)) / NULLIF(SUM(helpful) + SUM(not_helpful), 0) AS helpful_share,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY latency_ms) AS latency_p50,
    PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY latency_ms) AS latency_p95,
    SUM(cost_usd) AS cost_usd
FROM omni_summaries_rated
GROUP BY model_used, provider;

CREATE OR REPLACE VIEW omni_effectiveness_by_prompt_version AS
SELECT
    prompt_version,
    COUNT(*) AS summaries,
    SUM(helpful) AS helpful,
    SUM(not_helpful) AS not_helpful,
    CAST(SUM(helpful) AS DECIMAL(18, 4)) / NULLIF(SUM(helpful) + SUM(not_helpful), 0) AS helpful_share,
    MIN(answered_at) AS first_at,
    MAX(answered_at) AS last_at
FROM omni_summaries_rated
GROUP BY prompt_version;

-- Whether summaries told again are as welcome as new ones, and what they save.
CREATE OR REPLACE VIEW omni_effectiveness_by_cache AS
SELECT
    cache,
    COUNT(*) AS summaries,
    SUM(helpful) AS helpful,
    SUM(not_helpful) AS not_helpful,
    CAST(SUM(helpful) AS DECIMAL(18, 4)) / NULLIF(SUM(helpful) + SUM(not_helpful), 0) AS helpful_share,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY latency_ms) AS latency_p50,
    PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY latency_ms) AS latency_p95,
    SUM(cost_usd) AS cost_usd
FROM omni_summaries_rated
GROUP BY cache;

CREATE OR REPLACE VIEW omni_effectiveness_by_latency AS
SELECT
    latency_band,
    COUNT(*) AS summaries,
    SUM(helpful) AS helpful,
    SUM(not_helpful) AS not_helpful,
    CAST(SUM(helpful) AS DECIMAL(18, 4)) / NULLIF(SUM(helpful) + SUM(not_helpful), 0) AS helpful_share
FROM (
    SELECT
        omni_summaries_rated.*,
        CASE
            WHEN latency_ms < 500 THEN '1: under 0.5 s'
            WHEN latency_ms < 2000 THEN '2: 0.5 to 2 s'
            WHEN latency_ms < 5000 THEN '3: 2 to 5 s'
            ELSE '4: 5 s and more'
        END AS latency_band
    FROM omni_summaries_rated
) AS banded
GROUP BY latency_band;

-- How fast and how dear, day by day (UTC in Redshift), with answers that found no history.
CREATE OR REPLACE VIEW omni_days AS
SELECT
    DATE_TRUNC('day', answered_at) AS answered_on,
    COUNT(*) AS answers,
    SUM(CASE WHEN interactions_count = 0 THEN 1 ELSE 0 END) AS without_history,
    SUM(CASE WHEN cache = 'result' THEN 1 ELSE 0 END) AS told_again,
    SUM(CASE WHEN fell_back THEN 1 ELSE 0 END) AS fell_back,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY latency_ms) AS latency_p50,
    PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY latency_ms) AS latency_p95,
    PERCENTILE_CONT(0.99) WITHIN GROUP (ORDER BY latency_ms) AS latency_p99,
    SUM(cost_usd) AS cost_usd
FROM omni_summaries
GROUP BY DATE_TRUNC('day', answered_at);

-- Which ways customers take across channels until a person speaks with them.
CREATE OR REPLACE VIEW omni_journeys AS
SELECT
    channel_path,
    COUNT(*) AS contacts,
    COUNT(DISTINCT customer_id) AS customers,
    AVG(CAST(interactions_count AS DECIMAL(18, 4))) AS interactions_mean,
    SUM(helpful) AS helpful,
    SUM(not_helpful) AS not_helpful
FROM omni_summaries_rated
GROUP BY channel_path;

-- A customer's contacts with persons, one after the other: how many came before, when, and about what.
CREATE OR REPLACE VIEW omni_customer_contacts AS
SELECT
    customer_id, contact_id, first_at, ivr_intent, channel_path, answers,
    ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY first_at, contact_id) AS contact_number,
    LAG(first_at) OVER (PARTITION BY customer_id ORDER BY first_at, contact_id) AS previous_at,
    LAG(ivr_intent) OVER (PARTITION BY customer_id ORDER BY first_at, contact_id) AS previous_intent
FROM (
    SELECT
        customer_id, contact_id,
        MIN(answered_at) AS first_at,
        MIN(ivr_intent) AS ivr_intent,
        MAX(channel_path) AS channel_path,
        COUNT(*) AS answers
    FROM omni_summaries
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id, contact_id
) AS contacts;
