-- Roles that own and use the sample databases.
CREATE ROLE app_owner LOGIN PASSWORD 'owner-of-the-sample';
CREATE ROLE app_reader NOLOGIN;
CREATE ROLE "Отчёты" LOGIN PASSWORD 'report-of-the-sample' CONNECTION LIMIT 7 VALID UNTIL '2099-01-01';
CREATE ROLE "O'Brien ""quoted""" NOLOGIN;
GRANT app_reader TO "Отчёты";
ALTER ROLE app_owner SET statement_timeout = '10min';
COMMENT ON ROLE app_reader IS 'may read; may not write';
