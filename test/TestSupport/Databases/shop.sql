-- One of everything that a dump has to carry.
CREATE SCHEMA shop AUTHORIZATION app_owner;
CREATE SCHEMA "Ünïcode 模式";
GRANT USAGE ON SCHEMA shop TO app_reader;
SET search_path = shop, public;

CREATE TYPE order_state AS ENUM ('new', 'paid', 'sent', 'lost in the post');
CREATE DOMAIN positive_amount AS numeric(12, 2) CHECK (VALUE > 0);
CREATE TYPE address AS (street text, city text);

CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    mail text UNIQUE,
    home address,
    tags text[] NOT NULL DEFAULT '{}',
    scores int[][],
    profile jsonb NOT NULL DEFAULT '{}',
    photo bytea,
    joined timestamptz NOT NULL,
    name_length int GENERATED ALWAYS AS (length(name)) STORED
);
INSERT INTO customer (name, mail, home, tags, scores, profile, photo, joined)
SELECT (ARRAY['Ada Ångström', 'Иван Петров', '王小明', 'علي حسن', 'Zoë "Z" O''Neil', E'tab\there\\back'])[1 + i % 6] || ' ' || i,
       'customer-' || i || '@example.com',
       ROW('Road ' || i % 97, (ARRAY['Köln', '東京', 'São Paulo'])[1 + i % 3])::address,
       ARRAY['tag' || i % 7, NULL, 'with "quotes", commas'],
       ARRAY[[i, i + 1], [i + 2, NULL]],
       jsonb_build_object('n', i, 'nested', jsonb_build_object('text', repeat(md5(i::text), 6), 'list', jsonb_build_array(i, NULL, 'x')), 'ratio', i / 7.0),
       decode(md5(i::text) || md5((i * 31)::text) || md5((i * 37)::text), 'hex'),
       timestamptz '2020-01-01 00:00:00+00' + i * interval '13 minutes 7.123456 seconds'
FROM generate_series(1, :customers) AS i;

CREATE TABLE purchase (
    id bigserial,
    customer_id bigint NOT NULL REFERENCES customer,
    state order_state NOT NULL,
    amount positive_amount,
    at timestamptz NOT NULL,
    note text,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE purchase_2023 PARTITION OF purchase FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE purchase_2024 PARTITION OF purchase FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE purchase_rest PARTITION OF purchase DEFAULT;
INSERT INTO purchase (customer_id, state, amount, at, note)
SELECT 1 + i % :customers,
       (enum_range(NULL::order_state))[1 + i % 4],
       1 + (i % 9973) / 7.0,
       timestamptz '2023-01-01 00:00:00+00' + i * interval '41 minutes',
       CASE WHEN i % 5 = 0 THEN NULL ELSE 'note ' || md5(i::text) || E'\nsecond line\\.' END
FROM generate_series(1, :purchases) AS i;
CREATE INDEX purchase_by_customer ON purchase (customer_id, at DESC) WHERE state <> 'lost in the post';
CREATE INDEX customer_profile ON customer USING gin (profile);

CREATE TABLE blob_store (id int PRIMARY KEY, payload bytea NOT NULL);
INSERT INTO blob_store
SELECT i, (SELECT decode(string_agg(md5(i::text || '-' || j::text), ''), 'hex') FROM generate_series(1, 4096) AS j)
FROM generate_series(1, :blobs) AS i;

CREATE TABLE "Ünïcode 模式"."таблица ""с кавычками""" ("kolonne æ" text, "列" int, "select" boolean);
INSERT INTO "Ünïcode 模式"."таблица ""с кавычками""" VALUES ('æøå', 1, true), (NULL, 2, false), (E'\t\n\\N', 3, NULL);

CREATE TABLE special (f double precision, n numeric, i interval, r tstzrange, u uuid, x xml, m money, b bit(5), net inet);
INSERT INTO special VALUES
  ('NaN', 'NaN', '1 year 2 mons 3 days 04:05:06.789', '[2024-01-01,2024-02-01)', '6d1c6b4e-6c3f-4b57-9b3f-0d6e9e6f1c11', '<a b="c">d</a>', 12.34, B'10101', '10.0.0.0/8'),
  ('-Infinity', 1e-30, '-00:00:01', 'empty', NULL, NULL, NULL, NULL, '::1');

CREATE SEQUENCE ticket START 1000 INCREMENT 7 OWNED BY NONE;
SELECT nextval('ticket'), nextval('ticket');

CREATE VIEW big_spenders AS
SELECT c.id, c.name, sum(p.amount) AS total FROM customer c JOIN purchase p ON p.customer_id = c.id GROUP BY c.id, c.name;
CREATE MATERIALIZED VIEW spend_by_state AS SELECT state, count(*) AS n, sum(amount) AS total FROM purchase GROUP BY state;

CREATE FUNCTION loudly(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(t) || '!' $$;
CREATE TABLE audit (at timestamptz NOT NULL, who text NOT NULL, what text);
CREATE FUNCTION audit_customer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = shop AS $body$
BEGIN
    INSERT INTO audit VALUES (timestamptz '2024-05-05 05:05:05+00', NEW.name, $q$it's '' quoted$q$);
    RETURN NEW;
END
$body$;
CREATE TRIGGER audit_on_update AFTER UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION audit_customer();
UPDATE customer SET tags = tags || 'touched'::text WHERE id <= 25;

ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON customer FOR SELECT TO app_reader USING (id % 2 = 0);
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO app_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO app_reader;
COMMENT ON TABLE customer IS 'Käufer – "quoted" and ''quoted''';
ALTER TABLE customer OWNER TO app_owner;

SELECT lo_from_bytea(0, decode(string_agg(md5('lo' || i), ''), 'hex')) FROM generate_series(1, 8192) AS i;
SELECT lo_from_bytea(0, convert_to('a small large object', 'UTF8'));
