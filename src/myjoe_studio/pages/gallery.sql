-- What the gallery reads.

-- name: gallery
-- Every picture that was drawn, older ones of the same page included, the newest first.
select g.job_id, j.run_id, j.page, j.title, g.created_at as drawn_at
from (
  select x.job_id, x.created_at from public.generations x
  where %(before)s::timestamptz is null or x.created_at < %(before)s::timestamptz order by x.created_at desc limit 49
) as g
join (select id, run_id, (payload ->> 'page')::integer as page, payload ->> 'title' as title from public.jobs) as j on j.id = g.job_id
where j.run_id is not null
order by g.created_at desc, j.page desc
