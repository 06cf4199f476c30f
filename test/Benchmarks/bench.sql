-- A mix as applications have it: wide rows with jsonb, text and timestamps, indexes, and values that do not compress.
CREATE TABLE event (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    note text
);
INSERT INTO event
SELECT i,
       timestamptz '2024-01-01 00:00:00+00' + i * interval '1.7 seconds',
       (ARRAY['created', 'changed', 'seen', 'deleted', 'paid'])[(1 + (i * 7919) % 5)::int],
       jsonb_build_object('user', (i * 48271) % 99991, 'path', '/shop/item/' || (i * 16807) % 65537, 'agent', 'browser ' || i % 17,
           'session', md5((i / 20)::text), 'amount', ((i * 69621) % 100000) / 100.0, 'flags', jsonb_build_array(i % 2 = 0, i % 3 = 0)),
       CASE WHEN i % 4 = 0 THEN 'customer said: ' || repeat(substr('lorem ipsum dolor sit amet consectetur', 1 + (i % 20)::int), 1 + (i % 4)::int) END
FROM generate_series(1::bigint, :scale * 24000) AS i;
CREATE INDEX event_at ON event (at);
CREATE INDEX event_kind ON event (kind, id);
CREATE TABLE attachment (id int PRIMARY KEY, payload bytea NOT NULL);
INSERT INTO attachment
SELECT i, (SELECT decode(string_agg(md5(i::text || '-' || j::text), ''), 'hex') FROM generate_series(1, 4096) AS j)
FROM generate_series(1, :scale * 13) AS i;
ANALYZE;
