-- The example's table. Any table with a primary key will do; `write_id` is optional: where a table
-- has such a column, the backend fills it in and a row says by itself which write made it.
CREATE TABLE IF NOT EXISTS todos (
  id uuid PRIMARY KEY,
  title text NOT NULL,
  completed boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  write_id uuid
);
