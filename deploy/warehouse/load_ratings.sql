-- Loads objects of JSON lines into omni_ratings. The same objects again change nothing.
--   psql -v objects=s3://acme-warehouse/omni-channel/feedback/year=2026/month=11/ \
--        -v role=arn:aws:iam::123456789012:role/redshift-load -f load_ratings.sql

DROP TABLE IF EXISTS omni_ratings_staging;
CREATE TEMP TABLE omni_ratings_staging (LIKE omni_ratings);

COPY omni_ratings_staging FROM :'objects' IAM_ROLE :'role' FORMAT JSON 'auto'
TIMEFORMAT 'auto' DATEFORMAT 'auto' TRUNCATECOLUMNS;

BEGIN;

DELETE FROM omni_ratings
USING omni_ratings_staging
WHERE omni_ratings.rating_id = omni_ratings_staging.rating_id;

INSERT INTO omni_ratings (
    rating_id, target, request_id, unique_process_id, contact_id, account_number, feedback, reason, comment, rater,
    rated_at
)
SELECT
    rating_id, target, request_id, unique_process_id, contact_id, account_number, feedback, reason, comment, rater,
    rated_at
FROM (
    SELECT
        omni_ratings_staging.*,
        ROW_NUMBER() OVER (PARTITION BY rating_id ORDER BY rated_at DESC) AS copy_number
    FROM omni_ratings_staging
) AS numbered
WHERE copy_number = 1;

COMMIT;

DROP TABLE omni_ratings_staging;
