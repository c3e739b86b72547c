-- Loads objects of JSON lines into omni_summaries. The same objects again change nothing.
--   psql -v objects=s3://acme-warehouse/omni-channel/processed/year=2026/month=11/ \
--        -v role=arn:aws:iam::123456789012:role/redshift-load -f load_summaries.sql

DROP TABLE IF EXISTS omni_summaries_staging;
CREATE TEMP TABLE omni_summaries_staging (LIKE omni_summaries);

COPY omni_summaries_staging FROM :'objects' IAM_ROLE :'role' FORMAT JSON 'auto'
TIMEFORMAT 'auto' DATEFORMAT 'auto' TRUNCATECOLUMNS;

BEGIN;

DELETE FROM omni_summaries
USING omni_summaries_staging
WHERE omni_summaries.request_id = omni_summaries_staging.request_id;

INSERT INTO omni_summaries (
    request_id, unique_process_id, contact_id, initial_contact_id, account_number, customer_id, client, ivr_intent,
    channel_filter, max_history_days, max_interactions, summary, date_from, date_to, interactions_count, channel_path,
    interactions, query, checks, source_id, cache, model_used, provider, prompt_version, fell_back, latency_ms,
    model_ms, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, generated_at, answered_at
)
SELECT
    request_id, unique_process_id, contact_id, initial_contact_id, account_number, customer_id, client, ivr_intent,
    channel_filter, max_history_days, max_interactions, summary, date_from, date_to, interactions_count, channel_path,
    interactions, query, checks, source_id, cache, model_used, provider, prompt_version, fell_back, latency_ms,
    model_ms, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, generated_at, answered_at
FROM (
    SELECT
        omni_summaries_staging.*,
        ROW_NUMBER() OVER (PARTITION BY request_id ORDER BY answered_at DESC) AS copy_number
    FROM omni_summaries_staging
) AS numbered
WHERE copy_number = 1;

COMMIT;

DROP TABLE omni_summaries_staging;
